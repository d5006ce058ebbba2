package configmap

import (
	"github.com/headgate/headgate/policy"
)

var affinityAnnotations = group("affinity",
	Spec{Key: Affinity, Type: Enum, Values: []string{"cookie"}, Scope: ScopeBackend, Obeyed: true,
		Doc: "Binds a client to one endpoint by a cookie. It switches on everything else of this group and comes before hashing and load-balance."},
	Spec{Key: AffinityMode, Type: Enum, Values: []string{"balanced", "persistent"}, Default: "balanced", Scope: ScopeBackend, Risk: Medium, Obeyed: true,
		Targets: Targets{Nginx: Support{Level: Partial, Reason: "before 1.29.6, a backend with more than 20 endpoints is balanced"}, HAProxy: Support{Level: Full}},
		Doc:     "With balanced, some clients move when the number of endpoints changes; with persistent, a client moves only when its endpoint is gone."},
	Spec{Key: AffinityCanaryBehavior, Type: Enum, Values: []string{"sticky", "legacy"}, Default: "sticky", Scope: ScopeIngress, Obeyed: true,
		Doc: "On a canary Ingress: whether a client stays on the side, main or canary, that served it first. With legacy the canary sets no cookie."},
	Spec{Key: SessionCookieName, Type: String, Pattern: plain, Default: "INGRESSCOOKIE", Scope: ScopeBackend, Risk: Medium, Obeyed: true,
		Doc: "Names the cookie."},
	Spec{Key: SessionCookieSecure, Type: Bool, Obeyed: true,
		Doc: "Marks the cookie Secure on every answer. Not written, or false, it is marked on answers over TLS only."},
	Spec{Key: SessionCookieExpires, Type: Int, Risk: Medium, Obeyed: true,
		Targets: Targets{Nginx: Support{Level: Partial, Reason: "in whole days, 365 at most; Max-Age beside it is exact"}, HAProxy: Support{Level: Full}},
		Doc:     "Sets the Expires attribute to this many seconds from now. Without it the cookie lasts as long as the browser session."},
	Spec{Key: SessionCookieMaxAge, Type: Int, Risk: Medium, Obeyed: true,
		Doc: "Sets the Max-Age attribute, in seconds."},
	Spec{Key: SessionCookiePath, Type: String, Pattern: urlChars, Risk: Medium, Obeyed: true,
		Doc: "Sets the Path attribute. Without it the path of the rule is used, which is of little use where that is a regular expression."},
	Spec{Key: SessionCookieDomain, Type: String, Pattern: plain, Risk: Medium, Obeyed: true,
		Doc: "Sets the Domain attribute."},
	Spec{Key: SessionCookieSameSite, Type: Enum, Values: []string{"None", "Lax", "Strict"}, FoldCase: true, Obeyed: true,
		Doc: "Sets the SameSite attribute. Any capitals are taken and printed in the usual form, where ingress-nginx prints nothing unless they are exact."},
	Spec{Key: SessionCookieConditionalSameSiteNone, Type: Bool, Default: "false", Obeyed: true,
		Doc: "Leaves SameSite=None out for those old browsers that misread it."},
	Spec{Key: SessionCookieChangeOnFailure, Type: Bool, Default: "false", Scope: ScopeBackend, Obeyed: true,
		Targets: Targets{Nginx: Support{Level: Partial, Reason: "without it the cookie stays, but nginx still asks another endpoint for the request that failed"},
			HAProxy: Support{Level: Partial, Reason: "without it the cookie stays, but HAProxy still asks another endpoint for the request that failed; with it sessions are persistent in both modes"}},
		Doc: "Lets a request that failed be tried on another endpoint, with a new cookie for it, instead of on the same one."},
)

func readAffinity(f fields) policy.Affinity {
	return policy.Affinity{
		Sticky:          policy.PerBackend[bool]{Value: as(value(f, Affinity), func(kind string) bool { return kind == "cookie" })},
		Persistent:      policy.PerBackend[bool]{Value: as(value(f, AffinityMode), func(mode string) bool { return mode == "persistent" })},
		ChangeOnFailure: perBackend(f, SessionCookieChangeOnFailure),
		Cookie:          perBackend(f, SessionCookieName),
		Expires:         perRoute(f, SessionCookieExpires),
		MaxAge:          perRoute(f, SessionCookieMaxAge),
		Domain:          perRoute(f, SessionCookieDomain),
		Path:            perRoute(f, SessionCookiePath),
		SameSite:        perRoute(f, SessionCookieSameSite),
		Secure:          perRoute(f, SessionCookieSecure),
		LenientSameSite: perRoute(f, SessionCookieConditionalSameSiteNone),
	}
}
