package nginx

import (
	"net/netip"

	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/nginx/conf"
)

// front says how connections come from a port to the http block.
//
//	direct    http listens on the port
//	handed    stream listens, looks at the connection and hands the socket itself over (pass, nginx 1.25.5)
//	relayed   stream listens, looks at the connection and forwards its bytes to a UNIX socket, with a PROXY header for the address
//
// The HTTPS port needs stream in front where TLS may be passed through. Both ports need it, and a socket that is handed over, where
// the client's address comes from a PROXY header and then from X-Forwarded-For: http can take it from one of them only, but stream has
// put the address of the PROXY header in place of the peer's before it hands the connection over.
type front uint8

const (
	direct front = iota
	handed
	relayed
)

// fronts are those of the two ports.
type fronts struct {
	http, https front
}

// frontView is a port that stream listens on for http.
type frontView struct {
	Listen        []netip.AddrPort
	ProxyProtocol bool
	// ReusePort gives each worker a socket of its own.
	ReusePort bool
	// Inspect looks at the SNI; the target is then a variable.
	Inspect, Relayed bool
	// ProxyTimeout is how long a PROXY header may take.
	ProxyTimeout conf.Time
	// Target is a Socket or an Expr.
	Target any
}

// The sockets between stream and http, below Options.SocketDir.
const (
	httpSocket        = "http.sock"
	httpsSocket       = "https.sock"
	passthroughSocket = "pass.sock"
)

func (r *rendering) socket(name string) conf.Socket {
	return conf.Socket(r.target.opts.SocketDir + "/" + name)
}

// readFronts chooses how connections come in.
func (r *rendering) readFronts() {
	l, f := &r.cfg.Global.Listen, &r.cfg.Global.Forward
	opts := &r.target.opts
	believing := f.TrustHeaders || f.RealIP
	canHand := !opts.NoStream && hasPass(opts.Version)
	switch {
	case l.ProxyProtocol && believing && canHand:
		r.fronts = fronts{http: handed, https: handed}
	case l.Passthrough && canHand:
		r.fronts.https = handed
	case l.Passthrough && !opts.NoStream:
		r.fronts.https = relayed
	}
	if l.ProxyProtocol && r.fronts.https == relayed {
		r.unusable("use-proxy-protocol",
			"beside TLS passthrough, nginx can keep the port that a PROXY header names since 1.25.5 only; X-Forwarded-Port of requests over TLS is 443")
	}
	if believing && (l.ProxyProtocol && r.fronts.http != handed || r.fronts.https == relayed) {
		r.unusable("use-forwarded-headers",
			"beside the PROXY protocol and TLS passthrough, nginx can take the client's address from %s since 1.25.5 and with its stream module only; "+
				"the address of the connection or of its PROXY header is used", f.Header)
	}
}

// listensOn returns where http listens for one of its ports.
func (r *rendering) listensOn(f front, port int, socket string) []listenView {
	l := &r.cfg.Global.Listen
	if f != direct {
		return []listenView{{Address: r.socket(socket), ProxyProtocol: f == relayed}}
	}
	var views []listenView
	for _, addr := range portAddresses(l, port) {
		views = append(views, listenView{Address: addr, ProxyProtocol: l.ProxyProtocol, ReusePort: l.ReusePort})
	}
	return views
}

// portAddresses are the addresses to listen on for a port.
func portAddresses(l *model.Listen, port int) []netip.AddrPort {
	var list []netip.AddrPort
	for _, addr := range l.All() {
		list = append(list, netip.AddrPortFrom(addr, uint16(port)))
	}
	return list
}

// frontViews are the ports that stream listens on for http.
func (r *rendering) frontViews() []frontView {
	l := &r.cfg.Global.Listen
	timeout := conf.Time(r.cfg.Global.Streams.ProxyHeaderTimeout)
	var views []frontView
	if r.fronts.http != direct {
		views = append(views, frontView{
			Listen: portAddresses(l, l.HTTPPort), ProxyProtocol: l.ProxyProtocol, ReusePort: l.ReusePort, ProxyTimeout: timeout,
			Target: r.socket(httpSocket),
		})
	}
	if r.fronts.https != direct {
		view := frontView{
			Listen: portAddresses(l, l.HTTPSPort), ProxyProtocol: l.ProxyProtocol, ReusePort: l.ReusePort, ProxyTimeout: timeout,
			Inspect: l.Passthrough, Relayed: r.fronts.https == relayed, Target: r.socket(httpsSocket),
		}
		if view.Inspect {
			view.Target = conf.Variable("tls_hop")
		}
		views = append(views, view)
	}
	return views
}

// addresses says how http learns the addresses of clients.
func (r *rendering) addresses() addressesView {
	g := &r.cfg.Global
	v := addressesView{ProxyProtocol: g.Listen.ProxyProtocol && r.fronts.http == direct, Header: conf.Header(g.Forward.Header)}
	if r.fronts.https == relayed {
		v.ProxyProtocol, v.Sockets = true, true
	}
	if g.Listen.ProxyProtocol || !v.ProxyProtocol && (g.Forward.TrustHeaders || g.Forward.RealIP) {
		v.Trusted = g.Forward.Trusted
	}
	return v
}
