package headgate_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/hack/proxies"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/reload"
	"github.com/headgate/headgate/render"
	"github.com/headgate/headgate/render/nginx"
	"github.com/headgate/headgate/translate"
)

// edge is a real proxy that follows manifests.
type edge struct {
	dir      string
	settings translate.Settings
	target   render.Target
	process  edgeProcess
	// applied counts the manifests that were applied.
	applied int
}

// edgeProcess is how a proxy is started and told of new files.
type edgeProcess interface {
	// files are those of a generation, besides what the target renders.
	files(generation string) []render.File
	start(t *testing.T)
	reload(t *testing.T)
	// generation is what the proxy says that it serves.
	generation() string
}

// forEachEdge runs a test with every real proxy.
func forEachEdge(t *testing.T, run func(t *testing.T, e *edge)) {
	for _, binary := range proxies.Nginx(t) {
		t.Run("nginx-"+binary.Version, func(t *testing.T) { run(t, newNginxEdge(t, binary)) })
	}
}

func newEdge(t *testing.T) *edge {
	t.Helper()
	dir := shortDir(t)
	if err := os.Mkdir(filepath.Join(dir, "run"), 0o755); err != nil {
		t.Fatal(err)
	}
	e := &edge{dir: dir, settings: translate.DefaultSettings()}
	e.settings.Class.AssumeName = true
	e.settings.DefaultCertificate = testCertificate(t)
	e.settings.ConfigMap = translate.Name{Namespace: "headgate", Name: "config"}
	e.settings.TCPServices = translate.Name{Namespace: "headgate", Name: "tcp"}
	e.settings.UDPServices = translate.Name{Namespace: "headgate", Name: "udp"}
	e.settings.HTTPPort, e.settings.HTTPSPort = freePort(t), freePort(t)
	return e
}

// nginxProcess is an nginx in the foreground, reloaded by a signal.
type nginxProcess struct {
	dir, bin string
	target   *nginx.Target
	cmd      *exec.Cmd
	client   *http.Client
}

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
	target, err := nginx.New(nginx.Options{Version: version, StreamModule: nginx.File(build.StreamModule), SocketDir: e.dir + "/run"})
	if err != nil {
		t.Fatal(err)
	}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", e.dir+"/run/status.sock")
	}
	e.target = target
	e.process = &nginxProcess{
		dir: e.dir, bin: binary.Path, target: target,
		client: &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}, Timeout: time.Second},
	}
	return e
}

func (p *nginxProcess) files(generation string) []render.File {
	files, err := p.target.Marker(p.dir+"/run/status.sock", generation)
	if err != nil {
		panic(err)
	}
	return files
}

func (p *nginxProcess) start(t *testing.T) { p.cmd = startProcess(t, nginxCommand(p.bin, p.dir)) }

func (p *nginxProcess) reload(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
}

func (p *nginxProcess) generation() string {
	response, err := p.client.Get("http://localhost/generation")
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return strings.TrimSpace(string(body))
}

// startProcess runs a proxy until the test ends. What it prints is shown if the test fails.
func startProcess(t *testing.T, cmd *exec.Cmd) *exec.Cmd {
	t.Helper()
	output := &lockedBuffer{}
	cmd.Stdout, cmd.Stderr = output, output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		ended := make(chan struct{})
		go func() { _ = cmd.Wait(); close(ended) }()
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
		if t.Failed() {
			t.Logf("the proxy said:\n%s", output)
		}
	})
	return cmd
}

// apply brings manifests to the proxy and waits until it serves them.
func (e *edge) apply(t *testing.T, manifests ...string) {
	t.Helper()
	e.applied++
	generation := fmt.Sprintf("generation-%d", e.applied)
	files := append(e.render(t, strings.Join(manifests, "\n---\n")), e.process.files(generation)...)
	e.write(t, files)
	if e.applied == 1 {
		e.process.start(t)
	} else {
		e.process.reload(t)
	}
	eventually(t, "the proxy serves "+generation, func() bool { return e.process.generation() == generation })
}

func (e *edge) render(t *testing.T, manifests string) []render.File {
	t.Helper()
	objects, diags := manifest.Load([]manifest.Input{{Name: "in.yaml", Data: []byte(manifests)}}, manifest.LoadOptions{})
	snap, more := manifest.NewSnapshot(objects)
	cfg, remarks := translate.Run(snap, e.settings)
	cfg.Global.Process.Workers = 2
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

// write replaces the files of the last generation.
func (e *edge) write(t *testing.T, files []render.File) {
	t.Helper()
	kept := map[string]bool{}
	for _, f := range files {
		path := filepath.Join(e.dir, filepath.FromSlash(f.Path))
		kept[path] = true
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, os.FileMode(f.Mode)); err != nil {
			t.Fatal(err)
		}
	}
	for _, dir := range []string{"streams", "stream-upstreams", "passthrough", "hosts", "upstreams"} {
		old, _ := filepath.Glob(filepath.Join(e.dir, dir, "*"))
		for _, path := range old {
			if !kept[path] {
				_ = os.Remove(path)
			}
		}
	}
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
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
	conn, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return newSession(conn)
}

func newSession(conn net.Conn) *session { return &session{conn, bufio.NewReader(conn)} }

// ask sends lines and returns as many.
func (s *session) ask(lines ...string) (string, error) {
	_ = s.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := fmt.Fprint(s, strings.Join(lines, "\r\n")+"\r\n"); err != nil {
		return "", err
	}
	var answer []string
	for range lines {
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
		w.cfg.Streams[i].Port = freePort(t)
	}
	for i := range w.cfg.StreamEndpoints {
		e := &w.cfg.StreamEndpoints[i]
		e.Unknown, e.Members = false, []model.Endpoint{{Address: "127.0.0.1", Port: serveBackend(t, e.Backend)}}
	}
	w.cfg.Global.Log.Stream = false
	if proxy != "nginx" || len(w.cfg.Streams) == 0 && !w.cfg.Global.Listen.Passthrough && !w.cfg.Global.Listen.ProxyProtocol {
		return
	}
	build, err := reload.ProbeNginx(t.Context(), binary.Path)
	if err != nil {
		t.Fatal(err)
	}
	w.tc.nginx.NoStream = build.Stream == reload.LinkageNone
	w.tc.nginx.StreamModule = nginx.File(build.StreamModule)
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
