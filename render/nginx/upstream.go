package nginx

import (
	"net/netip"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/engine"
	"github.com/headgate/headgate/render/nginx/conf"
)

// upstreamView is what the template of an upstream prints.
type upstreamView struct {
	Origin  engine.Origin
	Name    conf.Name
	Zone    conf.Size
	Balance balanceView
	// Affinity is nil without session affinity, Subset unless a hash chooses among groups of members.
	Affinity *affinityView
	Subset   *subsetView
	Members  []memberView
	// Unknown asks for a stand-in, because the input does not say who the members are.
	Unknown   bool
	KeepAlive *keepAliveView
}

// memberView is a server of an upstream. Route is its name for sticky route, empty without.
type memberView struct {
	Address netip.AddrPort
	Route   conf.Word
}

type keepAliveView struct {
	Connections, Requests int
	Time, Timeout         conf.Time
}

// upstreams prints a file for each backend, so that a change of endpoints changes no other file.
func (r *rendering) upstreams() {
	keepAlive := r.keepAlive()
	for i := range r.cfg.Backends {
		b, e := &r.cfg.Backends[i], &r.cfg.Endpoints[i]
		err := r.upstream(b, e, upstreamView{
			Origin:    engine.NewOrigin(diag.Ref{Kind: "Service", Namespace: b.Namespace, Name: b.Service}, diag.Pos{}),
			Name:      upstreamName(b.ID),
			Unknown:   e.Unknown,
			KeepAlive: keepAlive,
		})
		if err != nil {
			r.refuse(blame(err), b.From, "the backend cannot be printed (%v); its routes answer 503", err)
			r.unprinted[upstreamFile(b.ID)] = true
		}
	}
}

// upstream completes a view with members and how they are chosen, and prints it.
func (r *rendering) upstream(b *model.Backend, e *model.Endpoints, view upstreamView) error {
	list := members(e)
	affinity, balance, err := r.affinity(b, list)
	if err != nil {
		return err
	}
	view.Affinity, view.Balance, view.Zone = affinity, balance, zoneSize(len(list))
	view.Subset = r.subset(b, list)
	for _, m := range list {
		member := memberView{Address: m}
		if affinity != nil && affinity.Route != nil {
			member.Route = conf.Word(b.Affinity.ID(model.Endpoint{Address: m.Addr().String(), Port: int(m.Port())}))
		}
		view.Members = append(view.Members, member)
	}
	return r.print(upstreamFile(b.ID), upstreamEntry, view)
}

func upstreamFile(id string) string { return "upstreams/" + id + ".conf" }

// keepAlive returns the settings of kept connections to endpoints. ingress-nginx keeps one pool for all backends; a stock nginx keeps
// one for each, so the default size of that one pool would cost far more memory here than there.
func (r *rendering) keepAlive() *keepAliveView {
	p := &r.cfg.Global.Proxy
	if p.KeepAlive == 0 {
		return nil
	}
	return &keepAliveView{
		Connections: min(p.KeepAlive, maxKeptPerBackend),
		Requests:    p.KeepAliveRequests,
		Time:        conf.Time(p.KeepAliveTime),
		Timeout:     conf.Time(p.KeepAliveTimeout),
	}
}

const maxKeptPerBackend = 64

func members(e *model.Endpoints) []netip.AddrPort {
	list := make([]netip.AddrPort, 0, len(e.Members))
	for _, m := range e.Members {
		if addr, err := netip.ParseAddr(m.Address); err == nil {
			list = append(list, netip.AddrPortFrom(addr, uint16(m.Port)))
		}
	}
	return list
}

// zoneSize is the shared memory of an upstream: nginx needs about one kilobyte for each member, and eight pages at least.
func zoneSize(members int) conf.Size {
	size := conf.Size(64 << 10)
	for size < conf.Size(members+16)<<10 {
		size *= 2
	}
	return size
}

func upstreamName(id string) conf.Name { return conf.Name(id) }
