package headgate_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/hack/ports"
	"github.com/headgate/headgate/hack/proxies"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/reload"
	"github.com/headgate/headgate/render"
	"github.com/headgate/headgate/render/nginx"
	"github.com/headgate/headgate/translate"
)

// front is a real proxy in front of Services whose endpoints are real.
type front struct {
	t       *testing.T
	dir     string
	target  render.Target
	ports   model.Listen
	haproxy bool
	// deliver brings files to the proxy, and returns when they are served.
	deliver func(files []render.File)
}

// fleet is the endpoints of a Service. All of a Service listen on one port of different loopback addresses.
type fleet struct {
	service string
	port    int
	hosts   []string
}

// forEachProxy runs a test against every proxy that there is.
func forEachProxy(t *testing.T, run func(t *testing.T, e *front)) {
	for _, r := range runners {
		t.Run(r.target.name, func(t *testing.T) {
			for _, binary := range r.binaries(t) {
				t.Run(binary.Version, func(t *testing.T) { run(t, newFront(t, r, binary)) })
			}
		})
	}
}

func newFront(t *testing.T, r runner, binary proxies.Binary) *front {
	t.Helper()
	target, err := r.target.make(&testCase{proxy: r.target.name, version: binary.Version})
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "front")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	e := &front{t: t, dir: dir, target: target, haproxy: r.target.name == "haproxy"}
	e.ports = model.Listen{HTTPPort: ports.Free(t), HTTPSPort: ports.Free(t), Addresses: []netip.Addr{netip.MustParseAddr("127.0.0.1")}}
	if e.haproxy {
		e.deliver = e.superviseHAProxy(binary.Path)
	} else {
		e.deliver = e.superviseNginx(binary.Path)
	}
	return e
}

// superviseHAProxy runs an HAProxy as headgate does: what can change without a reload does.
func (e *front) superviseHAProxy(bin string) func([]render.File) {
	e.t.Helper()
	log := slog.New(slog.NewTextHandler(e.t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	child, err := reload.NewHAProxyChild(reload.HAProxyOptions{WorkDir: e.dir, Bin: bin, StopTimeout: 2 * time.Second, Log: log})
	if err != nil {
		e.t.Fatal(err)
	}
	applier, err := reload.Open(reload.Options{WorkDir: e.dir, Proxy: child, Marker: reload.HAProxyMarker, Log: log})
	if err != nil {
		e.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = applier.Run(ctx)
	}()
	e.t.Cleanup(func() {
		cancel()
		<-ended
	})
	return func(files []render.File) {
		e.t.Helper()
		old := acceptors(e.ports.HTTPPort)
		out, err := applier.Apply(e.t.Context(), files, "test")
		if err != nil {
			e.t.Fatal(err)
		}
		e.t.Logf("applied by %s %s", out.Applied.Method, out.Applied.Why)
		if out.Applied.Method == reload.MethodReload {
			awaitRetreat(e.t, old)
		}
	}
}

// superviseNginx runs an nginx that every change makes reload.
func (e *front) superviseNginx(bin string) func([]render.File) {
	cmd := nginxCommand(bin, e.dir)
	generation := 0
	return func(files []render.File) {
		e.t.Helper()
		generation++
		marked, err := e.target.(*nginx.Target).Mark(files, nginx.Marker{Socket: e.socket(), Generation: fmt.Sprint(generation)})
		if err != nil {
			e.t.Fatal(err)
		}
		e.write(marked)
		old := acceptors(e.ports.HTTPPort)
		if generation == 1 {
			e.start(cmd)
		} else if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
			e.t.Fatal(err)
		}
		deadline := time.Now().Add(patience)
		for e.serving() != generation {
			if time.Now().After(deadline) {
				e.t.Fatalf("generation %d is not served:\n%s", generation, cmd.Stderr)
			}
			time.Sleep(20 * time.Millisecond)
		}
		awaitRetreat(e.t, old)
	}
}

// apply brings objects to the proxy: it starts it, or makes it change.
func (e *front) apply(objects ...string) {
	e.t.Helper()
	e.deliver(e.render(objects))
}

func (e *front) render(objects []string) []render.File {
	e.t.Helper()
	parsed, diags := manifest.Load([]manifest.Input{{Name: "in.yaml", Data: []byte(strings.Join(objects, "\n---\n"))}}, manifest.LoadOptions{})
	if worst, some := diags.Worst(); some && worst >= diag.Error {
		e.t.Fatalf("the objects are wrong: %v", diags)
	}
	snap, _ := manifest.NewSnapshot(parsed)
	settings := testSettings()
	settings.Class.AssumeName = true
	settings.DefaultCertificate = testCertificate(e.t)
	settings.SessionKey = model.Secret("a key of this test")
	settings.ConfigMap = translate.Name{Namespace: "headgate", Name: "config"}
	cfg, _ := translate.Run(snap, settings)
	cfg.Global.Log.Access = false
	cfg.Global.Process.Workers = 2
	cfg.Global.Listen = e.ports
	result, err := e.target.Render(cfg)
	if err != nil {
		e.t.Fatal(err)
	}
	return result.Files
}

func (e *front) write(files []render.File) {
	e.t.Helper()
	for _, f := range files {
		path := filepath.Join(e.dir, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			e.t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o600); err != nil {
			e.t.Fatal(err)
		}
	}
}

func (e *front) socket() string { return filepath.Join(e.dir, "generation.sock") }

func (e *front) start(cmd *exec.Cmd) {
	e.t.Helper()
	if err := os.MkdirAll(filepath.Join(e.dir, "run"), 0o755); err != nil {
		e.t.Fatal(err)
	}
	cmd.Stderr = &lockedBuffer{}
	if err := cmd.Start(); err != nil {
		e.t.Fatal(err)
	}
	e.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
}

// serving asks the proxy for the generation that it serves, 0 if it does not say.
func (e *front) serving() (generation int) {
	conn, err := net.Dial("unix", e.socket())
	if err != nil {
		return 0
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET /generation HTTP/1.0\r\n\r\n")
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	_, _ = fmt.Fscan(response.Body, &generation)
	return generation
}

// say gives an HAProxy a command and returns what it says. The socket is that of the newest process.
func (e *front) say(t *testing.T, command string) string {
	t.Helper()
	conn, err := net.Dial("unix", filepath.Join(e.dir, reload.HAProxyRuntimeSocket))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	fmt.Fprintln(conn, command)
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

// serveFleet starts the endpoints of a Service, from 127.0.NET.1 on. handle may be nil.
func serveFleet(t *testing.T, service string, net24, count int, handle func(host string, w http.ResponseWriter, r *http.Request)) *fleet {
	t.Helper()
	p := &fleet{service: service, port: ports.Free(t)}
	for i := range count {
		host := fmt.Sprintf("127.0.%d.%d", net24, i+1)
		p.hosts = append(p.hosts, host)
		listener, err := net.Listen("tcp", fmt.Sprintf("%s:%d", host, p.port))
		if err != nil {
			t.Fatal(err)
		}
		server := &http.Server{ReadHeaderTimeout: patience, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Pod", service+" "+host)
			if handle != nil {
				handle(host, w, r)
			}
		})}
		go func() { _ = server.Serve(listener) }()
		t.Cleanup(func() { _ = server.Close() })
	}
	return p
}

// objects are the Service and its EndpointSlice with the given endpoints, by index.
func (p *fleet) objects(indexes ...int) string {
	var endpoints []string
	for _, i := range indexes {
		endpoints = append(endpoints, fmt.Sprintf("{addresses: [%s]}", p.hosts[i]))
	}
	return fmt.Sprintf(`apiVersion: v1
kind: Service
metadata: {name: %[1]s, namespace: shop}
spec: {ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: %[1]s, namespace: shop, labels: {kubernetes.io/service-name: %[1]s}}
addressType: IPv4
ports: [{name: http, port: %[2]d}]
endpoints: [%[3]s]`, p.service, p.port, strings.Join(endpoints, ", "))
}

// all are all endpoints.
func (p *fleet) all() string {
	var indexes []int
	for i := range p.hosts {
		indexes = append(indexes, i)
	}
	return p.objects(indexes...)
}

// ingressFor is an Ingress for host.example; annotations are "key: value" without prefix.
func ingressFor(name, path, service string, annotations ...string) string {
	var b strings.Builder
	for _, a := range annotations {
		fmt.Fprintf(&b, "\n    nginx.ingress.kubernetes.io/%s", a)
	}
	return fmt.Sprintf(`apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: %s
  namespace: shop
  annotations:%s
    kubernetes.io/description: none
spec:
  ingressClassName: nginx
  rules:
  - {host: host.example, http: {paths: [{path: %s, pathType: Prefix, backend: {service: {name: %s, port: {number: 80}}}}]}}`, name, b.String(), path, service)
}

// visitor is a client with a cookie jar and an address.
type visitor struct {
	front   *front
	dialer  *net.Dialer
	cookies map[string]string
	// set counts the cookies that answers brought.
	set int
}

func (e *front) visitor(from string) *visitor {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: patience}
	return &visitor{front: e, dialer: dialer, cookies: map[string]string{}}
}

// get asks for a path of host.example and returns who answered, or the status if it is not 200.
func (v *visitor) get(path string) string {
	response, err := v.ask(path)
	if err != nil {
		return err.Error()
	}
	for _, c := range response.Header.Values("Set-Cookie") {
		pair, _, _ := strings.Cut(c, ";")
		name, value, _ := strings.Cut(pair, "=")
		v.cookies[name] = value
		v.set++
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Sprint(response.StatusCode)
	}
	return response.Header.Get("X-Pod")
}

// ask sends a request over a connection of its own: a kept one would still be served by a worker with the configuration of before. It
// waits until the proxy closes the connection, which an nginx does when it counts the request among those in progress no more.
func (v *visitor) ask(path string) (*http.Response, error) {
	port := v.front.ports.HTTPPort
	request, err := http.NewRequest(http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d%s", port, path), nil)
	if err != nil {
		return nil, err
	}
	request.Host, request.Close = "host.example", true
	for name, value := range v.cookies {
		request.Header.Add("Cookie", name+"="+value)
	}
	conn, err := v.dialer.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	if err := request.Write(conn); err != nil {
		return nil, err
	}
	reader := bufio.NewReader(conn)
	response, err := http.ReadResponse(reader, request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, reader)
	return response, nil
}
