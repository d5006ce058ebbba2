package headgate_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
)

// TestDifferential makes random sets of Ingresses and random requests, sends each through every real proxy, and demands the answer of
// model.Match from all of them.
func TestDifferential(t *testing.T) {
	const worlds, requests = 12, 400
	for _, r := range runners {
		for _, binary := range r.binaries(t) {
			for seed := range uint64(worlds) {
				t.Run(fmt.Sprintf("%s-%s/seed-%d", r.target.name, binary.Version, seed), func(t *testing.T) {
					t.Parallel()
					g := generator{rand.New(rand.NewPCG(seed, 7))}
					tc := randomCase(t, g)
					tc.proxy, tc.version = r.target.name, binary.Version
					w := newWorld(t, tc)
					w.start(t, r, binary)
					for range requests {
						p := g.request()
						for _, m := range mismatches(model.Match(w.cfg, p.Request), w.ask(t, p)) {
							t.Errorf("%s: %s", p, m)
						}
					}
					if t.Failed() {
						t.Logf("the input:\n%s", tc.dir)
					}
				})
			}
		}
	}
}

// randomCase makes a case of a random manifest, which stands in place of its folder.
func randomCase(t *testing.T, g generator) *testCase {
	t.Helper()
	text := g.manifests()
	tc := &testCase{dir: text, settings: testSettings()}
	tc.settings.Class.AssumeName = true
	tc.settings.DefaultCertificate = testCertificate(t)
	tc.objects, tc.input = manifest.Load([]manifest.Input{{Name: "random.yaml", Data: []byte(text)}}, manifest.LoadOptions{})
	if len(tc.objects) == 0 {
		t.Fatalf("the generator made no objects: %v\n%s", tc.input, text)
	}
	return tc
}

// generator makes manifests and requests out of small pools, so that they meet often.
type generator struct{ *rand.Rand }

func pick[T any](g generator, pool []T) T { return pool[g.IntN(len(pool))] }

func (g generator) oneIn(n int) bool { return g.IntN(n) == 0 }

var (
	poolHosts = []string{"a.test", "b.test", "c.b.test", "*.b.test", "*.c.b.test", "", "xn--bcher-kva.test"}
	poolPaths = []string{
		"/", "/a", "/a/", "/a/b", "/a/b/", "/ab", "/A", "/a/B", "/x y", "/x%20y", "/q?r", "/h#i", "/d$e", "/(p)", "/dot.dot", "/é", "/a//b", "/~u/", "/;s",
		"/b'q", `/c"q`, `/e\f`, "/{g}", "/plus+",
	}
	poolRegexes = []string{"/a/(.*)", "/[a-c]+/x", "/(a|ab)(/|$)(.*)", "/v[0-9]{1,3}", "/(q|c)(.*)", "/.+\\.php", "/a.c", "/(?!a)[a-z]+", "/x\\s?y",
		"/p(.*)", "/w((.)(.*))"}
	poolTargets = []string{
		"/", "/new", "/$1", "/t/$2", "/$3x", "/$1html", "$1", "/pub/$1", "/$1$2", "x/$10", "https://new.test/$1", "$scheme://$host/to$2", "http://new.test",
	}
	poolNames = []string{"one", "two", "three", "gone", "empty"}
)

// manifests makes one to six Ingresses over three Services with endpoints.
func (g generator) manifests() string {
	var b strings.Builder
	for i := range 1 + g.IntN(6) {
		g.ingress(&b, i)
	}
	for i, name := range []string{"one", "two", "three"} {
		fmt.Fprintf(&b, `---
apiVersion: v1
kind: Service
metadata: {name: %s, namespace: ns}
spec: {ports: [{port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: %s, namespace: ns, labels: {kubernetes.io/service-name: %s}}
addressType: IPv4
ports: [{port: 8080}]
endpoints: [{addresses: [10.0.0.%d]}]
`, name, name, name, i+1)
	}
	b.WriteString("---\napiVersion: v1\nkind: Service\nmetadata: {name: empty, namespace: ns}\nspec: {ports: [{port: 80}]}\n")
	return b.String()
}

func (g generator) ingress(b *strings.Builder, i int) {
	fmt.Fprintf(b, "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: i%d\n  namespace: ns\n  annotations:\n    x.test/y: z\n", i)
	annotate := func(key, value string) { fmt.Fprintf(b, "    nginx.ingress.kubernetes.io/%s: %q\n", key, value) }
	regex := g.oneIn(4)
	if regex {
		annotate("use-regex", "true")
	}
	if g.oneIn(3) {
		annotate("rewrite-target", pick(g, poolTargets))
	}
	if g.oneIn(6) {
		annotate("force-ssl-redirect", "true")
	}
	if g.oneIn(6) {
		annotate("preserve-trailing-slash", "true")
	}
	if g.oneIn(6) {
		annotate("default-backend", "three")
	}
	b.WriteString("spec:\n  ingressClassName: nginx\n")
	host := pick(g, poolHosts)
	if g.oneIn(4) {
		fmt.Fprintf(b, "  tls: [{hosts: [%q]}]\n", host)
	}
	if g.oneIn(5) {
		fmt.Fprintf(b, "  defaultBackend: {service: {name: %s, port: {number: 80}}}\n", pick(g, poolNames))
	}
	b.WriteString("  rules:\n")
	for range 1 + g.IntN(3) {
		fmt.Fprintf(b, "  - host: %q\n    http:\n      paths:\n", pick(g, poolHosts))
		for range 1 + g.IntN(4) {
			path, kind := pick(g, poolPaths), pick(g, []string{"Exact", "Prefix", "ImplementationSpecific"})
			if regex && g.oneIn(2) {
				path, kind = pick(g, poolRegexes), "ImplementationSpecific"
			}
			fmt.Fprintf(b, "      - {path: %q, pathType: %s, backend: {service: {name: %s, port: {number: 80}}}}\n", path, kind, pick(g, poolNames))
		}
	}
}

var (
	requestHosts = []string{
		"a.test", "A.Test", "b.test", "c.b.test", "x.b.test", "y.c.b.test", "a.b.c.test", "none.test", "a.test:8080", "a.test.", "b.test.:1", "10.0.0.1",
		"[::1]", "[::1]:80", "xn--bcher-kva.test", "_x.b.test", "X-Y.B.test", "*.b.test", "*", ".b.test", "a.test:", "a..test", ".",
		"a.test:65535", "a.test:65536", "a.test:x", "u@a.test", `"a.test"`,
	}
	requestParts = []string{
		"a", "b", "ab", "A", "B", "x", "v1", "v12345", "index.php", "abc", "a.c", "x%20y", "x+y", "%61", "%2e", "%2E%2e", "..", ".", "", "q%3Fr", "h%23i",
		"d$e", "(p)", "c|d", "q<r>", "dot.dot", "dotxdot", "%C3%A9", "~u", ";s", "b'q", "c%22q", "e%5Cf", "{g}", "plus+", "%2F", "a%2Fb", "%25", "%2525", "new", "zz", "p..",
		"p%2e%2E", "p.", "p..;x", "p..%5Cx", "..;", "%5C..", "w..", "w.", "p%0D", "p%09", "w%22",
	}
	requestQueries = []string{"", "", "", "?", "?x=1", "?a=/../b&c=%20", "?x=/", "?next=/a/"}
)

// request makes a random request, now and then with something that no server should accept.
func (g generator) request() probe {
	p := probe{model.Request{Scheme: pick(g, []string{"http", "https"}), Host: pick(g, requestHosts)}}
	var target strings.Builder
	for range g.IntN(4) {
		target.WriteString("/" + pick(g, requestParts))
	}
	if target.Len() == 0 || g.oneIn(3) {
		target.WriteString("/")
	}
	if g.oneIn(40) {
		target.WriteString(pick(g, []string{"%zz", "%0", "%00", "%"}))
	}
	p.Target = target.String() + pick(g, requestQueries)
	return p
}
