package translate_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headgate/headgate/model"
)

// of puts an object into another namespace, with a year of creation.
func of(namespace string, year int, o object) object {
	text := strings.Replace(string(o), "namespace: shop\n", fmt.Sprintf("namespace: %s\n  creationTimestamp: \"%d-01-01T00:00:00Z\"\n", namespace, year), 1)
	return object(strings.Replace(text, "namespace: shop}", "namespace: "+namespace+"}", 1))
}

// hosted leads another host than host.example.
func hosted(host string, o object) object {
	return object(strings.Replace(string(o), "host: host.example", "host: "+fmt.Sprintf("%q", host), 1))
}

// withTLS adds a tls section.
func withTLS(section string, o object) object {
	return object(strings.Replace(string(o), "  rules:\n", "  tls: "+section+"\n  rules:\n", 1))
}

var ownerServices = []object{service("one"), of("other", 2024, service("one"))}

// TestTheOldestIngressOwnsItsHost has Ingresses of two namespaces in all orders of age, and asks whose canary gets through.
func TestTheOldestIngressOwnsItsHost(t *testing.T) {
	for _, c := range []struct {
		name    string
		objects []object
		guest   string
	}{
		{"by age", []object{of("shop", 2024, ingress("a", "/", "one")), of("other", 2025, ingress("b", "/b", "one"))}, "other"},
		{"by age, the other way round", []object{of("shop", 2025, ingress("a", "/", "one")), of("other", 2024, ingress("b", "/b", "one"))}, "shop"},
		{"of equal age by descending name", []object{of("shop", 2024, ingress("a", "/", "one")), of("other", 2024, ingress("b", "/b", "one"))}, "other"},
		{"a refused one counts", []object{of("shop", 2024, ingress("a", "/", "one", "limit-rps: ten")), of("other", 2025, ingress("b", "/b", "one"))}, "other"},
		{"a canary does not", []object{
			of("shop", 2023, ingress("canary", "/", "one", `canary: "true"`)), of("other", 2024, ingress("b", "/b", "one")), of("shop", 2025, ingress("a", "/", "one")),
		}, "shop"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := settings()
			s.StrictHosts = true
			lines := remarks(t, s, append(c.objects, ownerServices...)...)
			refused := slices.ContainsFunc(lines, func(l string) bool {
				return strings.Contains(l, "3044 host-path-refused") && strings.Contains(l, "Ingress "+c.guest+"/")
			})
			if !refused {
				t.Errorf("no path of namespace %s is refused: %q", c.guest, lines)
			}
		})
	}
}

// TestCertificatesAcrossNamespaces asks which certificate a host shows, and whether plain HTTP is redirected.
func TestCertificatesAcrossNamespaces(t *testing.T) {
	secret := func(namespace, name string, hosts ...string) object {
		return of(namespace, 2024, tlsSecret(t, name, hosts...))
	}
	wild := of("shop", 2024, withTLS(`[{hosts: ["*.w.example"], secretName: wild}]`, hosted("*.w.example", ingress("wild", "/", "one"))))
	for _, c := range []struct {
		name, host  string
		objects     []object
		certificate string
		redirects   bool
	}{
		{"a guest's certificate", "host.example", []object{
			of("shop", 2024, ingress("a", "/", "one")), of("other", 2025, withTLS("[{hosts: [host.example], secretName: g}]", ingress("b", "/b", "one"))),
			secret("other", "g", "host.example"),
		}, "", false},
		{"the owner's, though the guest is the first with one", "host.example", []object{
			of("shop", 2024, ingress("a", "/", "one")), of("other", 2025, withTLS("[{hosts: [host.example], secretName: g}]", ingress("b", "/b", "one"))),
			of("shop", 2026, withTLS("[{hosts: [host.example], secretName: o}]", ingress("c", "/c", "one"))),
			secret("other", "g", "host.example"), secret("shop", "o", "host.example"),
		}, model.ID("shop", "o"), true},
		{"a wildcard of the same namespace", "a.w.example", []object{
			wild, secret("shop", "wild", "*.w.example"), of("shop", 2025, hosted("a.w.example", ingress("a", "/", "one"))),
		}, model.ID("shop", "wild"), true},
		{"a wildcard of another namespace", "a.w.example", []object{
			wild, secret("shop", "wild", "*.w.example"), of("other", 2025, hosted("a.w.example", ingress("a", "/", "one"))),
		}, model.ID("shop", "wild"), false},
		{"a wildcard below a guest's section", "a.w.example", []object{
			wild, secret("shop", "wild", "*.w.example"), of("other", 2025, hosted("a.w.example", ingress("a", "/", "one"))),
			of("shop", 2026, withTLS("[{hosts: [a.w.example], secretName: wild}]", hosted("a.w.example", ingress("b", "/b", "one")))),
		}, model.ID("shop", "wild"), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := settings()
			s.DefaultCertificate = model.Certificate{ID: "default"}
			cfg, codes := run(t, s, append(c.objects, ownerServices...)...)
			server := cfg.Servers[cfg.ServerFor(c.host)]
			want := c.certificate
			if want == "" {
				want = "default"
			}
			if server.Certificate != want || server.TLSOwned != c.redirects {
				t.Errorf("certificate %q, redirects %t; want %q, %t (%v)", server.Certificate, server.TLSOwned, want, c.redirects, codes)
			}
		})
	}
}

// TestAGuestsCookieStaysOnItsPath keeps a session cookie off the paths of the owner.
func TestAGuestsCookieStaysOnItsPath(t *testing.T) {
	for path, want := range map[string]string{"/": "/b", "/b/sub": "/b/sub", "/bc": "/b"} {
		cfg, _ := run(t, settings(), append(ownerServices, of("shop", 2024, ingress("a", "/", "one")),
			of("other", 2025, ingress("b", "/b", "one", "affinity: cookie", "session-cookie-path: "+path)))...)
		if got := route(t, cfg, "/b").Session.Path; got != want {
			t.Errorf("session-cookie-path %s: the cookie is for %s, want %s", path, got, want)
		}
	}
}

// TestMisreadRegularExpressionsAreClosed has paths whose use-regex or rewrite-target cannot be read.
func TestMisreadRegularExpressionsAreClosed(t *testing.T) {
	for _, c := range []struct {
		path, annotation, place string
	}{
		{"/admin/(.*)", "use-regex: yes please", "/admin"},
		{"/admin(/|$)(.*)", "rewrite-target: /a b", "/admin"},
		{"/area/admin/[0-9]+", "use-regex: ture", "/area/admin"},
		{"/plain", "use-regex: ture", ""},
	} {
		cfg, _ := run(t, settings(), service("one"), ingress("wide", "/", "one"), ingress("narrow", c.path, "one", c.annotation))
		closed := ""
		for _, r := range cfg.Servers[cfg.ServerFor("host.example")].Routes {
			if r.Closed != "" {
				closed = r.Match.Path
			}
		}
		if closed != c.place {
			t.Errorf("%s with %s: closed %q, want %q", c.path, c.annotation, closed, c.place)
		}
	}
}

// tlsSecret is a Secret with a certificate for some hosts.
func tlsSecret(t *testing.T, name string, hosts ...string) object {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: hosts, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	encode := func(kind string, data []byte) string {
		return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}))
	}
	return object(fmt.Sprintf("apiVersion: v1\nkind: Secret\nmetadata: {name: %s, namespace: shop}\ntype: kubernetes.io/tls\ndata:\n  tls.crt: %s\n  tls.key: %s\n",
		name, encode("CERTIFICATE", der), encode("PRIVATE KEY", private)))
}
