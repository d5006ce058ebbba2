package headgate_test

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render"
	"github.com/headgate/headgate/render/haproxy"
	"github.com/headgate/headgate/render/nginx"
	"github.com/headgate/headgate/translate"
)

var update = flag.Bool("update", false, "rewrite the golden files of testdata")

// testCase is a folder testdata/<feature>/<case>: in.yaml is the whole input, flags (one "--name value" a line) and requests (one URL
// a line, with a method in front, and "client=ADDRESS" and headers "Name: value" behind tabs, where they matter) are optional, and the
// want files are what has to come out of it.
type testCase struct {
	dir      string
	settings translate.Settings
	// proxy is the only proxy that the case is rendered for, version the version of it; empty means all of them, and the default.
	proxy, version string
	// nginx are options beside the version.
	nginx   nginx.Options
	objects []manifest.Object
	input   diag.List
}

// target is a proxy that cases are rendered for.
type target struct {
	name string
	make func(tc *testCase) (render.Target, error)
	// shared are the files that depend on the global settings only. They are golden in the cases of testdata/global.
	shared []string
	// lists are the files in which a new host has to show beside those of its own.
	lists []string
}

var targets = []target{
	{name: "nginx", make: newNginx, shared: []string{"nginx.conf", "headers.conf"}},
	{
		name: "haproxy", make: newHAProxy, shared: []string{"haproxy.cfg", "certs.list"},
		lists: []string{"haproxy.cfg", "maps/exact.map", "maps/prefix.map", "maps/regex.map", "maps/hosts.map", "maps/traffic.map", "maps/canaries.map", "maps/cookies.map"},
	},
}

func newHAProxy(tc *testCase) (render.Target, error) {
	opts := haproxy.Options{}
	if tc.proxy == "haproxy" && tc.version != "" {
		version, err := haproxy.ParseVersion(tc.version)
		if err != nil {
			return nil, err
		}
		opts.Version = version
	}
	return haproxy.New(opts)
}

func newNginx(tc *testCase) (render.Target, error) {
	opts := tc.nginx
	if tc.proxy == "nginx" && tc.version != "" {
		version, err := nginx.ParseVersion(tc.version)
		if err != nil {
			return nil, err
		}
		opts.Version = version
	}
	return nginx.New(opts)
}

// forEachCase runs a subtest for every case.
func forEachCase(t *testing.T, run func(t *testing.T, tc *testCase)) {
	t.Helper()
	inputs, err := filepath.Glob("testdata/*/*/in.yaml")
	if err != nil || len(inputs) == 0 {
		t.Fatalf("no cases in testdata: %v", err)
	}
	for _, path := range inputs {
		dir := filepath.Dir(path)
		t.Run(filepath.ToSlash(strings.TrimPrefix(dir, "testdata"+string(filepath.Separator))), func(t *testing.T) {
			t.Parallel()
			run(t, readCase(t, dir))
		})
	}
}

// testSettings are the settings of a Headgate without flags, but that endpoints may be on this machine, where those of tests are.
func testSettings() translate.Settings {
	s := translate.DefaultSettings()
	s.LocalEndpoints = true
	return s
}

func readCase(t *testing.T, dir string) *testCase {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "in.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	tc := &testCase{dir: dir, settings: testSettings()}
	tc.settings.Class.AssumeName, tc.settings.Class.FillDefault = true, true
	tc.settings.PlaceholderEndpoints = true
	tc.settings.DefaultCertificate = model.Certificate{ID: "default", Placeholder: true}
	tc.objects, tc.input = manifest.Load([]manifest.Input{{Name: "in.yaml", Data: data}}, manifest.LoadOptions{})
	for _, o := range tc.objects {
		if cm, ok := o.(*manifest.ConfigMap); ok && cm.Namespace == "headgate" {
			tc.useConfigMap(cm)
		}
	}
	tc.readFlags(t)
	return tc
}

// useConfigMap takes the ConfigMaps of the namespace headgate for those that flags name.
func (tc *testCase) useConfigMap(cm *manifest.ConfigMap) {
	name := translate.Name{Namespace: cm.Namespace, Name: cm.Name}
	switch cm.Name {
	case "config":
		tc.settings.ConfigMap = name
	case "tcp":
		tc.settings.TCPServices = name
	case "udp":
		tc.settings.UDPServices = name
	}
}

// readFlags reads the flags that cases use.
func (tc *testCase) readFlags(t *testing.T) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(tc.dir, "flags"))
	if err != nil {
		return
	}
	for line := range strings.Lines(string(data)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		namespace, object, _ := strings.Cut(value, "/")
		switch name {
		case "":
		case "--proxy":
			tc.proxy = value
		case "--proxy-version":
			tc.version = value
		case "--allow-local-endpoints=false":
			tc.settings.LocalEndpoints = false
		case "--enable-ssl-passthrough":
			tc.settings.TLSPassthrough = true
		case "--strict-host-ownership":
			tc.settings.StrictHosts = true
		case "--ingress-class":
			tc.settings.Class.Name = value
		case "--watch-ingress-without-class":
			tc.settings.Class.WithoutClass = true
		case "--annotations-prefix":
			tc.settings.AnnotationsPrefix = value
		case "--default-backend-service":
			tc.settings.DefaultBackend = translate.Name{Namespace: namespace, Name: object}
		case "--default-ssl-certificate":
			tc.settings.DefaultTLSSecret = translate.Name{Namespace: namespace, Name: object}
		case "--disable-catch-all":
			tc.settings.NoCatchAll = true
		case "--configmap":
			tc.settings.ConfigMap = translate.Name{Namespace: namespace, Name: object}
		case "--tcp-services-configmap":
			tc.settings.TCPServices = translate.Name{Namespace: namespace, Name: object}
		case "--watch-namespace":
			tc.settings.WatchNamespace = value
		default:
			t.Fatalf("%s/flags: the cases do not know %s", tc.dir, name)
		}
	}
}

// translate runs the pure rooms up to the model.
func (tc *testCase) translate(objects []manifest.Object) (*model.Config, diag.List) {
	snap, diags := manifest.NewSnapshot(objects, manifest.WithRefusals(tc.input))
	cfg, more := translate.Run(snap, tc.settings)
	all := slices.Concat(tc.input, diags, more)
	all.Sort()
	return cfg, all
}

// files renders for a target, without key material.
func (tc *testCase) files(t *testing.T, tg target, cfg *model.Config) (map[string]string, diag.List) {
	t.Helper()
	proxy, err := tg.make(tc)
	if err != nil {
		t.Fatal(err)
	}
	result, err := proxy.Render(cfg)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range result.Files {
		if !f.Sensitive {
			files[f.Path] = string(f.Data)
		}
	}
	return files, result.Diagnostics
}

// targets are the proxies that the case is rendered for.
func (tc *testCase) targets() []target {
	return slices.DeleteFunc(slices.Clone(targets), func(tg target) bool { return tc.proxy != "" && tc.proxy != tg.name })
}

// golden is what a reviewer reads of the files of a case, as one text: outside testdata/global without what is the same for nearly all
// cases, the shared files and the tables without entries.
func (tc *testCase) golden(tg target, files map[string]string) string {
	all := tc.isGlobal()
	var b strings.Builder
	for _, path := range slices.Sorted(maps.Keys(files)) {
		if all || !slices.Contains(tg.shared, path) && !isEmptyTable(files[path]) {
			fmt.Fprintf(&b, "-- %s --\n%s", path, files[path])
		}
	}
	return b.String()
}

// isEmptyTable reports whether a file holds comments only.
func isEmptyTable(data string) bool {
	for line := range strings.Lines(data) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			return false
		}
	}
	return true
}

func TestGoldenFiles(t *testing.T) {
	forEachCase(t, func(t *testing.T, tc *testCase) {
		cfg, diags := tc.translate(tc.objects)
		var lines strings.Builder
		for _, d := range diags {
			fmt.Fprintln(&lines, diagnosticLine(d))
		}
		want := map[string]string{}
		for _, tg := range tc.targets() {
			files, more := tc.files(t, tg, cfg)
			want[tg.name] = tc.golden(tg, files)
			for _, d := range more {
				fmt.Fprintf(&lines, "%s: %s\n", tg.name, diagnosticLine(d))
			}
		}
		for _, tg := range targets {
			compareFile(t, filepath.Join(tc.dir, "want."+tg.name+".txt"), want[tg.name])
		}
		compareFile(t, filepath.Join(tc.dir, "want.diag"), lines.String())
		compareFile(t, filepath.Join(tc.dir, "want.routes"), routes(t, tc, cfg))
	})
}

func diagnosticLine(d diag.Diagnostic) string {
	return fmt.Sprintf("%s %s[%s] %s %s: %s", d.Pos, d.Severity, d.Code, d.Ref, d.Key, d.Message)
}

// routes says for each request of a case what the model decides.
func routes(t *testing.T, tc *testCase, cfg *model.Config) string {
	var b strings.Builder
	for _, request := range tc.requests(t, cfg) {
		d := model.Match(cfg, request.Request)
		fmt.Fprintf(&b, "%s -> %s%s\n", request, decision(d), tc.steps(&d))
	}
	return b.String()
}

// steps are what applies to a request, as short as a line of many needs it: nothing of what the outcome shows already, and outside
// testdata/global nothing of what all hosts have.
func (tc *testCase) steps(d *model.Decision) string {
	var list []string
	for _, s := range d.Steps {
		name, _, _ := strings.Cut(s.What, ":")
		switch {
		case s.Family == model.FamilyBackend, s.Family == model.FamilyFallback && d.Status == 404, s.Family == model.FamilyHeaders && name == hstsHeader && !tc.isGlobal():
		case s.Family == model.FamilyHeaders && name == hstsHeader:
			list = append(list, name)
		case s.Family == model.FamilyHeaders:
			list = append(list, s.What)
		case slices.Contains(shown, s.Family):
			list = append(list, s.Family.String())
		default:
			list = append(list, s.Family.String()+" "+strings.TrimPrefix(s.What, fmt.Sprintf("%d: ", d.Status)))
		}
	}
	if len(list) == 0 {
		return ""
	}
	return "  [" + strings.Join(list, "; ") + "]"
}

const hstsHeader = "Strict-Transport-Security"

// shown are the families of which the outcome shows what they do.
var shown = []model.Family{
	model.FamilyPassthrough, model.FamilySlash, model.FamilyRedirect, model.FamilyTLSRedirect, model.FamilyRewrite,
}

// isGlobal reports whether a case is about what is the same for nearly all cases.
func (tc *testCase) isGlobal() bool {
	return strings.HasPrefix(tc.dir, filepath.Join("testdata", "global")+string(filepath.Separator))
}

func decision(d model.Decision) string { return strings.Join(outcomes(d), " or ") }

// outcomes are what may come of a request: one thing, or where a draw decides, one for each backend that may be drawn.
func outcomes(d model.Decision) []string {
	if len(d.Shares) == 0 {
		return []string{outcome(d)}
	}
	var list []string
	for _, s := range d.Shares {
		list = append(list, s.Backend+" "+d.Target)
	}
	return list
}

func outcome(d model.Decision) string {
	switch {
	case d.Backend != "":
		return d.Backend + " " + d.Target
	case d.Location != "":
		return fmt.Sprintf("%d %s", d.Status, d.Location)
	default:
		return fmt.Sprint(d.Status)
	}
}

// lines reads an optional file of a case.
func (tc *testCase) lines(t *testing.T, name string) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(tc.dir, name))
	if err != nil {
		return nil
	}
	return strings.Fields(string(data))
}

func compareFile(t *testing.T, path, got string) {
	t.Helper()
	want, err := os.ReadFile(path)
	if err == nil && string(want) == got || err != nil && got == "" {
		return
	}
	if *update {
		writeGolden(t, path, got)
		return
	}
	t.Errorf("%s differs (go test . -update rewrites it):\n%s", path, cmp.Diff(string(want), got))
}

func writeGolden(t *testing.T, path, data string) {
	t.Helper()
	if data == "" {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		return
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
		t.Fatal(err)
	}
}

// probe is a request of a case.
type probe struct {
	model.Request
}

func (p probe) String() string {
	text := p.Scheme + "://" + p.Host + p.Target
	if p.Method != "" {
		text = p.Method + " " + text
	}
	if p.Client.IsValid() {
		text += " client=" + p.Client.String()
	}
	for _, f := range p.Headers {
		text += " " + f.Name + ": " + f.Value
	}
	return text
}

// requests are those of the file of that name, and for every route some that its path invites.
func (tc *testCase) requests(t *testing.T, cfg *model.Config) []probe {
	t.Helper()
	var list []probe
	add := func(scheme, host, target string) {
		list = append(list, probe{model.Request{Scheme: scheme, Host: host, Target: target}})
	}
	for i := range cfg.Servers {
		s := &cfg.Servers[i]
		host := exampleHost(s.Host)
		for j := range s.Routes {
			path := examplePath(s.Routes[j].Match)
			if path == "" {
				continue
			}
			add("http", host, path)
			add("https", host, path+"?q=1")
			add("https", host, strings.TrimSuffix(path, "/")+"/sub")
			add("https", host, path+"x")
			add("https", host, strings.ToUpper(path))
		}
	}
	data, err := os.ReadFile(filepath.Join(tc.dir, "requests"))
	if err != nil {
		return compactProbes(list)
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		method, scheme, rest, ok := cutLine(lines.Text())
		if !ok {
			t.Fatalf("%s/requests: %q is no URL", tc.dir, lines.Text())
		}
		rest, headers, _ := strings.Cut(rest, "\t")
		slash := strings.IndexByte(rest, '/')
		if slash < 0 {
			t.Fatalf("%s/requests: %q has no path", tc.dir, lines.Text())
		}
		add(scheme, rest[:slash], rest[slash:])
		last := &list[len(list)-1]
		last.Method, last.Client, last.Headers = method, readClient(t, headers), readFields(headers)
	}
	return compactProbes(list)
}

// cutLine takes a request apart at its scheme; a method in front of that is optional.
func cutLine(line string) (method, scheme, rest string, ok bool) {
	scheme, rest, ok = strings.Cut(line, "://")
	if before, after, found := strings.Cut(scheme, " "); found {
		method, scheme = before, after
	}
	return method, scheme, rest, ok
}

// readClient reads "client=ADDRESS" among what is separated by tabs.
func readClient(t *testing.T, text string) netip.Addr {
	t.Helper()
	for field := range strings.SplitSeq(text, "\t") {
		if value, ok := strings.CutPrefix(field, "client="); ok {
			addr, err := netip.ParseAddr(value)
			if err != nil {
				t.Fatal(err)
			}
			return addr
		}
	}
	return netip.Addr{}
}

// readFields reads "Name: value", separated by tabs.
func readFields(text string) []model.Field {
	var fields []model.Field
	for field := range strings.SplitSeq(text, "\t") {
		if name, value, ok := strings.Cut(field, ": "); ok {
			fields = append(fields, model.Field{Name: name, Value: value})
		}
	}
	return fields
}

func compactProbes(list []probe) []probe {
	seen := map[string]bool{}
	return slices.DeleteFunc(list, func(p probe) bool {
		old := seen[p.String()]
		seen[p.String()] = true
		return old
	})
}

func exampleHost(host string) string {
	switch rest, wildcard := strings.CutPrefix(host, "*."); {
	case host == "":
		return "no-such-host.test"
	case wildcard:
		return "any." + rest
	default:
		return host
	}
}

// examplePath is a path that meets a condition, empty for regular expressions that are more than a text.
func examplePath(m model.PathMatch) string {
	if m.Kind == model.PathRegex && strings.ContainsAny(m.Path, `()[]{}\.*+?|^$`) {
		return ""
	}
	if strings.ContainsAny(m.Path, " %?#\"'\\") || strings.ContainsFunc(m.Path, func(r rune) bool { return r > 0x7e || r < 0x21 }) {
		return ""
	}
	return m.Path
}
