package nginx

import (
	"fmt"
	"net/netip"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/engine"
	"github.com/headgate/headgate/render/nginx/conf"
)

// limitView is what the template of a Limit prints: the zones that its routes count in.
type limitView struct {
	Origin engine.Origin
	// Free are the addresses that are not counted. FreeName says whether an address is one of them, KeyName is the key then.
	Free     []netip.Prefix
	FreeName conf.Name
	FreeMap  mapView
	Key      conf.Expr
	// Connections is a Zone, nil without a limit of connections.
	Connections any
	Rates       []rateView
}

// rateView is the zone of a rate.
type rateView struct {
	Zone conf.Zone
	// Rate is a PerSecond or a PerMinute.
	Rate any
}

// limitsView is what locations say of a Limit.
type limitsView struct {
	// Zone and Connections are set if connections are limited.
	Zone        conf.Name
	Connections int
	Rates       []limitedRate
}

// limitedRate is one rate in a location.
type limitedRate struct {
	Zone conf.Name
	// Burst is how many requests may come at once; 0 is left out.
	Burst int
}

// limitStatusView is what limits answer.
type limitStatusView struct {
	Rate, Connections int
}

// limitZone is the memory of one zone: ingress-nginx's size, enough for about 80,000 clients.
const limitZone = conf.Size(5 << 20)

// limits prints a file for each Limit.
func (r *rendering) limits() {
	for i := range r.cfg.Limits {
		l := &r.cfg.Limits[i]
		view := r.limitView(l)
		if err := r.print(limitFile(l.ID), limitEntry, view); err != nil {
			r.refuse(blame(err), l.From, "the limit cannot be printed (%v); its routes answer 503", err)
			r.unprinted[limitFile(l.ID)] = true
		}
	}
}

func limitFile(id string) string { return "limits/" + id + ".conf" }

func (r *rendering) limitView(l *model.Limit) limitView {
	v := limitView{Origin: engine.NewOrigin(l.From.Ref, diag.Pos{}), Free: l.Free, Key: r.limitKey(l)}
	if len(l.Free) > 0 {
		v.FreeName = variableName("limit_free", l.ID)
		v.FreeMap = mapView{Source: conf.Variable(v.FreeName), Variable: variableName("limit_key", l.ID), Default: "",
			Entries: []mapEntry{{Key: "", Value: clientKey(r.cfg.Global.Limits.Key)}}}
	}
	if l.Connections > 0 {
		v.Connections = conf.Zone{Name: r.connectionZone(l), Size: limitZone}
	}
	for i, rate := range l.Rates {
		view := rateView{Zone: conf.Zone{Name: r.rateZone(l, i), Size: limitZone}, Rate: conf.PerSecond(rate.Requests)}
		if rate.Seconds != 1 {
			view.Rate = conf.PerMinute(rate.Requests)
		}
		v.Rates = append(v.Rates, view)
	}
	return v
}

// limitKey is what a Limit counts by.
func (r *rendering) limitKey(l *model.Limit) conf.Expr {
	if len(l.Free) > 0 {
		return conf.Variable(variableName("limit_key", l.ID))
	}
	return clientKey(r.cfg.Global.Limits.Key)
}

// clientKey takes the short form of an address, if the key is nothing else.
func clientKey(key model.Key) conf.Expr {
	if len(key) == 1 && key[0].Source == model.KeyClient {
		return conf.Variable("binary_remote_addr")
	}
	return keyExpr(key)
}

// connectionZone and rateZone name zones after all that nginx holds on to over a reload: it refuses one where a zone of the same name
// has another key.
func (r *rendering) connectionZone(l *model.Limit) conf.Name {
	return conf.Name(l.ID + ".conn." + shortHash(fmt.Sprint(r.limitKey(l))))
}

func (r *rendering) rateZone(l *model.Limit, i int) conf.Name {
	return conf.Name(fmt.Sprint(l.ID, ".rate", i, ".", shortHash(fmt.Sprint(r.limitKey(l), l.Rates[i]))))
}

// limitsOf is what a location of a route says of its Limit.
func (r *rendering) limitsOf(route *model.Route) *limitsView {
	l, ok := r.cfg.LimitByID(route.Limit)
	if !ok {
		return nil
	}
	v := &limitsView{Connections: l.Connections}
	if l.Connections > 0 {
		v.Zone = r.connectionZone(l)
	}
	for i, rate := range l.Rates {
		v.Rates = append(v.Rates, limitedRate{Zone: r.rateZone(l, i), Burst: rate.Burst})
	}
	return v
}
