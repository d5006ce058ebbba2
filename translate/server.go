package translate

import (
	"strings"

	"github.com/headgate/headgate/configmap"
	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
)

// server is a host while it is being put together.
type server struct {
	host    string
	entries []*entry
	// owned finds the entries by path and path type.
	owned map[model.PathMatch]int
	// tls is set by the first Ingress of the host with a tls section.
	tls  *serverTLS
	from model.Origin
	// regex says that all paths of the host are regular expressions.
	regex bool
	// certificate and tlsOwned are the outcome of finishServers.
	certificate string
	tlsOwned    bool
	routes      []model.Route
}

// entry is a path of a host.
type entry struct {
	path string
	kind model.PathKind
	// implicit marks the "/" that every host has until a rule claims it.
	implicit bool
	// ing is the Ingress that owns the path, nil for the global default.
	ing *ingress
	// service is what the path names, nil for an implicit "/" without a default backend of its Ingress.
	service *manifest.IngressBackend
	backend string
	// branches are what canaries hang on the path; stickyDraw says that one of them keeps clients on the side that was drawn.
	branches   []model.Branch
	stickyDraw bool
	from       model.Origin
}

// buildDefaultServer makes the catch-all server. An Ingress with a default backend and no rules owns its "/": the oldest one wins.
func (t *translator) buildDefaultServer() {
	t.resolveDefaultBackend()
	root := &entry{path: "/", kind: model.PathPrefix, implicit: true, backend: t.defaultBackend}
	t.hosts = map[string]*server{}
	s := t.addServer("", root)
	for _, ing := range t.ingresses {
		if ing.DefaultBackend == nil || len(ing.Rules) > 0 || ing.isCanary() {
			continue
		}
		if root.ing != nil {
			t.report(diag.PathConflict, &ing.Meta, "spec.defaultBackend",
				"the default backend of all hosts is already %s; this one is ignored", root.ing.Ref())
			continue
		}
		root.ing, root.implicit = ing, false
		root.from = origin(&ing.Meta, "spec.defaultBackend")
		root.service = ing.DefaultBackend
		root.backend = t.backendFor(ing, ing.DefaultBackend, "spec.defaultBackend")
		s.from = root.from
	}
}

func (t *translator) addServer(host string, root *entry) *server {
	s := &server{host: host, from: root.from, owned: map[model.PathMatch]int{}}
	s.add(root)
	t.servers = append(t.servers, s)
	t.hosts[host] = s
	return s
}

// buildServers makes a server for every host that a rule names, with its implicit "/": it leads to the default backend of the
// Ingress that named the host first, and carries the annotations of that Ingress.
func (t *translator) buildServers() {
	for _, ing := range t.ingresses {
		if ing.isCanary() {
			continue
		}
		for i := range ing.Rules {
			host, ok := t.ruleHost(ing, i)
			if !ok || host == "" || t.hosts[host] != nil {
				continue
			}
			root := &entry{path: "/", kind: model.PathPrefix, implicit: true, ing: ing, from: origin(&ing.Meta, rulePath(i))}
			if ing.DefaultBackend != nil {
				root.service = ing.DefaultBackend
				root.backend = t.backendFor(ing, ing.DefaultBackend, "spec.defaultBackend")
			} else {
				root.backend = t.defaultBackend
			}
			t.addServer(host, root)
		}
	}
}

// ruleHost returns the host of a rule in canonical form; a host that cannot be one is reported (once, while servers are built).
func (t *translator) ruleHost(ing *ingress, i int) (string, bool) {
	host := strings.ToLower(ing.Rules[i].Host)
	if host == "" || validHost(host) {
		return host, true
	}
	t.report(diag.HostInvalid, &ing.Meta, rulePath(i)+".host", "%s is not a DNS name, nor one with a leading *. ; the rule is ignored", diag.Quote(host))
	return "", false
}

// validHost reports whether a lower-case name is a DNS-1123 subdomain with at most one leading "*.".
func validHost(host string) bool {
	if len(host) > 253 {
		return false
	}
	for label := range strings.SplitSeq(strings.TrimPrefix(host, "*."), ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if c := label[i]; !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-') {
				return false
			}
		}
	}
	return true
}

// fillServers adds the paths of all rules, oldest Ingress first.
func (t *translator) fillServers() {
	for _, ing := range t.ingresses {
		if ing.isCanary() {
			continue
		}
		for i, rule := range ing.Rules {
			host, ok := t.ruleHost(ing, i)
			if !ok {
				continue
			}
			s := t.hosts[host]
			for j := range rule.Paths {
				t.addPath(s, ing, i, j)
			}
			t.claimTLS(s, ing)
		}
	}
}

// addPath adds one path of a rule. The first Ingress that claims a path with a path type keeps it.
func (t *translator) addPath(s *server, ing *ingress, i, j int) {
	p := &ing.Rules[i].Paths[j]
	at := pathPath(i, j)
	if p.Backend.Service == "" {
		t.report(diag.ResourceBackend, &ing.Meta, at+".backend", "only Services can be backends; the path is ignored")
		return
	}
	e := &entry{path: p.Path, kind: model.PathPrefix, ing: ing, service: &p.Backend, from: origin(&ing.Meta, at)}
	if e.path == "" {
		e.path = "/"
	}
	if p.PathType == manifest.PathExact {
		e.kind = model.PathExact
	}
	if reason := pathProblem(e.path); reason != "" {
		t.report(diag.PathInvalid, &ing.Meta, at+".path", "the path %s; it is ignored", reason)
		return
	}
	k, claimed := s.owned[e.match()]
	if claimed && !s.entries[k].implicit {
		t.report(diag.PathConflict, &ing.Meta, at+".path", "%s %s of host %s belongs to %s, which is older; this one is ignored, annotations included",
			e.kind, diag.Quote(e.path), hostText(s.host), s.entries[k].ing.Ref())
		return
	}
	e.backend = t.backendFor(ing, e.service, at+".backend")
	if claimed {
		s.entries[k] = e
		return
	}
	s.add(e)
}

func (s *server) add(e *entry) {
	s.owned[e.match()] = len(s.entries)
	s.entries = append(s.entries, e)
}

// match is what tells the paths of a host apart while they are gathered.
func (e *entry) match() model.PathMatch { return model.PathMatch{Kind: e.kind, Path: e.path} }

// maxPath keeps a path, encoded, well below what a proxy reads as one word.
const maxPath = 1000

// pathProblem says why a path cannot be one, or "".
func pathProblem(path string) string {
	switch {
	case !strings.HasPrefix(path, "/"):
		return "does not begin with a slash"
	case len(path) > maxPath:
		return "has more than " + itoa(maxPath) + " bytes"
	case strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "holds control characters"
	}
	return ""
}

// hostText names a host in messages.
func hostText(host string) string {
	if host == "" {
		return "* (all hosts)"
	}
	return host
}

// isCanary reports whether the Ingress only adds to others.
func (ing *ingress) isCanary() bool {
	canary, _ := ing.set.Bool(configmap.Canary)
	return canary
}

// model returns the finished server.
func (s *server) model() model.Server {
	return model.Server{
		Host: s.host, Certificate: s.certificate, TLSOwned: s.tlsOwned, Regex: s.regex, Routes: s.routes, From: s.from,
	}
}
