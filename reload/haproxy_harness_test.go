package reload

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
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
    hard-stop-after 5m
    close-spread-time 1s
    stats socket unix@run/runtime.sock mode 600 level admin
defaults http
    mode http
    timeout connect 5m
    timeout client 5m
    timeout server 5m
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
	return serveAs(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, name) })
}

// slowEndpoint answers /slow by halves: the second half comes when it is released.
func slowEndpoint(t *testing.T, name string) (line string, release func()) {
	t.Helper()
	released := make(chan struct{})
	release = sync.OnceFunc(func() { close(released) })
	line = serveAs(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/slow" {
			fmt.Fprint(w, name)
			return
		}
		w.Header().Set("Content-Length", fmt.Sprint(slowBytes))
		_, _ = w.Write(make([]byte, slowBytes/2)) // the client may go away
		w.(http.Flusher).Flush()
		<-released
		_, _ = w.Write(make([]byte, slowBytes/2))
	})
	t.Cleanup(release) // the server waits for its requests
	return line, release
}

// serveAs returns the line of a server that answers the way that is given.
func serveAs(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	address := s.Listener.Addr().String()
	return strings.ReplaceAll(address, ".", "-") + " " + address
}

// superviseHAProxy runs an Applier on an HAProxy that it starts.
func superviseHAProxy(t *testing.T, bin, dir string) gated {
	t.Helper()
	said := &transcript{}
	child, err := NewHAProxyChild(HAProxyOptions{
		WorkDir: dir, Bin: bin, StopTimeout: patience, CompareEvery: 100 * time.Millisecond,
		Stderr: io.MultiWriter(t.Output(), said), Log: testLog(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	e := gateOn(t, child, dir, restless)
	e.said = said
	return e
}

// transcript keeps what a proxy says.
type transcript struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *transcript) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

// count tells how often something was said.
func (s *transcript) count(what string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Count(s.text.String(), what)
}

// restless runs an Applier that looks at its proxy all the time.
func restless(t *testing.T, a *Applier) (stop func()) {
	t.Helper()
	a.pace.heartbeat = 50 * time.Millisecond
	return start(t, a)
}

// passive leaves an Applier alone: it does what it is told, and nothing by itself.
func passive(t *testing.T, a *Applier) (stop func()) {
	t.Helper()
	stop = sync.OnceFunc(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// gated is an Applier on a real HAProxy.
type gated struct {
	*Applier
	dir  string
	stop func()
	said *transcript // nil for one that we do not start
}

func gateOn(t *testing.T, p Proxy, dir string, run func(*testing.T, *Applier) func()) gated {
	t.Helper()
	a, err := Open(Options{WorkDir: dir, Proxy: p, Marker: HAProxyMarker, ConfirmTimeout: patience, Log: testLog(t)})
	if err != nil {
		t.Fatal(err)
	}
	return gated{Applier: a, dir: dir, stop: run(t, a)}
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
	s := e.worker(t)
	defer s.close()
	files := sorted(g)
	c := comparison{haproxyRuntime: &haproxyRuntime{s, map[string]haproxyServer{}}, options: e.options(t)}
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
	s := e.worker(t)
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
	var p haproxyProcesses
	soon(t, "a master that listens and has a worker", func() (ok bool) {
		p, ok = e.listed(t)
		return ok && len(p.workers) > 0
	})
	return p
}

// listed asks the master once.
func (e gated) listed(t *testing.T) (haproxyProcesses, bool) {
	t.Helper()
	p, err := haproxyMaster{filepath.Join(e.dir, HAProxyMasterSocket)}.processes(t.Context())
	return p, err == nil
}

// worker opens a conversation with the newest worker. For a moment after a reload, an old one may still listen.
func (e gated) worker(t *testing.T) *haproxySession {
	t.Helper()
	opts := e.options(t)
	var s *haproxySession
	soon(t, "a worker that the master knows", func() bool {
		var err error
		if s, err = opts.openSession(t.Context()); err != nil {
			return false
		}
		if p, ok := e.listed(t); ok && slices.Contains(p.workers, s.pid) {
			return true
		}
		_ = s.close() // nothing was said
		return false
	})
	return s
}

// options are those of a proxy with sockets in the usual places.
func (e gated) options(t *testing.T) HAProxyOptions {
	t.Helper()
	opts, err := HAProxyOptions{WorkDir: e.dir}.complete()
	if err != nil {
		t.Fatal(err)
	}
	return opts
}

// sorted returns the files the way trees have them.
func sorted(g gate) []render.File {
	files := g.files()
	render.SortFiles(files)
	return files
}
