package reload

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/headgate/headgate/hack/proxies"
	"github.com/headgate/headgate/render"
)

// eachHAProxy runs a test with every HAProxy binary there is.
func eachHAProxy(t *testing.T, test func(t *testing.T, bin string)) {
	for _, b := range proxies.HAProxy(t) {
		t.Run(b.String(), func(t *testing.T) { test(t, b.Path) })
	}
}

// gate is an HAProxy configuration of one frontend and some backends. Its zero value listens nowhere.
type gate struct {
	port, tlsPort int
	// routes are lines of the map from path to backend.
	routes string
	// backends are in the order given.
	backends []pool
	// certs are PEM files by name, and list is the crt-list.
	certs map[string]string
	list  string
	// banned are lines of a list of addresses.
	banned string
	// extra is put at the end of the frontend.
	extra string
}

// pool is a backend.
type pool struct {
	name    string
	rules   string
	servers []string // lines without "server"
}

func (g gate) files() []render.File {
	var b strings.Builder
	fmt.Fprintf(&b, `global
    default-path config
    noreuseport
    hard-stop-after 10s
    close-spread-time 1s
    stats socket unix@run/runtime.sock mode 600 level admin
defaults http
    mode http
    timeout connect 2s
    timeout client 10s
    timeout server 10s
    retries 2
    option redispatch 1
frontend web from http
    bind 127.0.0.1:%d
`, g.port)
	if g.tlsPort != 0 {
		fmt.Fprintf(&b, "    bind 127.0.0.1:%d ssl crt-list certs/list\n", g.tlsPort)
	}
	fmt.Fprintf(&b, "    http-request deny if { req.hdr_ip(x-from) -f lists/banned.list }\n"+
		"    use_backend %%[path,map_beg(maps/routes.map)] if { path,map_beg(maps/routes.map) -m found }\n%s\n", g.extra)
	files := []render.File{
		{Path: "haproxy.cfg", Mode: 0o644, Data: []byte(b.String())},
		{Path: "lists/banned.list", Mode: 0o644, Data: []byte(g.banned)},
		{Path: "maps/routes.map", Mode: 0o644, Data: []byte(g.routes)},
	}
	for _, p := range g.backends {
		text := "# made for a test\nbackend " + p.name + " from http\n    balance roundrobin\n" + p.rules
		for _, s := range p.servers {
			text += "    server " + s + "\n"
		}
		files = append(files, render.File{Path: "service-" + p.name + ".cfg", Mode: 0o644, Data: []byte(text)})
	}
	for name, data := range g.certs {
		files = append(files, render.File{Path: "certs/" + name, Mode: 0o600, Sensitive: true, Data: []byte(data)})
	}
	if g.list != "" {
		files = append(files, render.File{Path: "certs/list", Mode: 0o644, Data: []byte(g.list)})
	}
	return files
}

// one is a gate with one backend for everything.
func one(port int, servers ...string) gate {
	return gate{port: port, routes: "/ b\n", banned: "192.0.2.1\n", backends: []pool{{name: "b", servers: servers}}}
}

// endpoint is a server that answers with its name.
func endpoint(t *testing.T, name string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			w.Header().Set("Content-Length", fmt.Sprint(slowBytes))
			for range 20 {
				_, _ = w.Write(make([]byte, slowBytes/20)) // the client may go away
				w.(http.Flusher).Flush()
				time.Sleep(100 * time.Millisecond)
			}
			return
		}
		fmt.Fprint(w, name)
	}))
	t.Cleanup(s.Close)
	address := s.Listener.Addr().String()
	return strings.ReplaceAll(address, ".", "-") + " " + address
}

// superviseHAProxy runs an Applier on an HAProxy that it starts.
func superviseHAProxy(t *testing.T, bin, dir string) gated {
	t.Helper()
	child, err := NewHAProxyChild(HAProxyOptions{
		WorkDir: dir, Bin: bin, StopTimeout: 10 * time.Second, CompareEvery: 100 * time.Millisecond, Stderr: t.Output(), Log: testLog(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	return gateOn(t, child, dir)
}

// gated is an Applier on a real HAProxy.
type gated struct {
	*Applier
	dir  string
	stop func()
}

func gateOn(t *testing.T, p Proxy, dir string) gated {
	t.Helper()
	a, err := Open(Options{WorkDir: dir, Proxy: p, Marker: HAProxyMarker, ConfirmTimeout: 10 * time.Second, Log: testLog(t)})
	if err != nil {
		t.Fatal(err)
	}
	a.pace.heartbeat = 50 * time.Millisecond
	return gated{a, dir, start(t, a)}
}

func (e gated) mustApply(t *testing.T, g gate) Outcome {
	t.Helper()
	out, err := e.Apply(t.Context(), g.files(), "test")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// mustChange demands that a change takes no reload, and that the process is what the files say.
func (e gated) mustChange(t *testing.T, g gate) {
	t.Helper()
	if out := e.mustApply(t, g); out.Applied.Method != MethodRuntime {
		t.Errorf("applied by %+v", out.Applied)
	}
	e.equal(t, g)
}

// mustReload demands a reload for a reason.
func (e gated) mustReload(t *testing.T, g gate, why string) {
	t.Helper()
	out := e.mustApply(t, g)
	if out.Applied.Method != MethodReload || !strings.Contains(out.Applied.Why, why) {
		t.Errorf("applied by %+v, want a reload because of %q", out.Applied, why)
	}
	e.equal(t, g)
}

// equal demands that the process is what the files say.
func (e gated) equal(t *testing.T, g gate) {
	t.Helper()
	opts, err := HAProxyOptions{WorkDir: e.dir}.complete()
	if err != nil {
		t.Fatal(err)
	}
	var s *haproxySession
	within(t, 10*time.Second, "a master that listens", func() bool {
		s, err = opts.openSession(t.Context())
		return err == nil
	})
	defer s.close()
	files := sorted(g)
	c := comparison{haproxyRuntime: &haproxyRuntime{s, map[string]haproxyServer{}}, options: opts}
	if err := c.tree(files); err != nil || len(c.found) > 0 {
		t.Errorf("compared with the files: %v, %v", c.found, err)
	}
	if id, err := s.generation(); err != nil || id != e.Status().Generation {
		t.Errorf("generation %q, %v", id, err)
	}
}

// say gives the process a command behind our back.
func (e gated) say(t *testing.T, command string) string {
	t.Helper()
	s, err := dialHAProxy(t.Context(), filepath.Join(e.dir, HAProxyRuntimeSocket))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	answer, err := s.ask(command)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// processes asks the master.
func (e gated) processes(t *testing.T) haproxyProcesses {
	t.Helper()
	p, err := haproxyMaster{filepath.Join(e.dir, HAProxyMasterSocket)}.patiently(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// sorted returns the files the way trees have them.
func sorted(g gate) []render.File {
	files := g.files()
	render.SortFiles(files)
	return files
}
