package haproxy

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate/headgate/hack/proxies"
	"github.com/headgate/headgate/model"
)

// routingConfig has a host for each way of routing.
func routingConfig() *model.Config {
	tls := &model.TLSRedirect{Code: 308}
	slash := to(prefix("/dir/"), "dir")
	slash.SlashRedirect = true
	both := to(prefix("/both/"), "both-dir")
	both.SlashRedirect = true
	odd := to(exact("/a b%c?é#"), "odd")
	secure, kept := to(prefix("/"), "secure"), to(prefix("/kept"), "secure")
	secure.TLSRedirect, kept.TLSRedirect = tls, &model.TLSRedirect{Code: 301, KeepSlash: true, Port: 8443}
	closed, open := to(prefix("/closed"), "plain"), to(prefix("/"), "plain")
	closed.Closed, closed.TLSRedirect = "a test", tls
	instead, nobody, lost := to(prefix("/instead"), "empty-1"), to(prefix("/nobody"), "empty-2"), to(prefix("/lost"), "empty-3")
	instead.Fallback, nobody.Fallback, nobody.TLSRedirect, lost.Status = "stand-in", "empty-1", tls, 404
	rewritten := func(pattern, backend, target, prefix string) model.Route {
		r := to(regex(pattern), backend)
		r.Rewrite = &model.Rewrite{Target: target, Prefix: prefix}
		return r
	}
	return testConfig(
		server("paths.test", to(prefix("/"), "root"), to(prefix("/foo"), "foo"), to(prefix("/foo/bar"), "foo-bar"), to(exact("/foo/bar"), "exact"),
			to(exact("/only"), "only"), slash, to(prefix("/both"), "both"), both, odd, to(prefix("/under_score.x"), "dots")),
		server("bare.test", model.Route{Match: prefix("/"), Status: 404}, to(prefix("/x"), "x"), to(exact("/"), "exact-root")),
		server("*.wild.test", to(prefix("/"), "wild"), to(prefix("/foo"), "wild-foo")),
		server("one.wild.test", to(prefix("/one"), "one"), model.Route{Match: prefix("/"), Status: 404}),
		server("tls.test", secure, kept),
		server("policy.test", closed, open, instead, nobody, lost, to(prefix("/empty"), "empty-1")),
		server("regex.test",
			rewritten("/something(/|$)(.*)", "re-1", "/$2", ""),
			rewritten("/swap/([^/]+)/([0-9]+)", "re-2", `/x\$2/y z/$1`, "/swap/$1"),
			to(regex("^/anchored|/other"), "re-3"), to(regex(`/v[0-9]+\.[0-9^]x[^ /]y`), "re-4"),
			to(regex("/with space/(.*)$"), "re-5"), to(regex("/"), "re-6")),
		server("*.regex.test", to(regex("/api/(?:v1|v2)$"), "re-7"), to(regex("/"), "re-8")),
		server("last.test", to(regex("/a"), "re-9"), to(regex("/b"), "re-10")),
	)
}

var routingHosts = []string{
	"paths.test", "PATHS.Test:80", "paths.test.", "paths.test.:8080", "bare.test", "a.wild.test", "a_b.wild.test", "x.y.wild.test", "wild.test",
	".wild.test", "one.wild.test", "tls.test:8080", "policy.test", "regex.test", "q.regex.test", "last.test", "nosuch.test", "[::1]:80",
	"[::1]", "127.0.0.1:1", "*.wild.test", "*",
}

var routingTargets = []string{
	"/", "/foo", "/foo/", "/foobar", "/FOO", "/foo/bar", "/foo/bar/", "/foo/bar/x", "/foo/barx", "/only", "/only/", "/dir", "/dir/", "/dir/a?b=/",
	"/dir?x=/dir/", "/both", "/both/", "/both/a", "/%66oo", "//foo", "/x/../foo", "/foo%2Fbar", "/foo/./bar", "/foo/../..", "/..", "/../foo",
	"/a/b/../../foo/", "/foo/.", "/foo/..", "/foo/bar/..", "/foo/...", "/foo/.bar", "/%2e%2e/foo", "/foo/%2E%2E/only", "/a%20b%25c%3F%C3%A9%23",
	"/a%20b%25c%3f%c3%a9%23?x", "/a+b", "/%zz", "/%", "/%4", "/a%00b", "/%0a", "/foo%0d%0aX:y", "/dir%2f", "/%64ir", "/dir/%20?", "/?", "/?a=/foo",
	"/foo?x=%zz", "/a//b/../..//foo//", "/under_score.x/", "/under_scoreyx", "/closed", "/closed/x", "/instead/a%20b?c", "/nobody", "/lost/x",
	"/empty", "/kept/", "/kept/a/?b/", "/x", "/x/", "/one", "/something", "/something/new?x=1", "/somethingelse", "/SOMETHING/a%20b%2Fc",
	"/swap/a%3Fb/12?q", "/swap/%E4/12", "/swap/a%25b%22c/7", "/Swap/a/b", "/anchored", "/x/anchored", "/other", "/v1.2xay", "/v1.^x.y", "/v1.ax/y",
	"/with%20space/x", "/with+space/x", "/with%20space/%0A", "/api/v1", "/API/V2", "/api/v1/", "/api/v3", "/a", "/b", "/c", "/%41", "/foo/a%5cb", "/%7Efoo",
	"/a/a/a/a/a/a/a/a/../../../../../../../../foo", "/foo/%2e/%2e%2e/%2e%2e", "/foo;a=b", "/foo,bar", "/foo/%5b%5d|", "/foo$bar", "/foo'bar\"",
}

// What HAProxy does with a request is what Match says.
func TestRouting(t *testing.T) {
	for _, binary := range proxies.HAProxy(t) {
		t.Run(binary.String(), func(t *testing.T) {
			cfg := routingConfig()
			startEndpoints(t, cfg)
			c := newClient(t, start(t, binary.Path, cfg))
			for _, scheme := range []string{"http", "https"} {
				for _, host := range routingHosts {
					for _, target := range routingTargets {
						compare(t, c, cfg, model.Request{Scheme: scheme, Host: host, Target: target})
					}
				}
			}
		})
	}
}

func compare(t *testing.T, c *client, cfg *model.Config, req model.Request) {
	t.Helper()
	if diff := cmp.Diff(expected(cfg, req), c.send(req).outcome()); diff != "" {
		t.Errorf("%s %q %q (-Match +HAProxy):\n%s", req.Scheme, req.Host, req.Target, diff)
	}
}

// Any set of hosts and paths routes as Match says.
func TestRoutingOfRandomConfigs(t *testing.T) {
	binaries := proxies.HAProxy(t)
	for round := range 6 {
		rng := rand.New(rand.NewPCG(uint64(round), 7))
		cfg := randomConfig(rng)
		startEndpoints(t, cfg)
		c := newClient(t, start(t, binaries[round%len(binaries)].Path, cfg))
		for range 500 {
			compare(t, c, cfg, model.Request{
				Scheme: []string{"http", "https"}[rng.IntN(2)],
				Host:   pick(rng, "a.test", "A.test:81", "b.test", "x.b.test", "x.y.b.test", "c.test", "nosuch"),
				Target: randomTarget(rng),
			})
		}
	}
}

func pick[T any](rng *rand.Rand, list ...T) T { return list[rng.IntN(len(list))] }

var randomSegments = []string{"a", "b", "A", "ab", "a b", "a%b", ".", "..", "", "é", "a.b", "~", "a;b", "x"}

func randomPath(rng *rand.Rand) string {
	var path strings.Builder
	for range rng.IntN(4) {
		segment := pick(rng, randomSegments...)
		if segment == "" || segment == "." || segment == ".." {
			continue
		}
		path.WriteString("/" + segment)
	}
	if path.Len() == 0 || rng.IntN(4) == 0 {
		path.WriteString("/")
	}
	return path.String()
}

// randomTarget writes a path in one of the ways in which a client may send it.
func randomTarget(rng *rand.Rand) string {
	var path strings.Builder
	for range 1 + rng.IntN(5) {
		path.WriteString("/" + pick(rng, randomSegments...))
	}
	const hex = "0123456789ABCDEFabcdef"
	var target strings.Builder
	for i := range path.Len() {
		c := path.String()[i]
		if c <= ' ' || c >= 0x7f || c == '%' || rng.IntN(12) == 0 {
			target.WriteString("%" + string(hex[c>>4]) + string(hex[c&15]))
			continue
		}
		target.WriteByte(c)
	}
	if rng.IntN(40) == 0 {
		target.WriteString(pick(rng, "%", "%0", "%00", "%g0"))
	}
	return target.String() + pick(rng, "", "", "?", "?q=/../%zz")
}

func randomConfig(rng *rand.Rand) *model.Config {
	var servers []model.Server
	for _, host := range []string{"", "a.test", "*.b.test", "b.test", "x.b.test", "c.test"} {
		if host == "" || rng.IntN(4) > 0 {
			servers = append(servers, randomServer(rng, host))
		}
	}
	return testConfig(servers...)
}

func randomServer(rng *rand.Rand, host string) model.Server {
	s := model.Server{Host: host, Regex: rng.IntN(3) == 0}
	for range rng.IntN(8) {
		r := randomRoute(rng)
		if s.Regex {
			r.Match = regex(pick(rng, model.QuoteRegex(randomPath(rng)), "/a/?(.*)", "/(a|b)b?", "/[a-z]+$", "(/x)?/a", "/.*/b", "^/ab"))
			if rng.IntN(2) == 0 {
				r.Rewrite = &model.Rewrite{Target: pick(rng, "/$1", "/new/$1$2", "/%41 $1?", "/plain")}
			}
		}
		if !slices.ContainsFunc(s.Routes, func(o model.Route) bool { return o.Match == r.Match }) {
			s.Routes = append(s.Routes, r)
		}
	}
	root := to(prefix("/"), "root")
	if s.Regex {
		root.Match = regex("/")
	} else if slices.ContainsFunc(s.Routes, func(o model.Route) bool { return o.Match == root.Match }) {
		return s
	}
	s.Routes = append(s.Routes, root)
	return s
}

func randomRoute(rng *rand.Rand) model.Route {
	r := to(model.PathMatch{Kind: pick(rng, model.PathExact, model.PathPrefix), Path: randomPath(rng)}, pick(rng, "be-1", "be-2", "be-3", "be-4", "be-5", "empty-1"))
	r.SlashRedirect = r.Match.Kind == model.PathPrefix && len(r.Match.Path) > 1 && strings.HasSuffix(r.Match.Path, "/")
	switch rng.IntN(8) {
	case 0:
		r.TLSRedirect = &model.TLSRedirect{Code: pick(rng, 301, 302, 307, 308), KeepSlash: rng.IntN(2) == 0}
	case 1:
		r.Closed = "a test"
	case 2:
		r.Backend, r.Status = "", 404
	case 3:
		r.Fallback = "be-6"
	}
	return r
}
