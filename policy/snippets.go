package policy

// Snippets are raw configuration of a proxy.
type Snippets struct {
	Streams PerStreams[string]
}
