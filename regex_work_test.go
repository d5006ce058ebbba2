package headgate_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/hack/proxies"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/translate"
)

// slowPatterns are patterns that are hard on a matcher which backtracks.
var slowPatterns = []string{
	"(.*)/foo/(.*)/bar$", ".*.*x$", "(.*)-(.*)-(.*)$", "([a-z]+-)*[a-z]+$", "(/[^/]+)*$", "(a|b)*$", "((a)(b)?)*$", "(/(a|b|c)?(d|e)?([g-h]*))*$",
	"[a-z-]+-[a-z]+-[0-9]+$", "((?!ab).)*$", "(a(b|c){0,3}d)*$", "(([^/]+)/)?([^/]+)/([^/]+)$", "a{0,200}a{0,200}$", "(a?){0,12}b$", "(?=.*a)(?=.*b).*c$",
	"(a{1,3}b|c)*d$", "[a-f]{1,300}[a-c]{1,300}$", "(.*a){2}$", "(?:[^/]*/){0,9}x$", "((((a))))*$", "(ab?c?){0,40}$", "(.*)(foo|bar|baz)(.*)$",
}

// slowPattern makes a pattern of few letters with many repeats.
func slowPattern(r *rand.Rand, depth int) string {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	var b strings.Builder
	for range 1 + r.IntN(3) {
		switch k := r.IntN(6); {
		case k < 3 || depth == 0:
			b.WriteString(pick("a", "b", "/", ".", "[ab]", "[^/]", "[^b]", `\w`))
		case k < 5:
			b.WriteString("(" + slowPattern(r, depth-1) + "|" + slowPattern(r, depth-1) + ")")
		default:
			b.WriteString("(" + slowPattern(r, depth-1) + ")")
		}
		b.WriteString(pick("", "*", "+", "?", "*?", "{0,9}", "{2,}"))
	}
	return b.String() + pick("", "$", "x")
}

// admittedPatterns are those that a host may have, each with an alternative that matches everything: whoever gives up on one goes on
// with the next path of the host, and is found out.
func admittedPatterns(t *testing.T) []string {
	t.Helper()
	r := rand.New(rand.NewPCG(8, 5))
	candidates := slowPatterns
	for range 1000 {
		candidates = append(candidates, slowPattern(r, 2))
	}
	var patterns []string
	var reader model.RegexReader
	for i, c := range candidates {
		pattern := "/(?:(?:" + c + ")|.*)"
		regex, err := reader.Path(pattern)
		// Of those that were made up, only the dear ones are worth a try.
		if err != nil || i >= len(slowPatterns) && new(model.RegexBudget).Add(regex) == nil && limitOf(regex) == 0 {
			continue
		}
		patterns = append(patterns, pattern)
	}
	if len(patterns) < 40 {
		t.Fatalf("only %d patterns are admitted", len(patterns))
	}
	return patterns[:min(len(patterns), 70)]
}

func limitOf(regex *model.Regex) int {
	var budget model.RegexBudget
	if budget.Add(regex) != nil {
		return 0
	}
	return budget.PathLimit(4 * 8 << 10)
}

// hardPaths are paths on which a pattern has much to try: its own letters again and again, with an end that does not fit.
func hardPaths(r *rand.Rand, pattern string, length int) []string {
	var pieces []string
	for piece := range strings.FieldsFuncSeq(pattern, func(c rune) bool { return !strings.ContainsRune("abcdefghxor-/0123456789", c) }) {
		pieces = append(pieces, piece)
	}
	pieces = append(pieces, "a", "ab", "/a", "a-")
	var paths []string
	for range 5 {
		period := pieces[r.IntN(len(pieces))] + pieces[r.IntN(len(pieces))]
		text := strings.ReplaceAll("/"+strings.Repeat(period, length/len(period)+1), "//", "/a")
		paths = append(paths, text[:length-1]+"!")
	}
	return append(paths, "/"+strings.Repeat("a", length-2)+"!")
}

// regexWorld is a host for each pattern, whose requests all go to "one".
func regexWorld(t *testing.T, patterns []string) *world {
	t.Helper()
	var b strings.Builder
	for i, p := range patterns {
		fmt.Fprintf(&b, `
- apiVersion: networking.k8s.io/v1
  kind: Ingress
  metadata: {name: i%d, namespace: shop, annotations: {nginx.ingress.kubernetes.io/rewrite-target: /x}}
  spec:
    ingressClassName: nginx
    rules:
    - host: h%d.example
      http:
        paths:
        - {path: %s, pathType: ImplementationSpecific, backend: {service: {name: one, port: {number: 80}}}}
        - {path: /, pathType: Prefix, backend: {service: {name: two, port: {number: 80}}}}
`, i, i, strconv.Quote(p))
	}
	return newWorld(t, caseOf(t, "apiVersion: v1\nkind: List\nitems:"+b.String()+services("one", "two")))
}

// services are Services with one endpoint each, as items of a list.
func services(names ...string) string {
	var b strings.Builder
	for i, n := range names {
		fmt.Fprintf(&b, `
- {apiVersion: v1, kind: Service, metadata: {name: %s, namespace: shop}, spec: {ports: [{port: 80}]}}
- apiVersion: discovery.k8s.io/v1
  kind: EndpointSlice
  metadata: {name: %s-1, namespace: shop, labels: {kubernetes.io/service-name: %s}}
  addressType: IPv4
  ports: [{port: 80}]
  endpoints: [{addresses: [10.1.0.%d]}]
`, n, n, n, i+1)
	}
	return b.String()
}

// caseOf makes a case of manifests.
func caseOf(t *testing.T, manifests string) *testCase {
	t.Helper()
	tc := &testCase{dir: t.TempDir(), settings: translate.DefaultSettings()}
	tc.settings.Class.AssumeName, tc.settings.Class.FillDefault = true, true
	tc.settings.DefaultCertificate = testCertificate(t)
	tc.objects, tc.input = manifest.Load([]manifest.Input{{Name: "in.yaml", Data: []byte(manifests)}}, manifest.LoadOptions{})
	if worst, any := tc.input.Worst(); any && worst >= diag.Error {
		t.Fatal(tc.input)
	}
	return tc
}

// forEachBinary runs a test against every proxy that there is.
func forEachBinary(t *testing.T, run func(t *testing.T, r runner, binary proxies.Binary)) {
	for _, r := range runners {
		for _, binary := range r.binaries(t) {
			t.Run(r.target.name+"-"+binary.Version, func(t *testing.T) { run(t, r, binary) })
		}
	}
}

// ticks is the processor time of a proxy and its children, in hundredths of a second.
func (p process) ticks(t *testing.T) int {
	t.Helper()
	own := fmt.Sprintf("/proc/%d", p.Pid)
	children, err := os.ReadFile(filepath.Join(own, "task", strconv.Itoa(p.Pid), "children"))
	if err != nil {
		t.Skip("the system does not tell how much processor time was used")
	}
	sum := 0
	for _, pid := range append(strings.Fields(string(children)), strconv.Itoa(p.Pid)) {
		stat, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil {
			t.Fatalf("the proxy has ended: %v\n%s", err, p.output)
		}
		_, rest, _ := strings.Cut(string(stat), ") ")
		for _, f := range strings.Fields(rest)[11:13] {
			n, _ := strconv.Atoi(f)
			sum += n
		}
	}
	return sum
}

// maxTicks is the processor time that one request may take, in hundredths of a second. The bound is 5,000,000 steps for the patterns of
// a host, and as many for each of two rewrites.
const maxTicks = 20

func TestRegularExpressionsAreBounded(t *testing.T) {
	patterns := admittedPatterns(t)
	forEachBinary(t, func(t *testing.T, r runner, binary proxies.Binary) {
		t.Parallel()
		w := regexWorld(t, patterns)
		w.tc.proxy, w.tc.version = r.target.name, binary.Version
		p := w.start(t, r, binary)
		random := rand.New(rand.NewPCG(3, 7))
		longest := map[string]int{"nginx": 8100, "haproxy": 31000}[r.target.name]
		requests, before := 0, p.ticks(t)
		for i, pattern := range patterns {
			host := fmt.Sprintf("h%d.example", i)
			limit := w.cfg.Servers[w.cfg.ServerFor(host)].PathLimit
			length, started := longest, p.ticks(t)
			if limit > 0 {
				length = min(limit, longest)
			}
			paths := hardPaths(random, pattern, length)
			for _, path := range paths {
				request := probe{Request: model.Request{Scheme: "http", Host: host, Target: path}}
				if got := w.send(t, request); got != "shop_one_80 /x" {
					t.Errorf("%s: a path of %d bytes, %.40s…, is answered %q", pattern, len(path), path, got)
				}
			}
			requests += len(paths)
			if used := p.ticks(t) - started; used > maxTicks*len(paths) {
				t.Errorf("%s: %d requests took %d hundredths of a second", pattern, len(paths), used)
			}
			if limit > 0 && limit < longest {
				request := probe{Request: model.Request{Scheme: "http", Host: host, Target: "/" + strings.Repeat("a", limit)}}
				if got := w.send(t, request); got != "414" {
					t.Errorf("%s: a path that is too long is answered %q", pattern, got)
				}
			}
		}
		t.Logf("%d requests took %d hundredths of a second", requests, p.ticks(t)-before)
		if strings.Contains(p.output.String(), "pcre") {
			t.Errorf("PCRE gave up:\n%s", p.output)
		}
	})
}

// What one tenant wrote to stop HAProxy costs that tenant its paths.
func TestExplosivePatternsStopNobody(t *testing.T) {
	var paths strings.Builder
	for i := range 120 {
		fmt.Fprintf(&paths, "        - {path: '/(a|a)*[xy]{0,%d}$', pathType: ImplementationSpecific, backend: {service: {name: one, port: {number: 80}}}}\n", i%7+1)
	}
	manifests := `apiVersion: v1
kind: List
items:
- apiVersion: networking.k8s.io/v1
  kind: Ingress
  metadata: {name: bomb, namespace: shop, annotations: {nginx.ingress.kubernetes.io/use-regex: "true"}}
  spec:
    ingressClassName: nginx
    rules:
    - host: bomb.example
      http:
        paths:
` + paths.String() + `
- apiVersion: networking.k8s.io/v1
  kind: Ingress
  metadata: {name: bystander, namespace: shop}
  spec:
    ingressClassName: nginx
    rules:
    - host: bystander.example
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: two, port: {number: 80}}}}]}
` + services("one", "two")
	forEachBinary(t, func(t *testing.T, r runner, binary proxies.Binary) {
		t.Parallel()
		w := newWorld(t, caseOf(t, manifests))
		w.tc.proxy, w.tc.version = r.target.name, binary.Version
		p := w.start(t, r, binary)
		before := p.ticks(t)
		for range 5 {
			if got := w.send(t, probe{Request: model.Request{Scheme: "http", Host: "bomb.example", Target: "/" + strings.Repeat("a", 60)}}); len(got) != 3 {
				t.Errorf("the paths are answered %q", got)
			}
		}
		if used := p.ticks(t) - before; used > 5*maxTicks {
			t.Errorf("5 requests took %d hundredths of a second", used)
		}
		if got := w.send(t, probe{Request: model.Request{Scheme: "http", Host: "bystander.example", Target: "/x"}}); got != "shop_two_80 /x" {
			t.Errorf("the bystander is answered %q", got)
		}
	})
}
