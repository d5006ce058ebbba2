package translate

import (
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/policy"
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
	// members are the Ingresses with a rule for the host, oldest first.
	members []*ingress
	// closed, if not empty, is why the whole host answers 503.
	closed string
	// guestTLS are Ingresses of other namespaces with a tls section, which do not decide.
	guestTLS []*ingress
	// regex says that all paths of the host are regular expressions.
	regex bool
	// pathLimit is the longest path that the regular expressions are tried on, 0 without a limit.
	pathLimit int
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
	// guest says that the host belongs to another namespace; literal that the Ingress may not make a regular expression of the path.
	guest, literal bool
	// closed, if not empty, is why the entry only keeps its place, answering 503.
	closed string
	// absent says that ingress-nginx would leave the entry out, and nothing else would get its requests: they are answered as those of
	// no path are.
	absent bool
	// branches are what canaries hang on the path; stickyDraw says that one of them keeps clients on the side that was drawn.
	branches   []model.Branch
	stickyDraw bool
	// headerWork is what the patterns of canaries can cost a request.
	headerWork model.HeaderBudget
	from       model.Origin
}

// buildDefaultServer makes the catch-all server. An Ingress with a default backend and no rules owns its "/": the oldest one wins.
func (t *translator) buildDefaultServer() {
	t.resolveDefaultBackend()
	root := &entry{path: "/", kind: model.PathPrefix, implicit: true, backend: t.defaultBackend}
	t.hosts = map[string]*server{}
	s := t.addServer("", root)
	for _, ing := range t.ingresses {
		if ing.isCatchAllDefault() && !ing.isCanary() && !t.isGuest("", ing) {
			t.addDefault(s, ing)
		}
	}
}

// addDefault gives all hosts the default backend of an Ingress without rules.
func (t *translator) addDefault(s *server, ing *ingress) {
	e := &entry{path: "/", kind: model.PathPrefix, ing: ing, from: origin(&ing.Meta, "spec.defaultBackend")}
	if t.claimPath(s, e, ing.DefaultBackend) {
		s.from = e.from
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
			switch {
			case ing.refused:
				root.close(refusedWhole)
			case ing.DefaultBackend != nil:
				root.service = ing.DefaultBackend
				root.backend = t.backendFor(ing, ing.DefaultBackend, "spec.defaultBackend")
			default:
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
	t.reportHost(ing, i)
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
		if ing.isCatchAllDefault() && t.isGuest("", ing) {
			t.addDefault(t.hosts[""], ing)
		}
		for i, rule := range ing.Rules {
			host, ok := t.ruleHost(ing, i)
			if !ok {
				continue
			}
			s := t.hosts[host]
			s.join(ing)
			for j := range rule.Paths {
				t.addPath(s, ing, i, j)
			}
			t.claimTLS(s, ing)
		}
	}
}

// addPath adds one path of a rule. One that cannot be served keeps its place, closed.
func (t *translator) addPath(s *server, ing *ingress, i, j int) {
	p := &ing.Rules[i].Paths[j]
	at := pathPath(i, j)
	e := &entry{path: pathOf(p), kind: kindOf(p), ing: ing, from: origin(&ing.Meta, at)}
	if reason := pathProblem(e.path); reason != "" {
		place, ok := closedPath(e.path)
		outcome := "it is ignored"
		if ok {
			outcome = diag.Quote(place) + " answers 503"
		}
		t.report(diag.PathInvalid, &ing.Meta, at+".path", "the path %s; %s", reason, outcome)
		if !ok {
			return
		}
		e.path = place
		e.close("its path cannot be one")
	}
	if p.Backend.Service == "" {
		t.report(diag.ResourceBackend, &ing.Meta, at+".backend", "only Services can be backends; the path is closed")
		e.close(noService)
	}
	t.claimPath(s, e, &p.Backend)
}

// Why paths are closed that ingress-nginx would leave out: those of a refused Ingress, and those with another backend than a Service.
const (
	refusedWhole = "its Ingress is refused"
	noService    = "its backend is not a Service"
)

// claimPath adds an entry to a host, and reports whether it could. The first Ingress that claims a path with a path type keeps it.
func (t *translator) claimPath(s *server, e *entry, service *manifest.IngressBackend) bool {
	if e.guest = t.isGuest(s.host, e.ing); e.ing.refused {
		e.close(refusedWhole)
	}
	if !t.admits(s, e) {
		return false
	}
	k, claimed := s.owned[e.match()]
	claimed = claimed && !s.entries[k].yieldsTo(e)
	if claimed {
		t.reportConflict(s, e, s.entries[k])
		return false
	}
	if older := s.overlapped(e); older != nil {
		t.reportConflict(s, e, older)
		return false
	}
	if !e.isClosed() {
		e.service = service
		e.backend = t.backendFor(e.ing, service, e.backendPath())
	}
	if _, there := s.owned[e.match()]; there {
		s.entries[k] = e
		return true
	}
	s.add(e)
	return true
}

// backendPath is where the Ingress names the backend of the entry.
func (e *entry) backendPath() string {
	if e.from.Path == "spec.defaultBackend" {
		return e.from.Path
	}
	return e.from.Path + ".backend"
}

// reportConflict says that a path belongs to another Ingress. A closed place that is lost costs nothing.
func (t *translator) reportConflict(s *server, e, older *entry) {
	switch {
	case e.isClosed():
	case e.from.Path == "spec.defaultBackend":
		t.report(diag.PathConflict, &e.ing.Meta, e.from.Path, "the default backend of all hosts is already %s; this one is ignored", older.ing.Ref())
	default:
		t.report(diag.PathConflict, &e.ing.Meta, e.from.Path+".path", "%s %s of host %s belongs to %s, which is older; this one is ignored, annotations included",
			older.kind, diag.Quote(older.path), hostText(s.host), older.ing.Ref())
	}
}

// join notes that an Ingress has a rule for the host.
func (s *server) join(ing *ingress) {
	if n := len(s.members); n == 0 || s.members[n-1] != ing {
		s.members = append(s.members, ing)
	}
}

// closeHosts closes the hosts of which a member asks for a guard of the whole host that cannot be built. An Ingress of another namespace
// than the host closes its own paths only.
func (t *translator) closeHosts() {
	for _, s := range t.servers {
		for ing, reason := range policy.OverHost(s.members, (*ingress).closesHosts) {
			if s.closed == "" && !t.isGuest(s.host, ing) {
				s.closed = "of " + ing.Ref().String() + ", " + reason.V
			}
		}
	}
}

func (ing *ingress) closesHosts() policy.PerHost[string] { return ing.policy.Closed.Hosts }

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
	case strings.ContainsFunc(path, isControl):
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
	return ing.policy.Canary.Enabled.V
}

// model returns the finished server.
func (s *server) model() model.Server {
	return model.Server{
		Host: s.host, Certificate: s.certificate, TLSOwned: s.tlsOwned, Regex: s.regex, PathLimit: s.pathLimit, Routes: s.routes, From: s.from,
	}
}
