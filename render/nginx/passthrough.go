package nginx

import (
	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/engine"
	"github.com/headgate/headgate/render/nginx/conf"
)

// passthroughView is the way of TLS connections by their SNI: $passthrough is the upstream of a host that is passed through, and
// $tls_hop the socket where a connection goes next.
type passthroughView struct {
	// HTTPS is where http takes connections, Pass where those for an upstream are sent.
	HTTPS, Pass conf.Expr
	Listen      conf.Socket
	Relayed     bool
	Session     sessionView
	// Hosts sizes the table of hosts.
	Hosts int
}

// passthroughHostView is one entry of the map $passthrough.
type passthroughHostView struct {
	Origin  engine.Origin
	Host    conf.Host
	Backend conf.Name
}

func (r *rendering) passthroughView() *passthroughView {
	pass := r.socket(passthroughSocket)
	return &passthroughView{
		HTTPS:   conf.Literal("unix:" + string(r.socket(httpsSocket))),
		Pass:    conf.Literal("unix:" + string(pass)),
		Listen:  pass,
		Relayed: r.fronts.https == relayed,
		Session: sessionOf(&r.cfg.Global.Streams),
		Hosts:   step(2048, 2*len(r.cfg.Passthroughs)),
	}
}

// passthroughs prints a file for each host whose TLS is passed through.
func (r *rendering) passthroughs() {
	for _, p := range r.cfg.Passthroughs {
		view := passthroughHostView{Origin: engine.NewOrigin(p.From.Ref, diag.Pos{}), Host: conf.Host(p.Host), Backend: upstreamName(p.Backend)}
		if err := r.print("passthrough/"+model.ID(p.Host)+".conf", passthroughEntry, view); err != nil {
			r.refuse(diag.RenderRefused, p.From, "host %s cannot be printed (%v); its TLS ends at the proxy", p.Host, err)
		}
	}
}
