package nginx

import (
	"net/netip"
	"slices"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/nginx/conf"
)

// mainView is what the template of nginx.conf prints, by feature.
type mainView struct {
	Process   processView
	Hashes    hashesView
	Client    clientView
	Addresses addressesView
	Forwarded forwardedView
	TLS       tlsView
	Proxy     proxyView
	Limits    limitStatusView
	Log       logView
	Stream    *streamView
}

type processView struct {
	Modules                         []conf.File
	Workers, Connections, OpenFiles int
	ShutdownTimeout                 conf.Time
	PIDFile                         conf.File
	ErrorLevel                      conf.Word
}

type hashesView struct {
	ServerNames, Maps, Variables int
}

type clientView struct {
	DefaultType                                           conf.Mime
	ServerTokens, UnderscoreHeaders, IgnoreInvalidHeaders bool
	KeepAlive, KeepAliveMin, HeaderTimeout, BodyTimeout   conf.Time
	KeepAliveRequests, LargeBuffers, HTTP2Streams         int
	HeaderBuffer, LargeBufferSize, BodySize, BodyBuffer   conf.Size
	HTTP2Directive                                        bool
}

type addressesView struct {
	// Trusted are the peers whose word about the client's address counts; empty if nobody's does. Sockets are believed, too.
	Trusted       []netip.Prefix
	Sockets       bool
	ProxyProtocol bool
	Header        conf.Header
}

type forwardedView struct {
	// Trust says that the X-Forwarded headers of trusted peers are believed: of TrustedPeers, or of all peers with TrustAll.
	Trust, TrustAll bool
	TrustedPeers    []netip.Prefix
	// ChecksHost finds Host headers that are neither a name nor an address.
	ChecksHost bool
	// PeerIsRemote says that the address found by then is still that of the peer: it comes from a PROXY header at most.
	PeerIsRemote bool
	// HTTPSPort is shown to endpoints as 443; 0 if it is 443.
	HTTPSPort int
	// SocketPort is the HTTP port, if connections can come by sockets, which have no port; 0 otherwise.
	SocketPort int
	// RelayedPort is the HTTPS port, if it is what the PROXY headers of relayed connections say; 0 otherwise or if it is 443.
	RelayedPort                                    int
	ProxyProtocol, AppendFor, RequestID, KeepAlive bool
}

type tlsView struct {
	Protocols []conf.Word
	Ciphers   string
	Curves    string
	// SessionCache is a Zone, or nil for none.
	SessionCache   any
	SessionTimeout conf.Time
	SessionTickets bool
	BufferSize     conf.Size
	EarlyData      bool
	HSTS           string
}

type proxyView struct {
	ConnectTimeout, SendTimeout, ReadTimeout conf.Time
	Buffering, RequestBuffering, PassServer  bool
	BufferSize, MaxTempFileSize              conf.Size
	Buffers                                  int
	NextUpstream                             []conf.Word
	NextUpstreamTries                        int
	NextUpstreamTimeout                      conf.Time
	HideHeaders                              []conf.Header
}

// main prints nginx.conf and the headers that all endpoints get. An error means that not even this can be printed.
func (r *rendering) main() error {
	g := &r.cfg.Global
	view := mainView{
		Hashes:    r.hashes(),
		Client:    r.client(g),
		Addresses: r.addresses(),
		Forwarded: r.forwarded(),
		TLS:       tlsOf(g),
		Proxy:     r.proxy(g),
		Limits:    limitStatusView{Rate: g.Limits.RateStatus, Connections: g.Limits.ConnectionStatus},
		Log:       r.log,
		Stream:    r.streams(),
	}
	view.Process = r.process(view.Stream)
	if err := r.print("nginx.conf", mainEntry, view); err != nil {
		return err
	}
	return r.print("headers.conf", headersEntry, endpointHeaders(&g.Forward))
}

func (r *rendering) process(stream *streamView) processView {
	g := &r.cfg.Global
	return processView{
		Modules:         r.modules(stream),
		Workers:         g.Process.Workers,
		Connections:     r.atLeast("max-worker-connections", minConnections, g.Process.WorkerConnections),
		OpenFiles:       g.Process.OpenFiles,
		ShutdownTimeout: conf.Time(g.Process.ShutdownTimeout),
		PIDFile:         PIDFile,
		ErrorLevel:      conf.Word(g.Log.ErrLevel),
	}
}

// modules are the dynamic modules to load; the one for streams only if there is anything for it to do.
func (r *rendering) modules(stream *streamView) []conf.File {
	opts := &r.target.opts
	if stream == nil || opts.StreamModule == "" {
		return opts.Modules
	}
	return append(slices.Clone(opts.Modules), opts.StreamModule)
}

// hashes sizes nginx's tables. The sizes go in steps, so that a new host seldom changes this file.
func (r *rendering) hashes() hashesView {
	return hashesView{
		ServerNames: step(1024, 2*len(r.cfg.Servers)),
		Maps:        step(2048, 2*r.mostMembers()),
		Variables:   step(4096, 2*r.variables()),
	}
}

// variables is how many variables routes and session cookies define, about.
func (r *rendering) variables() int {
	n := 0
	for _, t := range r.traffic {
		n += len(t.Maps) + 1
	}
	for i := range r.cfg.Backends {
		if r.cfg.Backends[i].Affinity != nil {
			n += 5
		}
	}
	return n
}

// mostMembers is the size of the largest backend: maps of session cookies have an entry for each member.
func (r *rendering) mostMembers() int {
	most := 0
	for i := range r.cfg.Endpoints {
		most = max(most, len(r.cfg.Endpoints[i].Members))
	}
	return most
}

// step is the smallest of least, 2·least, 4·least … that is not below n.
func step(least, n int) int {
	for least < n {
		least *= 2
	}
	return least
}

func (r *rendering) client(g *model.Global) clientView {
	c := &g.Client
	v := clientView{
		DefaultType:          conf.Mime(g.Proxy.DefaultType),
		ServerTokens:         g.Proxy.ServerTokens,
		UnderscoreHeaders:    c.UnderscoreHeaders,
		IgnoreInvalidHeaders: !c.KeepInvalidHeaders,
		KeepAlive:            conf.Time(c.KeepAlive),
		HeaderTimeout:        conf.Time(c.HeaderTimeout),
		BodyTimeout:          conf.Time(c.BodyTimeout),
		KeepAliveRequests:    c.KeepAliveRequests,
		LargeBuffers:         int(c.LargeHeaderBuffers),
		HTTP2Streams:         c.HTTP2Streams,
		HeaderBuffer:         conf.Size(c.HeaderBuffer),
		LargeBufferSize:      conf.Size(r.atLeast("large-client-header-buffers", minHeaderBuffer, int(c.LargeHeaderBufferSize))),
		BodySize:             conf.Size(c.BodySize),
		BodyBuffer:           conf.Size(c.BodyBuffer),
		HTTP2Directive:       g.Listen.HTTP2 && hasHTTP2Directive(r.target.opts.Version),
	}
	if hasKeepAliveMin(r.target.opts.Version) && c.KeepAlive > 0 {
		// Old workers keep idle connections open for a moment after a reload, so that no request meets a closing one.
		v.KeepAliveMin = conf.Time(min(keptAfterReload, c.KeepAlive))
	}
	return v
}

// keptAfterReload is how many seconds idle connections outlive a reload.
const keptAfterReload = 2

func (r *rendering) forwarded() forwardedView {
	g := &r.cfg.Global
	f := &g.Forward
	v := forwardedView{
		Trust:         f.TrustHeaders && len(f.Trusted) > 0,
		ProxyProtocol: g.Listen.ProxyProtocol,
		AppendFor:     f.TrustHeaders && f.AppendFor,
		RequestID:     f.RequestID,
		KeepAlive:     g.Proxy.KeepAlive > 0,
		ChecksHost:    !checksHost(r.target.opts.Version),
	}
	if v.Trust {
		everybody := netip.PrefixFrom(netip.IPv4Unspecified(), 0)
		v.TrustAll = slices.Contains(f.Trusted, everybody)
		if !v.TrustAll {
			v.TrustedPeers = f.Trusted
		}
	}
	v.PeerIsRemote = r.addresses().ProxyProtocol
	if r.fronts.https != direct {
		v.SocketPort = g.Listen.HTTPPort
	}
	if g.Listen.HTTPSPort != 443 {
		v.HTTPSPort = g.Listen.HTTPSPort
		if r.fronts.https == relayed {
			v.RelayedPort = v.HTTPSPort
		}
	}
	return v
}

func tlsOf(g *model.Global) tlsView {
	t := &g.TLS
	v := tlsView{
		Protocols:      words(t.Protocols),
		Ciphers:        t.Ciphers,
		Curves:         t.Curves,
		SessionTimeout: conf.Time(t.SessionTimeout),
		SessionTickets: t.SessionTickets,
		BufferSize:     conf.Size(t.BufferSize),
		EarlyData:      t.EarlyData,
		HSTS:           hstsValue(g.HSTS),
	}
	if t.SessionCache {
		v.SessionCache = conf.Zone{Name: "tls_sessions", Size: conf.Size(t.SessionSize)}
	}
	return v
}

// hstsValue is the value of the Strict-Transport-Security header, empty for none.
func hstsValue(h *model.HSTS) string {
	if h == nil {
		return ""
	}
	return h.String()
}

func (r *rendering) proxy(g *model.Global) proxyView {
	p := &g.Proxy
	v := proxyView{
		ConnectTimeout:      conf.Time(p.ConnectTimeout),
		SendTimeout:         conf.Time(p.SendTimeout),
		ReadTimeout:         conf.Time(p.ReadTimeout),
		Buffering:           p.Buffering,
		RequestBuffering:    p.RequestBuffering,
		PassServer:          p.PassBackendServer,
		BufferSize:          conf.Size(p.BufferSize),
		Buffers:             r.atLeast("proxy-buffers-number", minBuffers, p.Buffers),
		NextUpstream:        words(p.NextUpstream),
		NextUpstreamTries:   p.NextUpstreamTries,
		NextUpstreamTimeout: conf.Time(p.NextUpstreamTimeout),
	}
	if p.MaxTempFileSize > 0 {
		v.MaxTempFileSize = conf.Size(r.atLeast("proxy-max-temp-file-size", int(p.BufferSize), int(p.MaxTempFileSize)))
	}
	if p.RetryNonIdempotent && !slices.Contains(v.NextUpstream, "non_idempotent") {
		v.NextUpstream = append(v.NextUpstream, "non_idempotent")
	}
	for _, h := range p.HideHeaders {
		if len(h) > maxHidden {
			r.result.Diagnostics.Add(diag.TargetSetting.At(diag.Pos{}, diag.Ref{}, "hide-headers",
				"nginx cannot hide a header whose name has more than %d bytes; %s is not hidden", maxHidden, diag.Quote(h)))
			continue
		}
		v.HideHeaders = append(v.HideHeaders, conf.Header(h))
	}
	return v
}

func words(list []string) []conf.Word {
	out := make([]conf.Word, len(list))
	for i, w := range list {
		out[i] = conf.Word(w)
	}
	return out
}
