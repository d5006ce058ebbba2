package haproxy

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render"
	"github.com/headgate/headgate/render/engine"
	"github.com/headgate/headgate/render/haproxy/conf"
)

// The files of TCP ports, which HAProxy reads in the order of their names. Endpoints stand apart, so that only they change with them.
const (
	streamsFile        = "streams.cfg"
	streamServicesFile = "streams_services.cfg"
)

// streamsView is what the template of TCP ports prints.
type streamsView struct {
	Connect, Timeout conf.Time
	Retries          int
	// Log is a Format, or nil. Stderr says that it does not go to standard output.
	Log    any
	Stderr bool
	Ports  []portView
	// Passthrough is nil where no TLS can be passed through.
	Passthrough *passthroughView
}

// portView is a TCP port.
type portView struct {
	Origin      engine.Origin
	Name        conf.Name
	Binds       []portBindView
	AcceptProxy bool
	Backend     conf.Name
}

// portBindView is a listening address of a port. Certificate is empty where TLS does not end here.
type portBindView struct {
	Address     netip.AddrPort
	V6          bool
	Certificate conf.File
}

// streamServiceView is a backend of TCP ports, or of TLS that is passed through.
type streamServiceView struct {
	Origin  engine.Origin
	Name    conf.Name
	Unknown bool
	Servers []streamServerView
}

type streamServerView struct {
	Name             conf.Name
	Address          netip.AddrPort
	ProxyV1, ProxyV2 bool
}

// streamConnectTimeout is what nginx allows, in seconds, for a connection to an endpoint of a stream.
const streamConnectTimeout = 60

// streams prints the TCP ports and everything that they and TLS passthrough forward to.
func (r *rendering) streams() error {
	r.refuseStreams()
	view := streamsView{
		Connect: streamConnectTimeout,
		Timeout: conf.Time(r.cfg.Global.Streams.Timeout),
		Retries: r.streamRetries(),

		Passthrough: r.passthrough(),
	}
	if r.cfg.Global.Log.Stream {
		view.Log, view.Stderr = streamLog(), r.cfg.Global.Log.StreamTo == model.Stderr
	}
	used := map[streamUse]bool{}
	for i := range r.cfg.Streams {
		if s := &r.cfg.Streams[i]; s.Protocol == model.TCP {
			view.Ports = append(view.Ports, r.port(s, used))
		}
	}
	for i := range r.cfg.Passthroughs {
		used[streamUse{backend: r.cfg.Passthroughs[i].Backend}] = true
	}
	if len(view.Ports) == 0 && view.Passthrough == nil {
		return nil
	}
	if err := r.print(r.target.conf, streamsFile, streamsEntry, view); err != nil {
		return err
	}
	services := r.streamServices(used)
	if len(services) == 0 {
		return nil
	}
	return r.print(r.target.conf, streamServicesFile, streamServicesEntry, services)
}

// streamUse is a backend together with the PROXY header that its endpoints get: HAProxy says that of servers, the model of ports.
type streamUse struct {
	backend string
	send    model.ProxyVersion
}

// name is that of the section, as with [policy].
func (u streamUse) name() conf.Name {
	if plain := (streamUse{backend: u.backend}); u == plain {
		return conf.Name(u.backend)
	}
	return conf.Name(u.backend + ":proxy-" + u.send.String() + ":" + render.Digest(u))
}

// port makes the view of a TCP port, and notes what it needs.
func (r *rendering) port(s *model.Stream, used map[streamUse]bool) portView {
	use := streamUse{backend: s.Backend, send: s.SendProxy}
	used[use] = true
	view := portView{
		Origin:      engine.NewOrigin(s.From.Ref, diag.Pos{}),
		Name:        conf.Name("tcp-" + strconv.Itoa(s.Port)),
		AcceptProxy: s.AcceptProxy,
		Backend:     use.name(),
	}
	for _, a := range r.cfg.Global.Listen.All() {
		bind := portBindView{Address: netip.AddrPortFrom(a, uint16(s.Port)), V6: a.Is6()}
		if s.Certificate != "" {
			bind.Certificate = certificateFile(s.Certificate)
		}
		view.Binds = append(view.Binds, bind)
	}
	return view
}

// streamServices are the backends in use, in the order of the model.
func (r *rendering) streamServices(used map[streamUse]bool) []streamServiceView {
	byBackend := map[string][]streamUse{}
	for use := range used {
		byBackend[use.backend] = append(byBackend[use.backend], use)
	}
	var views []streamServiceView
	for i := range r.cfg.StreamBackends {
		uses := byBackend[r.cfg.StreamBackends[i].ID]
		slices.SortFunc(uses, func(a, b streamUse) int { return cmp.Compare(a.name(), b.name()) })
		for _, use := range uses {
			views = append(views, r.streamService(i, use))
		}
	}
	return views
}

func (r *rendering) streamService(i int, use streamUse) streamServiceView {
	b, e := &r.cfg.StreamBackends[i], &r.cfg.StreamEndpoints[i]
	view := streamServiceView{
		Origin:  engine.NewOrigin(diag.Ref{Kind: "Service", Namespace: b.Namespace, Name: b.Service}, diag.Pos{}),
		Name:    use.name(),
		Unknown: e.Unknown,
	}
	members := e.Members
	if e.Unknown {
		members = []model.Endpoint{placeholder}
	}
	for _, m := range members {
		address, err := netip.ParseAddr(m.Address)
		if err != nil || address.Zone() != "" || m.Port < 1 || m.Port > 65535 {
			r.refuse(diag.RenderRefused, b.From, "an endpoint is no IP address with a port; it is left out")
			continue
		}
		view.Servers = append(view.Servers, streamServerView{
			Name:    serverName(address, m.Port),
			Address: netip.AddrPortFrom(address, uint16(m.Port)),
			ProxyV1: use.send == model.ProxyV1, ProxyV2: use.send == model.ProxyV2,
		})
	}
	return view
}

// streamRetries is how often another endpoint is tried.
func (r *rendering) streamRetries() int {
	s := &r.cfg.Global.Streams
	switch {
	case !s.NextUpstream:
		return 0
	case s.NextUpstreamTries == 0:
		return maxRetries
	}
	return min(s.NextUpstreamTries-1, maxRetries)
}

// The defaults of settings that HAProxy has nothing for.
const (
	defaultStreamTries  = 600
	defaultStreamFormat = `[$remote_addr] [$time_local] $protocol $status $bytes_sent $bytes_received $session_time`
)

// streamLog has what the default of log-format-stream has, as far as HAProxy knows it: in place of a status the state at the end, and the
// time in milliseconds.
func streamLog() conf.Format {
	return conf.Text("[").Value(conf.Fetch("src")).Text("] [").Field("T").Text("] TCP ").Field("ts").Text(" ").Field("B").Text(" ").Field("U").
		Text(" ").Field("Tt")
}

// refuseStreams reports what HAProxy cannot do for layer 4.
func (r *rendering) refuseStreams() {
	g := &r.cfg.Global
	for i := range r.cfg.Streams {
		if s := &r.cfg.Streams[i]; s.Protocol == model.UDP {
			d := diag.UDPUnsupported.At(s.From.Pos, s.From.Ref, s.From.Path, "HAProxy cannot forward UDP; port %d is not opened", s.Port)
			d.Hint = "run has an nginx do it if there is one (--udp-proxy-bin); or give the UDP ConfigMap to a headgate of its own with --proxy nginx"
			r.result.Diagnostics.Add(d)
		}
	}
	for _, s := range g.Streams.Snippets {
		r.result.Diagnostics.Add(diag.TargetUnsupported.At(s.From.Pos, s.From.Ref, s.Key,
			"HAProxy cannot read configuration of nginx; the snippet is left out"))
	}
	if g.Log.Stream && g.Log.StreamFormat != "" && g.Log.StreamFormat != defaultStreamFormat {
		r.unusable(diag.TargetSetting, "log-format-stream", "nginx's variables mean nothing to HAProxy; lines have the form of the default format")
	}
	if t := g.Streams.NextUpstreamTimeout; g.Streams.NextUpstream && t != 0 && t != defaultStreamTries {
		r.unusable(diag.TargetSetting, "proxy-stream-next-upstream-timeout", "HAProxy bounds the number of tries, not their time; the setting is passed over")
	}
}
