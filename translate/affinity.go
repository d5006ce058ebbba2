package translate

import (
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/policy"
)

// placeholderKey stands in for the operator's secret where there is none: in renderings offline, which serve nobody.
var placeholderKey = model.Secret("headgate: this placeholder protects nothing")

// wantsAffinity reports whether an Ingress asks for a session cookie.
func (ing *ingress) wantsAffinity() bool {
	return ing.policy.Affinity.Sticky.V && !ing.isCanary()
}

// claimAffinity gives a backend the session affinity of the oldest Ingress that asks for one, with the cookie of the youngest: that is
// the one which clients of ingress-nginx hold.
func (t *translator) claimAffinity(b *backend, ing *ingress) {
	if !ing.wantsAffinity() {
		return
	}
	b.ClientAffinity = nil // an Ingress that chooses comes before the Service
	wanted := t.affinityOf(b, ing)
	if b.Affinity == nil {
		b.Affinity, b.affinityOwner = wanted, ing
		return
	}
	old := b.Affinity
	if old.Cookie != wanted.Cookie {
		t.reportCookieName(b, ing, wanted.Cookie)
		old.Cookie = wanted.Cookie
	}
	if old.Persistent == wanted.Persistent && old.ChangeOnFailure == wanted.ChangeOnFailure || b.reported[ing] {
		return
	}
	b.report(ing)
	t.diags.Add(about(diag.BackendConflict, ing, ing.policy.Affinity.Sticky.Origin,
		"the sessions of Service %s/%s port %s were fixed by %s, which is older; their mode and what a failure changes are taken from there",
		b.Namespace, b.Service, b.Port, b.affinityOwner.Ref()))
}

// reportCookieName says that an Ingress gives the cookie of a backend another name than older ones did.
func (t *translator) reportCookieName(b *backend, ing *ingress, name string) {
	at := ing.policy.Affinity.Sticky.Origin
	if cookie := ing.policy.Affinity.Cookie; cookie.Given {
		at = cookie.Origin
	}
	t.diags.Add(about(diag.BackendConflict, ing, at,
		"the session cookie of Service %s/%s port %s is called %s on all paths that lead there, as in ingress-nginx; older Ingresses call it %s",
		b.Namespace, b.Service, b.Port, name, b.Affinity.Cookie))
}

func (t *translator) affinityOf(b *backend, ing *ingress) *model.Affinity {
	asked := &ing.policy.Affinity
	return &model.Affinity{
		Cookie: asked.Cookie.V, Persistent: asked.Persistent.V, ChangeOnFailure: asked.ChangeOnFailure.V, Secret: t.affinitySecret(b.ID),
	}
}

// affinitySecret is different for each backend, so that the names of endpoints in cookies do not tell which backends share one.
func (t *translator) affinitySecret(backend string) model.Secret {
	key := t.settings.SessionKey
	if len(key) == 0 {
		key = placeholderKey
	}
	return model.Derive(key, "affinity", backend)
}

// session is how a route gives out the cookie, by the annotations of its own Ingress.
func (t *translator) session(e *entry) *model.SessionCookie {
	if e.ing == nil || e.service == nil || e.implicit || !e.ing.wantsAffinity() {
		return nil
	}
	asked := &e.ing.policy.Affinity
	return &model.SessionCookie{
		Path:            t.cookiePath(e),
		Expires:         ifGiven(asked.Expires),
		MaxAge:          ifGiven(asked.MaxAge),
		Domain:          asked.Domain.V,
		Secure:          asked.Secure.V,
		SameSite:        asked.SameSite.V,
		LenientSameSite: asked.LenientSameSite.V,
	}
}

func ifGiven(v policy.PerRoute[int]) *int {
	if !v.Given {
		return nil
	}
	return &v.V
}

// cookiePath is the Path attribute: the annotation, else the path of the rule. ingress-nginx takes the text of a regular expression
// too, which no request begins with, so that no browser ever sends the cookie back; here it is the literal beginning of it.
func (t *translator) cookiePath(e *entry) string {
	if asked := e.ing.policy.Affinity.Path; asked.Given && asked.V != "" {
		path := asked.V
		if !e.guest || path == e.path || strings.HasPrefix(path, strings.TrimSuffix(e.path, "/")+"/") {
			return path
		}
		t.diags.Add(about(diag.HostOwned, e.ing, asked.Origin,
			"%s is outside of the path %s, on a host that belongs to another namespace; the cookie is for the path of the rule", diag.Quote(path), diag.Quote(e.path)))
	}
	path := e.path
	if e.isRegex() {
		path = literalBeginning(path)
	}
	if !strings.ContainsAny(path, ";,\"\\ ") && isASCII(path) {
		return path
	}
	t.report(diag.CookiePath, &e.ing.Meta, e.from.Path+".path",
		"the path cannot stand in a cookie; the session cookie is for the path / (session-cookie-path sets another)")
	return "/"
}

// literalBeginning is the longest beginning of whole path elements that every path matching a pattern has.
func literalBeginning(pattern string) string {
	end := strings.IndexAny(pattern, `\^$.[]()*+?{}|`)
	if end < 0 {
		return pattern
	}
	literal, rest := pattern[:end], pattern[end:]
	switch {
	case hasAlternatives(pattern):
		return "/"
	case strings.HasPrefix(rest, "(/|$)"), strings.HasPrefix(rest, "$"):
		return literal
	case strings.ContainsAny(rest[:1], "*?{") && literal != "":
		literal = literal[:len(literal)-1] // the last character may be missing
	}
	return "/" + strings.TrimPrefix(literal[:strings.LastIndexByte(literal, '/')+1], "/")
}

// hasAlternatives reports whether a pattern has an alternation outside of its groups.
func hasAlternatives(pattern string) bool {
	depth, class := 0, false
	for i := 0; i < len(pattern); i++ {
		if class && pattern[i] != '\\' {
			class = pattern[i] != ']'
			continue
		}
		switch pattern[i] {
		case '\\':
			i++
		case '[':
			class = true
		case '(':
			depth++
		case ')':
			depth--
		case '|':
			if depth == 0 {
				return true
			}
		}
	}
	return false
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}
