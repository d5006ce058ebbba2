package haproxy

import (
	"slices"

	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/haproxy/conf"
)

// cookies returns the lines to read cookies from, or nil if nothing in the configuration asks for a cookie.
func (r *rendering) cookies() *linesView {
	if !r.asksForCookies() {
		return nil
	}
	lines := linesOf("cookie")
	return &lines
}

func (r *rendering) asksForCookies() bool {
	n := &r.canaries
	return len(n.cookies)+len(n.sessions)+len(n.draws) > 0 || hasCookie(r.cfg.Global.Limits.Key) ||
		slices.ContainsFunc(r.cfg.Backends, func(b model.Backend) bool { return b.Affinity != nil || hasCookie(b.Balance.Key) })
}

func hasCookie(key model.Key) bool {
	return slices.ContainsFunc(key, func(p model.KeyPart) bool { return p.Source == model.KeyCookie })
}

// cookie is the value of the first cookie of a name, in any capitals, as nginx finds it; empty if there is none. HAProxy's own fetch
// takes the last one, but browsers send the cookie of the longest path first.
func cookie(name string) conf.Expr {
	return first(conf.Variable("cookies"), `(?:.*?; *)??`+model.QuoteRegex(name)+` *= *([^;]*)`)
}

// argument is the value of the first query parameter of a name, in any capitals and still encoded, as nginx finds it. HAProxy's own
// fetch tells capitals apart, and ends a value at a semicolon.
func argument(name string) conf.Expr {
	return first(conf.Fetch("query"), `(?:.*?&)??`+model.QuoteRegex(name)+`=([^&]*)`)
}

// first is what the group of a pattern finds at the beginning of a text, or an empty text.
func first(text conf.Expr, pattern string) conf.Expr {
	return text.Then("regsub", `\A(?:`+pattern+`.*|.*)\z`, `\1`, "i")
}
