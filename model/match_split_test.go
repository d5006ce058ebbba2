package model

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// splitting is a Config with one route to main, and branches to one, two and gone, which has no endpoints.
func splitting(sessions bool, branches ...Branch) *Config {
	cfg := &Config{}
	for _, name := range []string{"gone", "main", "one", "two"} {
		b := Backend{ID: name, Namespace: "ns", Service: name, Port: "80"}
		if sessions {
			b.Affinity = &Affinity{Cookie: "sid"}
		}
		e := Endpoints{Backend: name, Members: []Endpoint{{Address: "10.0.0.1", Port: 80}}}
		if name == "gone" {
			e.Members = nil
		}
		cfg.Backends = append(cfg.Backends, b)
		cfg.Endpoints = append(cfg.Endpoints, e)
	}
	cfg.Servers = []Server{{Routes: []Route{{
		Match: PathMatch{Kind: PathPrefix, Path: "/"}, Backend: "main", Split: &Split{Branches: branches, KeepsSessions: sessions},
	}}}}
	return cfg
}

func TestSplitPrecedence(t *testing.T) {
	one := Branch{Backend: "one", Header: &HeaderRule{Name: "x-one"}, Cookie: "c1", Total: 100}
	two := Branch{Backend: "two", Header: &HeaderRule{Name: "x-two", Value: "yes"}, Cookie: "c2", Total: 100}
	weighed := func(b Branch, weight int) Branch { b.Weight = weight; return b }
	for _, c := range []struct {
		name     string
		branches []Branch
		headers  []Field
		want     string
		shares   []Share
	}{
		{name: "nothing said", branches: []Branch{one, two}, want: "main"},
		{name: "header of the younger before cookie of the older", branches: []Branch{one, two},
			headers: []Field{{"X-Two", "yes"}, {"Cookie", "c1=always"}}, want: "two"},
		{name: "both headers", branches: []Branch{one, two}, headers: []Field{{"X-Two", "yes"}, {"X-One", "always"}}, want: "one"},
		{name: "a value leaves never open", branches: []Branch{two}, headers: []Field{{"X-Two", "never"}, {"Cookie", "c2=always"}}, want: "two"},
		{name: "never rules out", branches: []Branch{one}, headers: []Field{{"X-One", "never"}, {"Cookie", "c1=always"}}, want: "main"},
		{name: "never rules one out only", branches: []Branch{one, two}, headers: []Field{{"X-One", "never"}, {"Cookie", "c1=always; C2=always"}}, want: "two"},
		{name: "words have capitals", branches: []Branch{one}, headers: []Field{{"X-One", "Always"}, {"Cookie", "c1=ALWAYS"}}, want: "main"},
		{name: "weights", branches: []Branch{weighed(one, 30), weighed(two, 20)}, want: "main",
			shares: []Share{{"main", 0.5}, {"one", 0.3}, {"two", 0.2}}},
		{name: "ruled out of the draw", branches: []Branch{weighed(one, 30), weighed(two, 20)}, headers: []Field{{"Cookie", "c1=never"}}, want: "main",
			shares: []Share{{"main", 0.8}, {"two", 0.2}}},
		{name: "all the weight", branches: []Branch{weighed(one, 100)}, want: "one"},
		{name: "no endpoints", branches: []Branch{{Backend: "gone", Weight: 100, Total: 100}}, want: "main"},
		{name: "broken pattern", branches: []Branch{{Backend: "one", Header: &HeaderRule{Name: "x", Broken: true}, Cookie: "c", Weight: 100, Total: 100}},
			headers: []Field{{"X", "1"}, {"Cookie", "c=always"}}, want: "main"},
		{name: "broken pattern without the header", branches: []Branch{{Backend: "one", Header: &HeaderRule{Name: "x", Broken: true}, Cookie: "c", Total: 100}},
			headers: []Field{{"Cookie", "c=always"}}, want: "one"},
		{name: "pattern", branches: []Branch{{Backend: "one", Header: &HeaderRule{Name: "x", Pattern: "be[t]a"}, Total: 100}},
			headers: []Field{{"X", "team-beta-7"}}, want: "one"},
	} {
		d := Match(splitting(false, c.branches...), Request{Scheme: "http", Host: "h", Target: "/", Headers: c.headers})
		if d.Backend != c.want {
			t.Errorf("%s: got %s, want %s", c.name, d.Backend, c.want)
		}
		if diff := cmp.Diff(c.shares, d.Shares, cmpopts.EquateApprox(0, 1e-9), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: shares (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestSessionsComeBeforeCanaryRules(t *testing.T) {
	one := Branch{Backend: "one", Header: &HeaderRule{Name: "x"}, Weight: 100, Total: 100, Sessions: true}
	legacy := Branch{Backend: "two", Header: &HeaderRule{Name: "y"}, Total: 100}
	gone := Branch{Backend: "gone", Total: 100, Sessions: true}
	cfg := splitting(true, one, legacy, gone)
	side := func(id string) string { b, _ := cfg.BackendByID(id); return "sid=key|" + b.Side() }
	for _, c := range []struct{ name, cookie, want string }{
		{"main", side("main"), "main"},
		{"canary", side("one"), "one"},
		{"a canary without sessions", side("two"), "one"},
		{"a canary without endpoints", side("gone"), "one"},
		{"no side", "sid=key", "one"},
		{"unknown side", "sid=key|x", "one"},
	} {
		headers := []Field{{"Cookie", c.cookie}}
		if got := Match(cfg, Request{Scheme: "http", Host: "h", Target: "/", Headers: headers}).Backend; got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}
