package haproxy

import (
	"strconv"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/haproxy/conf"
)

// affinityView binds clients to endpoints by a cookie, "<key>|<side>". Which of two ways is taken depends on what is asked for:
//
//	balanced                a hash of the cookie, or of what the cookie is going to be, chooses
//	persistent              the cookie names an endpoint; the tables sessions and members translate between both
//	balanced, changing on   as persistent: the new cookie has to lead to the endpoint that answered, and where a text leads to on the
//	failure                 ring is known to HAProxy only
type affinityView struct {
	// Came is the cookie that a request brings.
	Came conf.Expr
	// Fresh is the cookie of a client without one; it is an Expr, or nil where cookies name endpoints.
	Fresh any
	// Server is the name of the endpoint that the cookie names, Member the cookie of the endpoint that answered.
	Server, Member conf.Expr
	// Gives says that the section gives the cookie out, Moves that a client which another endpoint answered gets a new one.
	Gives, Moves bool
	// Cookie begins the header that gives it out.
	Cookie conf.Format
}

// hashesCookies reports whether a hash of the cookie chooses.
func hashesCookies(a *model.Affinity) bool { return a != nil && !a.Persistent && !a.ChangeOnFailure }

// affinity makes the part of a section that binds clients; nil if nothing does.
func (r *rendering) affinity(s *section) *affinityView {
	b, ok := r.cfg.BackendByID(s.backend)
	if !ok || b.Affinity == nil {
		return nil
	}
	a := b.Affinity
	own := conf.Fetch("str", b.ID+"/")
	v := &affinityView{
		Came:   cookie(a.Cookie),
		Server: own.Then("concat", "", "txn.session").Then("map_str", "maps/sessions.map"),
		Member: own.Then("concat", "", "txn.server").Then("map_str", "maps/members.map"),
		Gives:  s.policy.session,
		Moves:  a.ChangeOnFailure,
		Cookie: conf.Text(a.Cookie + "=").Value(conf.Variable("session_new")),
	}
	if hashesCookies(a) {
		v.Fresh = conf.Fetch("uuid").Then("concat", "|"+b.Side())
	}
	return v
}

// sessionTables lists the endpoints that cookies name, of all backends whose cookies do.
func (r *rendering) sessionTables() {
	for i := range r.cfg.Backends {
		b := &r.cfg.Backends[i]
		if b.Affinity == nil {
			continue
		}
		if b.Affinity.ChangeOnFailure && !b.Affinity.Persistent {
			r.refuse(diag.TargetApproximated, b.From,
				"with session-cookie-change-on-failure HAProxy keeps sessions of Service %s/%s as in persistent mode: they do not move when endpoints come",
				b.Namespace, b.Service)
		}
		if !b.Affinity.ChangeOnFailure {
			r.refuse(diag.TargetApproximated, b.From,
				"HAProxy asks another endpoint of Service %s/%s for a request that failed, although the session stays where it is", b.Namespace, b.Service)
		}
		if !hashesCookies(b.Affinity) {
			r.memberTables(b)
		}
	}
}

func (r *rendering) memberTables(b *model.Backend) {
	for _, m := range r.members(b.ID) {
		cookie := b.Affinity.ID(m.endpoint) + "|" + b.Side()
		r.tables.sessions[b.ID+"/"+cookie] = m.name
		r.tables.members[b.ID+"/"+string(m.name)] = cookie
	}
}

// cookieAttributes are the attributes of a cookie as the table cookies has them, in fields between semicolons, which no attribute can
// hold: the lifetime that Expires is made of, Secure, SameSite, whether old browsers do without SameSite=None, and all other
// attributes.
func cookieAttributes(c *model.SessionCookie) string {
	fields := make([]string, 4, 5)
	if c.Expires != nil {
		fields[0] = strconv.Itoa(*c.Expires)
	}
	if c.Secure {
		fields[1] = "secure"
	}
	fields[2] = c.SameSite
	if c.SameSite == "None" && c.LenientSameSite {
		fields[3] = "lenient"
	}
	var others []string
	if c.MaxAge != nil {
		others = append(others, "Max-Age="+strconv.Itoa(*c.MaxAge))
	}
	if c.Domain != "" {
		others = append(others, "Domain="+c.Domain)
	}
	others = append(others, "Path="+c.Path)
	return strings.Join(append(fields, strings.Join(others, "; ")), ";")
}
