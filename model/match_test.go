package model

import "testing"

// TestFallbackStandsInForNoEndpoints: a default backend stands in only while it is known that there are no endpoints.
func TestFallbackStandsInForNoEndpoints(t *testing.T) {
	some := []Endpoint{{Address: "10.0.0.1", Port: 80}}
	own, other := Endpoints{Backend: "own"}, Endpoints{Backend: "other"}
	for _, c := range []struct {
		name           string
		own, other     func(*Endpoints)
		backend        string
		status         int
		fallbackStands bool
	}{
		{"endpoints", func(e *Endpoints) { e.Members = some }, func(e *Endpoints) { e.Members = some }, "own", 0, false},
		{"unknown endpoints", func(e *Endpoints) { e.Unknown = true }, func(e *Endpoints) { e.Members = some }, "own", 0, false},
		{"no endpoints", func(*Endpoints) {}, func(e *Endpoints) { e.Members = some }, "other", 0, true},
		{"no endpoints, unknown ones stand in", func(*Endpoints) {}, func(e *Endpoints) { e.Unknown = true }, "other", 0, true},
		{"none at all", func(*Endpoints) {}, func(*Endpoints) {}, "", 503, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := own, other
			c.own(&a)
			c.other(&b)
			cfg := &Config{
				Backends: []Backend{{ID: "own"}, {ID: "other"}}, Endpoints: []Endpoints{a, b},
				Servers: []Server{{Routes: []Route{{Match: PathMatch{Kind: PathPrefix, Path: "/"}, Backend: "own", Fallback: "other", Status: 503}}}},
			}
			cfg.Normalize()
			d := Match(cfg, Request{Scheme: "http", Host: "a.example", Target: "/x"})
			if d.Backend != c.backend || d.Status != c.status || d.Fallback != c.fallbackStands {
				t.Errorf("got %+v", d)
			}
		})
	}
}
