package translate

import (
	"math/big"
	"slices"
	"strings"

	"github.com/headgate/headgate/configmap"
	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
)

// drawCookie keeps the place of a client in the draw by weight.
const drawCookie = "headgate_draw"

// canaryKeys are the annotations that have an effect only beside canary.
var canaryKeys = []configmap.Key{
	configmap.CanaryWeight, configmap.CanaryWeightTotal, configmap.CanaryWeightSticky, configmap.CanaryByHeader,
	configmap.CanaryByHeaderValue, configmap.CanaryByHeaderPattern, configmap.CanaryByCookie,
}

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
	if i := slices.IndexFunc(canaryKeys, ing.set.Has); i >= 0 {
		key := canaryKeys[i]
		t.diags.Add(diag.ValueWithoutEffect.At(ing.set.Pos(key), ing.Ref(), ing.set.FullKey(key),
			"it has no effect without canary: \"true\"; the Ingress is an ordinary one"))
	}
}

// ownCanaryKeys are the annotations that a canary has for itself; all others it takes from the Ingress that it stands beside.
var ownCanaryKeys = slices.Concat(canaryKeys, balanceKeys, []configmap.Key{
	configmap.Canary, configmap.AffinityCanaryBehavior, configmap.UpstreamHashBySubset, configmap.UpstreamHashBySubsetSize,
})

// checkInherited reports annotations of a canary that have no effect.
func (t *translator) checkInherited(ing *ingress) {
	for _, key := range ing.set.Keys() {
		if !slices.Contains(ownCanaryKeys, key) && key != configmap.IngressClass {
			t.diags.Add(diag.CanaryInherits.At(ing.set.Pos(key), ing.Ref(), ing.set.FullKey(key),
				"it has no effect on a canary, which takes it from the Ingress that it stands beside"))
		}
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
	sticky, _ := ing.set.Bool(configmap.CanaryWeightSticky)
	main.stickyDraw = main.stickyDraw || sticky
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
	b := model.Branch{Header: t.headerRule(ing, work)}
	b.Cookie, _ = ing.set.String(configmap.CanaryByCookie)
	b.Total, _ = ing.set.Int(configmap.CanaryWeightTotal)
	b.Weight, _ = ing.set.Int(configmap.CanaryWeight)
	b.Total = max(b.Total, 100)
	b.Weight = min(max(b.Weight, 0), b.Total)
	behavior, _ := ing.set.String(configmap.AffinityCanaryBehavior)
	b.Sessions = behavior != "legacy"
	return b
}

// headerRule reads the rule about a header. A pattern that cannot be used keeps requests with the header off the canary, as in
// ingress-nginx.
func (t *translator) headerRule(ing *ingress, work *model.HeaderBudget) *model.HeaderRule {
	name, ok := ing.set.String(configmap.CanaryByHeader)
	if !ok || name == "" {
		return nil
	}
	rule := &model.HeaderRule{Name: strings.ReplaceAll(strings.ToLower(name), "_", "-")}
	if !isHeaderName(rule.Name) {
		t.diags.Add(diag.ValueWithoutEffect.At(ing.set.Pos(configmap.CanaryByHeader), ing.Ref(), ing.set.FullKey(configmap.CanaryByHeader),
			"no request has a header of this name; there is no header rule"))
		return nil
	}
	if rule.Value, _ = ing.set.String(configmap.CanaryByHeaderValue); rule.Value != "" {
		return rule
	}
	rule.Pattern, _ = ing.set.String(configmap.CanaryByHeaderPattern)
	if rule.Pattern == "" {
		return rule
	}
	regex, err := t.readRegex(ing.Namespace, func() (*model.Regex, error) { return t.regexes.Header(rule.Pattern) })
	if err == nil {
		err = work.Add(regex)
	}
	if err != nil {
		rule.Pattern, rule.Broken = "", true
		t.diags.Add(diag.RegexRefused.At(ing.set.Pos(configmap.CanaryByHeaderPattern), ing.Ref(), ing.set.FullKey(configmap.CanaryByHeaderPattern),
			"the pattern cannot be used (%s); requests with the header %s do not go to the canary", err, name))
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
		canary.Affinity, canary.affinityOwner = &shared, main.affinityOwner
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
