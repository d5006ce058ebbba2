package model

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Each family decides once, under a name of its own, in the order of the constants.
func TestOrderIsThatOfTheFamilies(t *testing.T) {
	names := map[string]bool{}
	for i, step := range order {
		if step.family != Family(i) || step.apply == nil {
			t.Errorf("place %d of the order is that of %s", i, step.family)
		}
		if name := step.family.String(); name == "" || names[name] {
			t.Errorf("the name %q of family %d is not its own", name, i)
		} else {
			names[name] = true
		}
	}
	if len(order) != int(FamilyBackend)+1 {
		t.Errorf("%d families decide, and there are %d", len(order), FamilyBackend+1)
	}
}

// everything is a Config with a route that does all that a route can do, with another one that is closed.
func everything() *Config {
	cfg := splitting(true, Branch{Backend: "one", Header: &HeaderRule{Name: "x-one"}, Cookie: "c1", Weight: 10, Total: 100})
	cfg.Global.HSTS = &HSTS{MaxAge: 60}
	cfg.Global.Limits.Key = Key{{Source: KeyClient}}
	cfg.Limits = []Limit{{
		ID: "limit", Rates: []Rate{{Requests: 10, Seconds: 1, Burst: 50}, {Requests: 5, Seconds: 60}}, Connections: 3,
		Free: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
	}}
	main, _ := cfg.BackendByID("main")
	main.Balance = Balance{Algorithm: HashKey, Key: Key{{Source: KeyHeader, Name: "x-user"}}, Subset: 3}
	route := &cfg.Servers[0].Routes[0]
	route.Limit, route.Bandwidth, route.Session = "limit", &Bandwidth{Rate: 1024, After: 10}, &SessionCookie{Path: "/"}
	route.Rewrite, route.Protocol, route.Split.Draw = &Rewrite{Target: "/new", Prefix: "/old"}, GRPC, "place"
	route.TLSRedirect = &TLSRedirect{Code: 308}
	closed := Route{Match: PathMatch{Kind: PathPrefix, Path: "/closed"}, Closed: "no key", Redirect: &Redirect{Code: 302}, TLSRedirect: route.TLSRedirect}
	cfg.Servers[0].Routes = append(cfg.Servers[0].Routes, closed,
		Route{Match: PathMatch{Kind: PathPrefix, Path: "/gone"}, Backend: "gone", Fallback: "two", Protocol: HTTPS},
		Route{Match: PathMatch{Kind: PathPrefix, Path: "/slash/"}, Backend: "one", SlashRedirect: true},
		Route{Match: PathMatch{Kind: PathPrefix, Path: "/plain"}, Backend: "one"},
	)
	cfg.Global.HSTS.Preload = true
	return cfg
}

// said is a step as "family what".
func said(d *Decision) []string {
	var list []string
	for _, s := range d.Steps {
		list = append(list, s.Family.String()+" "+s.What)
	}
	return list
}

func TestSteps(t *testing.T) {
	cfg := everything()
	const hsts = "headers Strict-Transport-Security: max-age=60; preload"
	counted := "limits rps=10 burst=50 rpm=5 burst=0 connections=3: counted by client"
	for _, c := range []struct {
		name string
		req  Request
		want []string
	}{
		{"plain", Request{Scheme: "http", Target: "/plain"}, []string{"backend one"}},
		{"no host", Request{Scheme: "https", Host: "a/b", Target: "/"}, []string{"host 400: the Host header is neither a name nor an address"}},
		{"no path", Request{Scheme: "https", Target: "/../.."}, []string{"path 400: the path cannot be normalised"}},
		{"closed comes before redirects", Request{Scheme: "http", Target: "/closed"}, []string{"closed 503: no key"}},
		{"refusals have headers", Request{Scheme: "https", Target: "/closed"}, []string{"closed 503: no key", hsts}},
		{"slash", Request{Scheme: "http", Target: "/slash"}, []string{"slash 301: the path lacks its final slash"}},
		{"TLS", Request{Scheme: "http", Target: "/"}, []string{"tls-redirect 308: the host is served over TLS"}},
		{"fallback", Request{Scheme: "http", Target: "/gone"}, []string{"fallback two stands in: gone has no endpoints", "backend two"}},
		{"all at once", Request{Scheme: "https", Target: "/"}, []string{
			counted + ", some addresses are exempt", "bandwidth 1024 bytes/s after 10 bytes", "canary main by weight, 90 %",
			"canary one by weight, 10 %", "affinity cookie sid (balanced) will choose", "rewrite / -> /new, prefix /old", "protocol grpc", hsts,
			"headers Set-Cookie: place", "headers Set-Cookie: sid, from main only",
		}},
		{"canary by header", Request{Scheme: "https", Target: "/", Client: netip.MustParseAddr("192.0.2.1"), Headers: []Field{{"X-One", "always"}}}, []string{
			counted, "bandwidth 1024 bytes/s after 10 bytes", "canary one by header x-one", "affinity cookie sid (balanced) will choose",
			"rewrite / -> /new, prefix /old", "protocol grpc", hsts, "headers Set-Cookie: place", "backend one",
		}},
		{
			"ruled out, exempt, bound", Request{
				Scheme: "https", Target: "/", Client: netip.MustParseAddr("::ffff:10.1.2.3"),
				Headers: []Field{{"X-One", "never"}, {"Cookie", "sid=k; place=1"}},
			},
			[]string{
				strings.ReplaceAll(counted, "counted by client", "exempt, 10.0.0.0/8"), "bandwidth 1024 bytes/s after 10 bytes",
				"canary not one by header x-one", "canary main: nothing asks for a canary", "affinity cookie sid (balanced) chooses",
				"rewrite / -> /new, prefix /old", "protocol grpc", hsts, "backend main",
			},
		},
	} {
		d := Match(cfg, c.req)
		if diff := cmp.Diff(c.want, said(&d)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if !slices.IsSortedFunc(d.Steps, func(a, b Step) int { return int(a.Family) - int(b.Family) }) {
			t.Errorf("%s: the steps are not in the order of decision", c.name)
		}
	}
}

func TestStepsOfBalance(t *testing.T) {
	cfg := everything()
	main, _ := cfg.BackendByID("main")
	main.Affinity = nil
	d := Match(cfg, Request{Scheme: "https", Target: "/", Headers: []Field{{"Cookie", "c1=never"}}})
	if want := "balance hash of header x-user, groups of 3"; !slices.Contains(said(&d), want) {
		t.Errorf("got %q, want %q among them", said(&d), want)
	}
	main.ClientAffinity = &ClientAffinity{Timeout: 9}
	d = Match(cfg, Request{Scheme: "https", Target: "/", Headers: []Field{{"Cookie", "c1=never"}}})
	if want := "affinity the address of the client chooses, for 9 s"; !slices.Contains(said(&d), want) {
		t.Errorf("got %q, want %q among them", said(&d), want)
	}
}

// A request that has nothing to be counted by is not counted.
func TestLimitWithoutKey(t *testing.T) {
	cfg := everything()
	cfg.Global.Limits.Key = Key{{Source: KeyHeader, Name: "x-tenant"}, {Source: KeyParameter, Name: "t"}}
	for target, want := range map[string]string{"/?t=": "exempt, no header x-tenant, parameter t", "/?T=1": "counted by header x-tenant, parameter t, some addresses are exempt"} {
		d := Match(cfg, Request{Scheme: "https", Target: target})
		if !strings.HasSuffix(said(&d)[0], ": "+want) {
			t.Errorf("%s: got %s, want %s", target, said(&d)[0], want)
		}
	}
}

// A rewrite that is refused leaves nothing of what was chosen before.
func TestRefusedRewriteChoosesNothing(t *testing.T) {
	cfg := everything()
	route := &cfg.Servers[0].Routes[0]
	route.Match, route.Rewrite, cfg.Servers[0].Regex = PathMatch{Kind: PathRegex, Path: "/x(.*)"}, &Rewrite{Target: "/$1"}, true
	d := Match(cfg, Request{Scheme: "https", Target: "/x..%2f"})
	if d.Status != 400 || d.Backend != "" || len(d.Shares) > 0 || d.Target != "" {
		t.Errorf("got %+v", d)
	}
	for _, s := range d.Steps {
		if s.Family == FamilyCanary || s.Family == FamilyAffinity || s.Family == FamilyBackend {
			t.Errorf("step %s %s of a refused request", s.Family, s.What)
		}
	}
}

// Who is bound to an endpoint that is still there gets no new cookie.
func TestPersistentCookieIsGivenOnce(t *testing.T) {
	cfg := everything()
	main, _ := cfg.BackendByID("main")
	main.Affinity.Persistent, cfg.Servers[0].Routes[0].Split = true, nil
	e, _ := cfg.EndpointsOf("main")
	bound := main.Affinity.ID(e.Members[0]) + "|" + main.Side()
	for value, want := range map[string]bool{bound: false, "gone|" + main.Side(): true, main.Affinity.ID(e.Members[0]): true} {
		d := Match(cfg, Request{Scheme: "https", Target: "/", Headers: []Field{{"Cookie", "sid=" + value}}})
		if got := slices.Contains(d.Headers, Field{"Set-Cookie", "sid"}); got != want {
			t.Errorf("cookie %s: given out is %v, want %v", value, got, want)
		}
	}
}
