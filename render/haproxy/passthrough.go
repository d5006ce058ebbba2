package haproxy

import (
	"net/netip"
	"path"

	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/haproxy/conf"
)

// passthroughView is the frontend that looks at the SNI of TLS connections: those for a host of maps/passthrough.map go on unopened, all
// others over a socket to the frontend that opens them.
type passthroughView struct {
	Binds []bindView
	// Peers says what is required of those who connect.
	Peers  forwardedView
	Wait   conf.Time
	Socket conf.Socket
}

// helloTimeout is how many seconds the first message of TLS may take, as with nginx. Whoever takes longer is not passed through.
const helloTimeout = 30

// passthroughFile is the map from hosts to backends.
const passthroughFile = "maps/passthrough.map"

// httpsSocket is where TLS connections go that are not passed through: beside the socket for commands.
func (r *rendering) httpsSocket() conf.Socket {
	return conf.Socket(path.Join(path.Dir(string(r.target.opts.RuntimeSocket)), "https.sock"))
}

// passthrough makes the frontend, or nil if no TLS can be passed through.
func (r *rendering) passthrough() *passthroughView {
	g := &r.cfg.Global
	if !g.Listen.Passthrough {
		return nil
	}
	view := &passthroughView{
		Peers:  forwardedView{ProxyProtocol: g.Listen.ProxyProtocol},
		Wait:   conf.Time(max(g.Streams.ProxyHeaderTimeout, helloTimeout)),
		Socket: r.httpsSocket(),
	}
	for _, a := range r.cfg.Global.Listen.All() {
		view.Binds = append(view.Binds, bindView{Address: netip.AddrPortFrom(a, uint16(g.Listen.HTTPSPort)), V6: a.Is6()})
	}
	return view
}

// passthroughSocket is where the frontend for HTTP takes TLS connections in place of its own port.
func (r *rendering) passthroughSocket(port []bindView) []bindView {
	if !r.cfg.Global.Listen.Passthrough || len(port) == 0 {
		return port
	}
	socket := port[0]
	socket.Address, socket.V6, socket.Socket = r.httpsSocket(), false, true
	return []bindView{socket}
}

// passthroughs prints which hosts are passed through.
func (r *rendering) passthroughs() error {
	if !r.cfg.Global.Listen.Passthrough {
		return nil
	}
	var entries []entry
	for _, p := range r.cfg.Passthroughs {
		entries = append(entries, passthroughEntry(p))
	}
	return r.print(r.target.lists, passthroughFile, passthroughMap, entries)
}

func passthroughEntry(p model.Passthrough) entry {
	return entry{Key: p.Host, Value: conf.Name(p.Backend)}
}
