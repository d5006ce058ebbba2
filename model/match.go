package model

import (
	"regexp"
	"strings"
)

// Request is what [Match] looks at of an HTTP request.
type Request struct {
	// Scheme is "http" or "https", as the proxy believes it to be.
	Scheme string
	// Host is the Host header, with a port or without.
	Host string
	// Target is the request target as sent: the path, still encoded, and the query.
	Target string
	// Headers are the other header fields, in the order in which they came.
	Headers []Field
}

// Field is one header field. Names are compared without regard to case.
type Field struct {
	Name, Value string
}

// Decision is what has to happen to a Request.
type Decision struct {
	// Server and Route are indexes into Config.Servers and its Routes; Route is -1 if the request does not get that far.
	Server, Route int
	// Backend is the ID of the backend that gets the request, empty if the proxy answers itself. Where a draw decides it is the
	// route's own one, and Shares says who else may get it.
	Backend string
	// Shares are the backends of a draw with the part that each gets; empty if nothing is drawn.
	Shares []Share
	// Fallback says that Backend stands in for one without endpoints.
	Fallback bool
	// Status is the proxy's own answer, 0 if the request goes to a backend.
	Status int
	// Location is the target of a redirect.
	Location string
	// Target is what the endpoint gets as request target.
	Target string
	// From is the origin of the route.
	From Origin
	// Why says in a few words what decided.
	Why string
}

// Match says what a proxy has to do with a request. It is the reference that explain prints and that the behaviour tests hold
// every proxy against.
func Match(cfg *Config, req Request) Decision {
	host := canonicalHost(req.Host)
	if !isHost(req.Host) {
		return Decision{Server: cfg.ServerFor(""), Route: -1, Status: 400, Why: "the Host header is neither a name nor an address"}
	}
	if p, ok := cfg.passthrough(host); ok && req.Scheme == "https" {
		return Decision{Server: cfg.ServerFor(host), Route: -1, Backend: p.Backend, Target: req.Target, From: p.From, Why: "the TLS of the host is passed through"}
	}
	path, ok := NormalizePath(req.Target)
	if !ok {
		return Decision{Server: cfg.ServerFor(host), Route: -1, Status: 400, Why: "the path cannot be normalised"}
	}
	server := cfg.ServerFor(host)
	if limit := cfg.Servers[server].PathLimit; limit > 0 && len(path) > limit {
		return Decision{Server: server, Route: -1, Status: 414, Why: "the path is longer than the regular expressions of the host may be tried on"}
	}
	return matchServer(cfg, server, req, path)
}

// hostForm is a name or an address in brackets, with a port up to 65535 or without.
var hostForm = regexp.MustCompile(`^(?:\[[0-9A-Fa-fv:.]*\]|[A-Za-z0-9._~!$%&'()*+,;=-]+)` +
	`(?::0*(?:[0-9]{0,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?$`)

// isHost reports whether a request may have such a Host header; older ones than HTTP/1.1 may have none.
func isHost(host string) bool {
	name, _, _ := strings.Cut(host, ":")
	return host == "" || hostForm.MatchString(host) && name != "." && !strings.Contains(host, "..")
}

// canonicalHost lowers the host and cuts off its port and a trailing dot.
func canonicalHost(host string) string {
	if strings.HasPrefix(host, "[") {
		if end := strings.IndexByte(host, ']'); end > 0 {
			return strings.ToLower(host[:end+1])
		}
	}
	if colon := strings.LastIndexByte(host, ':'); colon >= 0 {
		host = host[:colon]
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// ServerFor returns the index of the server that a canonical host name selects: the name itself, else the wildcard that covers its
// first label, else the catch-all server. The "*" of a wildcard is no name that can be asked for.
func (c *Config) ServerFor(host string) int {
	if host == "" || strings.Contains(host, "*") {
		return 0
	}
	if i, ok := c.server(host); ok {
		return i
	}
	if label, rest, found := strings.Cut(host, "."); found && isHostLabel(label) {
		if i, ok := c.server("*." + rest); ok {
			return i
		}
	}
	return 0
}

// isHostLabel reports whether a "*" of a host stands for the label.
func isHostLabel(label string) bool {
	for i := range len(label) {
		c := label[i]
		if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return label != ""
}

func matchServer(cfg *Config, index int, req Request, path string) Decision {
	server := &cfg.Servers[index]
	for i := range server.Routes {
		if r := &server.Routes[i]; r.SlashRedirect && !server.Regex && r.Match.Path == path+"/" && !server.names(path) {
			return Decision{
				Server: index, Route: i, Status: 301, From: r.From, Why: "the path lacks its final slash",
				Location: req.Scheme + "://" + canonicalHost(req.Host) + escapePath(path+"/") + queryOf(req.Target),
			}
		}
	}
	i := server.RouteFor(path)
	d := decide(cfg, &server.Routes[i], req, path)
	d.Server, d.Route, d.From = index, i, server.Routes[i].From
	return d
}

// RouteFor returns the index of the route that a normalised path selects.
func (s *Server) RouteFor(path string) int {
	if s.Regex {
		for i := range s.Routes {
			if s.Routes[i].Match.matches(path) {
				return i
			}
		}
		return len(s.Routes) - 1
	}
	best := -1
	for i := range s.Routes {
		switch m := s.Routes[i].Match; {
		case !m.matches(path):
		case m.Kind == PathExact:
			return i
		case best < 0 || len(m.Path) > len(s.Routes[best].Match.Path):
			best = i
		}
	}
	return best
}

// names reports whether a route of the host is for just this path.
func (s *Server) names(path string) bool {
	for i := range s.Routes {
		if s.Routes[i].Match.Path == path {
			return true
		}
	}
	return false
}

// matches reports whether the condition holds for a normalised path.
func (m PathMatch) matches(path string) bool {
	switch m.Kind {
	case PathExact:
		return path == m.Path
	case PathPrefix:
		return strings.HasPrefix(path, m.Path) &&
			(len(path) == len(m.Path) || strings.HasSuffix(m.Path, "/") || path[len(m.Path)] == '/')
	default:
		return searchAnchored(m.Path, path)
	}
}

// whyUnsafe says why a request is refused although its own path is fine.
const whyUnsafe = "what the rewrite makes of the path is not safe: it has dot segments or control bytes"

// decide applies the route's own rules in their order.
func decide(cfg *Config, route *Route, req Request, path string) Decision {
	switch {
	case route.Closed != "":
		return Decision{Status: 503, Why: "the route is closed: " + route.Closed}
	case route.Redirect != nil:
		location, ok := route.redirected(req, path)
		if !ok {
			return Decision{Status: 400, Why: whyUnsafe}
		}
		return Decision{Status: route.Redirect.Code, Location: location, Why: "the route leads elsewhere"}
	case route.TLSRedirect != nil && req.Scheme == "http":
		return Decision{Status: route.TLSRedirect.Code, Location: route.TLSRedirect.location(req), Why: "the host is served over TLS"}
	}
	switch {
	case cfg.hasEndpoints(route.Backend):
		d := Decision{Backend: route.Backend, Target: req.Target, Why: "the path matches"}
		if route.Rewrite != nil {
			var ok bool
			if d.Target, ok = route.rewritten(req, path); !ok {
				return Decision{Status: 400, Why: whyUnsafe}
			}
		}
		if route.Split != nil {
			cfg.choose(route, req, &d)
		}
		return d
	case cfg.hasEndpoints(route.Fallback):
		return Decision{Backend: route.Fallback, Fallback: true, Target: req.Target, Why: "the backend has no endpoints"}
	case route.Backend == "":
		return Decision{Status: route.Status, Why: "no rule matches"}
	default:
		return Decision{Status: route.Status, Why: "the backend has no endpoints"}
	}
}

func (c *Config) hasEndpoints(backend string) bool {
	if backend == "" {
		return false
	}
	e, ok := c.EndpointsOf(backend)
	return ok && (e.Unknown || len(e.Members) > 0)
}

// location is the target of the redirect for a request.
func (r *TLSRedirect) location(req Request) string {
	uri := req.Target
	if !r.KeepSlash {
		uri = strings.TrimSuffix(uri, "/")
	}
	port := ""
	if r.Port != 0 {
		port = ":" + itoa(r.Port)
	}
	return "https://" + canonicalHost(req.Host) + port + uri
}

// queryOf returns the query of a target with its question mark, or nothing if the query is empty.
func queryOf(target string) string {
	if i := strings.IndexByte(target, '?'); i >= 0 && i < len(target)-1 {
		return target[i:]
	}
	return ""
}
