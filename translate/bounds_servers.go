package translate

import (
	"cmp"
	"slices"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
)

// maxNamespaceServers is for the endpoints of a namespace, each counted once for everything that is done on the way to it: HAProxy has a
// section with all endpoints for each. HAProxy 2.6 needs 3 s and 0.6 GB for 100,000 of them.
const maxNamespaceServers = 200_000

// treatment is what makes two ways to a backend different sections.
type treatment struct {
	backend, fallback, limit string
	protocol                 model.Protocol
	status                   int
	redirect                 model.TLSRedirect
	elsewhere                model.Redirect
	rewrite                  model.Rewrite
	match                    model.PathMatch
	session                  bool
	bandwidth                model.Bandwidth
}

func treatmentOf(r *model.Route, backend string) treatment {
	t := treatment{backend: backend, fallback: r.Fallback, limit: r.Limit, protocol: r.Protocol, status: r.Status, session: r.Session != nil}
	if r.Redirect != nil {
		t.elsewhere, t.match = *r.Redirect, r.Match
	}
	if r.TLSRedirect != nil {
		t.redirect = *r.TLSRedirect
	}
	if r.Bandwidth != nil {
		t.bandwidth = *r.Bandwidth
	}
	if r.Rewrite != nil {
		t.rewrite, t.match = *r.Rewrite, r.Match
	}
	return t
}

// boundServers closes the routes with which a namespace would have too many servers, those of the newest Ingress first.
func (t *translator) boundServers() {
	age := make(map[diag.Ref]int, len(t.ingresses))
	for i, ing := range t.ingresses {
		age[ing.Ref()] = i
	}
	var routes []*model.Route
	for _, s := range t.servers {
		for i := range s.routes {
			if r := &s.routes[i]; r.Closed == "" && r.Backend != "" && r.Source.Namespace != "" {
				routes = append(routes, r)
			}
		}
	}
	slices.SortStableFunc(routes, func(a, b *model.Route) int { return cmp.Compare(age[a.From.Ref], age[b.From.Ref]) })
	known, servers := map[treatment]bool{}, map[string]int{}
	for _, r := range routes {
		n, ways := t.newServers(r, known)
		if servers[r.Source.Namespace]+n <= maxNamespaceServers {
			servers[r.Source.Namespace] += n
			for _, way := range ways {
				known[way] = true
			}
			continue
		}
		r.Closed = "its namespace has too many endpoints, each counted once for everything that is done on the way to it"
		t.diags.Add(diag.EndpointsBound.At(r.From.Pos, r.From.Ref, r.From.Path,
			"%d endpoints, with what is done on the way to them, would be more than the %d that namespace %s may have; the path answers 503",
			n, maxNamespaceServers, r.Source.Namespace))
	}
}

// newServers counts the servers that a route adds to those that are known, and lists its ways to them.
func (t *translator) newServers(r *model.Route, known map[treatment]bool) (sum int, ways []treatment) {
	backends := []string{r.Backend}
	if r.Split != nil {
		for i := range r.Split.Branches {
			backends = append(backends, r.Split.Branches[i].Backend)
		}
	}
	for _, id := range backends {
		way := treatmentOf(r, id)
		if b := t.backends[id]; b != nil && !known[way] {
			ways = append(ways, way)
			sum += len(b.endpoints.Members)
		}
	}
	return sum, ways
}
