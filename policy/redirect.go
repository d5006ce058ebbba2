package policy

// Redirect sends plain HTTP to https.
type Redirect struct {
	// TLS does so where the host has TLS, ForceTLS everywhere.
	TLS, ForceTLS PerRoute[bool]
	// KeepSlash keeps a slash at the very end of the URI.
	KeepSlash PerRoute[bool]
	// Port writes the port into redirects.
	Port PerRoute[bool]
}
