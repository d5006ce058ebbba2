package translate

import (
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/policy"
)

// Bounds on what one object, or one namespace, can make of the output: a proxy reads all of it before anybody's change is served. They
// are far above what is sane, and stand in docs/bounds.md with the figures behind them. What exceeds one is refused as a whole, closed
// rather than cut short, and everything else goes on. Regular expressions have bounds of their own; see [model.RegexBudget].
const (
	// maxMembers is for one Service port, maxNamespaceMembers for all of a namespace. HAProxy 2.6 reads 10,000 servers of one section in
	// 1.2 s, and needs four times as long for twice as many.
	maxMembers          = 10_000
	maxNamespaceMembers = 100_000
	// maxPlaces is for the rules and paths of one Ingress, maxNamespacePlaces for all of a namespace. A path takes nginx 10 to 12 KB.
	maxPlaces          = 5_000
	maxNamespacePlaces = 100_000
	// maxCanaries is for one path, maxCanaryNames for the headers and cookies that the canaries of a namespace go by. HAProxy has a rule
	// for each pair of a place among the canaries of a path and a name.
	maxCanaries    = 10
	maxCanaryNames = 40
	// maxNamespaceLimits is for the Ingresses of a namespace with limits on requests. Each is up to three zones of nginx, of which it sets
	// up 3,000 in 1 s and 20,000 in 13 s.
	maxNamespaceLimits = 1_000
	// maxNamespaceEffort is for working out what the regular expressions of a namespace can cost, at every change of anything: about 1 s.
	// A usual one is 20 to 4,000 steps of that, and none if it ends like another one of the input.
	maxNamespaceEffort = 2_000_000
	// maxStreams is for all TCP ports and for all UDP ports, maxNamespaceStreams for those that the Services of a namespace open. Every
	// worker of a proxy holds a socket for each.
	maxStreams          = 2_000
	maxNamespaceStreams = 200
)

// counts is what namespaces have used of their bounds.
type counts struct {
	members, places, limits, effort map[string]int
	names                           map[string]map[string]bool
	streams                         map[portsOf]int
}

// portsOf are the ports of a protocol that one namespace has opened, or, without a namespace, all.
type portsOf struct {
	protocol  model.Transport
	namespace string
}

func newCounts() counts {
	return counts{
		members: map[string]int{}, places: map[string]int{}, limits: map[string]int{}, effort: map[string]int{},
		names: map[string]map[string]bool{}, streams: map[portsOf]int{},
	}
}

// countMembers counts the ready addresses of a Service port times the ports that they serve.
func (t *translator) countMembers(svc *manifest.Service, sp *manifest.ServicePort) int {
	sum := 0
	for _, slice := range t.snap.SlicesOf(svc.Namespace, svc.Name) {
		addresses := 0
		for i := range slice.Endpoints {
			if e := &slice.Endpoints[i]; e.Ready && slice.AddressType != "FQDN" {
				addresses += len(e.Addresses)
			}
		}
		sum += addresses * len(slicePorts(slice, sp))
	}
	return sum
}

// admitMembers reports whether a Service port may have so many endpoints.
func (t *translator) admitMembers(svc *manifest.Service, sp *manifest.ServicePort) bool {
	n := t.countMembers(svc, sp)
	used := t.counts.members[svc.Namespace]
	switch {
	case n > maxMembers:
		t.report(diag.EndpointsBound, &svc.Meta, "spec.ports", "port %s has %d endpoints (addresses times ports), more than %d; it is treated as one without endpoints",
			servicePortText(sp), n, maxMembers)
		return false
	case used+n > maxNamespaceMembers:
		t.report(diag.EndpointsBound, &svc.Meta, "spec.ports", "with the %d endpoints of port %s, namespace %s would have more than %d that routes lead to; "+
			"the port is treated as one without endpoints", n, servicePortText(sp), svc.Namespace, maxNamespaceMembers)
		return false
	}
	t.counts.members[svc.Namespace] = used + n
	return true
}

func servicePortText(sp *manifest.ServicePort) string {
	if sp.Name != "" {
		return sp.Name
	}
	return itoa(int(sp.Port))
}

// placesIn counts rules and paths.
func placesIn(ing *manifest.Ingress) int {
	sum := len(ing.Rules)
	for i := range ing.Rules {
		sum += len(ing.Rules[i].Paths)
	}
	return sum
}

// tooManyPlaces reports an Ingress that has too many rules and paths.
func (t *translator) tooManyPlaces(ing *manifest.Ingress) bool {
	n := placesIn(ing)
	if n <= maxPlaces {
		return false
	}
	t.report(diag.SizeBound, &ing.Meta, "spec.rules", "the Ingress has %d rules and paths, more than %d; it is refused, the first %d answer 503 and the others "+
		"have no place at all", n, maxPlaces, maxPlaces)
	return true
}

// cutPlaces leaves as many rules and paths as an Ingress may have.
func cutPlaces(ing *manifest.Ingress) *manifest.Ingress {
	cut, left := *ing, maxPlaces
	cut.Rules = nil
	for _, rule := range ing.Rules {
		if left--; left < 0 {
			break
		}
		if len(rule.Paths) > left {
			rule.Paths = rule.Paths[:left]
		}
		left -= len(rule.Paths)
		cut.Rules = append(cut.Rules, rule)
	}
	return &cut
}

// admitPlaces drops the newest Ingresses of namespaces that have too many rules and paths in all.
func (t *translator) admitPlaces() {
	kept := t.ingresses[:0]
	for _, ing := range t.ingresses {
		n := placesIn(ing.Ingress)
		used := t.counts.places[ing.Namespace]
		if used+n > maxNamespacePlaces {
			t.report(diag.SizeBound, &ing.Meta, "spec.rules", "with its %d rules and paths, namespace %s would have more than %d; the Ingress is ignored",
				n, ing.Namespace, maxNamespacePlaces)
			continue
		}
		t.counts.places[ing.Namespace] = used + n
		kept = append(kept, ing)
	}
	t.ingresses = kept
}

// admitCanary reports whether a path may have one more canary, with the header and the cookie that it goes by.
func (t *translator) admitCanary(main *entry, ing *ingress, at string) bool {
	if len(main.branches) >= maxCanaries {
		t.report(diag.CanariesBound, &ing.Meta, at, "the path has %d older canaries already; this one gets no requests", maxCanaries)
		return false
	}
	names := t.counts.names[ing.Namespace]
	if names == nil {
		names = map[string]bool{}
		t.counts.names[ing.Namespace] = names
	}
	for _, by := range []policy.PerIngress[string]{ing.policy.Canary.Header, ing.policy.Canary.Cookie} {
		name := by.Name + " " + strings.ToLower(by.V)
		if !by.Given || names[name] {
			continue
		}
		if len(names) >= maxCanaryNames {
			t.report(diag.CanariesBound, &ing.Meta, at, "the canaries of namespace %s go by %d headers and cookies already; this one gets no requests",
				ing.Namespace, maxCanaryNames)
			return false
		}
		names[name] = true
	}
	return true
}

// admitLimit reports whether a namespace may have one more Ingress with limits.
func (t *translator) admitLimit(ing *ingress) bool {
	if t.counts.limits[ing.Namespace] >= maxNamespaceLimits {
		t.report(diag.SizeBound, &ing.Meta, "metadata.annotations", "namespace %s has %d Ingresses with limits on requests already; the paths of this one answer 503",
			ing.Namespace, maxNamespaceLimits)
		return false
	}
	t.counts.limits[ing.Namespace]++
	return true
}

// admitPort reports whether one more port may be opened.
func (t *translator) admitPort(r *portRequest) bool {
	all, own := portsOf{protocol: r.protocol}, portsOf{r.protocol, r.ref.Namespace}
	fromService := r.ref.Kind == "Service"
	switch {
	case t.counts.streams[all] >= maxStreams:
		t.refusePort(r, diag.PortsBound, "before %s port %d, %d are open already", r.protocol, r.Port, maxStreams)
		return false
	case fromService && t.counts.streams[own] >= maxNamespaceStreams:
		t.refusePort(r, diag.PortsBound, "before %s port %d, the Services of namespace %s have opened %d already", r.protocol, r.Port, r.ref.Namespace, maxNamespaceStreams)
		return false
	}
	t.counts.streams[all]++
	if fromService {
		t.counts.streams[own]++
	}
	return true
}
