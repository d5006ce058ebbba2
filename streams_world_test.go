package headgate_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/hack/ports"
	"github.com/headgate/headgate/hack/proxies"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/reload"
	"github.com/headgate/headgate/render"
	"github.com/headgate/headgate/render/haproxy"
	"github.com/headgate/headgate/render/nginx"
	nginxconf "github.com/headgate/headgate/render/nginx/conf"
	"github.com/headgate/headgate/translate"
)

// edge is a real proxy that follows manifests, brought to it by what drives proxies in earnest.
type edge struct {
	dir      string
	settings translate.Settings
	target   render.Target
	applier  *reload.Applier
	// oldNginx is an nginx that cannot hand connections over.
	oldNginx bool
}

// forEachEdge runs a test with every real proxy.
func forEachEdge(t *testing.T, run func(t *testing.T, e *edge)) {
	forEachNginxEdge(t, run)
	for _, binary := range proxies.HAProxy(t) {
		t.Run("haproxy-"+binary.Version, func(t *testing.T) {
			t.Parallel()
			run(t, newHAProxyEdge(t, binary))
		})
	}
}

// forEachNginxEdge runs a test with every real nginx.
func forEachNginxEdge(t *testing.T, run func(t *testing.T, e *edge)) {
	for _, binary := range proxies.Nginx(t) {
		t.Run("nginx-"+binary.Version, func(t *testing.T) {
			t.Parallel()
			run(t, newNginxEdge(t, binary))
		})
	}
}

func newEdge(t *testing.T) *edge {
	t.Helper()
	dir := shortDir(t)
	e := &edge{dir: dir, settings: testSettings()}
	e.settings.Class.AssumeName, e.settings.TLSPassthrough = true, true
	e.settings.DefaultCertificate = testCertificate(t)
	e.settings.ConfigMap = translate.Name{Namespace: "headgate", Name: "config"}
	e.settings.TCPServices = translate.Name{Namespace: "headgate", Name: "tcp"}
	e.settings.UDPServices = translate.Name{Namespace: "headgate", Name: "udp"}
	e.settings.HTTPPort, e.settings.HTTPSPort = ports.Free(t), ports.Free(t)
	return e
}

// quiet is the log of what drives the proxies.
var quiet = slog.New(slog.DiscardHandler)

func newNginxEdge(t *testing.T, binary proxies.Binary) *edge {
	t.Helper()
	e := newEdge(t)
	build, err := reload.ProbeNginx(t.Context(), binary.Path)
	if err != nil {
		t.Fatal(err)
	}
	if build.Stream == reload.LinkageNone {
		t.Skip("this nginx has no stream module")
	}
	version, err := nginx.ParseVersion(binary.Version)
	if err != nil {
		t.Fatal(err)
	}
	target, err := nginx.New(nginx.Options{Version: version, StreamModule: nginxconf.File(build.StreamModule), SocketDir: e.dir + "/run"})
	if err != nil {
		t.Fatal(err)
	}
	e.target = target
	e.oldNginx = strings.HasPrefix(binary.Version, "1.22.")
	output := &lockedBuffer{}
	proxy, err := reload.NewNginxChild(reload.NginxOptions{WorkDir: e.dir, Bin: binary.Path, StopTimeout: time.Second, Stderr: output, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	e.drive(t, proxy, output, func(generation string, files []render.File) ([]render.File, error) {
		return target.Mark(files, nginx.Marker{Socket: filepath.Join(e.dir, reload.NginxStatusSocket), Generation: generation})
	})
	return e
}

func newHAProxyEdge(t *testing.T, binary proxies.Binary) *edge {
	t.Helper()
	e := newEdge(t)
	version, err := haproxy.ParseVersion(binary.Version)
	if err != nil {
		t.Fatal(err)
	}
	if e.target, err = haproxy.New(haproxy.Options{Version: version}); err != nil {
		t.Fatal(err)
	}
	output := &lockedBuffer{}
	proxy, err := reload.NewHAProxyChild(reload.HAProxyOptions{WorkDir: e.dir, Bin: binary.Path, StopTimeout: time.Second, Stderr: output, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	e.drive(t, proxy, output, reload.HAProxyMarker)
	return e
}

// drive runs an Applier until the test ends. What the proxy printed is shown if the test fails.
func (e *edge) drive(t *testing.T, proxy reload.Proxy, output *lockedBuffer, marker func(string, []render.File) ([]render.File, error)) {
	t.Helper()
	applier, err := reload.Open(reload.Options{WorkDir: e.dir, Proxy: proxy, Marker: marker, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	e.applier = applier
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- applier.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the proxy said:\n%s", output)
		}
	})
}

// apply brings manifests to the proxy, waits until it serves them and nothing else, and says how they reached it.
func (e *edge) apply(t *testing.T, manifests ...string) reload.Method {
	t.Helper()
	old := acceptors(e.settings.HTTPPort)
	outcome, err := e.applier.Apply(t.Context(), e.render(t, strings.Join(manifests, "\n---\n")), "test")
	if err != nil {
		t.Fatal(err)
	}
	if outcome.Applied.Method == reload.MethodReload {
		awaitRetreat(t, old)
	}
	return outcome.Applied.Method
}

func (e *edge) render(t *testing.T, manifests string) []render.File {
	t.Helper()
	objects, diags := manifest.Load([]manifest.Input{{Name: "in.yaml", Data: []byte(manifests)}}, manifest.LoadOptions{})
	snap, more := manifest.NewSnapshot(objects)
	cfg, remarks := translate.Run(snap, e.settings)
	cfg.Global.Process.Workers = 2
	cfg.Global.Log.Access, cfg.Global.Log.Stream = false, false
	result, err := e.target.Render(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range slices.Concat(diags, more, remarks, result.Diagnostics) {
		if d.Severity == diag.Error {
			t.Errorf("unexpected: %s", diagnosticLine(d))
		}
	}
	return result.Files
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("waited in vain until %s", what)
}

// configMap, service and ingress print manifests.
func configMap(name string, pairs ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s, namespace: headgate}\ndata:\n", name)
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&b, "  %q: %q\n", pairs[i], pairs[i+1])
	}
	return b.String()
}

func service(name, protocol string, endpoints ...int) string {
	var list strings.Builder
	for _, port := range endpoints {
		fmt.Fprintf(&list, `---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: %s-%d, namespace: shop, labels: {kubernetes.io/service-name: %s}}
addressType: IPv4
ports: [{name: main, port: %d, protocol: %s}]
endpoints: [{addresses: [127.0.0.1]}]
`, name, port, name, port, protocol)
	}
	return fmt.Sprintf(`apiVersion: v1
kind: Service
metadata: {name: %s, namespace: shop}
spec: {clusterIP: None, ports: [{name: main, port: 1000, protocol: %s}]}
%s`, name, protocol, list.String())
}

func hostOf(name, service, annotations string) string {
	return fmt.Sprintf(`apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: %q, namespace: shop, annotations: {%s}}
spec:
  ingressClassName: nginx
  rules: [{host: %s, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: %s, port: {number: 1000}}}}]}}]
`, name, annotations, name, service)
}

// tlsSecret prints a Secret with the certificate of the tests.
func tlsSecret(name string, c model.Certificate) string {
	indent := func(pem []byte) string { return strings.ReplaceAll(strings.TrimSpace(string(pem)), "\n", "\n    ") }
	return fmt.Sprintf("apiVersion: v1\nkind: Secret\nmetadata: {name: %s, namespace: shop}\ntype: kubernetes.io/tls\nstringData:\n  tls.crt: |\n    %s\n  tls.key: |\n    %s\n",
		name, indent(c.Chain), indent(c.Key))
}

// pod is a TCP server that says "name peer" in its first line, where peer is what it knows of the client, and then sends lines back.
type pod struct {
	name string
	port int
}

func startPod(t *testing.T, name string) pod {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go echo(conn, name)
		}
	}()
	return pod{name, listener.Addr().(*net.TCPAddr).Port}
}

func echo(conn net.Conn, name string) {
	defer conn.Close()
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		fmt.Fprintf(conn, "%s got %s\n", name, lines.Text())
	}
}

// session is a client's TCP connection.
type session struct {
	net.Conn
	lines *bufio.Reader
}

func openSession(t *testing.T, port int) *session {
	t.Helper()
	conn, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), patience)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return newSession(conn)
}

func newSession(conn net.Conn) *session { return &session{conn, bufio.NewReader(conn)} }

// ask sends lines and returns as many.
func (s *session) ask(lines ...string) (string, error) { return s.askFor(len(lines), lines...) }

// askFor sends lines and returns some.
func (s *session) askFor(count int, lines ...string) (string, error) {
	_ = s.SetDeadline(time.Now().Add(patience))
	if _, err := fmt.Fprint(s, strings.Join(lines, "\r\n")+"\r\n"); err != nil {
		return "", err
	}
	var answer []string
	for range count {
		line, err := s.lines.ReadString('\n')
		if err != nil {
			return strings.Join(answer, "|"), err
		}
		answer = append(answer, strings.TrimRight(line, "\r\n"))
	}
	return strings.Join(answer, "|"), nil
}

// openStreams gives the streams of a case ports that are free, and what they forward to real servers.
func (w *world) openStreams(t *testing.T, proxy string, binary proxies.Binary) {
	t.Helper()
	for i := range w.cfg.Streams {
		w.cfg.Streams[i].Port = ports.Free(t)
	}
	for i := range w.cfg.StreamEndpoints {
		e := &w.cfg.StreamEndpoints[i]
		e.Unknown, e.Members = false, []model.Endpoint{{Address: "127.0.0.1", Port: serveBackend(t, e.Backend)}}
	}
	w.cfg.Global.Log.Stream = false
	if proxy != "nginx" || len(w.cfg.Streams)+len(w.cfg.Global.Streams.Snippets) == 0 && !w.cfg.Global.Listen.Passthrough && !w.cfg.Global.Listen.ProxyProtocol {
		return
	}
	build, err := reload.ProbeNginx(t.Context(), binary.Path)
	if err != nil {
		t.Fatal(err)
	}
	w.tc.nginx.NoStream = build.Stream == reload.LinkageNone
	w.tc.nginx.StreamModule = nginxconf.File(build.StreamModule)
	w.tc.nginx.SocketDir = shortDir(t)
}

// shortDir makes a folder whose path leaves room for the name of a socket, and that the proxy's workers may enter.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "hg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}
