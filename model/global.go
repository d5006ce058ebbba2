package model

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Global is what holds for all servers: the listeners and the settings of the global ConfigMap. Times are in seconds, sizes in bytes.
type Global struct {
	Listen  Listen
	Client  Client
	Forward Forwarded
	TLS     TLS
	HSTS    *HSTS
	Proxy   Proxy
	Limits  Limits
	Streams StreamSettings
	Log     Log
	Process Process
	// Written are the places of the settings that somebody wrote, sorted by their keys, which the origins have as Path.
	Written []Origin
}

// Origin is where a setting was written. Of one that was not, only the key is known.
func (g *Global) Origin(key string) Origin {
	i, ok := slices.BinarySearchFunc(g.Written, key, func(o Origin, key string) int { return strings.Compare(o.Path, key) })
	if !ok {
		return Origin{Path: key}
	}
	return g.Written[i]
}

// Listen says where requests come in.
type Listen struct {
	HTTPPort, HTTPSPort int
	// Addresses are bound; empty means all IPv4 addresses and, unless NoIPv6, all IPv6 addresses.
	Addresses []netip.Addr
	NoIPv6    bool
	// ReusePort gives every worker a listening socket of its own.
	ReusePort bool
	// ProxyProtocol requires the PROXY protocol on both ports; the client address is then taken from it if the peer is in
	// Forwarded.Trusted.
	ProxyProtocol bool
	HTTP2         bool
	// Passthrough looks at the SNI on the HTTPS port, for Config.Passthroughs.
	Passthrough bool
}

// All returns the addresses to listen on.
func (l *Listen) All() []netip.Addr {
	switch {
	case len(l.Addresses) > 0:
		return l.Addresses
	case l.NoIPv6:
		return []netip.Addr{netip.IPv4Unspecified()}
	default:
		return []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()}
	}
}

// Client holds the limits of client connections and requests.
type Client struct {
	// KeepAlive is the idle time of a kept connection; 0 keeps none. KeepAliveRequests is how many requests it may carry.
	KeepAlive, KeepAliveRequests int
	HeaderTimeout, BodyTimeout   int
	// HeaderBuffer is the usual size of a request header, LargeHeaderBuffers (of LargeHeaderBufferSize) what a large one may need.
	HeaderBuffer, LargeHeaderBuffers, LargeHeaderBufferSize int64
	// BodySize is the largest request body, 0 for no limit; BodyBuffer is held in memory.
	BodySize, BodyBuffer int64
	// HTTP2Streams is how many streams one HTTP/2 connection may have open.
	HTTP2Streams int
	// UnderscoreHeaders accepts header names with an underscore, KeepInvalidHeaders other odd names; both are dropped otherwise.
	UnderscoreHeaders, KeepInvalidHeaders bool
}

// Forwarded says what is believed of, and told about, the way that a request came.
type Forwarded struct {
	// TrustHeaders believes X-Forwarded-For, -Proto, -Port and -Host of the peers in Trusted. RealIP believes only the address.
	TrustHeaders, RealIP bool
	// Header carries the client address ("X-Forwarded-For" if not changed).
	Header string
	// HostHeader is passed on as X-Original-Forwarded-Host.
	HostHeader string
	// Trusted are the peers that are believed.
	Trusted []netip.Prefix
	// AppendFor sends "<what came>, <peer>" instead of the client address alone. Only with TrustHeaders.
	AppendFor bool
	// RequestID makes an X-Request-ID for requests without one.
	RequestID bool
	// OriginalURI sends X-Original-URI.
	OriginalURI bool
}

// TLS holds what all TLS listeners share.
type TLS struct {
	// DefaultCertificate is shown where no host matches; the ID of a Certificate.
	DefaultCertificate string
	// RejectUnknown refuses handshakes for unknown names instead.
	RejectUnknown bool
	// Protocols are "TLSv1.2", "TLSv1.3", oldest first. Ciphers is an OpenSSL list for TLS 1.2 and older; not empty, it also makes
	// the server's order count.
	Protocols []string
	Ciphers   string
	// Curves is an OpenSSL group list; "auto" leaves the choice to the library.
	Curves         string
	SessionCache   bool
	SessionSize    int64
	SessionTimeout int
	SessionTickets bool
	BufferSize     int64
	EarlyData      bool
}

// HSTS is the Strict-Transport-Security header on answers over TLS.
type HSTS struct {
	MaxAge                     int64
	IncludeSubdomains, Preload bool
}

// Proxy holds the defaults of connections to endpoints.
type Proxy struct {
	ConnectTimeout, SendTimeout, ReadTimeout int
	// NextUpstream lists on what a request is tried again, in nginx's words; Tries counts the first one, 0 means no limit.
	NextUpstream        []string
	NextUpstreamTries   int
	NextUpstreamTimeout int
	RetryNonIdempotent  bool
	KeepAlive           int
	KeepAliveTime       int
	KeepAliveTimeout    int
	KeepAliveRequests   int
	Buffering           bool
	RequestBuffering    bool
	BufferSize          int64
	Buffers             int
	MaxTempFileSize     int64
	ServerTokens        bool
	PassBackendServer   bool
	HideHeaders         []string
	ServiceUpstream     bool
	DefaultType         string
}

// LogTarget is where the lines of an access log go: [Stdout] or [Stderr] of the proxy.
type LogTarget string

// The targets of access logs.
const (
	Stdout LogTarget = "stdout"
	Stderr LogTarget = "stderr"
)

// Log says what is logged, and how.
type Log struct {
	Access, Stream       bool
	ErrLevel             string
	Format, StreamFormat string
	AccessTo, StreamTo   LogTarget
	// Escape is "default", "json" or "none".
	Escape string
}

// Process holds settings of the proxy's processes.
type Process struct {
	// Workers is how many worker processes run, 0 for one per CPU.
	Workers           int
	WorkerConnections int
	OpenFiles         int
	// ShutdownTimeout is how long an old worker may finish its connections after a reload.
	ShutdownTimeout int
}

// String is the value of the header.
func (h HSTS) String() string {
	value := "max-age=" + strconv.FormatInt(h.MaxAge, 10)
	if h.IncludeSubdomains {
		value += "; includeSubDomains"
	}
	if h.Preload {
		value += "; preload"
	}
	return value
}
