package model

import "github.com/headgate/headgate/diag"

// Config is the whole meaning of a Snapshot.
type Config struct {
	Global Global
	// Servers are the hosts, sorted by Host; the catch-all server (Host "") is always there and always first.
	Servers []Server
	// Backends are what routes can forward to, sorted by ID.
	Backends []Backend
	// Endpoints are the members of the Backends, in the same order and of the same number. They are apart because they change far
	// more often than anything else.
	Endpoints []Endpoints
	// Certificates are what servers can show, sorted by ID.
	Certificates []Certificate
	// Limits bound the requests of clients, sorted by ID.
	Limits []Limit
	// Streams are the layer-4 listeners, sorted by protocol and port.
	Streams []Stream
	// Passthroughs are the hosts whose TLS connections are handed on unopened, sorted by Host.
	Passthroughs []Passthrough
	// StreamBackends are what both forward to, sorted by ID; StreamEndpoints are their members, in the same order and of the same
	// number.
	StreamBackends  []StreamBackend
	StreamEndpoints []Endpoints
}

// Origin is where a node came from.
type Origin struct {
	// Ref is the object, Path the JSON path of the field in it ("spec.rules[0].http.paths[1]"), Pos its place if it came from a file.
	Ref  diag.Ref
	Path string
	Pos  diag.Pos
}

// Server is one host name and what is served under it.
type Server struct {
	// Host is a lower-case DNS name, "*." and a DNS name for any one label in front of it, or empty for every request whose host
	// matches no other server.
	Host string
	// Certificate is the ID of the certificate shown to clients that ask for this host.
	Certificate string
	// TLSOwned says that the host, or a wildcard host that covers it, asked for TLS: plain HTTP is then redirected by routes that
	// redirect to TLS hosts only.
	TLSOwned bool
	// Regex says that the routes are tried in order and the first that matches wins. Otherwise an exact match wins over a prefix
	// match, and a longer prefix over a shorter one.
	Regex bool
	// PathLimit is the length in bytes of the longest normalised path that is tried on the routes; longer ones are answered 414,
	// whatever the routes say. 0 is no limit.
	PathLimit int
	// Routes are never empty: every server has at least one that matches all paths.
	Routes []Route
	From   Origin
}

// PathKind says how a path is compared with a request.
type PathKind uint8

const (
	// PathExact matches this path only.
	PathExact PathKind = iota
	// PathPrefix matches the path itself and everything below it, by whole path elements. A path that ends in a slash matches only
	// what begins with it: not the path without the slash.
	PathPrefix
	// PathRegex is a regular expression (PCRE), searched without regard to case, anchored at the start only.
	PathRegex
)

func (k PathKind) String() string {
	return [...]string{"exact", "prefix", "regex"}[k]
}

// PathMatch is the path condition of a Route. Request paths are compared in their normalised form; see [NormalizePath].
type PathMatch struct {
	Kind PathKind
	Path string
}

// Route is what happens to the requests of a host that match a path. The fields are in the order in which they decide.
type Route struct {
	Match PathMatch
	// SlashRedirect, on a prefix that ends in a slash, answers a request for the path without the slash by a 301 to the path with it.
	SlashRedirect bool
	// Closed, if not empty, is the reason why the route answers 503 to everything: something that was to guard it could not be built.
	Closed string
	// Redirect sends every request elsewhere. Nil does not.
	Redirect *Redirect
	// TLSRedirect sends plain-HTTP requests to https. Nil leaves them alone.
	TLSRedirect *TLSRedirect
	// Backend is the ID of the backend that gets the request. Empty means that no Service is behind the route: it answers Status.
	Backend string
	// Status is the answer of a route without a Backend (404 or 503).
	Status int
	// Fallback, if not empty, is the ID of the backend that gets the request while Backend has no endpoints.
	Fallback string
	// Limit, if not empty, is the ID of the Limit that requests must keep within. It comes before everything that needs to know the user.
	Limit string
	// Split sends some of the requests to other backends instead. Nil sends all to Backend.
	Split *Split
	// Session is how the cookie of the Affinity of Backend is given out. Nil gives none out.
	Session *SessionCookie
	// Bandwidth throttles responses. Nil does not.
	Bandwidth *Bandwidth
	// Protocol is spoken to the endpoints.
	Protocol Protocol
	// Rewrite changes the path that the endpoint sees. Nil sends the path as the client sent it.
	Rewrite *Rewrite
	// Source names the objects behind the route for logs and for error pages.
	Source Source
	From   Origin
}

// TLSRedirect is a redirect to the same host and URI on https.
type TLSRedirect struct {
	// Code is 301, 302, 307 or 308.
	Code int
	// KeepSlash keeps a slash at the very end of the URI (query included), which is cut off otherwise.
	KeepSlash bool
	// Port is written into the target if it is not 0.
	Port int
}

// Protocol is what is spoken to endpoints.
type Protocol uint8

// The protocols.
const (
	HTTP Protocol = iota
	HTTPS
	GRPC
	GRPCS
	FastCGI
	// Auto is HTTP for requests that came by http and HTTPS for those that came by https.
	Auto
)

func (p Protocol) String() string {
	return [...]string{"http", "https", "grpc", "grpcs", "fcgi", "auto"}[p]
}

// Source names the Ingress and the Service of a route as logs and error pages show them. The names are valid Kubernetes names.
type Source struct {
	Namespace, Ingress, Service string
	// Port is the service port as the Ingress writes it, Path the path as the Ingress writes it.
	Port, Path string
}

// Backend is a set of endpoints with a way to choose among them.
type Backend struct {
	// ID is unique, made of [a-z0-9_-], and comes from the namespace, the Service and the port as written; it is usable as a name in
	// a proxy's configuration and as a file name.
	ID string
	// Namespace, Service and Port (as written) are what the ID was made of.
	Namespace, Service, Port string
	// Balance chooses among the endpoints for requests that no affinity binds.
	Balance Balance
	// Affinity binds clients by a cookie. Nil does not, and is always so where ClientAffinity is set.
	Affinity *Affinity
	// ClientAffinity binds clients by their address and comes before Balance. Nil does not.
	ClientAffinity *ClientAffinity
	// ServiceAddress says that the one endpoint is the address of the Service itself, behind which others choose the real one.
	ServiceAddress bool
	From           Origin
}

// Endpoints are the members of one Backend.
type Endpoints struct {
	Backend string
	// Members are sorted by address and port, without repetition.
	Members []Endpoint
	// Unknown says that the input cannot tell the members (manifests without EndpointSlices): renderers print a placeholder.
	Unknown bool
}

// Endpoint is one address to send requests to.
type Endpoint struct {
	// Address is an IPv4 or IPv6 address in canonical form, without brackets.
	Address string
	Port    int
}

// Certificate is a chain and its key.
type Certificate struct {
	// ID is unique, made of [a-z0-9_-], and says nothing about the content.
	ID string
	// Names are the DNS names that the certificate is valid for, lower case, sorted.
	Names []string
	// Chain is PEM, leaf first; Key is PEM. Both are printed anew from what was parsed.
	Chain []byte
	Key   Secret
	// Placeholder marks the stand-in of an offline rendering; it protects nothing.
	Placeholder bool
	From        Origin
}

// Secret is key material. It prints as a length only.
type Secret []byte
