package translate

import (
	"math/big"
	"slices"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
)

// drawCookie keeps the place of a client in the draw by weight.
const drawCookie = "headgate_draw"

// addCanaries hangs the paths of canary Ingresses on the paths that other Ingresses have for the same host, path and path type, and on
// nothing else, oldest canary first.
func (t *translator) addCanaries() {
	for _, ing := range t.ingresses {
		if ing.refused {
			continue // its requests stay with the paths that it stood beside
		}
		if !ing.isCanary() {
			t.checkCanaryKeys(ing)
			continue
		}
		t.checkInherited(ing)
		if len(ing.Rules) == 0 {
			t.report(diag.CanaryIgnored, &ing.Meta, "spec", "a canary needs rules with the hosts and paths that it stands beside; the Ingress is ignored")
		}
		for i, rule := range ing.Rules {
			for j := range rule.Paths {
				t.addCanary(ing, i, j)
			}
		}
	}
}

// checkCanaryKeys reports canary settings on an Ingress that is no canary.
func (t *translator) checkCanaryKeys(ing *ingress) {
	if says := ing.policy.Canary.Says(); len(says) > 0 {
		t.diags.Add(about(diag.ValueWithoutEffect, ing, says[0], "it has no effect without %s: \"true\"; the Ingress is an ordinary one",
			ing.policy.Canary.Enabled.Name))
	}
}

// checkInherited reports annotations of a canary that have no effect.
func (t *translator) checkInherited(ing *ingress) {
	for _, origin := range ing.policy.Inherited() {
		t.diags.Add(about(diag.CanaryInherits, ing, origin, "it has no effect on a canary, which takes it from the Ingress that it stands beside"))
	}
}

func (t *translator) addCanary(ing *ingress, i, j int) {
	p := &ing.Rules[i].Paths[j]
	at := pathPath(i, j)
	if p.Backend.Service == "" {
		t.report(diag.ResourceBackend, &ing.Meta, at+".backend", "only Services can be backends; the path is ignored")
		return
	}
	main := t.canaryMain(strings.ToLower(ing.Rules[i].Host), p)
	if main == nil {
		t.report(diag.CanaryIgnored, &ing.Meta, at, "no other Ingress has host %s with %s path %s; the canary has no effect there",
			hostText(strings.ToLower(ing.Rules[i].Host)), kindOf(p), diag.Quote(pathOf(p)))
		return
	}
	if main.ing.Namespace != ing.Namespace {
		t.report(diag.HostOwned, &ing.Meta, at, "%s %s of host %s belongs to namespace %s (%s), and a canary has to be of the same namespace; it gets no requests",
			main.kind, diag.Quote(main.path), hostText(strings.ToLower(ing.Rules[i].Host)), main.ing.Namespace, main.ing.Ref())
		return
	}
	id := model.ID(ing.Namespace, p.Backend.Service, portText(p.Backend.Port))
	if id == main.backend {
		t.report(diag.CanaryIgnored, &ing.Meta, at+".backend", "the canary leads to the Service and port that %s leads to already; it has no effect there",
			main.ing.Ref())
		return
	}
	if !t.admitCanary(main, ing, at) {
		return
	}
	branch := t.branch(ing, &main.headerWork)
	branch.Backend = t.backendFor(ing, &p.Backend, at+".backend")
	branch.From = origin(&ing.Meta, at)
	main.branches = append(main.branches, branch)
	main.stickyDraw = main.stickyDraw || ing.policy.Canary.StickyDraw.V
}

// canaryMain finds the path that a canary stands beside. A path that every host has without a rule is none.
func (t *translator) canaryMain(host string, p *manifest.IngressPath) *entry {
	s := t.hosts[host]
	if s == nil {
		return nil
	}
	i := slices.IndexFunc(s.entries, func(e *entry) bool { return e.path == pathOf(p) && e.kind == kindOf(p) && !e.implicit && e.ing != nil })
	if i < 0 {
		return nil
	}
	return s.entries[i]
}

// pathOf and kindOf are what a path of a rule says, with the defaults.
func pathOf(p *manifest.IngressPath) string {
	if p.Path == "" {
		return "/"
	}
	return p.Path
}

func kindOf(p *manifest.IngressPath) model.PathKind {
	if p.PathType == manifest.PathExact {
		return model.PathExact
	}
	return model.PathPrefix
}

// branch reads the rules of a canary.
func (t *translator) branch(ing *ingress, work *model.HeaderBudget) model.Branch {
	asked := &ing.policy.Canary
	b := model.Branch{Header: t.headerRule(ing, work), Cookie: asked.Cookie.V, Sessions: asked.KeepSessions.V}
	b.Total = max(asked.Total.V, 100)
	b.Weight = min(max(asked.Weight.V, 0), b.Total)
	return b
}

// headerRule reads the rule about a header. A pattern that cannot be used keeps requests with the header off the canary, as in
// ingress-nginx.
func (t *translator) headerRule(ing *ingress, work *model.HeaderBudget) *model.HeaderRule {
	header := ing.policy.Canary.Header
	if header.V == "" {
		return nil
	}
	rule := &model.HeaderRule{Name: strings.ReplaceAll(strings.ToLower(header.V), "_", "-")}
	if !isHeaderName(rule.Name) {
		t.diags.Add(about(diag.ValueWithoutEffect, ing, header.Origin, "no request has a header of this name; there is no header rule"))
		return nil
	}
	if rule.Value = ing.policy.Canary.Value.V; rule.Value != "" {
		return rule
	}
	rule.Pattern = ing.policy.Canary.Pattern.V
	if rule.Pattern == "" {
		return rule
	}
	regex, err := t.readRegex(ing.Namespace, func() (*model.Regex, error) { return t.regexes.Header(rule.Pattern) })
	if err == nil {
		err = work.Add(regex)
	}
	if err != nil {
		rule.Pattern, rule.Broken = "", true
		t.diags.Add(about(diag.RegexRefused, ing, ing.policy.Canary.Pattern.Origin,
			"the pattern cannot be used (%s); requests with the header %s do not go to the canary", err, header.V))
	}
	return rule
}

func isHeaderName(name string) bool {
	return name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// split finishes what canaries have hung on a path.
func (t *translator) split(e *entry) *model.Split {
	if len(e.branches) == 0 {
		return nil
	}
	s := &model.Split{Branches: slices.Clone(e.branches)}
	if e.stickyDraw {
		s.Draw = drawCookie
	}
	main := t.backends[e.backend]
	s.KeepsSessions = main.Affinity != nil
	left := big.NewRat(1, 1)
	for i := range s.Branches {
		b := &s.Branches[i]
		t.fitWeight(b, left)
		b.Sessions = b.Sessions && main.Affinity != nil && t.shareAffinity(main, t.backends[b.Backend], b)
	}
	return s
}

// fitWeight cuts the share of a branch down to what older ones have left.
func (t *translator) fitWeight(b *model.Branch, left *big.Rat) {
	share := big.NewRat(int64(b.Weight), int64(b.Total))
	if share.Cmp(left) > 0 {
		t.diags.Add(diag.CanaryShare.At(b.From.Pos, b.From.Ref, b.From.Path,
			"older canaries of the path leave less than %d of %d; this one gets what is left", b.Weight, b.Total))
		share.Set(left)
		b.Weight, b.Total = fraction(left)
	}
	left.Sub(left, share)
}

// maxTotal keeps numbers within what every proxy takes.
const maxTotal = 1 << 30

// fraction is a number from 0 to 1 as two integers.
func fraction(r *big.Rat) (part, whole int) {
	if r.Denom().IsInt64() && r.Denom().Int64() <= maxTotal {
		return int(r.Num().Int64()), int(r.Denom().Int64())
	}
	f, _ := r.Float64()
	return int(f * maxTotal), maxTotal
}

// shareAffinity gives the backend of a canary the session affinity of the main one. It reports false if the backend has an affinity of
// its own, from Ingresses that lead to it directly, with another cookie.
func (t *translator) shareAffinity(main, canary *backend, b *model.Branch) bool {
	if canary.Affinity == nil {
		shared := *main.Affinity
		shared.Secret = t.affinitySecret(canary.ID)
		canary.Affinity, canary.affinityOwner, canary.ClientAffinity = &shared, main.affinityOwner, nil
		return true
	}
	if canary.Affinity.Cookie == main.Affinity.Cookie {
		return true
	}
	t.diags.Add(diag.BackendConflict.At(b.From.Pos, b.From.Ref, b.From.Path,
		"Service %s/%s has a session cookie of its own by %s; the canary takes no part in that of the path", canary.Namespace, canary.Service,
		canary.affinityOwner.Ref()))
	return false
}
