package model

import (
	"slices"
	"strings"

	"github.com/dlclark/regexp2"
)

// verdict is what a rule of a Branch says of a request.
type verdict uint8

const (
	open verdict = iota
	always
	never
)

// choose decides between the backends of a route that splits. The route's own backend has endpoints.
func (c *Config) choose(route *Route, req Request, d *Decision) {
	if backend, ok := c.bound(route, req); ok {
		d.Backend, d.Why = backend, "the session cookie says so"
		return
	}
	branches := slices.DeleteFunc(slices.Clone(route.Split.Branches), func(b Branch) bool { return !c.hasEndpoints(b.Backend) })
	ruledOut := make([]bool, len(branches))
	for _, rule := range []struct {
		ask func(*Branch, Request) verdict
		why string
	}{{(*Branch).byHeader, "a canary header says so"}, {(*Branch).byCookie, "a canary cookie says so"}} {
		said := make([]verdict, len(branches))
		for i := range branches {
			said[i] = rule.ask(&branches[i], req)
			if said[i] == always && !ruledOut[i] {
				d.Backend, d.Why = branches[i].Backend, rule.why
				return
			}
		}
		for i, v := range said {
			ruledOut[i] = ruledOut[i] || v == never
		}
	}
	draw(route, branches, ruledOut, d)
}

// bound is the backend that a session cookie names.
func (c *Config) bound(route *Route, req Request) (string, bool) {
	main, ok := c.BackendByID(route.Backend)
	if !route.Split.KeepsSessions || !ok || main.Affinity == nil {
		return "", false
	}
	_, side, found := strings.Cut(req.cookie(main.Affinity.Cookie), "|")
	if !found {
		return "", false
	}
	if side == main.Side() {
		return main.ID, true
	}
	for i := range route.Split.Branches {
		b := &route.Split.Branches[i]
		backend, ok := c.BackendByID(b.Backend)
		if ok && b.Sessions && side == backend.Side() && c.hasEndpoints(b.Backend) {
			return b.Backend, true
		}
	}
	return "", false
}

// draw lists who may get a request that nothing else decides.
func draw(route *Route, branches []Branch, ruledOut []bool, d *Decision) {
	rest := 1.0
	for i := range branches {
		b := &branches[i]
		if b.Weight > 0 && !ruledOut[i] {
			part := float64(b.Weight) / float64(b.Total)
			rest -= part
			d.Shares = append(d.Shares, Share{Backend: b.Backend, Part: part})
		}
	}
	const nothing = 1e-9
	switch {
	case len(d.Shares) == 0:
		return
	case rest > nothing:
		d.Shares = append([]Share{{Backend: route.Backend, Part: rest}}, d.Shares...)
	case len(d.Shares) == 1:
		d.Backend, d.Shares, d.Why = d.Shares[0].Backend, nil, "the canary has all the weight"
		return
	}
	d.Why = "the weights of canaries decide"
}

// byHeader is what the rule about a header says.
func (b *Branch) byHeader(req Request) verdict {
	if b.Header == nil {
		return open
	}
	value := req.header(b.Header.Name)
	switch {
	case value == "":
		return open
	case b.Header.Broken:
		return never
	case b.Header.Pattern != "" && b.Header.Value == "":
		if len(value) <= MaxHeaderValue && SearchRegex(b.Header.Pattern, value) {
			return always
		}
		return open
	}
	first, _, _ := strings.Cut(value, ", ")
	switch {
	case b.Header.Value == "":
		return spoken(first)
	case value == b.Header.Value, first == b.Header.Value:
		return always
	}
	return open
}

// byCookie is what the rule about a cookie says.
func (b *Branch) byCookie(req Request) verdict {
	if b.Cookie == "" {
		return open
	}
	return spoken(req.cookie(b.Cookie))
}

func spoken(value string) verdict {
	switch value {
	case "always":
		return always
	case "never":
		return never
	}
	return open
}

// SearchRegex reports whether a pattern that CheckRegex admits occurs in a text, with regard to case.
func SearchRegex(pattern, text string) bool {
	re, err := compileBytes(pattern, regexp2.None)
	if err != nil {
		return false
	}
	matched, err := re.MatchString(wide(text))
	return err == nil && matched
}

// header is the value of a header, its lines put into one; empty if it did not come.
func (r *Request) header(name string) string {
	var values []string
	for _, f := range r.Headers {
		if strings.EqualFold(f.Name, name) {
			values = append(values, f.Value)
		}
	}
	if strings.EqualFold(name, "Cookie") {
		return strings.Join(values, "; ")
	}
	return strings.Join(values, ", ")
}

// cookie is the value of the first cookie of a name, found without regard to case: of several, browsers send the one with the longest
// path first.
func (r *Request) cookie(name string) string {
	for pair := range strings.SplitSeq(r.header("Cookie"), ";") {
		if k, v, ok := strings.Cut(pair, "="); ok && strings.EqualFold(strings.Trim(k, " "), name) {
			return strings.TrimLeft(v, " ")
		}
	}
	return ""
}
