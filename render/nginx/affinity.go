package nginx

import (
	"net/netip"
	"strconv"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/nginx/conf"
)

// maxPinned is how many endpoints a backend may have to give each an upstream of its own.
const maxPinned = 20

// stickiness is the way in which an upstream keeps clients on their endpoints.
//
//	asked for                          what is printed
//	balanced                           a hash of the cookie, or of what the cookie is going to be
//	persistent, retries elsewhere      sticky route from nginx 1.29.6 on; pinned upstreams with backups before
//	persistent, retries nowhere        pinned upstreams without backups
//	persistent, too many to pin        sticky route, where a retry does go elsewhere; balanced before 1.29.6
type stickiness uint8

const (
	notSticky stickiness = iota
	hashed
	routed
	pinned
)

// affinityView is what the template of an upstream prints for session affinity. The cookie is "<key>|<side>".
type affinityView struct {
	Maps []mapView
	// Route is the variable with the route of the member to go to, nil without sticky route.
	Route any
	// Pinned are the upstreams for one member each.
	Pinned []pinnedView
}

// pinnedView is an upstream for the clients of one member.
type pinnedView struct {
	Name    conf.Name
	Member  netip.AddrPort
	Backups []netip.AddrPort
}

// affinity is a backend with a cookie, on its way to an affinityView.
type affinity struct {
	backend *model.Backend
	members []netip.AddrPort
	// ids are the names of members in cookies.
	ids    []string
	cookie conf.Expr
	side   string
}

// stickinessOf chooses the way for a backend.
func (r *rendering) stickinessOf(b *model.Backend, members int) stickiness {
	sticky := hasSticky(r.target.opts.Version)
	switch a := b.Affinity; {
	case a == nil:
		return notSticky
	case !a.Persistent:
		return hashed
	case sticky && a.ChangeOnFailure, sticky && members > maxPinned:
		return routed
	case members > maxPinned:
		return hashed
	default:
		return pinned
	}
}

// newID, pool and session variables of a backend.
func newSession(b *model.Backend) conf.Name  { return variableName("session_new", b.ID) }
func poolName(b *model.Backend) conf.Name    { return variableName("session_pool", b.ID) }
func knownID(b *model.Backend) conf.Name     { return variableName("session_of", b.ID) }
func answeringID(b *model.Backend) conf.Name { return variableName("session_by", b.ID) }
func hashedKey(b *model.Backend) conf.Name   { return variableName("session_key", b.ID) }

// pinnedName is the upstream for the clients of one member.
func pinnedName(b *model.Backend, id string) conf.Name {
	return upstreamName(b.ID) + conf.Name(".e_"+id)
}

// pool is the upstream that a request for a backend goes to.
func (r *rendering) pool(b *model.Backend) conf.Expr {
	e, ok := r.cfg.EndpointsOf(b.ID)
	switch {
	case ok && r.stickinessOf(b, len(e.Members)) == pinned:
		return conf.Variable(poolName(b))
	case ok && r.subsetSize(b, len(e.Members)) > 0:
		return conf.Variable(subsetName(b))
	default:
		return conf.Literal(string(upstreamName(b.ID)))
	}
}

// affinity makes the part of an upstream that binds clients, and how the others are balanced.
func (r *rendering) affinity(b *model.Backend, members []netip.AddrPort) (*affinityView, balanceView, error) {
	way := r.stickinessOf(b, len(members))
	if way == notSticky {
		return nil, r.balance(b), nil
	}
	a := affinity{backend: b, members: members, side: "|" + b.Side()}
	for _, m := range members {
		a.ids = append(a.ids, b.Affinity.ID(model.Endpoint{Address: m.Addr().String(), Port: int(m.Port())}))
	}
	cookie, maps, err := cookieValue(b.Affinity.Cookie, b.ID)
	if err != nil {
		return nil, balanceView{}, err
	}
	a.cookie = cookie
	v := &affinityView{Maps: maps}
	r.reportAffinity(b, way, len(members))
	switch way {
	case hashed:
		v.Maps = append(v.Maps, a.hashedMaps()...)
		return v, balanceView{Hash: conf.Variable(hashedKey(b))}, nil
	case routed:
		v.Route = conf.Variable(knownID(b))
	default:
		v.Pinned = a.pinnedUpstreams()
		v.Maps = append(v.Maps, a.poolMap())
	}
	v.Maps = append(v.Maps, a.namedMaps()...)
	return v, r.balance(b), nil
}

func (r *rendering) reportAffinity(b *model.Backend, way stickiness, members int) {
	switch {
	case b.Affinity.Persistent && way == hashed:
		r.refuse(diag.TargetApproximated, b.From,
			"nginx before 1.29.6 cannot keep sessions in persistent mode on %d endpoints, only on %d: a hash of the cookie chooses, as in balanced mode",
			members, maxPinned)
	case way != pinned && !b.Affinity.ChangeOnFailure:
		r.refuse(diag.TargetApproximated, b.From,
			"nginx asks another endpoint of Service %s/%s for a request that failed, although the session stays where it is", b.Namespace, b.Service)
	}
}

// hashedMaps choose by a hash of the cookie. The first request of a client is chosen for by the cookie that it is going to get.
func (a *affinity) hashedMaps() []mapView {
	b := a.backend
	key := mapView{Source: a.cookie, Variable: hashedKey(b), Default: a.cookie,
		Entries: []mapEntry{{Key: "", Value: conf.Concat(conf.Variable("request_id"), conf.Literal(a.side))}}}
	fresh := mapView{
		Source: conf.Concat(conf.Variable("upstream_addr"), conf.Literal("|"), a.cookie), Variable: newSession(b), Default: "",
		Entries: []mapEntry{{Key: conf.OwnRegex(`^[^|]+\|$`), Value: conf.Variable(hashedKey(b))}},
	}
	if !b.Affinity.ChangeOnFailure || len(a.members) == 0 {
		return []mapView{key, fresh}
	}
	// A request that was tried again gets a cookie that falls to the member that answered.
	keys := mapView{Source: conf.Variable("upstream_last"), Variable: answeringID(b), Default: ""}
	for i, text := range newRing(a.members).keysFor(len(a.members), a.side) {
		keys.Entries = append(keys.Entries, mapEntry{Key: a.members[i].String(), Value: text})
	}
	fresh.Entries = append([]mapEntry{{Key: conf.OwnRegex(`^[^|]*, `), Value: conf.Variable(answeringID(b))}}, fresh.Entries...)
	return []mapView{key, keys, fresh}
}

// namedMaps find the member that a cookie names, the name of the one that answered, and whether there is a new cookie.
func (a *affinity) namedMaps() []mapView {
	b := a.backend
	known := mapView{Source: a.cookie, Variable: knownID(b), Default: ""}
	by := mapView{Source: conf.Variable("upstream_last"), Variable: answeringID(b), Default: ""}
	fresh := mapView{Source: conf.Concat(conf.Variable(knownID(b)), conf.Literal(" "), conf.Variable(answeringID(b))), Variable: newSession(b), Default: ""}
	cookie := conf.Concat(conf.Variable(answeringID(b)), conf.Literal(a.side))
	if b.Affinity.ChangeOnFailure {
		fresh.Default = cookie
		fresh.Entries = append(fresh.Entries, mapEntry{Key: conf.OwnRegex(` $`), Value: ""})
	} else {
		fresh.Entries = append(fresh.Entries, mapEntry{Key: conf.OwnRegex(`^ .`), Value: cookie})
	}
	for i, id := range a.ids {
		known.Entries = append(known.Entries, mapEntry{Key: id + a.side, Value: id})
		by.Entries = append(by.Entries, mapEntry{Key: a.members[i].String(), Value: id})
		if b.Affinity.ChangeOnFailure {
			fresh.Entries = append(fresh.Entries, mapEntry{Key: id + " " + id, Value: ""})
		}
	}
	return []mapView{known, by, fresh}
}

func (a *affinity) poolMap() mapView {
	b := a.backend
	m := mapView{Source: conf.Variable(knownID(b)), Variable: poolName(b), Default: upstreamName(b.ID)}
	for _, id := range a.ids {
		m.Entries = append(m.Entries, mapEntry{Key: id, Value: pinnedName(b, id)})
	}
	return m
}

func (a *affinity) pinnedUpstreams() []pinnedView {
	var list []pinnedView
	for i, m := range a.members {
		p := pinnedView{Name: pinnedName(a.backend, a.ids[i]), Member: m}
		for j, other := range a.members {
			if i != j && a.backend.Affinity.ChangeOnFailure {
				p.Backups = append(p.Backups, other)
			}
		}
		list = append(list, p)
	}
	return list
}

// session gives out the cookie of a route.
type session struct {
	maps []mapView
	// cookie is the variable with the value of Set-Cookie, which is empty if there is none to set.
	cookie conf.Expr
}

// session makes the Set-Cookie header of a route. The value to set is that of the backend that serves the request.
func (r *rendering) session(id string, route *model.Route, split *split) *session {
	main, ok := r.cfg.BackendByID(route.Backend)
	if route.Session == nil || !ok || main.Affinity == nil {
		return nil
	}
	v := &session{cookie: conf.Variable(variableName("session_cookie", id))}
	value := conf.Variable(newSession(main))
	if split != nil {
		value = conf.Variable(variableName("session_value", id))
		v.maps = append(v.maps, split.sessionValues(id, newSession(main)))
	}
	v.maps = append(v.maps, mapView{
		Source: value, Variable: variableName("session_cookie", id), Default: setCookie(main.Affinity.Cookie, value, route.Session),
		Entries: []mapEntry{{Key: "", Value: ""}},
	})
	return v
}

// setCookie is the value of a Set-Cookie header. A date comes with a Max-Age, which is exact.
func setCookie(name string, value conf.Expr, c *model.SessionCookie) conf.Expr {
	parts := []conf.Expr{conf.Literal(name + "="), value}
	if c.Expires != nil {
		parts = append(parts, conf.Literal("; Expires="), expiry(*c.Expires))
	}
	if c.Expires != nil || c.MaxAge != nil {
		parts = append(parts, conf.Literal("; Max-Age="+strconv.Itoa(maxAge(c))))
	}
	if c.Domain != "" {
		parts = append(parts, conf.Literal("; Domain="+c.Domain))
	}
	parts = append(parts, conf.Literal("; Path="+c.Path))
	if c.Secure {
		parts = append(parts, conf.Literal("; Secure"))
	} else {
		parts = append(parts, conf.Variable("session_secure"))
	}
	parts = append(parts, conf.Literal("; HttpOnly"))
	switch {
	case c.SameSite == "None" && c.LenientSameSite:
		parts = append(parts, conf.Variable("session_samesite_none"))
	case c.SameSite != "":
		parts = append(parts, conf.Literal("; SameSite="+c.SameSite))
	}
	return conf.Concat(parts...)
}
