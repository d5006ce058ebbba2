package policy

// Passthrough hands the TLS connections of a host on unopened.
type Passthrough struct {
	Enabled PerHost[bool]
}
