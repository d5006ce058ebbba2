package translate

import (
	"slices"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
)

// A host belongs to the namespace of its oldest Ingress. What concerns the host as a whole is for Ingresses of that namespace to say:
//
//	                                the owner's Ingresses   those of other namespaces (guests)
//	certificate, redirect to https  decide                  redirect on their own paths only
//	ssl-passthrough                 decide                  refused
//	use-regex, rewrite-target       for all paths           refused, unless an Ingress of the owner has made the host one of
//	                                                        regular expressions
//	canary                          of a path of its own    of a path of its own
//	further paths                   yes                     yes, or not with StrictHosts
//
// A refused Ingress counts: a mistake in its annotations must not hand its hosts to others.

// findOwners finds the oldest Ingress of each host.
func (t *translator) findOwners() {
	t.owners = map[string]*ingress{}
	for _, ing := range t.ingresses {
		if ing.isCanary() {
			continue
		}
		if ing.isCatchAllDefault() && t.owners[""] == nil {
			t.owners[""] = ing
		}
		for i := range ing.Rules {
			host := strings.ToLower(ing.Rules[i].Host)
			if (host == "" || validHost(host)) && t.owners[host] == nil {
				t.owners[host] = ing
			}
		}
	}
}

// isCatchAllDefault reports whether the Ingress only gives all hosts their default backend.
func (ing *ingress) isCatchAllDefault() bool { return ing.DefaultBackend != nil && len(ing.Rules) == 0 }

// isGuest reports whether a host belongs to another namespace than that of an Ingress.
func (t *translator) isGuest(host string, ing *ingress) bool {
	owner := t.owners[host]
	return owner != nil && owner.Namespace != ing.Namespace
}

// belongs says in messages whose a host is.
func (t *translator) belongs(host string) string {
	owner := t.owners[host]
	return "host " + hostText(host) + " belongs to namespace " + owner.Namespace + " (" + owner.Ref().String() + " is its oldest)"
}

// hostRule is the JSON path of the rule by which an Ingress names a host.
func (ing *ingress) hostRule(host string) string {
	i := slices.IndexFunc(ing.Rules, func(r manifest.IngressRule) bool { return strings.EqualFold(r.Host, host) })
	if i < 0 {
		return "spec.defaultBackend"
	}
	return rulePath(i)
}

// admits reports whether a host may have a path of an Ingress at all.
func (t *translator) admits(s *server, e *entry) bool {
	if !e.guest || !t.settings.StrictHosts {
		return true
	}
	if !e.isClosed() {
		t.report(diag.HostPathRefused, &e.ing.Meta, e.from.Path, "%s; --strict-host-ownership takes no paths of other namespaces, and %s is ignored",
			t.belongs(s.host), diag.Quote(e.path))
	}
	return false
}

// overlapped finds an older path of another namespace that a guest's path has the same text as, with another path type. ingress-nginx's
// admission refuses such a path; without this rule an Exact path would take the requests for the very path of a Prefix.
func (s *server) overlapped(e *entry) *entry {
	if !e.guest {
		return nil
	}
	text := strings.TrimSuffix(e.path, "/")
	for _, o := range s.entries {
		if !o.implicit && o.ing != nil && o.ing.Namespace != e.ing.Namespace && o.kind == model.PathPrefix && strings.TrimSuffix(o.path, "/") == text {
			return o
		}
	}
	return nil
}

// settleGuests decides what becomes of the paths of other namespaces that ask for regular expressions, and tells both sides of the rest.
func (t *translator) settleGuests(s *server) {
	regex := slices.ContainsFunc(s.entries, func(e *entry) bool { return !e.guest && e.isRegex() })
	for _, e := range slices.Clone(s.entries) {
		if e.guest && !regex && e.isRegex() {
			t.refuseRegex(s, e)
		}
	}
	for _, e := range slices.Clone(s.entries) {
		if e.isMisread() {
			t.closeMisread(s, e)
		}
	}
	t.reportGuests(s)
}

// refuseRegex takes the regular expression off a guest's path of a plain host. A path without any special character stays, compared as
// it is written; of any other a closed place is left, where that is one.
func (t *translator) refuseRegex(s *server, e *entry) {
	asked := e.ing.policy.Rewrite.Regex.Origin
	if e.rewriteTarget() != "" {
		asked = e.ing.policy.Rewrite.Target.Origin
	}
	written := diag.Quote(e.path)
	outcome := "the path " + written + " is compared as it is written"
	if e.rewriteTarget() != "" || !isLiteral(e.path) {
		outcome = "the path " + written + " is ignored"
		if s.closePlain(e, "its host belongs to another namespace and has no regular expressions") {
			outcome = "the path " + written + " answers 503"
		}
	}
	e.literal = true
	if !e.ing.refused {
		t.diags.Add(about(diag.HostRegexRefused, e.ing, asked,
			"%s and has no regular expressions; one here would change how all its paths are compared; %s", t.belongs(s.host), outcome))
	}
}

// closePlain leaves a closed place on a plain host of a regular expression, and reports whether it could. It never closes more of the
// paths of other namespaces than the pattern could have found; of the own wider paths it may.
func (s *server) closePlain(e *entry, reason string) bool {
	e.close(reason)
	place, exact := plainPlace(e.path)
	s.remove(e)
	if place == "" {
		return false
	}
	if !exact {
		if wider := s.receiver(place); wider == nil || wider.ing == nil || wider.ing.Namespace != e.ing.Namespace {
			return false
		} else if wider.path == place {
			wider.close(e.closed)
			return true
		}
	}
	e.path, e.kind = place, model.PathPrefix
	if _, taken := s.owned[e.match()]; taken {
		return false
	}
	s.add(e)
	return true
}

// receiver is the entry that gets the requests below a path, if nothing closer is there.
func (s *server) receiver(path string) *entry {
	var found *entry
	for _, e := range s.entries {
		below := e.path == path || strings.HasPrefix(path, strings.TrimSuffix(e.path, "/")+"/")
		if e.kind == model.PathPrefix && below && (found == nil || len(e.path) > len(found.path)) {
			found = e
		}
	}
	return found
}

// remove takes an entry out.
func (s *server) remove(e *entry) {
	s.entries = slices.DeleteFunc(s.entries, func(o *entry) bool { return o == e })
	s.index()
}

// index finds the entries anew after their paths have changed.
func (s *server) index() {
	clear(s.owned)
	for i, e := range s.entries {
		s.owned[e.match()] = i
	}
}

// maxListed bounds how many paths a message lists.
const maxListed = 5

// reportGuests tells the owner of a host and those who have further paths on it of each other.
func (t *translator) reportGuests(s *server) {
	var order []string
	guests := map[string][]*entry{}
	told := map[*ingress]bool{}
	for _, e := range s.entries {
		if !e.guest || e.isClosed() {
			continue
		}
		if !told[e.ing] {
			told[e.ing] = true
			t.report(diag.HostShared, &e.ing.Meta, e.from.Path, "%s; paths of this Ingress are served beside its own, and what concerns the whole host is decided there",
				t.belongs(s.host))
		}
		if guests[e.ing.Namespace] == nil {
			order = append(order, e.ing.Namespace)
		}
		guests[e.ing.Namespace] = append(guests[e.ing.Namespace], e)
	}
	owner := t.owners[s.host]
	for _, namespace := range order {
		t.report(diag.HostShared, &owner.Meta, owner.hostRule(s.host), "host %s belongs to this namespace, and namespace %s (%s) has further paths on it: %s",
			hostText(s.host), namespace, guests[namespace][0].ing.Ref(), listPaths(guests[namespace]))
	}
}

func listPaths(entries []*entry) string {
	var list []string
	for _, e := range entries {
		if text := diag.Quote(e.path); !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	if more := len(list) - maxListed; more > 0 {
		list = append(list[:maxListed], itoa(more)+" more")
	}
	return strings.Join(list, ", ")
}

// reportRegex tells other Ingresses of a host that one has made regular expressions of their paths.
func (t *translator) reportRegex(s *server) {
	var cause *ingress
	own := map[*ingress]bool{}
	for _, e := range s.entries {
		if e.isRegex() {
			own[e.ing] = true
			if cause == nil || olderFirst(e.ing, cause) < 0 {
				cause = e.ing
			}
		}
	}
	for _, e := range s.entries {
		if e.ing == nil || e.implicit || e.isClosed() || own[e.ing] || e.kind == model.PathPrefix && e.path == "/" {
			continue
		}
		own[e.ing] = true
		d := diag.HostRegex.At(e.ing.Pos(e.from.Path), e.ing.Ref(), e.from.Path,
			"%s makes regular expressions of all paths of host %s: those of this Ingress are compared without regard to case, and %s matches all that begins with it",
			cause.Ref(), hostText(s.host), diag.Quote(e.path))
		if e.ing.Namespace != cause.Namespace {
			d.Severity = diag.Warning
		}
		t.diags.Add(d)
	}
}
