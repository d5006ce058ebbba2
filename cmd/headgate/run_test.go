package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/headgate/headgate/hack/ports"
	"github.com/headgate/headgate/hack/proxies"
)

// patience is how long a test waits for what should take some hundred milliseconds.
const patience = 2 * time.Minute

// world is a running headgate with its proxy, an input folder and some endpoints.
type world struct {
	t         *testing.T
	input     string
	workDir   string
	httpPort  int
	httpsPort int
	status    string
	out, log  *buffer
	exit      chan int
	stop      context.CancelFunc
	endpoints map[string]string
}

// buffer is a log that is read while it is written.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// newWorld prepares a folder, two endpoints that answer with their names, and free ports.
func newWorld(t *testing.T) *world {
	t.Helper()
	// The work dir holds a socket, whose path must be short.
	workDir, err := os.MkdirTemp("", "hg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(workDir) })
	w := &world{
		t: t, input: t.TempDir(), workDir: workDir, httpPort: ports.Free(t), httpsPort: ports.Free(t),
		out: &buffer{}, log: &buffer{}, endpoints: map[string]string{},
	}
	w.status = fmt.Sprintf("127.0.0.1:%d", ports.Free(t))
	for _, name := range []string{"one", "two"} {
		server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { io.WriteString(rw, name) }))
		t.Cleanup(server.Close)
		w.endpoints[name] = strings.TrimPrefix(server.URL, "http://")
	}
	return w
}

// manifests is the shop with one endpoint.
func (w *world) manifests(host, endpoint string) string {
	_, port, _ := net.SplitHostPort(w.endpoints[endpoint])
	return strings.ReplaceAll(shop, "shop.example", host) + `---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{port: ` + port + `, protocol: TCP}]
endpoints: [{addresses: [127.0.0.1]}]
`
}

func (w *world) write(text string) {
	w.t.Helper()
	writeOver(w.t, filepath.Join(w.input, "shop.yaml"), text)
}

// start runs headgate until the test ends.
func (w *world) start(args ...string) {
	w.t.Helper()
	w.launch(append([]string{"--source", "files", "-f", w.input}, args...)...)
}

// launch is start with a source of its own.
func (w *world) launch(args ...string) {
	w.t.Helper()
	w.execute(w.args(args...))
}

// args is the command line of a headgate of this world.
func (w *world) args(more ...string) []string {
	return append([]string{
		"run", "--work-dir", w.workDir, "--bind", "127.0.0.1", "--allow-local-endpoints", "--http-port", strconv.Itoa(w.httpPort),
		"--https-port", strconv.Itoa(w.httpsPort), "--status-address", w.status, "--confirm-timeout", patience.String(), "--stop-timeout", "5s",
	}, more...)
}

// execute runs a command line until the test ends.
func (w *world) execute(args []string) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	w.stop, w.exit = cancel, make(chan int, 1)
	go func() { w.exit <- execute(ctx, args, streams{in: strings.NewReader(""), out: w.out, err: w.log}) }()
	w.t.Cleanup(func() {
		if w.exit != nil {
			w.end()
		}
		if w.t.Failed() {
			w.t.Logf("log:\n%s", w.log)
		}
	})
}

// end stops headgate and returns its exit code.
func (w *world) end() int {
	w.t.Helper()
	w.stop()
	select {
	case code := <-w.exit:
		w.exit = nil
		return code
	case <-time.After(patience):
		w.t.Fatalf("headgate does not end:\n%s", w.log)
		return 0
	}
}

// get asks the proxy for a host and returns status and body.
func (w *world) get(host string) string {
	req, err := http.NewRequest(http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d/", w.httpPort), http.NoBody)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Host = host
	return ask(req)
}

func ask(req *http.Request) string {
	client := http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		return err.Error()
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%d %s", res.StatusCode, body)
}

// page asks the status address.
func (w *world) page(path string) string {
	req, err := http.NewRequest(http.MethodGet, "http://"+w.status+path, http.NoBody)
	if err != nil {
		w.t.Fatal(err)
	}
	return ask(req)
}

// await waits until something contains a text.
func (w *world) await(what string, got func() string, want string) {
	w.t.Helper()
	deadline := time.Now().Add(patience)
	for !strings.Contains(got(), want) {
		if time.Now().After(deadline) {
			w.t.Fatalf("%s: %q, want %q", what, got(), want)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (w *world) awaitAnswer(host, want string) {
	w.t.Helper()
	w.await("answer for "+host, func() string { return w.get(host) }, want)
}

func (w *world) awaitLog(want string) {
	w.t.Helper()
	w.await("log", w.log.String, want)
}

func TestRunFollowsFiles(t *testing.T) {
	for _, binary := range proxies.Nginx(t) {
		t.Run(binary.Version, func(t *testing.T) {
			w := newWorld(t)
			w.write(w.manifests("shop.example", "one"))
			w.start("--proxy-bin", binary.Path)
			w.awaitAnswer("shop.example", "200 one")
			w.await("readiness", func() string { return w.page("/readyz") }, "200 ok")
			if got := w.page("/healthz"); got != "200 ok\n" {
				t.Errorf("/healthz answers %q", got)
			}

			w.write(w.manifests("shop.example", "two"))
			w.awaitAnswer("shop.example", "200 two")
			w.write(w.manifests("store.example", "two"))
			w.awaitAnswer("store.example", "200 two")
			w.awaitAnswer("shop.example", "404") // an old worker may have taken a last connection
			w.await("metrics", func() string { return w.page("/metrics") }, `headgate_reloads_total{method="reload",reason="configuration",result="ok"} 1`)
			metrics := w.page("/metrics")
			for _, want := range []string{
				`headgate_reloads_total{method="start",reason="start",result="ok"} 1`,
				`headgate_reloads_total{method="reload",reason="endpoints",result="ok"} 1`,
				"headgate_config_last_reload_successful 1", "headgate_config_last_reload_success_timestamp_seconds 1.", "headgate_config_generation_info{generation=",
				`headgate_objects{kind="Ingress"} 1`, "headgate_source_connected 1", "headgate_source_synced 1", "headgate_proxy_old_workers ",
			} {
				if !strings.Contains(metrics, want) {
					t.Errorf("no %s in the metrics:\n%s", want, metrics)
				}
			}
			if !regexp.MustCompile(`(?m)^headgate_phase_duration_seconds_count\{phase="render"\} ([3-9]|\d\d+)$`).MatchString(metrics) {
				t.Errorf("fewer than three renderings in the metrics:\n%s", metrics)
			}
			w.await("access log", w.out.String, `"GET / HTTP/1.1" 200`)
			if code := w.end(); code != exitFine {
				t.Errorf("exit code %d", code)
			}
			w.awaitAnswer("store.example", "refused") // the proxy does not outlive headgate
		})
	}
}

func TestRunSurvivesBadInput(t *testing.T) {
	w := newWorld(t)
	w.write(w.manifests("shop.example", "one"))
	w.start("--proxy-bin", proxies.Nginx(t)[0].Path)
	w.awaitAnswer("shop.example", "200 one")
	w.write(w.manifests("shop.example", "one") + "---\n{a: [\n")
	w.awaitLog("input-syntax")
	w.awaitAnswer("shop.example", "200 one")
	w.await("metrics", func() string { return w.page("/metrics") }, `headgate_diagnostics{code="1001 input-syntax",severity="error"} 1`)
	if got := w.page("/readyz"); got != "200 ok\n" {
		t.Errorf("/readyz answers %q while the last good configuration serves", got)
	}
	w.write(w.manifests("shop.example", "two"))
	w.awaitAnswer("shop.example", "200 two")
	w.awaitLog("diagnostic gone")
	if n := strings.Count(w.log.String(), "level=ERROR msg=diagnostic code=\"1001 input-syntax\""); n != 1 {
		t.Errorf("the diagnostic is logged %d times, want once", n)
	}
}

func TestRunSurvivesTemplates(t *testing.T) {
	templates := filepath.Dir(writeTemp(t, "note.txt", "templates of ours"))
	w := newWorld(t)
	w.write(w.manifests("shop.example", "one"))
	w.start("--proxy-bin", proxies.Nginx(t)[0].Path, "--templates", templates)
	// One that comes before there is anything to read again does no harm.
	w.awaitLog("status address open")
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	w.awaitAnswer("shop.example", "200 one")
	if err := os.MkdirAll(filepath.Join(templates, "nginx"), 0o755); err != nil {
		t.Fatal(err)
	}
	replace := func(name, template string) {
		if err := os.WriteFile(filepath.Join(templates, "nginx", name), []byte(template), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	hangup := func(template string) { replace("headers.tmpl", template) }
	hangup("{{range")
	w.awaitLog("template reload failed")
	hangup("no_such_directive on;\n")
	w.awaitLog("configuration rejected")
	w.await("metrics", func() string { return w.page("/metrics") }, "headgate_config_last_reload_successful 0")
	w.awaitAnswer("shop.example", "200 one") // the last good configuration is served
	hangup("proxy_set_header X-Own yes;\n")
	w.await("metrics", func() string { return w.page("/metrics") }, "headgate_config_last_reload_successful 1")
	w.awaitAnswer("shop.example", "200 one")

	replace("own.tmpl", "{{define \"location\"}}location {{.Path}} {\n    {{- with .Forward}}\n    return 200 {{.Misspelt}};\n    {{- end}}\n}\n{{end}}")
	w.awaitLog("can't evaluate field Misspelt")
	replace("own.tmpl", "{{define \"location\"}}location {{.Path}} {\n    return 200 {{.Misspelt}};\n}\n{{end}}")
	w.write(w.manifests("shop.example", "two"))
	w.awaitAnswer("shop.example", "200 two")
}

func TestRunRevivesTheProxy(t *testing.T) {
	w := newWorld(t)
	w.write(w.manifests("shop.example", "one"))
	w.start("--proxy-bin", proxies.Nginx(t)[0].Path)
	w.awaitAnswer("shop.example", "200 one")
	w.awaitLog("nginx started")
	m := regexp.MustCompile(`msg="nginx started" pid=(\d+)`).FindStringSubmatch(w.log.String())
	if m == nil {
		t.Fatalf("no process id in the log")
	}
	pid, err := strconv.Atoi(m[1])
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	w.awaitLog("nginx ended")
	w.awaitAnswer("shop.example", "200 one")
	w.await("readiness", func() string { return w.page("/readyz") }, "200 ok")
}

func TestRunWaitsForABusyPort(t *testing.T) {
	w := newWorld(t)
	squatter, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", w.httpPort))
	if err != nil {
		t.Fatal(err)
	}
	defer squatter.Close()
	w.write(w.manifests("shop.example", "one"))
	w.start("--proxy-bin", proxies.Nginx(t)[0].Path)
	w.awaitLog("Address already in use")
	if got := w.page("/readyz"); !strings.HasPrefix(got, "503 the proxy serves no confirmed configuration") {
		t.Errorf("/readyz answers %q", got)
	}
	squatter.Close()
	w.awaitAnswer("shop.example", "200 one")
}

func TestRunKeepsItsGenerationOverARestart(t *testing.T) {
	w := newWorld(t)
	w.write(w.manifests("shop.example", "one"))
	bin := proxies.Nginx(t)[0].Path
	w.start("--proxy-bin", bin)
	generation := func() string {
		// Known when the input is in force, not only what an earlier headgate has left.
		w.await("metrics", func() string { return w.page("/metrics") }, `headgate_objects{kind="Ingress"} 1`)
		return regexp.MustCompile(`generation_info\{[^}]*\}`).FindString(w.page("/metrics"))
	}
	before := generation()
	w.end()
	w.start("--proxy-bin", bin)
	if after := generation(); before == "" || before != after {
		t.Errorf("the generation was %s and is %s, although nothing changed", before, after)
	}
}

func TestRunRefusesToStart(t *testing.T) {
	bin := proxies.Nginx(t)[0].Path
	t.Run("status address is busy", func(t *testing.T) {
		w := newWorld(t)
		squatter, err := net.Listen("tcp", w.status)
		if err != nil {
			t.Fatal(err)
		}
		defer squatter.Close()
		w.start("--proxy-bin", bin)
		if code := <-w.exit; code != exitIO || !strings.Contains(w.log.String(), "--status-address") {
			t.Errorf("exit code %d: %s", code, w.log)
		}
		w.exit = nil
	})
	t.Run("work dir is in use", func(t *testing.T) {
		w := newWorld(t)
		w.write(w.manifests("shop.example", "one"))
		w.start("--proxy-bin", bin)
		w.awaitAnswer("shop.example", "200 one")
		got := headgate(t, "", "run", "--source", "files", "-f", w.input, "--work-dir", w.workDir, "--status-address=", "--proxy-bin", bin)
		if got.code != exitIO || !strings.Contains(got.errout, "another headgate is using it") {
			t.Errorf("exit code %d: %s", got.code, got.errout)
		}
	})
	t.Run("input is missing", func(t *testing.T) {
		w := newWorld(t)
		w.input += "/nowhere"
		w.start("--proxy-bin", bin)
		if code := <-w.exit; code != exitIO || !strings.Contains(w.log.String(), "nowhere") {
			t.Errorf("exit code %d: %s", code, w.log)
		}
		w.exit = nil
	})
}
