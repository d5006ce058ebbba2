package headgate_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/translate"
)

// TestRegexesAreReadAlike makes many regular expressions that the model admits. Every real proxy has to accept all of them, because one
// that it refuses would stop everybody, and to find with each what model.Match finds.
func TestRegexesAreReadAlike(t *testing.T) {
	const patterns, requests = 200, 30
	g := generator{rand.New(rand.NewPCG(11, 12))}
	regexes := g.regexes(patterns)
	for _, r := range runners {
		for _, binary := range r.binaries(t) {
			t.Run(r.target.name+"-"+binary.Version, func(t *testing.T) {
				t.Parallel()
				g := generator{rand.New(rand.NewPCG(13, 14))}
				tc := regexCase(t, regexes)
				tc.proxy, tc.version = r.target.name, binary.Version
				w := newWorld(t, tc)
				w.start(t, r, binary)
				for i, pattern := range regexes {
					for range requests {
						p := probe{model.Request{Scheme: "http", Host: fmt.Sprintf("r%d.test", i), Target: g.matching()}}
						if got, want := w.send(t, p), expected(w.cfg, p); got != want {
							t.Errorf("%q, %s: got %q, want %q", pattern, p, got, want)
						}
					}
				}
			})
		}
	}
}

// regexCase has a host for each pattern, which is rewritten to its groups.
func regexCase(t *testing.T, regexes []string) *testCase {
	t.Helper()
	var b strings.Builder
	for i, pattern := range regexes {
		fmt.Fprintf(&b, `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: r%[1]d, namespace: ns, annotations: {nginx.ingress.kubernetes.io/rewrite-target: "/x$1y$2z"}}
spec:
  ingressClassName: nginx
  rules:
  - host: r%[1]d.test
    http: {paths: [{path: %[2]q, pathType: ImplementationSpecific, backend: {service: {name: one, port: {number: 80}}}}]}
`, i, pattern)
	}
	b.WriteString(`---
apiVersion: v1
kind: Service
metadata: {name: one, namespace: ns}
spec: {ports: [{port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: one, namespace: ns, labels: {kubernetes.io/service-name: one}}
addressType: IPv4
ports: [{port: 8080}]
endpoints: [{addresses: [10.0.0.1]}]
`)
	tc := &testCase{dir: "regexes", settings: translate.DefaultSettings()}
	tc.settings.Class.AssumeName = true
	tc.settings.DefaultCertificate = testCertificate(t)
	tc.objects, tc.input = manifest.Load([]manifest.Input{{Name: "regexes.yaml", Data: []byte(b.String())}}, manifest.LoadOptions{})
	if len(tc.objects) != len(regexes)+2 {
		t.Fatalf("of %d Ingresses %d objects were read: %v", len(regexes), len(tc.objects), tc.input)
	}
	return tc
}

var (
	regexPieces = []string{
		"a", "b", "A", "/", "k", "s", "é", "_", "-", ".", "^", "$", `\.`, `\/`, `\d`, `\D`, `\w`, `\W`, `\s`, `\S`, `\b`, `\B`, `\t`, `\n`, `\r`, `\f`, `\v`,
		"[ab]", "[^a]", "[a-c]", "[]a]", "[^]a]", `[\w-]`, `[\d.]`, `[^\s/]`, "[[:alpha:]]", "[[:digit:]_]", "[^[:space:]]", "[[:upper:]]", "[[:punct:]]",
		"[[:word:]-]", "[:alpha:]", "[:a]", "[.a.]", "[=a=]", "[^:alpha:]", "[a[:alpha:]", "[a[.b.]]", "[[]", "[a-]", "[-a]", `[\]a]`, `[\b]`, "[é]", "[à-é]",
		"(a)", "(?:ab)", "(a|b)", "(|a)", "(?=a)", "(?!a)", "(?i)", "(.)", "(.*)", "()", "{", "}", "{2}", "{a}", "{,2}", "{1,2}", "{1", "a{0}", "a{2,1}", "*", "+", "?", "*?",
		"|", "#", "&", "%", `\#`, `\ `, " ", `\-`, `\"`, `'`, `"`, ";", "~", "=", "@", "<", ">", ",", `\$`, "$1", "${1}", `\_`, "\\\\",
	}
	regexBytes = []string{
		"a", "b", "A", "B", "c", "k", "K", "s", "_", "-", ".", "/", "0", "1", "%C3%A9", "%E3%A9", "%C3", "%E3", "%A0", "%85", "%E9", "%20", "%09", "%0A", "%0B", "%0C",
		"%0D", "%5D", "%5B", ":", "l", "p", "h", "{", "}", "{2}", "%5C", "%25", "%23", "&", "~", "=", "@", "$", "$1", "%22", "'", ";", ",", "|", "%7F", "%FF", "%B5",
	}
)

// regexes makes patterns that are admitted.
func (g generator) regexes(n int) []string {
	var list []string
	for len(list) < n {
		pattern := "/"
		for range 1 + g.IntN(4) {
			pattern += pick(g, regexPieces)
		}
		if _, err := model.CheckRegex(pattern); err == nil {
			list = append(list, pattern)
		}
	}
	return list
}

// matching makes a path of bytes that patterns may match.
func (g generator) matching() string {
	path := "/"
	for range g.IntN(5) {
		path += pick(g, regexBytes)
	}
	return path
}
