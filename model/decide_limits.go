package model

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// limits says by what requests are counted, and whether this one is. Whether it is one too many depends on those before it.
func (d *decider) limits() {
	l, ok := d.cfg.LimitByID(d.route.Limit)
	if !ok {
		return
	}
	d.note(l.describe()+": "+d.counted(l), l.From)
}

// describe says what a limit allows: "rps=10 burst=50 connections=4".
func (l *Limit) describe() string {
	var words []string
	for _, r := range l.Rates {
		name := "rps"
		if r.Seconds == 60 {
			name = "rpm"
		}
		words = append(words, fmt.Sprintf("%s=%d burst=%d", name, r.Requests, r.Burst))
	}
	if l.Connections > 0 {
		words = append(words, fmt.Sprintf("connections=%d", l.Connections))
	}
	return strings.Join(words, " ")
}

// counted says whether a request is counted, and by what.
func (d *decider) counted(l *Limit) string {
	free := slices.IndexFunc(l.Free, func(p netip.Prefix) bool { return p.Contains(d.req.Client.Unmap()) })
	key := d.cfg.Global.Limits.Key
	switch {
	case free >= 0:
		return "exempt, " + l.Free[free].String()
	case !slices.ContainsFunc(key, func(p KeyPart) bool { return d.has(p) }):
		return "exempt, no " + key.describe()
	case len(l.Free) > 0 && !d.req.Client.IsValid():
		return "counted by " + key.describe() + ", some addresses are exempt"
	default:
		return "counted by " + key.describe()
	}
}

// has reports whether a request has what a part of a key takes from it.
func (d *decider) has(p KeyPart) bool {
	_, query, _ := strings.Cut(d.req.Target, "?")
	switch p.Source {
	case KeyHeader:
		return d.req.header(p.Name) != ""
	case KeyCookie:
		return d.req.cookie(p.Name) != ""
	case KeyQuery:
		return query != ""
	case KeyParameter:
		return parameter(query, p.Name) != ""
	default:
		return true
	}
}

// parameter is the value of the first parameter of a query that has the name, found without regard to case.
func parameter(query, name string) string {
	for pair := range strings.SplitSeq(query, "&") {
		if k, v, _ := strings.Cut(pair, "="); strings.EqualFold(k, name) {
			return v
		}
	}
	return ""
}

// describe names the parts of a key: "client, header x-tenant".
func (k Key) describe() string {
	var parts []string
	for _, p := range k {
		text := p.Source.String()
		if p.Name != "" {
			text += " " + plainText(p.Name)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

func (d *decider) bandwidth() {
	b := d.route.Bandwidth
	if b == nil {
		return
	}
	what := fmt.Sprintf("%d bytes/s", b.Rate)
	if b.After > 0 {
		what += fmt.Sprintf(" after %d bytes", b.After)
	}
	d.note(what, d.From)
}
