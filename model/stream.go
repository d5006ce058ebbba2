package model

import (
	"slices"
	"strings"
)

// Transport is a layer-4 protocol.
type Transport uint8

const (
	// TCP streams are connections.
	TCP Transport = iota
	// UDP streams are datagrams; those of one client address and port within the idle time are a session.
	UDP
)

func (t Transport) String() string { return [...]string{"tcp", "udp"}[t] }

// Stream is a layer-4 listener: what comes in on its port goes to a backend, byte for byte.
//
// It listens on the addresses of Global.Listen. Each connection goes to the next endpoint in turn.
type Stream struct {
	Protocol Transport
	Port     int
	// Backend is the ID of a StreamBackend.
	Backend string
	// AcceptProxy requires the PROXY protocol of clients (TCP only). The address that it gives counts as the client's if the peer is
	// in Global.Forward.Trusted; the header is taken off in any case.
	AcceptProxy bool
	// SendProxy tells endpoints the client's address by the PROXY protocol (TCP only).
	SendProxy ProxyVersion
	// Certificate, if not empty, is the ID of a Certificate: TLS ends at the proxy and endpoints get plain bytes. TCP only.
	Certificate string
	From        Origin
}

// ProxyVersion is a version of the PROXY protocol.
type ProxyVersion uint8

const (
	// NoProxy sends no PROXY header.
	NoProxy ProxyVersion = iota
	// ProxyV1 is the line of text.
	ProxyV1
	// ProxyV2 is the binary header.
	ProxyV2
)

func (v ProxyVersion) String() string { return [...]string{"none", "v1", "v2"}[v] }

// Passthrough hands TLS connections on unopened: those whose SNI is Host, compared without regard to case. It comes before all
// Servers, but only on the HTTPS port; on the HTTP port a Server of the same name answers. Endpoints see the proxy's address.
type Passthrough struct {
	// Host is a lower-case DNS name without a wildcard.
	Host string
	// Backend is the ID of a StreamBackend.
	Backend string
	From    Origin
}

// StreamBackend is what Streams and Passthroughs forward to. Its endpoints are apart, in Config.StreamEndpoints.
type StreamBackend struct {
	// ID is unique among the IDs of Backends, too, and of the same alphabet.
	ID string
	// Protocol is what its endpoints are spoken to by.
	Protocol Transport
	// Namespace, Service and Port (as written) are what the ID was made of.
	Namespace, Service, Port string
	From                     Origin
}

// StreamSettings is what all Streams share. Times are in seconds.
type StreamSettings struct {
	// Timeout is how long a connection or session may be idle.
	Timeout int
	// NextUpstream tries another endpoint when a connection does not come about: NextUpstreamTries of them, the first one included,
	// within NextUpstreamTimeout. 0 is no limit.
	NextUpstream                           bool
	NextUpstreamTries, NextUpstreamTimeout int
	// Responses is how many datagrams an endpoint answers a client's with before the session is over. UDP only.
	Responses int
	// ProxyHeaderTimeout is how long a PROXY header may take to come.
	ProxyHeaderTimeout int
	// Snippets are raw configuration for the layer-4 part of the proxy, in this order.
	Snippets []Snippet
}

// Snippet is raw configuration, in the language of nginx. Another proxy cannot use it.
type Snippet struct {
	Text string
	// Key is the setting or annotation that holds it.
	Key  string
	From Origin
}

// passthrough finds the Passthrough of a canonical host name.
func (c *Config) passthrough(host string) (Passthrough, bool) {
	i, ok := slices.BinarySearchFunc(c.Passthroughs, host, func(p Passthrough, h string) int { return strings.Compare(p.Host, h) })
	if !ok {
		return Passthrough{}, false
	}
	return c.Passthroughs[i], true
}

// StreamEndpointsOf returns the members of a StreamBackend.
func (c *Config) StreamEndpointsOf(backend string) (*Endpoints, bool) {
	return findEndpoints(c.StreamEndpoints, backend)
}
