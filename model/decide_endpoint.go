package model

import (
	"slices"
	"strconv"
	"strings"
)

// affinity says what keeps the client on an endpoint, if anything does.
func (d *decider) affinity() {
	b, ok := d.cfg.BackendByID(d.Backend)
	if !ok {
		return
	}
	switch {
	case b.Affinity == nil && b.ClientAffinity == nil:
	case b.Affinity == nil:
		d.note("the address of the client chooses, for "+strconv.Itoa(b.ClientAffinity.Timeout)+" s", b.From)
	case d.req.cookie(b.Affinity.Cookie) != "":
		d.note(b.Affinity.describe()+" chooses", d.sessionFrom())
	case d.route.Session != nil && !d.Fallback:
		d.note(b.Affinity.describe()+" will choose", d.From)
	}
}

// sessionFrom is where the session cookie was asked for. It is not known where other routes than this one give it out.
func (d *decider) sessionFrom() Origin {
	if d.route.Session == nil {
		return Origin{}
	}
	return d.From
}

// describe names the cookie and how it is read.
func (a *Affinity) describe() string {
	mode := "balanced"
	if a.Persistent {
		mode = "persistent"
	}
	return "cookie " + plainText(a.Cookie) + " (" + mode + ")"
}

// balance says how an endpoint is chosen, if it is not in turn, and nothing binds the client to one.
func (d *decider) balance() {
	b, ok := d.cfg.BackendByID(d.Backend)
	bound := slices.ContainsFunc(d.Steps, func(s Step) bool { return s.Family == FamilyAffinity })
	switch {
	case !ok:
	case b.ServiceAddress:
		d.note("the address of the Service, behind which others choose", b.From)
	case bound, b.Balance.Algorithm == RoundRobin:
	default:
		d.note(b.Balance.describe(), b.From)
	}
}

// describe says how a Balance chooses: "least connections", "hash of header x-user, groups of 3".
func (b *Balance) describe() string {
	text := b.Algorithm.String()
	if b.Algorithm == HashKey {
		text += " of " + b.Key.describe()
	}
	if b.Subset > 1 {
		text += ", groups of " + strconv.Itoa(b.Subset)
	}
	return text
}

// describe says what a Rewrite makes of what: "^/a/(.*) -> /$1, prefix /a".
func (r *Rewrite) describe(match PathMatch) string {
	text := plainText(match.Path) + " -> " + plainText(r.Target)
	if r.Prefix != "" {
		text += ", prefix " + plainText(r.Prefix)
	}
	return text
}

// plainText quotes what is more than printable ASCII.
func plainText(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) {
		return strconv.QuoteToASCII(s)
	}
	return s
}
