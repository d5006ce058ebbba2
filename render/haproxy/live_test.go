package haproxy

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/headgate/headgate/hack/ports"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render"
)

// proxy is a running HAProxy.
// output is what a process has said so far.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(text)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

type proxy struct {
	http, https string
	said        *output
}

// said is what an endpoint answers: what it is and what it was asked.
type said struct {
	Backend string
	Target  string
	Host    string
	Header  http.Header
}

// startEndpoints gives every backend of a config without members an endpoint that tells what it was asked, except those named empty-….
func startEndpoints(t *testing.T, cfg *model.Config) {
	t.Helper()
	for i := range cfg.Endpoints {
		e := &cfg.Endpoints[i]
		if len(e.Members) > 0 || strings.HasPrefix(e.Backend, "empty") {
			continue
		}
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Server", "endpoint")
			w.Header().Set("X-Backend", e.Backend)
			json.NewEncoder(w).Encode(said{Backend: e.Backend, Target: r.RequestURI, Host: r.Host, Header: r.Header})
		}))
		t.Cleanup(srv.Close)
		address := netip.MustParseAddrPort(srv.Listener.Addr().String())
		e.Members = []model.Endpoint{{Address: address.Addr().String(), Port: int(address.Port())}}
	}
}

// write puts files into a folder.
func write(t testing.TB, dir string, files []render.File) {
	t.Helper()
	for _, f := range files {
		path := filepath.Join(dir, f.Path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, os.FileMode(f.Mode)); err != nil {
			t.Fatal(err)
		}
	}
}

// check lets the real HAProxy check files, from another folder than theirs. Its warnings count as refusals.
func check(t testing.TB, binary string, files []render.File) {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, files)
	cmd := exec.Command(binary, "-c", "-dW", "-f", dir)
	cmd.Dir = t.TempDir()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s refuses it: %v\n%s", binary, err, out)
	}
}

// start renders a config for free ports and starts HAProxy with it. Somebody else may take a port in between; then it tries others.
func start(t *testing.T, binary string, cfg *model.Config) proxy {
	t.Helper()
	var output string
	for range 5 {
		cfg.Global.Listen.HTTPPort, cfg.Global.Listen.HTTPSPort = ports.Free(t), ports.Free(t)
		p, said, ok := run(t, binary, cfg)
		if ok {
			return p
		}
		output = said
	}
	t.Fatalf("HAProxy does not start:\n%s", output)
	return proxy{}
}

// run starts HAProxy once.
func run(t *testing.T, binary string, cfg *model.Config) (p proxy, said string, ok bool) {
	t.Helper()
	return runFiles(t, binary, cfg, mustRender(t, cfg).Files)
}

// runFiles starts HAProxy once with files that a config was rendered to.
func runFiles(t *testing.T, binary string, cfg *model.Config, files []render.File) (p proxy, said string, ok bool) {
	t.Helper()
	dir, work := t.TempDir(), t.TempDir()
	write(t, dir, files)
	if err := os.Mkdir(filepath.Join(work, "run"), 0o755); err != nil {
		t.Fatal(err)
	}
	var heard output
	cmd := exec.Command(binary, "-db", "-f", dir)
	cmd.Dir, cmd.Stdout, cmd.Stderr = work, &heard, &heard
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
		if t.Failed() {
			said := heard.String()
			t.Logf("HAProxy said:\n%s", said[max(0, len(said)-1000):])
		}
	})
	p = proxy{
		said:  &heard,
		http:  fmt.Sprintf("127.0.0.1:%d", cfg.Global.Listen.HTTPPort),
		https: fmt.Sprintf("127.0.0.1:%d", cfg.Global.Listen.HTTPSPort),
	}
	bound := 0 // how often the socket was seen: ports may be found taken a moment later
	for range 400 {
		select {
		case <-ended:
			return p, heard.String(), false
		case <-time.After(25 * time.Millisecond):
		}
		if _, err := os.Stat(filepath.Join(work, "run", "runtime.sock")); err == nil {
			bound++
		}
		if bound == 3 {
			return p, "", true
		}
	}
	_ = cmd.Process.Kill()
	<-ended
	return p, heard.String(), false
}

// client sends requests byte by byte as they are given, over one connection for each scheme.
type client struct {
	t     *testing.T
	proxy proxy
	conns map[string]*kept
}

type kept struct {
	net.Conn
	reader *bufio.Reader
}

func newClient(t *testing.T, p proxy) *client {
	c := &client{t: t, proxy: p, conns: map[string]*kept{}}
	t.Cleanup(func() {
		for _, conn := range c.conns {
			conn.Close()
		}
	})
	return c
}

func (c *client) dial(scheme string) *kept {
	c.t.Helper()
	if conn := c.conns[scheme]; conn != nil {
		return conn
	}
	var conn net.Conn
	var err error
	if scheme == "https" {
		conn, err = tls.Dial("tcp", c.proxy.https, &tls.Config{InsecureSkipVerify: true})
	} else {
		conn, err = net.Dial("tcp", c.proxy.http)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	c.conns[scheme] = &kept{Conn: conn, reader: bufio.NewReader(conn)}
	return c.conns[scheme]
}

// got is an answer; Said is from an endpoint, if one answered.
type got struct {
	*http.Response
	Body string
	Said said
}

// send sends one request with further header lines.
func (c *client) send(req model.Request, lines ...string) got {
	c.t.Helper()
	conn := c.dial(req.Scheme)
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	var b strings.Builder
	fmt.Fprintf(&b, "GET %s HTTP/1.1\r\nHost: %s\r\n", req.Target, req.Host)
	for _, line := range lines {
		b.WriteString(line + "\r\n")
	}
	b.WriteString("\r\n")
	if _, err := io.WriteString(conn, b.String()); err != nil {
		c.t.Fatal(err)
	}
	resp, err := http.ReadResponse(conn.reader, &http.Request{Method: "GET"})
	if err != nil {
		c.t.Fatalf("%s %q %q: %v", req.Scheme, req.Host, req.Target, err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	resp.Body.Close()
	if resp.Close {
		conn.Close()
		delete(c.conns, req.Scheme)
	}
	answer := got{Response: resp, Body: string(body)}
	if resp.Header.Get("X-Backend") != "" {
		if err := json.Unmarshal(body, &answer.Said); err != nil {
			c.t.Fatal(err)
		}
	}
	return answer
}

// outcome is what Match and a proxy have to agree about.
type outcome struct {
	Backend  string
	Status   int
	Location string
	Target   string
}

func (g got) outcome() outcome {
	if g.Said.Backend != "" {
		return outcome{Backend: g.Said.Backend, Target: g.Said.Target}
	}
	return outcome{Status: g.StatusCode, Location: g.Header.Get("Location")}
}

func expected(cfg *model.Config, req model.Request) outcome {
	d := model.Match(cfg, req)
	o := outcome{Backend: d.Backend, Status: d.Status, Location: d.Location}
	if d.Backend != "" {
		o.Target = d.Target
	}
	return o
}
