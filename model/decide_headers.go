package model

import (
	"slices"
	"strings"
)

// hstsSetting is the setting under which [Global.Written] has the place of the HSTS header.
const hstsSetting = "hsts"

// headers says what is added to the response. Nothing is known of connections that are handed on unopened, and of requests that a proxy
// may refuse before it applies any rule.
func (d *decider) headers() {
	unread := slices.ContainsFunc(d.Steps, func(s Step) bool { return s.Family == FamilyPassthrough }) || d.Status == 400 && d.route == nil
	if unread {
		return
	}
	if h := d.cfg.Global.HSTS; h != nil && d.req.Scheme == "https" {
		from := d.cfg.Global.Origin(hstsSetting)
		if from.Ref.IsZero() {
			from = Origin{} // it is the default
		}
		d.add(Field{"Strict-Transport-Security", h.String()}, from)
	}
	if d.done || d.Fallback {
		return
	}
	d.placeCookie()
	d.sessionCookie()
}

// add notes a header, and what is known of it.
func (d *decider) add(f Field, from Origin) {
	d.Headers = append(d.Headers, f)
	d.note(f.Name+": "+f.Value, from)
}

// placeCookie gives out the cookie that keeps a client's place in the draw.
func (d *decider) placeCookie() {
	if s := d.route.Split; s != nil && s.Draw != "" && d.req.cookie(s.Draw) == "" {
		d.add(Field{"Set-Cookie", s.Draw}, d.From)
	}
}

// sessionCookie gives out the cookie of the affinity. Where a draw decides, it may depend on who is drawn.
func (d *decider) sessionCookie() {
	candidates := []string{d.Backend}
	if len(d.Shares) > 0 {
		candidates = nil
		for _, s := range d.Shares {
			candidates = append(candidates, s.Backend)
		}
	}
	gives := slices.DeleteFunc(slices.Clone(candidates), func(id string) bool { return !d.givesSession(id) })
	main, ok := d.cfg.BackendByID(d.route.Backend)
	switch {
	case !ok || len(gives) == 0:
	case len(gives) == len(candidates):
		d.add(Field{"Set-Cookie", main.Affinity.Cookie}, d.From)
	default:
		d.note("Set-Cookie: "+main.Affinity.Cookie+", from "+strings.Join(gives, " or ")+" only", d.From)
	}
}

// givesSession reports whether a request that a backend of the route serves gets the session cookie: where the backend takes part, and
// the request brought no cookie that binds it there.
func (d *decider) givesSession(id string) bool {
	main, ok := d.cfg.BackendByID(d.route.Backend)
	b, found := d.cfg.BackendByID(id)
	if !ok || !found || d.route.Session == nil || main.Affinity == nil || b.Affinity == nil {
		return false
	}
	if id != main.ID && !slices.ContainsFunc(d.route.Split.Branches, func(br Branch) bool { return br.Backend == id && br.Sessions }) {
		return false
	}
	value := d.req.cookie(main.Affinity.Cookie)
	if value == "" || !b.Affinity.Persistent {
		return value == ""
	}
	key, side, _ := strings.Cut(value, "|")
	e, ok := d.cfg.EndpointsOf(id)
	return !ok || side != b.Side() || !slices.ContainsFunc(e.Members, func(m Endpoint) bool { return b.Affinity.ID(m) == key })
}
