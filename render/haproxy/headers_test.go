package haproxy

import (
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate/headgate/hack/proxies"
	"github.com/headgate/headgate/model"
)

// headersCase is a request with the headers that the endpoint is to get; an empty one is to be absent.
type headersCase struct {
	name   string
	scheme string
	host   string
	lines  []string
	want   map[string]string
}

func endpointHeadersOf(g got, want map[string]string) map[string]string {
	have := map[string]string{}
	for name := range want {
		have[name] = strings.Join(g.Said.Header.Values(name), " | ")
	}
	if _, ok := want["Host"]; ok {
		have["Host"] = g.Said.Host
	}
	return have
}

func runHeaders(t *testing.T, change func(*model.Global), cases []headersCase) {
	t.Helper()
	for _, binary := range proxies.HAProxy(t) {
		cfg := testConfig(server("a.test", to(prefix("/"), "a")))
		change(&cfg.Global)
		startEndpoints(t, cfg)
		p := start(t, binary.Path, cfg)
		_, port, _ := net.SplitHostPort(p.http)
		for _, tt := range cases {
			t.Run(binary.String()+"/"+tt.name, func(t *testing.T) {
				want := map[string]string{}
				for name, value := range tt.want {
					want[name] = strings.ReplaceAll(value, "PORT", port)
				}
				g := newClient(t, p).send(model.Request{Scheme: tt.scheme, Host: tt.host, Target: "/x%20y?q"}, tt.lines...)
				if diff := cmp.Diff(want, endpointHeadersOf(g, want)); diff != "" {
					t.Errorf("status %d (-want +got):\n%s", g.StatusCode, diff)
				}
			})
		}
	}
}

func TestHeadersOfUntrustedClients(t *testing.T) {
	runHeaders(t, func(*model.Global) {}, []headersCase{
		{"plain", "http", "A.test:8080", nil, map[string]string{
			"Host": "A.test:8080", "X-Forwarded-Host": "A.test:8080", "X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1",
			"X-Forwarded-Port": "PORT", "X-Forwarded-Proto": "http", "X-Forwarded-Scheme": "http", "X-Scheme": "http",
			"X-Original-Forwarded-For": "", "X-Original-Forwarded-Host": "", "X-Original-URI": "",
		}},
		{"tls", "https", "a.test", nil, map[string]string{
			"X-Forwarded-Port": "443", "X-Forwarded-Proto": "https", "X-Forwarded-Scheme": "https", "X-Scheme": "https",
		}},
		{"lies", "http", "a.test", []string{
			"X-Forwarded-For: 1.2.3.4", "X-Forwarded-Proto: https", "X-Forwarded-Port: 1", "X-Forwarded-Host: evil", "X-Real-IP: 1.2.3.4",
			"X-Original-Forwarded-For: 5.6.7.8", "Proxy: http://evil", "ssl-client-verify: SUCCESS", "SSL-Client-Subject-DN: CN=x",
			"X_Under: 1", "X.Dot: 1", "X-Request-ID: mine",
		}, map[string]string{
			"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http", "X-Forwarded-Port": "PORT", "X-Forwarded-Host": "a.test", "Host": "a.test",
			"X-Real-IP": "127.0.0.1", "X-Original-Forwarded-For": "1.2.3.4", "X-Original-Forwarded-Host": "evil", "Proxy": "",
			"Ssl-Client-Verify": "", "Ssl-Client-Subject-Dn": "", "X_under": "", "X_Under": "", "X.dot": "", "X-Request-ID": "mine",
		}},
		{"several lines", "http", "a.test", []string{
			"X-Forwarded-For: 1.2.3.4", "X-Forwarded-Host: one", "X-Other: x-forwarded-for: 9.9.9.9", "X-Forwarded-For: 5.6.7.8, 6.7.8.9", "X-Forwarded-Host: two",
		}, map[string]string{
			"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "a.test", "X-Original-Forwarded-For": "1.2.3.4, 5.6.7.8, 6.7.8.9",
			"X-Original-Forwarded-Host": "one, two", "X-Other": "x-forwarded-for: 9.9.9.9",
		}},
		{"of the connection", "http", "a.test", []string{"Connection: X-Real-IP, X-Forwarded-For", "Keep-Alive: timeout=5"}, map[string]string{
			"Connection": "", "Keep-Alive": "", "X-Real-IP": "127.0.0.1", "X-Forwarded-For": "127.0.0.1",
		}},
	})
}

func TestHeadersOfTrustedPeers(t *testing.T) {
	trust := func(g *model.Global) {
		g.Forward.TrustHeaders, g.Forward.AppendFor, g.Forward.OriginalURI = true, true, true
		g.Forward.Trusted = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}
	}
	runHeaders(t, trust, []headersCase{
		{"nothing", "http", "a.test", nil, map[string]string{
			"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1", "X-Forwarded-Proto": "http", "X-Original-URI": "/x%20y?q",
		}},
		{"chain", "http", "a.test", []string{
			"X-Forwarded-For: 6.6.6.6, 9.9.9.9, 10.1.1.1, 10.2.2.2", "X-Forwarded-Proto: https", "X-Forwarded-Port: 444",
			"X-Forwarded-Host: front.test:444, other",
		}, map[string]string{
			"X-Real-IP": "9.9.9.9", "X-Forwarded-For": "6.6.6.6, 9.9.9.9, 10.1.1.1, 10.2.2.2, 127.0.0.1", "X-Forwarded-Proto": "https",
			"X-Forwarded-Scheme": "https", "X-Scheme": "https", "X-Forwarded-Port": "444", "X-Forwarded-Host": "front.test:444", "Host": "front.test:444",
			"X-Original-Forwarded-Host": "front.test:444, other",
		}},
		{"several lines", "http", "a.test", []string{"X-Forwarded-For: 6.6.6.6", "X-Forwarded-For: 9.9.9.9, 10.1.1.1", "X-Forwarded-Proto: https"}, map[string]string{
			"X-Real-IP": "9.9.9.9", "X-Forwarded-For": "6.6.6.6, 9.9.9.9, 10.1.1.1, 127.0.0.1", "X-Original-Forwarded-For": "6.6.6.6, 9.9.9.9, 10.1.1.1",
		}},
		{"no address", "http", "a.test", []string{"X-Forwarded-For: 9.9.9.9, unknown, 10.2.2.2"}, map[string]string{"X-Real-IP": "10.2.2.2"}},
		{"all trusted", "http", "a.test", []string{"X-Forwarded-For: 10.9.9.9, 10.2.2.2"}, map[string]string{"X-Real-IP": "10.9.9.9"}},
	})
}

func TestHeadersOfStrangers(t *testing.T) {
	strangers := func(g *model.Global) {
		g.Forward.TrustHeaders = true
		g.Forward.Trusted = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	}
	runHeaders(t, strangers, []headersCase{
		{"lies", "http", "a.test", []string{"X-Forwarded-For: 10.1.1.1", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil"}, map[string]string{
			"X-Real-IP": "127.0.0.1", "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "a.test", "Host": "a.test",
		}},
	})
}

// A request without an ID gets one of 32 hexadecimal digits; answers show no server, and over TLS how long to keep to TLS.
func TestResponses(t *testing.T) {
	for _, binary := range proxies.HAProxy(t) {
		t.Run(binary.String(), func(t *testing.T) {
			cfg := testConfig(server("a.test", to(prefix("/"), "a"), to(prefix("/empty"), "empty-1")))
			startEndpoints(t, cfg)
			c := newClient(t, start(t, binary.Path, cfg))
			plain := c.send(model.Request{Scheme: "http", Host: "a.test", Target: "/"})
			if id := plain.Said.Header.Get("X-Request-ID"); !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(id) {
				t.Errorf("the request ID is %q", id)
			}
			if plain.Header.Get("Server") != "" || plain.Header.Get("Strict-Transport-Security") != "" {
				t.Errorf("the answer has the headers %v", plain.Header)
			}
			for _, target := range []string{"/", "/empty", "/%zz"} {
				secure := c.send(model.Request{Scheme: "https", Host: "a.test", Target: target})
				if hsts := secure.Header.Get("Strict-Transport-Security"); hsts != "max-age=31536000; includeSubDomains" {
					t.Errorf("%s over TLS: Strict-Transport-Security is %q", target, hsts)
				}
			}
			large := c.send(model.Request{Scheme: "http", Host: "a.test", Target: "/"}, "Content-Length: 1048577", "Connection: close")
			if large.StatusCode != http.StatusRequestEntityTooLarge {
				t.Errorf("a body that is too large got %d", large.StatusCode)
			}
		})
	}
}

// The backend that stands in for one without endpoints is told for whom.
func TestFallbackIsToldForWhom(t *testing.T) {
	route := to(prefix("/"), "empty-1")
	route.Fallback = "errors"
	route.Source = model.Source{Namespace: "shop", Ingress: "web", Service: "cart", Port: "http", Path: "/"}
	for _, binary := range proxies.HAProxy(t) {
		cfg := testConfig(server("a.test", route))
		startEndpoints(t, cfg)
		g := newClient(t, start(t, binary.Path, cfg)).send(model.Request{Scheme: "http", Host: "a.test", Target: "/p?q"}, "Accept: text/html", "X-Code: 1")
		want := map[string]string{
			"X-Code": "503", "X-Format": "text/html", "X-Namespace": "shop", "X-Ingress-Name": "web", "X-Service-Name": "cart", "X-Service-Port": "http",
		}
		if diff := cmp.Diff(want, endpointHeadersOf(g, want)); diff != "" || g.Said.Target != "/p?q" {
			t.Errorf("%s: target %q (-want +got):\n%s", binary, g.Said.Target, diff)
		}
	}
}
