package haproxy

import (
	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/haproxy/conf"
)

// trafficPrefix begins the name of a route that does more than lead to one section. The section stands in the table traffic then, and
// what else the route does in those tables that have its name.
const trafficPrefix = "traffic:"

// lead returns what the routing tables say of a route: the section for it or, if the route splits or gives out a cookie, its own name.
func (r *rendering) lead(s *model.Server, route *model.Route) conf.Name {
	reason := r.closed(route)
	if reason != "" {
		return closedSection
	}
	p := r.policy(route)
	if p.elsewhere != nil {
		return r.use("", p, namedBy(route))
	}
	main := r.use(route.Backend, p, namedBy(route))
	split, session := r.splits(route), p.session
	if !split && !session {
		return main
	}
	name := conf.Name(trafficPrefix + digest(site(s), route.Match.Kind.String(), route.Match.Path))
	r.tables.traffic[string(name)] = main
	if session {
		r.tables.cookies[string(name)] = cookieAttributes(route.Session)
	}
	if split {
		r.split(string(name), main, route)
	}
	return name
}

// policy is what a route does with requests for its own backend.
func (r *rendering) policy(route *model.Route) policy {
	p := policy{redirect: route.TLSRedirect, answer: noEndpoints, protocol: route.Protocol}
	if route.Status != 0 {
		p.answer = route.Status
	}
	if route.Redirect != nil {
		return policy{elsewhere: route.Redirect, match: route.Match, answer: p.answer}
	}
	if route.Backend == "" {
		return p
	}
	if route.Rewrite != nil {
		p.rewrite, p.match = route.Rewrite, route.Match
	}
	p.limit = route.Limit
	p.bandwidth = r.bandwidth(route)
	b, ok := r.cfg.BackendByID(route.Backend)
	p.session = ok && b.Affinity != nil && route.Session != nil
	if route.Fallback != "" {
		p.fallback = r.use(route.Fallback, p.standIn(route.Source), route.From.Ref)
	}
	return p
}

// standIn is what is done with requests that come to a default backend: all that the route does, but for what is about its own backend.
func (p policy) standIn(source model.Source) policy {
	source.Path = ""
	p.errorOf, p.answer = &source, noEndpoints
	p.rewrite, p.match, p.protocol, p.session = nil, model.PathMatch{}, model.HTTP, false
	return p
}

// namedBy is the object that leads to the backend of a route. Nothing does where a host has no rule for a path: who asks for hosts that
// way comes and goes without a change to the backend.
func namedBy(route *model.Route) diag.Ref {
	if route.Source.Service == "" {
		return diag.Ref{}
	}
	return route.From.Ref
}
