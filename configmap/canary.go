package configmap

import (
	"github.com/headgate/headgate/policy"
)

var canaryAnnotations = group("canary",
	Spec{Key: Canary, Type: Bool, Default: "false", Scope: ScopeIngress, Obeyed: true,
		Doc: "Makes the Ingress an alternative for the one that has the same host, path and path type. The other keys of the group count only with it."},
	Spec{Key: CanaryWeight, Type: Int, Default: "0", Scope: ScopeIngress, Obeyed: true,
		Targets: Targets{Nginx: Support{Level: Partial, Reason: "shares are rounded to 0.01 percent"}, HAProxy: Support{Level: Full}},
		Doc:     "Gives the canary this share of canary-weight-total of those requests that neither header nor cookie decided."},
	Spec{Key: CanaryWeightTotal, Type: Int, Min: 100, Max: maxInt, Clamp: true, Default: "100", Scope: ScopeIngress, Obeyed: true,
		Targets: Targets{Nginx: Support{Level: Partial, Reason: "shares are rounded to 0.01 percent"}, HAProxy: Support{Level: Full}},
		Doc:     "Is what canary-weight is a share of; 100 at least."},
	Spec{Key: CanaryWeightSticky, Type: Bool, Default: "false", Scope: ScopeIngress, Obeyed: true,
		Doc: "Keeps a client on the side that the weight drew for it, by a cookie headgate_draw; a weight that grows only brings clients in. Headgate's own: ingress-nginx draws for every request."},
	Spec{Key: CanaryByHeader, Type: String, Pattern: plain, Scope: ScopeIngress, Risk: Medium, Obeyed: true,
		Doc: "Names a request header that decides: always goes to the canary, never does not, anything else is left to cookie and weight."},
	Spec{Key: CanaryByHeaderValue, Type: String, Pattern: plain, Scope: ScopeIngress, Risk: Medium, Obeyed: true,
		Doc: "Is the one value of that header that goes to the canary, in place of always and never."},
	Spec{Key: CanaryByHeaderPattern, Type: String, Pattern: regexText, Scope: ScopeIngress, Risk: Medium, Obeyed: true,
		Doc: "Is a regular expression for values of that header that go to the canary, in place of always and never. It is not looked at beside canary-by-header-value. A pattern that is no expression, or that may take long to match, keeps every request with the header off the canary."},
	Spec{Key: CanaryByCookie, Type: String, Pattern: plain, Scope: ScopeIngress, Risk: Medium, Obeyed: true,
		Doc: "Names a cookie that decides as canary-by-header does, after the header and before the weight."},
)

func readCanary(f fields) policy.Canary {
	return policy.Canary{
		Enabled:      perIngress(f, Canary),
		Weight:       perIngress(f, CanaryWeight),
		Total:        perIngress(f, CanaryWeightTotal),
		StickyDraw:   perIngress(f, CanaryWeightSticky),
		Header:       perIngress(f, CanaryByHeader),
		Value:        perIngress(f, CanaryByHeaderValue),
		Pattern:      perIngress(f, CanaryByHeaderPattern),
		Cookie:       perIngress(f, CanaryByCookie),
		KeepSessions: policy.PerIngress[bool]{Value: as(value(f, AffinityCanaryBehavior), func(word string) bool { return word != "legacy" })},
	}
}
