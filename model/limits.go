package model

import "net/netip"

// Limit bounds what each client may ask of the routes that name it. All of them count together.
type Limit struct {
	// ID is unique and comes from the Ingress.
	ID string
	// Connections is how many requests of a client may be in progress at once; 0 for no limit.
	Connections int
	// Rates hold all together, in this order: a request must keep within each.
	Rates []Rate
	// Free are the addresses that are neither counted nor limited.
	Free []netip.Prefix
	From Origin
}

// Rate is a leaky bucket: it lets Requests through in every Seconds, evenly, and Burst more at once.
type Rate struct {
	// Requests is at least 1, Seconds 1 or 60.
	Requests, Seconds int
	Burst             int
}

// Limits is what all Limits share.
type Limits struct {
	// Key tells clients from one another. A request for which it is empty is not counted.
	Key Key
	// RateStatus and ConnectionStatus are the answers to what is beyond a limit, 400 to 599.
	RateStatus, ConnectionStatus int
}

// Bandwidth throttles responses, each by itself.
type Bandwidth struct {
	// Rate is in bytes in a second, After the bytes of each response that go out unthrottled first.
	Rate, After int64
}
