package nginx

import (
	"fmt"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/engine"
	"github.com/headgate/headgate/render/nginx/conf"
)

// locationView is what the template of a location prints.
type locationView struct {
	// Origin is an engine.Origin where a location does not come from the object that the host comes from, else nil.
	Origin any
	// Exact locations and, without Regex, prefix locations have a Path; the others a Pattern.
	Exact, Regex bool
	Path         conf.Path
	Pattern      conf.Regex
	// Log sets the variables that log lines show of the route.
	Log []logVariable
	// Elsewhere, if not nil, is where all requests are sent.
	Elsewhere   *elsewhereView
	TLSRedirect *redirectView
	// Slash, if not nil, is the Expr of the URI that the request is sent to with 301: the path with a slash behind it.
	Slash any
	// Answer is the status that nginx answers with, 0 if the request goes on.
	Answer int
	// Limits is nil without limits; Bandwidth is nil if responses go out at full speed.
	Limits    *limitsView
	Bandwidth *bandwidthView
	// ResponseHeaders are added to every response; nginx drops those of the http block where there are some.
	ResponseHeaders []headerView
	Forward         *forwardView
	// long is set for a path that is too long for an ordinary location.
	long longPath
}

// forwardView says how a request goes on to a backend.
type forwardView struct {
	Rewrite *rewriteView
	// Headers are sent beside those that all endpoints get.
	Headers []headerView
	GRPC    bool
	Pass    any
}

// headerView is a header with its value.
type headerView struct {
	Name  conf.Header
	Value conf.Expr
	// OneHop headers are about the connection itself, which HTTP/2 does not have: an endpoint of gRPC refuses requests with one.
	OneHop bool
}

// locations returns the locations of a host.
//
//	route                       locations
//	Exact /p                    = /p
//	Prefix /p                   = /p (unless an Exact /p takes it) and /p/ (unless a Prefix /p/ takes it)
//	Prefix /p/                  /p/ (nginx itself sends /p there)
//	regex                       ~* ^path, in the order of the routes
//	more than 255 bytes         ~* ^(?-i:path), see [maxLocation]
func (r *rendering) locations(s *model.Server) ([]locationView, error) {
	var views []locationView
	known := pathsOf(s)
	for i := range s.Routes {
		route := &s.Routes[i]
		body := r.locationOr503(s, route)
		switch route.Match.Kind {
		case model.PathRegex:
			body.Regex = true
			pattern, err := conf.NewRegex(anchored(route.Match.Path))
			if err != nil {
				return nil, err
			}
			body.Pattern = pattern
			views = append(views, body)
		case model.PathExact:
			views = append(views, body.at(route.Match.Path, exact))
		case model.PathPrefix:
			views = append(views, prefixLocations(known, route, body)...)
		}
	}
	views = r.guardSlashes(s, known, views)
	sortLong(views)
	return views, nil
}

// spelling says which of two kinds of location a path is printed as.
type spelling uint8

const (
	prefix spelling = iota
	exact
)

func (v locationView) at(path string, as spelling) locationView {
	if len(path) > maxLocation {
		return v.atLong(path, as)
	}
	v.Path, v.Exact = conf.Path(path), as == exact
	return v
}

// paths knows which paths the routes of a host name; true marks those that are redirected to for their final slash.
type paths map[model.PathMatch]bool

func pathsOf(s *model.Server) paths {
	p := make(paths, len(s.Routes))
	for i := range s.Routes {
		match := s.Routes[i].Match
		p[match] = p[match] || s.Routes[i].SlashRedirect
	}
	return p
}

func (p paths) has(kind model.PathKind, path string) bool {
	_, ok := p[model.PathMatch{Kind: kind, Path: path}]
	return ok
}

// names reports whether a route is for just this path.
func (p paths) names(path string) bool {
	return p.has(model.PathExact, path) || p.has(model.PathPrefix, path)
}

func (p paths) redirectsTo(path string) bool {
	return p[model.PathMatch{Kind: model.PathPrefix, Path: path}] || p[model.PathMatch{Kind: model.PathExact, Path: path}]
}

func prefixLocations(known paths, route *model.Route, body locationView) []locationView {
	path := route.Match.Path
	if route.SlashRedirect && (body.Forward == nil || len(path) > maxLocation) && !known.names(strings.TrimSuffix(path, "/")) {
		// nginx redirects by itself only to locations that pass requests on, and not to regular expressions.
		target := conf.Concat(conf.Literal(path), conf.Variable("is_args"), conf.Variable("args"))
		redirect := locationView{Slash: target}
		return []locationView{redirect.at(strings.TrimSuffix(path, "/"), exact), body.at(path, prefix)}
	}
	if strings.HasSuffix(path, "/") {
		return []locationView{body.at(path, prefix)}
	}
	var views []locationView
	if !known.has(model.PathExact, path) {
		views = append(views, body.at(path, exact))
	}
	if !known.has(model.PathPrefix, path+"/") {
		views = append(views, body.at(path+"/", prefix))
	}
	return views
}

// guardSlashes keeps nginx from answering /p with a redirect to /p/ where no route asks for it: it does so for every location that
// ends in a slash, also for "= /p/". Such a path gets a location with what its own route says.
func (r *rendering) guardSlashes(s *model.Server, known paths, views []locationView) []locationView {
	if s.Regex {
		return views
	}
	for i := range s.Routes {
		route := &s.Routes[i]
		path := strings.TrimSuffix(route.Match.Path, "/")
		if path == "" || path == route.Match.Path || route.SlashRedirect || known.redirectsTo(path+"/") || known.names(path) {
			continue
		}
		body := r.locationOr503(s, &s.Routes[s.RouteFor(path)])
		views = append(views, body.at(path, exact))
	}
	return views
}

// anchored anchors a pattern at the start, all its alternatives.
func anchored(pattern string) string {
	if strings.Contains(pattern, "|") {
		return "^(?:" + pattern + ")"
	}
	return "^" + pattern
}

// locationOr503 is location for a route that may not be printable. It must not cost the other routes of the host, which may belong to
// somebody else.
func (r *rendering) locationOr503(s *model.Server, route *model.Route) locationView {
	v, err := r.location(s, route)
	if err != nil {
		r.refuse(diag.RenderRefused, route.From, "the path cannot be printed (%v); it answers 503", err)
		return locationView{Origin: v.Origin, Answer: 503}
	}
	return v
}

// location returns what a location does for a route, without its path.
func (r *rendering) location(s *model.Server, route *model.Route) (locationView, error) {
	var v locationView
	if route.From.Ref != s.From.Ref && !route.From.Ref.IsZero() {
		v.Origin = engine.NewOrigin(route.From.Ref, diag.Pos{})
	}
	if route.Closed != "" {
		v.Answer = 503
		return v, nil
	}
	if route.Redirect != nil {
		var err error
		v.Elsewhere, err = elsewhere(route)
		return v, err
	}
	v.TLSRedirect = tlsRedirect(route.TLSRedirect)
	if r.unprinted[limitFile(route.Limit)] {
		v.Answer = 503
		return v, nil
	}
	backend, ok := r.backend(route)
	if !ok {
		v.Answer = route.Status
		return v, nil
	}
	v.Log = r.logVariables(route, backend)
	v.Limits, v.Bandwidth = r.limitsOf(route), bandwidthOf(route.Bandwidth)
	traffic, err := r.trafficOf(s, route, backend)
	if err != nil {
		return v, err
	}
	v.Log = append(v.Log, traffic.Log...)
	v.ResponseHeaders = r.responseHeaders(traffic)
	v.Forward, err = r.forward(route, backend, traffic.Pool)
	return v, err
}

// backend returns the backend that a route's requests go to now: its own, or, while that has no endpoints, the one that stands in.
func (r *rendering) backend(route *model.Route) (*model.Backend, bool) {
	for _, id := range []string{route.Backend, route.Fallback} {
		if r.serves(id) {
			return r.cfg.BackendByID(id)
		}
	}
	return nil, false
}

func tlsRedirect(t *model.TLSRedirect) *redirectView {
	if t == nil {
		return nil
	}
	target := []conf.Expr{conf.Literal("https://"), conf.Variable("redirect_host")}
	if t.Port != 0 {
		target = append(target, conf.Literal(fmt.Sprintf(":%d", t.Port)))
	}
	return &redirectView{Code: t.Code, KeepSlash: t.KeepSlash, Target: conf.Concat(append(target, conf.Variable("access_path"))...)}
}

// serves reports whether a backend has endpoints, or may have some.
func (r *rendering) serves(backend string) bool {
	if backend == "" || r.unprinted[upstreamFile(backend)] {
		return false
	}
	e, ok := r.cfg.EndpointsOf(backend)
	return ok && (e.Unknown || len(e.Members) > 0)
}

// forward sends requests to a pool: the name of an upstream, or a variable with one.
func (r *rendering) forward(route *model.Route, backend *model.Backend, pool conf.Expr) (*forwardView, error) {
	v := &forwardView{}
	protocol := route.Protocol
	if backend.ID != route.Backend {
		protocol = model.HTTP
		v.Headers = fallbackHeaders(route)
	} else if err := v.setRewrite(route); err != nil {
		return nil, err
	}
	switch protocol {
	case model.HTTP, model.HTTPS:
		v.Pass = conf.Concat(conf.Literal(protocol.String()+"://"), pool)
	case model.GRPC, model.GRPCS:
		v.GRPC = true
		v.Pass = conf.Concat(conf.Literal(protocol.String()+"://"), pool)
	case model.Auto:
		v.Pass = conf.Concat(conf.Variable("scheme"), conf.Literal("://"), pool)
	default:
		return nil, fmt.Errorf("the protocol %s cannot be spoken to endpoints", protocol)
	}
	return v, nil
}

// fallbackHeaders tell the backend that stands in for whom it does.
func fallbackHeaders(route *model.Route) []headerView {
	s := &route.Source
	return []headerView{
		{Name: "X-Code", Value: conf.Literal("503")},
		{Name: "X-Format", Value: conf.Variable("http_accept")},
		{Name: "X-Namespace", Value: conf.Literal(s.Namespace)},
		{Name: "X-Ingress-Name", Value: conf.Literal(s.Ingress)},
		{Name: "X-Service-Name", Value: conf.Literal(s.Service)},
		{Name: "X-Service-Port", Value: conf.Literal(s.Port)},
	}
}
