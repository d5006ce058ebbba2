package haproxy

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/haproxy/conf"
)

// tables are the files that routing looks things up in. A look-up costs the same whatever the number of entries, except for regular
// expressions, which are tried in turn.
//
//	hosts      host                 how its paths are looked up
//	exact      host and whole path  section, or route, where the look-up in prefix would find another one
//	prefix     host and beginning   section, or route; the longest beginning of the path with a slash behind it wins
//	regex      regex over both      section, or route; the first in order wins
//	traffic    route                section, if the route splits or gives out a cookie
//	canaries   route and more       how it splits; see [canariesMap]
//	cookies    route                attributes of the cookie; see [cookieAttributes]
//	sessions   backend and cookie   server that the cookie names
//	members    backend and server   cookie that names it
//	groups     backend and numbers  server of a group; see [subsetView]
//	fallbacks  section              section that stands in, now that it has no endpoints
//	secured    section              section for requests that came over TLS
//
// Hosts are "*.rest" for a wildcard and "*" for all others.
type tables struct {
	hosts     map[string]conf.Name
	exact     map[string]conf.Name
	prefix    map[string]conf.Name
	regex     []entry
	traffic   map[string]conf.Name
	canaries  map[string]string
	cookies   map[string]string
	sessions  map[string]conf.Name
	members   map[string]string
	groups    map[string]string
	fallbacks map[string]conf.Name
	secured   map[string]conf.Name
}

// entry is a line of a map.
type entry struct {
	// Key is what is looked up, Value the Name or text that is found.
	Key   string
	Value any
}

func newTables() tables {
	return tables{
		hosts: map[string]conf.Name{}, exact: map[string]conf.Name{}, prefix: map[string]conf.Name{},
		traffic: map[string]conf.Name{}, canaries: map[string]string{}, cookies: map[string]string{},
		sessions: map[string]conf.Name{}, members: map[string]string{}, groups: map[string]string{},
		fallbacks: map[string]conf.Name{}, secured: map[string]conf.Name{},
	}
}

// mapNames are the names of the maps, and of their templates.
var mapNames = []string{"hosts", "exact", "prefix", "regex", "traffic", "canaries", "cookies", "sessions", "members", "groups", "fallbacks", "secured"}

// How the paths of a host are looked up: in exact and prefix, or in regex. A number in place of byRegex is the length of the longest
// path that regular expressions are tried on.
const (
	byPath  conf.Name = "paths"
	byRegex conf.Name = "regex"
)

// allHosts is the catch-all host in keys.
const allHosts = "*"

// hosts fills the tables.
func (r *rendering) hosts() {
	for i := range r.cfg.Servers {
		s := &r.cfg.Servers[i]
		if s.Host != "" {
			if err := conf.Host(s.Host).Check(); err != nil {
				r.refuse(diag.RenderRefused, s.From, "the host cannot be printed (%v); nothing leads to it", err)
				continue
			}
		}
		if err := r.host(s); err != nil {
			r.refuse(diag.RenderRefused, s.From, "the host cannot be printed (%v); it answers 503", err)
			r.closeHost(s)
		}
	}
}

// host adds a host to the tables, or nothing at all.
func (r *rendering) host(s *model.Server) error {
	if s.Regex {
		return r.regexHost(s)
	}
	for i := range s.Routes {
		if err := checkPath(s, &s.Routes[i].Match); err != nil {
			return err
		}
	}
	r.tables.hosts[site(s)] = byPath
	for i := range s.Routes {
		r.pathRoute(s, &s.Routes[i])
	}
	return nil
}

// closeHost makes every path of a host answer 503.
func (r *rendering) closeHost(s *model.Server) {
	r.tables.hosts[site(s)] = byPath
	r.tables.prefix[site(s)+"/"] = closedSection
}

func site(s *model.Server) string {
	if s.Host == "" {
		return allHosts
	}
	return s.Host
}

// checkPath reports why a path cannot be a key.
func checkPath(s *model.Server, m *model.PathMatch) error {
	switch {
	case m.Kind == model.PathRegex:
		return fmt.Errorf("a regular expression stands among plain paths")
	case !strings.HasPrefix(m.Path, "/"):
		return fmt.Errorf("a path does not begin with a slash")
	case len(site(s))+len(encodePath(m.Path))+1 > conf.MaxLine/2:
		return fmt.Errorf("a path is too long")
	}
	return nil
}

// pathRoute adds a route of a host without regular expressions. A prefix is two keys: the path itself, which an exact route for it
// takes away, and the path with a slash, which a prefix route for that takes away. Of two routes alike the first counts.
func (r *rendering) pathRoute(s *model.Server, route *model.Route) {
	name := r.lead(s, route)
	path := route.Match.Path
	key := site(s) + encodePath(path)
	switch {
	case route.Match.Kind == model.PathExact:
		if !named(s, model.PathExact, path, route) {
			r.tables.exact[key] = name
		}
	case strings.HasSuffix(path, "/"):
		if !named(s, model.PathPrefix, path, route) {
			r.tables.prefix[key] = name
		}
		bare := strings.TrimSuffix(path, "/")
		if route.SlashRedirect && !named(s, model.PathExact, bare, nil) && !named(s, model.PathPrefix, bare, nil) {
			r.tables.exact[site(s)+encodePath(bare)] = slashSection
		}
	case !named(s, model.PathPrefix, path, route):
		if !named(s, model.PathExact, path, nil) {
			r.tables.exact[key] = name
		}
		if !named(s, model.PathPrefix, path+"/", nil) {
			r.tables.prefix[key+"/"] = name
		}
	}
}

// thinOut leaves in exact only what the look-up in prefix would answer in another way: most paths are then looked up in one table, not
// in two of that size. That look-up finds the beginning "/a/" for the path "/a", too; where this is not meant, because only what is
// below counts, the table of whole paths says what is meant.
func (t *tables) thinOut() {
	for beginning, name := range t.prefix {
		whole := strings.TrimSuffix(beginning, "/")
		exact, there := t.exact[whole]
		switch {
		case there && exact == name:
			delete(t.exact, whole)
		case !there && strings.Contains(whole, "/"):
			if above, found := t.longest(whole); found {
				t.exact[whole] = above
			}
		}
	}
}

// longest returns what the longest beginning of a path leads to.
func (t *tables) longest(whole string) (conf.Name, bool) {
	for end := strings.LastIndexByte(whole, '/'); end >= 0; end = strings.LastIndexByte(whole[:end], '/') {
		if name, found := t.prefix[whole[:end+1]]; found {
			return name, true
		}
	}
	return "", false
}

// named reports whether a host has a route of a kind for just this path, in front of a given one.
func named(s *model.Server, kind model.PathKind, path string, before *model.Route) bool {
	for i := range s.Routes {
		route := &s.Routes[i]
		if route == before {
			return false
		}
		if route.Match.Kind == kind && route.Match.Path == path {
			return true
		}
	}
	return false
}

// encodePath writes a normalised path with odd bytes encoded, as the configuration does with that of a request.
func encodePath(path string) string {
	var b strings.Builder
	for i := range len(path) {
		if c := path[i]; c <= ' ' || c >= 0x7f || c == '%' || c == '?' || c == '#' {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// maps prints the tables. All of them are always there, so that what is in them changes nothing in the configuration itself.
func (r *rendering) maps() error {
	t := &r.tables
	t.thinOut()
	files := [][]entry{
		sorted(t.hosts), sorted(t.exact), sorted(t.prefix), t.regex, sorted(t.traffic), sorted(t.canaries), sorted(t.cookies),
		sorted(t.sessions), sorted(t.members), sorted(t.groups), sorted(t.fallbacks), sorted(t.secured),
	}
	for i, name := range mapNames {
		if err := r.print(r.target.lists, "maps/"+name+".map", name, files[i]); err != nil {
			return err
		}
	}
	return nil
}

func sorted[V conf.Name | string](table map[string]V) []entry {
	entries := make([]entry, 0, len(table))
	for _, key := range slices.Sorted(maps.Keys(table)) {
		entries = append(entries, entry{key, table[key]})
	}
	return entries
}
