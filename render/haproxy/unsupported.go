package haproxy

import (
	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
)

// impossible reports what a route asks for that would be unsafe to leave out, and returns why the route is closed.
func (r *rendering) impossible(route *model.Route) string {
	var reason string
	switch {
	case route.Protocol == model.FastCGI:
		reason = "HAProxy cannot take the parameters of a FastCGI application from an Ingress"
	case route.Limit != "":
		reason = "limits on the requests of clients are not made for HAProxy"
	case route.Rewrite != nil && !rewritable(route.Rewrite):
		reason = "HAProxy cannot refer to $0 and to $9 in one rewrite target"
	default:
		r.leaveOut(route)
		return ""
	}
	r.refuse(diag.TargetUnsupported, route.From, "%s; the route answers 503", reason)
	return reason
}

// leaveOut reports what a route asks for and goes without.
func (r *rendering) leaveOut(route *model.Route) {
	if route.Split != nil {
		r.refuse(diag.TargetUnsupported, route.From, "canaries are not made for HAProxy; all requests go to the main Service")
	}
	if route.Session != nil {
		r.refuse(diag.TargetUnsupported, route.From, "session cookies are not made for HAProxy; each request goes to the next endpoint")
	}
	if route.Bandwidth != nil {
		r.refuse(diag.TargetUnsupported, route.From, "responses are not throttled by HAProxy; they go out as fast as they can")
	}
}

// leaveOutSettings reports what is asked for beside routes and settings and is not made for HAProxy.
func (r *rendering) leaveOutSettings() {
	for i := range r.cfg.Backends {
		b := &r.cfg.Backends[i]
		if b.Balance.Algorithm != model.RoundRobin || b.ClientAffinity != nil || b.Affinity != nil {
			r.refuse(diag.TargetApproximated, b.From, "ways to choose an endpoint are not made for HAProxy; each request to Service %s/%s goes to the next one", b.Namespace, b.Service)
		}
	}
}
