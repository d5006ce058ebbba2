package model

// Decision is what has to happen to a Request.
type Decision struct {
	// Server and Route are indexes into Config.Servers and its Routes; Route is -1 if the request does not get that far.
	Server, Route int
	// Backend is the ID of the backend that gets the request, empty if the proxy answers itself. Where a draw decides it is the
	// route's own one, and Shares says who else may get it.
	Backend string
	// Shares are the backends of a draw with the part that each gets; empty if nothing is drawn.
	Shares []Share
	// Fallback says that Backend stands in for one without endpoints.
	Fallback bool
	// Status is the proxy's own answer, 0 if the request goes to a backend.
	Status int
	// Location is the target of a redirect.
	Location string
	// Target is what the endpoint gets as request target.
	Target string
	// From is the origin of the route.
	From Origin
	// Why says in a few words what decided.
	Why string
	// Steps are what applies to the request, in the order in which it is decided, which is that of the families.
	Steps []Step
	// Headers are the response headers that are known to be added, whoever answers. Of a Set-Cookie, the value is the name of the
	// cookie. Where a draw decides, they are those that all may add.
	Headers []Field
}

// Step is one thing that applies to a request.
type Step struct {
	Family Family
	// What says in a few words what is done. It holds no control bytes and no secret.
	What string
	// From is where it was asked for; zero for what holds without being asked for.
	From Origin
}

// Family is a kind of decision. The families are in the order in which they decide: one that answers ends the request, apart from the
// Headers, which every answer gets.
type Family uint8

// The families.
const (
	// FamilyHost refuses what is no host.
	FamilyHost Family = iota
	// FamilyPassthrough hands TLS connections on unopened.
	FamilyPassthrough
	// FamilyPath refuses paths that cannot be normalised, or are longer than the host's regular expressions may be tried on.
	FamilyPath
	// FamilySlash sends a path without its final slash to the one with it.
	FamilySlash
	// FamilyClosed answers for a route whose guard could not be built.
	FamilyClosed
	// FamilyRedirect sends all requests of a route elsewhere.
	FamilyRedirect
	// FamilyTLSRedirect sends plain HTTP to https.
	FamilyTLSRedirect
	// FamilyFallback answers, or lets another backend answer, where the route's own has no endpoints.
	FamilyFallback
	// FamilyLimits counts the requests of clients.
	FamilyLimits
	// FamilyBandwidth throttles responses.
	FamilyBandwidth
	// FamilyCanary chooses between a route's backends.
	FamilyCanary
	// FamilyAffinity keeps a client on its endpoint.
	FamilyAffinity
	// FamilyBalance chooses the endpoint of everybody else.
	FamilyBalance
	// FamilyRewrite changes the path.
	FamilyRewrite
	// FamilyProtocol is what is spoken to the endpoint, if it is not plain HTTP.
	FamilyProtocol
	// FamilyHeaders adds headers to the response.
	FamilyHeaders
	// FamilyBackend gets the request.
	FamilyBackend
)

func (f Family) String() string {
	return [...]string{
		"host", "passthrough", "path", "slash", "closed", "redirect", "tls-redirect", "fallback", "limits", "bandwidth", "canary",
		"affinity", "balance", "rewrite", "protocol", "headers", "backend",
	}[f]
}
