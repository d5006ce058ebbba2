package haproxy

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render"
	"github.com/headgate/headgate/render/haproxy/conf"
)

// largeConfig has hosts with two paths each and a backend for each path.
func largeConfig(hosts int) *model.Config {
	var servers []model.Server
	for i := range hosts {
		a, b := to(prefix("/"), fmt.Sprintf("ns_web-%d_80", i)), to(prefix("/api"), fmt.Sprintf("ns_api-%d_80", i))
		if i%2 == 0 {
			a.TLSRedirect, b.TLSRedirect = &model.TLSRedirect{Code: 308}, &model.TLSRedirect{Code: 308}
		}
		servers = append(servers, server(fmt.Sprintf("host-%04d.example.test", i), a, b))
	}
	cfg := testConfig(servers...)
	for i := range cfg.Endpoints {
		for j := range 3 {
			cfg.Endpoints[i].Members = append(cfg.Endpoints[i].Members, model.Endpoint{Address: fmt.Sprintf("10.%d.%d.%d", i/250, i%250, j+1), Port: 8080})
		}
	}
	return cfg
}

func BenchmarkRender(b *testing.B) {
	cfg := largeConfig(1000)
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			mustRender(b, cfg)
		}
	})
	b.Run("again", func(b *testing.B) {
		target, err := New(Options{})
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := target.Render(cfg); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// What a target keeps from one rendering to the next does not show, and spares what did not change.
func TestRenderAgain(t *testing.T) {
	cfg := largeConfig(20)
	target, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	first, err := target.Render(cfg)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Endpoints[3].Members = cfg.Endpoints[3].Members[:1]
	second, err := target.Render(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if fresh := mustRender(t, cfg); !render.Equal(second.Files, fresh.Files) {
		t.Error("a used target prints something else than a fresh one")
	}
	var changed []string
	for i, f := range first.Files {
		if len(f.Data) > 0 && &f.Data[0] != &second.Files[i].Data[0] {
			changed = append(changed, f.Path)
		}
	}
	if diff := cmp.Diff([]string{"namespace-" + cfg.Backends[3].Namespace + ".cfg"}, withoutKeys(changed)); diff != "" {
		t.Errorf("files printed again (-want +got):\n%s", diff)
	}
}

func withoutKeys(paths []string) []string {
	var rest []string
	for _, p := range paths {
		if !strings.HasPrefix(p, "certs/") {
			rest = append(rest, p)
		}
	}
	return rest
}

// A host more changes the maps and adds its own files, nothing else.
func TestBystanders(t *testing.T) {
	cfg := routingConfig()
	more := routingConfig()
	add := to(prefix("/"), "new")
	add.Fallback, add.TLSRedirect = "new-2", &model.TLSRedirect{Code: 308}
	more.Servers = append(more.Servers, server("new.test", add, to(prefix("/x"), "new")))
	more.Servers[len(more.Servers)-1].Certificate = "default"
	for _, id := range []string{"new", "new-2"} {
		more.Backends = append(more.Backends, model.Backend{ID: id, Namespace: "new"})
		more.Endpoints = append(more.Endpoints, model.Endpoints{Backend: id})
	}
	more.Normalize()
	after := map[string]string{}
	for _, f := range mustRender(t, more).Files {
		after[f.Path] = string(f.Data)
	}
	for _, f := range mustRender(t, cfg).Files {
		if f.Sensitive || strings.HasPrefix(f.Path, "maps/") {
			continue
		}
		if diff := cmp.Diff(string(f.Data), after[f.Path]); diff != "" {
			t.Errorf("%s changes with another host:\n%s", f.Path, diff)
		}
	}
}

func TestServerNamesTellAddressesApart(t *testing.T) {
	seen := map[conf.Name]bool{}
	for _, address := range []string{"10.0.0.1", "10.0.0.11", "2001:db8::1", "2001:db8::1:80", "2001:db8::1:8080", "::ffff:10.0.0.1", "1::"} {
		for _, port := range []int{80, 8080, 1, 10} {
			name := serverName(netip.MustParseAddr(address), port)
			if err := name.Check(); err != nil || seen[name] {
				t.Errorf("%s: %v, seen before: %v", name, err, seen[name])
			}
			seen[name] = true
		}
	}
}

// An endpoint that is no address costs itself, a path that cannot be a key its host.
func TestBadPartsCostThemselves(t *testing.T) {
	cfg := testConfig(
		server("a.test", to(prefix("/"), "a")), server("b.test", to(prefix("/"), "a"), to(prefix("/"+strings.Repeat("é", 2000)), "a")),
		server("c.test", to(regex("/a)|(.*"), "a")), server("d_e.test\nx", to(prefix("/"), "a")),
	)
	cfg.Endpoints[0].Members = []model.Endpoint{{Address: "unix@/run/x", Port: 1}, {Address: "10.0.0.1", Port: 8080}, {Address: "10.0.0.2"}}
	result := mustRender(t, cfg)
	if got := file(t, result, "namespace-ns.cfg"); strings.Count(got, " server ") != 1 {
		t.Errorf("the endpoints are:\n%s", got)
	}
	if got := file(t, result, "maps/prefix.map"); !strings.Contains(got, "a.test/ a\nb.test/ status-503\nc.test/ status-503\n") {
		t.Errorf("the prefixes are:\n%s", got)
	}
	if got := file(t, result, "maps/hosts.map"); strings.Contains(got, "d_e") {
		t.Errorf("the hosts are:\n%s", got)
	}
	if len(result.Diagnostics) != 4 {
		t.Errorf("the diagnostics are %v", result.Diagnostics)
	}
}

func TestTemplatesOfTheUser(t *testing.T) {
	override := fstest.MapFS{"haproxy/conf/responses.tmpl": {Data: []byte("{{define \"responses\"}}\nhttp-response set-header X-Proxy ours\n{{end}}\n")}}
	target, err := New(Options{Templates: override, TemplatesName: "own"})
	if err != nil {
		t.Fatal(err)
	}
	result, err := target.Render(routingConfig())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(file(t, result, "haproxy.cfg"), "    http-response set-header X-Proxy ours\n") {
		t.Error("the template of the user is not used")
	}
	override["haproxy/conf/responses.tmpl"].Data = []byte("{{define \"responses\"}}\nhttp-response set-header {{.}}x 1\n{{end}}\n")
	if _, err := New(Options{Templates: override, TemplatesName: "own"}); err == nil || !strings.Contains(err.Error(), "own/haproxy/conf/responses.tmpl:2:") {
		t.Errorf("a template that prints half a word is refused with %v", err)
	}
}

func TestVersions(t *testing.T) {
	if _, err := New(Options{Version: Version{Major: 2, Minor: 4, Patch: 0}}); err == nil {
		t.Error("HAProxy 2.4 is taken")
	}
	for text, want := range map[string]string{"2.6": "2.6.0", "3.2.26": "3.2.26", "3": "", "a.b": "", "2.6.1.1": "", "-1.2": ""} {
		v, err := ParseVersion(text)
		if (err == nil) != (want != "") || err == nil && v.String() != want {
			t.Errorf("%s: %v, %v", text, v, err)
		}
	}
}
