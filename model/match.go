package model

import (
	"regexp"
	"slices"
	"strings"
)

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

// slashFor returns the index of the route that a path is sent to for its final slash, -1 if there is none.
func (s *Server) slashFor(path string) int {
	if s.Regex || s.names(path) {
		return -1
	}
	return slices.IndexFunc(s.Routes, func(r Route) bool { return r.SlashRedirect && r.Match.Path == path+"/" })
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
