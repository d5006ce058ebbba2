package nginx

import (
	"fmt"
	"net/netip"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/engine"
	"github.com/headgate/headgate/render/nginx/conf"
)

// streamView is what the template of the stream block prints. Nil prints none: nginx then needs no stream module.
//
// What can be set for a server is set there, as ingress-nginx does: a snippet may set the same for its own servers, or for all of them.
type streamView struct {
	Trusted  []netip.Prefix
	Log      streamLogView
	Snippets []snippetView
	Fronts   []frontView
	// Passthrough is nil unless the HTTPS port looks at the SNI.
	Passthrough *passthroughView
}

// sessionView says how long a connection or session may take, and when another endpoint is tried.
type sessionView struct {
	Timeout, NextUpstreamTimeout conf.Time
	NextUpstream                 bool
	NextUpstreamTries            int
}

func sessionOf(s *model.StreamSettings) sessionView {
	return sessionView{
		Timeout:             conf.Time(s.Timeout),
		NextUpstreamTimeout: conf.Time(s.NextUpstreamTimeout),
		NextUpstream:        s.NextUpstream,
		NextUpstreamTries:   s.NextUpstreamTries,
	}
}

type streamLogView struct {
	Access bool
	Path   conf.File
	Format conf.Expr
}

// snippetView is raw configuration of an operator or, where the operator allows it, of an Ingress.
type snippetView struct {
	Origin engine.Origin
	Block  conf.Block
}

// portView is what the template of a TCP or UDP port prints.
type portView struct {
	Origin                      engine.Origin
	Listen                      []netip.AddrPort
	UDP, AcceptProxy, SendProxy bool
	// Certificate and TLS are empty where TLS does not end here.
	Certificate  conf.File
	TLS          *tlsView
	ProxyTimeout conf.Time
	Session      sessionView
	Responses    int
	Backend      conf.Name
}

// streamUpstreamView is what the template of a backend of streams prints.
type streamUpstreamView struct {
	Origin  engine.Origin
	Name    conf.Name
	Zone    conf.Size
	Members []netip.AddrPort
	// Unknown asks for a stand-in, because the input does not say who the members are.
	Unknown bool
}

// streams prints what belongs into the stream block, and the view of the block itself.
func (r *rendering) streams() *streamView {
	if r.target.opts.NoStream {
		r.refuseStreams()
		return nil
	}
	view := r.streamBlock()
	view.Snippets = r.snippets()
	if len(r.cfg.Streams) == 0 && len(view.Fronts) == 0 && len(view.Snippets) == 0 {
		return nil
	}
	r.streamUpstreams()
	r.passthroughs()
	for i := range r.cfg.Streams {
		r.port(&r.cfg.Streams[i])
	}
	return view
}

// refuseStreams says of everything that needs the stream module that it is not there.
func (r *rendering) refuseStreams() {
	const missing = "this nginx has no stream module"
	for i := range r.cfg.Streams {
		s := &r.cfg.Streams[i]
		r.refuse(diag.StreamModule, s.From, "%s; %s port %d is not opened", missing, s.Protocol, s.Port)
	}
	for _, p := range r.cfg.Passthroughs {
		r.refuse(diag.StreamModule, p.From, "%s; the TLS of host %s ends at the proxy", missing, p.Host)
	}
	for _, s := range r.cfg.Global.Streams.Snippets {
		from := s.From
		from.Path = s.Key
		r.refuse(diag.StreamModule, from, "%s; the snippet is left out", missing)
	}
}

func (r *rendering) streamBlock() *streamView {
	g := &r.cfg.Global
	view := &streamView{Trusted: g.Forward.Trusted, Log: r.streamLog(), Fronts: r.frontViews()}
	if g.Listen.Passthrough {
		view.Passthrough = r.passthroughView()
	}
	return view
}

// streamTLS is how TLS ends at ports; the sessions of all share a table.
func (r *rendering) streamTLS() *tlsView {
	g := &r.cfg.Global
	view := tlsOf(g)
	if g.TLS.SessionCache {
		view.SessionCache = conf.Zone{Name: "stream_tls_sessions", Size: conf.Size(g.TLS.SessionSize)}
	}
	return &view
}

// streamLog makes the access log of streams. As in http, one unknown variable would cost the whole configuration.
func (r *rendering) streamLog() streamLogView {
	l := &r.cfg.Global.Log
	view := streamLogView{Access: l.Stream, Path: logFile(l.StreamTo)}
	format, err := r.readFormat("log-format-stream", l.StreamFormat, conf.IsStreamVariable)
	if err != nil {
		r.unusable("log-format-stream", "the log format cannot be used (%v); the default is used instead", err)
		format, _ = conf.ParseExpr(defaultStreamFormat, conf.IsStreamVariable)
	}
	view.Format = format
	return view
}

const defaultStreamFormat = `[$remote_addr] [$time_local] $protocol $status $bytes_sent $bytes_received $session_time`

// snippets reads raw configuration, so that nothing in it can end the block that it stands in.
func (r *rendering) snippets() []snippetView {
	var views []snippetView
	for _, s := range r.cfg.Global.Streams.Snippets {
		block, err := conf.ParseBlock(s.Text)
		if err != nil {
			from := s.From
			from.Path = s.Key
			r.refuse(diag.RenderRefused, from, "the snippet is no configuration (%v); it is left out", err)
			continue
		}
		if !block.IsEmpty() {
			views = append(views, snippetView{Origin: engine.NewOrigin(s.From.Ref, diag.Pos{}), Block: block})
		}
	}
	return views
}

// streamUpstreams prints a file for each backend of streams, so that a change of endpoints changes no other file.
func (r *rendering) streamUpstreams() {
	for i := range r.cfg.StreamBackends {
		b, e := &r.cfg.StreamBackends[i], &r.cfg.StreamEndpoints[i]
		view := streamUpstreamView{
			Origin:  engine.NewOrigin(diag.Ref{Kind: "Service", Namespace: b.Namespace, Name: b.Service}, diag.Pos{}),
			Name:    upstreamName(b.ID),
			Members: members(e),
			Unknown: e.Unknown,
		}
		view.Zone = zoneSize(len(view.Members))
		if err := r.print("stream-upstreams/"+b.ID+".conf", streamUpstreamEntry, view); err != nil {
			r.refuse(diag.RenderRefused, b.From, "the backend cannot be printed (%v); it is left out", err)
		}
	}
}

// port prints the file of a TCP or UDP port.
func (r *rendering) port(s *model.Stream) {
	settings := &r.cfg.Global.Streams
	view := portView{
		Origin:       engine.NewOrigin(s.From.Ref, diag.Pos{}),
		Listen:       portAddresses(&r.cfg.Global.Listen, s.Port),
		UDP:          s.Protocol == model.UDP,
		AcceptProxy:  s.AcceptProxy,
		SendProxy:    s.SendProxy != model.NoProxy,
		ProxyTimeout: conf.Time(settings.ProxyHeaderTimeout),
		Session:      sessionOf(settings),
		Responses:    settings.Responses,
		Backend:      upstreamName(s.Backend),
	}
	if s.Certificate != "" {
		view.Certificate, view.TLS = certificateFile(s.Certificate), r.streamTLS()
	}
	if s.SendProxy == model.ProxyV2 {
		r.refuse(diag.StreamProxyVersion, s.From, "nginx sends the PROXY protocol in version 1 only; port %d tells the endpoints by that", s.Port)
	}
	if err := r.print(fmt.Sprintf("streams/%s-%d.conf", s.Protocol, s.Port), portEntry, view); err != nil {
		r.refuse(diag.RenderRefused, s.From, "%s port %d cannot be printed (%v); it is not opened", s.Protocol, s.Port, err)
	}
}
