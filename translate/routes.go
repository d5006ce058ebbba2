package translate

import (
	"cmp"
	"slices"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/policy"
)

// finishServers settles what depends on all paths of a host, and turns its entries into routes.
func (t *translator) finishServers() {
	t.finishTLS()
	for _, s := range t.servers {
		t.settleGuests(s)
		t.findAbsent(s)
		if s.regex = slices.ContainsFunc(s.entries, (*entry).isRegex); s.regex {
			t.reportRegex(s)
			t.addPatterns(s)
			continue
		}
		for _, e := range s.entries {
			t.reportLiteral(e)
			s.routes = append(s.routes, t.route(s, e, e.match()))
		}
	}
}

// addPatterns makes the routes of a host with regular expressions. One that is refused leaves a closed place.
func (t *translator) addPatterns(s *server) {
	patterns := s.patterns()
	t.weighPatterns(s, patterns)
	for _, p := range patterns {
		match, err := p.match()
		if err == nil {
			s.routes = append(s.routes, t.route(s, p.entry, match))
			continue
		}
		t.reportPattern(p, err)
		if p.place != "" {
			closed := *p.entry
			closed.close("its path is not a regular expression that can be used")
			s.routes = append(s.routes, t.route(s, &closed, model.PathMatch{Kind: model.PathRegex, Path: p.place}))
		}
	}
}

// reportPattern says that a regular expression is refused, unless its Ingress is refused as a whole, and what place is closed for it.
func (t *translator) reportPattern(p pattern, err error) {
	if p.isClosed() {
		return
	}
	outcome := "it is ignored"
	if p.place != "" {
		outcome = "what " + diag.Quote(p.place) + " matches answers 503"
	}
	t.report(p.refusal(), &p.ing.Meta, p.from.Path+".path", "the path is not a regular expression that can be used (%s); %s", err, outcome)
}

// isRegex reports whether the Ingress of an entry makes a regular expression of its path, and thereby of all paths of the host.
func (e *entry) isRegex() bool {
	if e.ing == nil || e.literal {
		return false
	}
	return e.ing.policy.Rewrite.Regex.V || e.rewriteTarget() != ""
}

// pattern is what a path of a host with regular expressions is searched for.
type pattern struct {
	*entry
	text string
	// refused says why it cannot be a regular expression, or why the host cannot have it beside those that it has.
	refused error
	// place is the pattern of the place that stays closed for one that is refused, empty if there is none.
	place string
}

// patterns are those of all paths of a host, in the order in which ingress-nginx tries them: longer ones first, those of equal length in
// descending order of their text.
//
// On a host with one regular expression all paths are such: an Exact or Prefix path of another Ingress too, without an end anchor. A
// Prefix path is tried twice, with a slash behind it and without; where an Exact path has the same text, with a slash only.
func (s *server) patterns() []pattern {
	var list []pattern
	for _, e := range s.entries {
		if e.isRegex() || e.kind != model.PathPrefix || strings.HasSuffix(e.path, "/") {
			list = append(list, pattern{entry: e, text: e.path})
			continue
		}
		list = append(list, pattern{entry: e, text: e.path + "/"})
		if !s.hasExact(e.path) {
			list = append(list, pattern{entry: e, text: e.path})
		}
	}
	slices.SortStableFunc(list, func(a, b pattern) int {
		return cmp.Or(cmp.Compare(len(b.text), len(a.text)), strings.Compare(b.text, a.text))
	})
	// Where nothing comes between the two of a Prefix path, the shorter one finds all that the longer one does.
	var kept []pattern
	for i, p := range list {
		if i+1 == len(list) || list[i+1].entry != p.entry {
			kept = append(kept, p)
		}
	}
	return kept
}

// match makes the path condition of a pattern, or says why a regular expression is refused.
func (p pattern) match() (model.PathMatch, error) {
	text := p.text
	if p.refused != nil {
		if p.isRegex() {
			return model.PathMatch{}, p.refused
		}
		text = model.QuoteRegex(text)
	}
	return model.PathMatch{Kind: model.PathRegex, Path: text}, nil
}

func (s *server) hasExact(path string) bool {
	_, ok := s.owned[model.PathMatch{Kind: model.PathExact, Path: path}]
	return ok
}

// route makes the route of an entry.
func (t *translator) route(s *server, e *entry, match model.PathMatch) model.Route {
	r := model.Route{Match: match, Backend: e.backend, Status: 503, From: e.from}
	if e.backend == "" || e.backend == t.defaultBackend {
		r.Status = 404
	}
	r.SlashRedirect = match.Kind == model.PathPrefix && len(e.path) > 1 && strings.HasSuffix(e.path, "/")
	if e.ing == nil {
		r.Closed = s.closed
		return r
	}
	r.Source = model.Source{Namespace: e.ing.Namespace, Ingress: e.ing.Name, Path: e.path}
	if e.service != nil {
		r.Source.Service, r.Source.Port = e.service.Service, portText(e.service.Port)
	}
	if e.absent {
		r.Backend, r.Status = t.defaultBackend, 404
		return r
	}
	if r.Closed = cmp.Or(e.closed, s.closed, e.ing.policy.Closed.Routes.V, e.ing.closesHosts().Own().V, t.operator.Closed); e.isClosed() {
		return r
	}
	if !isCatchAllDefault(s, e) {
		r.TLSRedirect = t.tlsRedirect(s, e)
		t.rewrite(e, &r)
	}
	if r.Redirect != nil {
		return onlyRedirect(r)
	}
	if e.backend != t.defaultBackend {
		r.Protocol = protocols[e.ing.policy.Backend.Protocol.V]
		r.Fallback = t.fallback(e)
	}
	if r.Limit = t.limit(e.ing); e.ing.limitRefused {
		r.Closed = cmp.Or(r.Closed, "its limits on requests are more than its namespace may have")
	}
	r.Bandwidth = t.bandwidth(e.ing)
	r.Session = t.session(e)
	r.Split = t.split(e)
	return r
}

// isCatchAllDefault reports whether an entry is the default backend of all hosts: redirects and rewrites of its Ingress do not hold there.
func isCatchAllDefault(s *server, e *entry) bool {
	return s.host == "" && e.from.Path == "spec.defaultBackend"
}

// tlsRedirect says whether plain HTTP is sent to https: always where the Ingress forces it, otherwise where the host is a TLS host.
func (t *translator) tlsRedirect(s *server, e *entry) *model.TLSRedirect {
	if slices.ContainsFunc(t.operator.TLSExempt, func(p string) bool { return strings.HasPrefix(e.path, p) }) {
		return nil
	}
	asked := &e.ing.policy.Redirect
	if !asked.ForceTLS.V && !(s.wantsTLS(e) && asked.TLS.V) {
		return nil
	}
	redirect := &model.TLSRedirect{Code: t.operator.RedirectCode, KeepSlash: asked.KeepSlash.V}
	if asked.Port.V {
		redirect.Port = t.settings.HTTPSPort
	}
	return redirect
}

// wantsTLS reports whether plain HTTP to a path counts as HTTP to a TLS host. For a guest's path its own tls section is enough: what the
// Ingress wants kept from plain HTTP is, although the certificate is not its to choose.
func (s *server) wantsTLS(e *entry) bool { return s.tlsOwned || e.guest && len(e.ing.TLS) > 0 }

// fallback is the backend that gets the requests while that of the path has no endpoints.
func (t *translator) fallback(e *entry) string {
	asked := e.ing.policy.Errors.Fallback
	if !asked.Given {
		return ""
	}
	id := t.serviceBackend(e.ing.Namespace, asked.V.Name, origin(&e.ing.Meta, asked.Key))
	if id == "" {
		t.diags.Add(about(diag.ServiceMissing, e.ing, asked.Origin,
			"Service %s/%s %s; the annotation is ignored", e.ing.Namespace, asked.V.Name, t.absence("Service", e.ing.Namespace, asked.V.Name)))
	}
	return id
}

// protocols are what the protocols of policies come to.
var protocols = map[policy.Protocol]model.Protocol{
	policy.HTTP: model.HTTP, policy.HTTPS: model.HTTPS, policy.GRPC: model.GRPC, policy.GRPCS: model.GRPCS, policy.FastCGI: model.FastCGI,
	policy.ClientScheme: model.Auto,
}
