package model

import (
	"fmt"
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

// canary decides between the backends of a route that splits, where its own has endpoints.
func (d *decider) canary() {
	if d.route.Split == nil || d.Fallback {
		return
	}
	if backend, from, ok := d.bound(); ok {
		d.Backend, d.Why = backend, "the session cookie says so"
		d.note(backend+" by the session cookie", from)
		return
	}
	branches := slices.DeleteFunc(slices.Clone(d.route.Split.Branches), func(b Branch) bool { return !d.cfg.hasEndpoints(b.Backend) })
	ruledOut := make([]bool, len(branches))
	for _, rule := range branchRules {
		said := make([]verdict, len(branches))
		for i := range branches {
			said[i] = rule.ask(&branches[i], d.req)
			if b := &branches[i]; said[i] == always && !ruledOut[i] {
				d.Backend, d.Why = b.Backend, rule.why
				d.note(b.Backend+" by "+rule.named(b), b.From)
				return
			}
		}
		for i, v := range said {
			if v == never && !ruledOut[i] {
				ruledOut[i] = true
				d.note("not "+branches[i].Backend+" by "+rule.named(&branches[i]), branches[i].From)
			}
		}
	}
	d.draw(branches, ruledOut)
}

// branchRules are what a request can say about a branch, in their order.
var branchRules = []struct {
	ask   func(*Branch, Request) verdict
	named func(*Branch) string
	why   string
}{
	{(*Branch).byHeader, func(b *Branch) string { return "header " + b.Header.Name }, "a canary header says so"},
	{(*Branch).byCookie, func(b *Branch) string { return "cookie " + plainText(b.Cookie) }, "a canary cookie says so"},
}

// bound is the backend that a session cookie names, and where it was asked for.
func (d *decider) bound() (string, Origin, bool) {
	main, ok := d.cfg.BackendByID(d.route.Backend)
	if !d.route.Split.KeepsSessions || !ok || main.Affinity == nil {
		return "", Origin{}, false
	}
	_, side, found := strings.Cut(d.req.cookie(main.Affinity.Cookie), "|")
	if !found {
		return "", Origin{}, false
	}
	if side == main.Side() {
		return main.ID, d.From, true
	}
	for i := range d.route.Split.Branches {
		b := &d.route.Split.Branches[i]
		backend, ok := d.cfg.BackendByID(b.Backend)
		if ok && b.Sessions && side == backend.Side() && d.cfg.hasEndpoints(b.Backend) {
			return b.Backend, b.From, true
		}
	}
	return "", Origin{}, false
}

// draw lists who may get a request that nothing else decides.
func (d *decider) draw(branches []Branch, ruledOut []bool) {
	rest, from := 1.0, d.From
	for i := range branches {
		b := &branches[i]
		if b.Weight > 0 && !ruledOut[i] {
			part := float64(b.Weight) / float64(b.Total)
			rest -= part
			d.Shares = append(d.Shares, Share{Backend: b.Backend, Part: part})
			from = b.From
		}
	}
	const nothing = 1e-9
	switch {
	case len(d.Shares) == 0:
		d.note(d.route.Backend+": nothing asks for a canary", d.From)
		return
	case rest > nothing:
		d.Shares = append([]Share{{Backend: d.route.Backend, Part: rest}}, d.Shares...)
	case len(d.Shares) == 1:
		d.Backend, d.Shares, d.Why = d.Shares[0].Backend, nil, "the canary has all the weight"
		d.note(d.Backend+" by weight, all of it", from)
		return
	}
	d.Why = "the weights of canaries decide"
	d.noteShares(branches)
}

// noteShares says who may be drawn, each with the branch that says so.
func (d *decider) noteShares(branches []Branch) {
	for _, s := range d.Shares {
		from := d.From
		if i := slices.IndexFunc(branches, func(b Branch) bool { return b.Backend == s.Backend }); i >= 0 {
			from = branches[i].From
		}
		d.note(fmt.Sprintf("%s by weight, %.4g %%", s.Backend, 100*s.Part), from)
	}
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
