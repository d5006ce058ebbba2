package manifest

import (
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	long := func(n int) string { return strings.Repeat("a", n) }
	tests := []struct {
		name  string
		check func(string) string
		good  []string
		bad   []string
	}{
		{"label", checkLabel, []string{"a", "0", "a-b", long(63)}, []string{"", "-a", "a-", "A", "a.b", "a_b", "é", "a\n", long(64)}},
		{
			"subdomain", checkSubdomain,
			[]string{"a", "a.b", "a-b.c0", long(253)},
			[]string{"", ".", "a.", ".a", "a..b", "a.-b", "A.b", "*.a", "a/b", "a\x00", long(254)},
		},
		{"external name", checkExternalName, []string{"a.b", "a.b."}, []string{"a.b..", ".", ""}},
		{
			"port name", checkPortName, []string{"http", "a-1", "1a", long(15)},
			[]string{"", "80", "1-2", "a--b", "-a", "a-", "HTTP", "a_b", long(16)},
		},
		{"data key", checkDataKey, []string{"a", "A_b-c.d", ".x", "a..b", long(253)}, []string{"", ".", "..", "..a", "a/b", "a b", "é", long(254)}},
		{
			"annotation key", checkAnnotationKey, []string{"a", "A.b_c", "x.y/a", "X.Y/a", "x/" + long(63)},
			[]string{"", "/a", "a/", "x_y/a", "a/b/c", "-a", "a-", "a b", "x/" + long(64), "a\n"},
		},
		{"cluster IP", checkClusterIP, []string{"None", "10.0.0.1", "fd00::1"}, []string{"none", "a", "fe80::1%eth0", "10.0.0"}},
		{"IPv4", addressRule(AddressIPv4), []string{"10.0.0.1"}, []string{"::1", "010.0.0.1", "a", "10.0.0.1:80"}},
		{"IPv6", addressRule(AddressIPv6), []string{"::1", "fd00::1"}, []string{"10.0.0.1", "fe80::1%eth0", "[::1]"}},
		{"FQDN", addressRule(AddressFQDN), []string{"a.b"}, []string{"a_b"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, s := range test.good {
				if problem := test.check(s); problem != "" {
					t.Errorf("%q %s", s, problem)
				}
			}
			for _, s := range test.bad {
				if test.check(s) == "" {
					t.Errorf("%q is taken", s)
				}
			}
		})
	}
}

func TestLookupFallsBackToTheEnclosingField(t *testing.T) {
	const text = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  annotations:
    a.b/c: "x"
spec:
  defaultBackend: {service: {name: web, port: {number: 80}}}
  rules:
  - host: a.example
  - host: b.example
`
	ing := load(t, Input{Name: "f", Data: []byte(text)})[0].(*Ingress)
	tests := []struct{ path, want string }{
		{"", "f:1:1"},
		{"spec.rules[0].host", "f:10:11"},
		{"spec.rules[1]", "f:11:5"},
		{"spec.rules[1].http.paths[3].backend", "f:11:5"},
		{"spec.rules[2].host", "f:10:3"},
		{"spec.rules[x].host", "f:10:3"},
		{"spec.tls[0]", "f:8:3"},
		{`metadata.annotations["a.b/c"]`, "f:6:12"},
		{`metadata.annotations["a.b/c`, "f:6:5"},
		{`metadata.annotations["d"]`, "f:6:5"},
		{"data", "f:1:1"},
		{"..", "f:1:1"},
	}
	for _, test := range tests {
		if got := ing.Pos(test.path).String(); got != test.want {
			t.Errorf("%q is at %s, want %s", test.path, got, test.want)
		}
	}
}
