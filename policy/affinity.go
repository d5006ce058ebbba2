package policy

// Affinity keeps clients on one endpoint by a cookie. Which endpoint that is belongs to the backend; how the cookie is given out, to the
// routes of each Ingress.
type Affinity struct {
	// Sticky asks for it. The other fields count only with it.
	Sticky PerBackend[bool]
	// Persistent keeps a client until its endpoint is gone; otherwise some clients move when the number of endpoints changes.
	Persistent PerBackend[bool]
	// ChangeOnFailure lets a request that failed be tried on another endpoint.
	ChangeOnFailure PerBackend[bool]
	// Cookie is the name of the cookie.
	Cookie PerBackend[string]

	// Expires and MaxAge are in seconds; Domain, Path and SameSite stand in the cookie as they are.
	Expires, MaxAge        PerRoute[int]
	Domain, Path, SameSite PerRoute[string]
	// Secure marks the cookie Secure also on answers without TLS.
	Secure PerRoute[bool]
	// LenientSameSite leaves SameSite=None out for browsers that misread it.
	LenientSameSite PerRoute[bool]
}
