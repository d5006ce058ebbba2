package haproxy

import (
	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
)

// closed reports what a route asks for that would be unsafe to leave out, and returns why the route is closed.
func (r *rendering) closed(route *model.Route) string {
	var reason string
	l, limited := r.cfg.LimitByID(route.Limit)
	switch {
	case route.Closed != "":
		return route.Closed
	case route.Protocol == model.FastCGI:
		reason = "HAProxy cannot take the parameters of a FastCGI application from an Ingress"
	case route.Limit != "" && !limited:
		reason = "its limit is not known"
	case limited && len(l.Rates) > maxRates:
		reason = "HAProxy cannot hold more than two rates in one limit"
	default:
		r.throttling(route)
		return ""
	}
	r.refuse(diag.TargetUnsupported, route.From, "%s; the route answers 503", reason)
	return reason
}
