package reload

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/headgate/headgate/hack/ports"
)

// TestHAProxyServers: servers are added, changed and removed in the running process.
func TestHAProxyServers(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		e, port := superviseHAProxy(t, bin, shortDir(t)), ports.Free(t)
		a, b, c := endpoint(t, "a"), endpoint(t, "b"), endpoint(t, "c")
		e.mustApply(t, one(port, a))
		serves(t, port, "a")
		_, bAddress, _ := strings.Cut(b, " ")
		aName, _, _ := strings.Cut(a, " ")
		for _, step := range []struct {
			name, answer string
			servers      []string
		}{
			{"none", "", nil},
			{"another", "b", []string{b}},
			{"one that retires comes back", "a", []string{a}},
			{"another address", "b", []string{aName + " " + bAddress}},
			{"back", "a", []string{a}},
			{"out of service", "b", []string{a + " disabled", b}},
			{"in service", "", []string{a, b}},
			{"drained", "b", []string{a + " weight 0", b}},
			{"weights", "", []string{a + " weight 3", b + " weight 5"}},
			{"weights from elsewhere", "c", []string{c + " weight 7"}},
			{"options", "c", []string{c + " weight 7", "t 127.0.0.1:9 ssl verify none sni str(x.test) alpn h2,http/1.1 disabled", "u [::1]:9 proto h2 disabled"}},
			{"a check", "", []string{c, a + " check inter 100ms"}},
			{"without the check", "c", []string{c}},
		} {
			t.Run(step.name, func(t *testing.T) {
				if step.name == "a check" { // with other options the server can come back only when it has gone
					soon(t, "deleted", func() bool { return !strings.Contains(e.say(t, "show servers state b"), " "+aName+" ") })
				}
				e.mustChange(t, one(port, step.servers...))
				if step.answer != "" {
					serves(t, port, step.answer)
				}
			})
		}
		if p := e.processes(t); p.reloads != 0 {
			t.Errorf("%d reloads", p.reloads)
		}
		e.mustReload(t, one(port, c+" maxconn 100"), "has other options")
	})
}

// TestHAProxyReloadsForServers: what would be otherwise after a reload is not done without one.
func TestHAProxyReloadsForServers(t *testing.T) {
	for _, test := range []struct{ name, rules, one, two, why string }{
		{"order", "balance first\n", "", "", "balance first goes by the order"},
		{"ring", "balance source\n hash-type consistent\n", "", "", "without id or hash-key"},
		{"map", "balance source\n", "", "", "without hash-type consistent"},
		{"inherited", "default-server check\n", "", "", "default-server"},
		{"name", "", "", "localhost:80", ""},
		{"refused", "", "", " track b/x", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			from, to := one(1, "a 127.0.0.1:1"), one(1, "a 127.0.0.1:1", "b 127.0.0.1:2"+test.two)
			from.backends[0].rules, to.backends[0].rules = test.rules, test.rules
			_, why := planChange(sorted(from), sorted(to), inventory{})
			if !strings.Contains(why, test.why) || test.why == "" && why != "" {
				t.Errorf("why %q", why)
			}
		})
	}
}

func TestHAProxyLists(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		e, port := superviseHAProxy(t, bin, shortDir(t)), ports.Free(t)
		g := one(port, endpoint(t, "one"))
		g.backends = append(g.backends, pool{name: "c", servers: []string{endpoint(t, "two")}})
		e.mustApply(t, g)
		var many strings.Builder
		for i := range 3000 {
			fmt.Fprintf(&many, "/many/%04d/%s c\n", i, strings.Repeat("x", i%50))
		}
		for _, step := range []struct{ name, routes, banned, path, want string }{
			{"another value", "/ c\n", "", "/", "two"},
			{"more keys", "/ b\n/two/ c\n# a comment\n", "", "/two/x", "two"},
			{"fewer", "/ b\n", "", "/two/x", "one"},
			{"odd keys", "/ b\n/\\esc c\n/semi;colon c\n/quo\"te'd c\n/a#b c\n/{x} c\n/ünicode c\n", "", "/", "one"},
			{"odd keys gone", "/ b\n/{x} c\n", "", "/", "one"},
			{"many", "/ b\n" + many.String(), "", "/many/2999/", ""},
			{"none of them", "/ b\n", "", "/", "one"},
			{"twice", "/ b\n/t c\n/t c\n", "", "/", "one"},
			{"tabs and blanks", "/ b\n /t\t  c  \n\n", "", "/", "one"},
			{"banned", "/ b\n", "127.0.0.0/8\n2001:db8::/32\n", "/", "one"},
			{"banned others", "/ b\n", "10.0.0.0/8\n", "/", "one"},
		} {
			t.Run(step.name, func(t *testing.T) {
				g.routes, g.banned = step.routes, step.banned
				e.mustChange(t, g)
				if got, err := fetch(t.Context(), port, step.path); step.want != "" && (err != nil || got != step.want) {
					t.Errorf("%q, %v", got, err)
				}
			})
		}
		g.routes = "/ b\n/" + strings.Repeat("x", maxPayload) + " b\n"
		e.mustReload(t, g, "longer than a command")
	})
}

// TestHAProxyOrderedMap: entries that are tried in their order stay in it.
func TestHAProxyOrderedMap(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		e, port := superviseHAProxy(t, bin, shortDir(t)), ports.Free(t)
		g := one(port, endpoint(t, "one"))
		g.extra = "    http-response set-header x-found %[str(/a/b),map_reg(maps/routes.map)]"
		e.mustApply(t, g)
		for _, routes := range []string{"/ b\n^/z b\n", "^/a b\n/ b\n^/z b\n", "/ b\n^/z b\n^/a b\n", "^/z b\n/ b\n"} {
			g.routes = routes
			e.mustChange(t, g)
		}
	})
}

// selfSigned makes a certificate with its key.
func selfSigned(t *testing.T, name string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})) + string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
}

func TestHAProxyCertificates(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		e := superviseHAProxy(t, bin, shortDir(t))
		g := one(ports.Free(t), endpoint(t, "one"))
		g.tlsPort = ports.Free(t)
		shows := func(host string) string {
			conn, err := tls.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", g.tlsPort), &tls.Config{ServerName: host, InsecureSkipVerify: true})
			if err != nil {
				return err.Error()
			}
			defer conn.Close()
			return conn.ConnectionState().PeerCertificates[0].Subject.CommonName
		}
		for _, step := range []struct {
			name, list, host, want string
			certs                  map[string]string
		}{
			{"start", "certs/d.pem\ncerts/a.pem a.test\n", "a.test", "a", map[string]string{"d.pem": selfSigned(t, "d"), "a.pem": selfSigned(t, "a")}},
			{"renewed", "certs/d.pem\ncerts/a.pem a.test\n", "a.test", "a2", map[string]string{"a.pem": selfSigned(t, "a2")}},
			{"renewed default", "certs/d.pem\ncerts/a.pem a.test\n", "x.test", "d2", map[string]string{"d.pem": selfSigned(t, "d2")}},
			{"more names", "certs/d.pem\ncerts/a.pem a.test *.a.test\n", "b.a.test", "a2", nil},
			{"another", "certs/d.pem\ncerts/0.pem [alpn h2,http/1.1] 0.test\ncerts/a.pem a.test\n", "0.test", "0", map[string]string{"0.pem": selfSigned(t, "0")}},
			{"other options", "certs/d.pem\ncerts/0.pem [alpn http/1.1] 0.test\ncerts/a.pem a.test\n", "0.test", "0", nil},
			{"gone", "certs/d.pem\ncerts/a.pem a.test\n", "0.test", "d2", map[string]string{"0.pem": ""}},
		} {
			t.Run(step.name, func(t *testing.T) {
				before := g.certs
				g.certs, g.list = map[string]string{}, step.list
				maps.Copy(g.certs, before)
				maps.Copy(g.certs, step.certs)
				maps.DeleteFunc(g.certs, func(_, data string) bool { return data == "" })
				if before == nil {
					e.mustApply(t, g)
				} else {
					e.mustChange(t, g)
				}
				if got := shows(step.host); got != step.want {
					t.Errorf("%s shows %s", step.host, got)
				}
			})
		}
		g.list = "certs/a.pem\ncerts/d.pem d.test\n"
		e.mustReload(t, g, "default certificate")
	})
}
