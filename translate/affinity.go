package translate

import (
	"strings"

	"github.com/headgate/headgate/configmap"
	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
)

// placeholderKey stands in for the operator's secret where there is none: in renderings offline, which serve nobody.
var placeholderKey = model.Secret("headgate: this placeholder protects nothing")

// wantsAffinity reports whether an Ingress asks for a session cookie.
func (ing *ingress) wantsAffinity() bool {
	kind, _ := ing.set.String(configmap.Affinity)
	return kind == "cookie" && !ing.isCanary()
}

// claimAffinity gives a backend the session affinity of the oldest Ingress that asks for one, with the cookie of the youngest: that is
// the one which clients of ingress-nginx hold.
func (t *translator) claimAffinity(b *backend, ing *ingress) {
	if !ing.wantsAffinity() {
		return
	}
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
	t.diags.Add(diag.BackendConflict.At(ing.set.Pos(configmap.Affinity), ing.Ref(), ing.set.FullKey(configmap.Affinity),
		"the sessions of Service %s/%s port %s were fixed by %s, which is older; their mode and what a failure changes are taken from there",
		b.Namespace, b.Service, b.Port, b.affinityOwner.Ref()))
}

// reportCookieName says that an Ingress gives the cookie of a backend another name than older ones did.
func (t *translator) reportCookieName(b *backend, ing *ingress, name string) {
	key := configmap.Affinity
	if ing.set.Has(configmap.SessionCookieName) {
		key = configmap.SessionCookieName
	}
	t.diags.Add(diag.BackendConflict.At(ing.set.Pos(key), ing.Ref(), ing.set.FullKey(key),
		"the session cookie of Service %s/%s port %s is called %s on all paths that lead there, as in ingress-nginx; older Ingresses call it %s",
		b.Namespace, b.Service, b.Port, name, b.Affinity.Cookie))
}

func (t *translator) affinityOf(b *backend, ing *ingress) *model.Affinity {
	mode, _ := ing.set.String(configmap.AffinityMode)
	a := &model.Affinity{Persistent: mode == "persistent", Secret: t.affinitySecret(b.ID)}
	a.Cookie, _ = ing.set.String(configmap.SessionCookieName)
	a.ChangeOnFailure, _ = ing.set.Bool(configmap.SessionCookieChangeOnFailure)
	return a
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
	set := e.ing.set
	c := &model.SessionCookie{Path: t.cookiePath(e)}
	c.Expires = optionalInt(set, configmap.SessionCookieExpires)
	c.MaxAge = optionalInt(set, configmap.SessionCookieMaxAge)
	c.Domain, _ = set.String(configmap.SessionCookieDomain)
	c.Secure, _ = set.Bool(configmap.SessionCookieSecure)
	c.SameSite, _ = set.String(configmap.SessionCookieSameSite)
	c.LenientSameSite, _ = set.Bool(configmap.SessionCookieConditionalSameSiteNone)
	return c
}

func optionalInt(set configmap.Set, key configmap.IntKey) *int {
	v, ok := set.Int(key)
	if !ok {
		return nil
	}
	return &v
}

// cookiePath is the Path attribute: the annotation, else the path of the rule. ingress-nginx takes the text of a regular expression
// too, which no request begins with, so that no browser ever sends the cookie back; here it is the literal beginning of it.
func (t *translator) cookiePath(e *entry) string {
	if path, ok := e.ing.set.String(configmap.SessionCookiePath); ok && path != "" {
		if !e.guest || path == e.path || strings.HasPrefix(path, strings.TrimSuffix(e.path, "/")+"/") {
			return path
		}
		t.diags.Add(diag.HostOwned.At(e.ing.set.Pos(configmap.SessionCookiePath), e.ing.Ref(), e.ing.set.FullKey(configmap.SessionCookiePath),
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
