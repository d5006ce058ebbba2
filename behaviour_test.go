package headgate_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/headgate/headgate/hack/ports"
	"github.com/headgate/headgate/hack/proxies"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render"
)

// runner starts a real proxy with rendered files.
type runner struct {
	target   target
	binaries func(t *testing.T) []proxies.Binary
	command  func(bin, dir string) *exec.Cmd
}

var runners = []runner{
	{target: targets[0], binaries: func(t *testing.T) []proxies.Binary { return proxies.Nginx(t) }, command: nginxCommand},
	{target: targets[1], binaries: func(t *testing.T) []proxies.Binary { return proxies.HAProxy(t) }, command: haproxyCommand},
}

func haproxyCommand(bin, dir string) *exec.Cmd {
	cmd := exec.Command(bin, "-db", "-f", dir)
	cmd.Dir = dir
	return cmd
}

func nginxCommand(bin, dir string) *exec.Cmd {
	return exec.Command(bin, "-p", dir, "-c", filepath.Join(dir, "nginx.conf"), "-e", "stderr", "-g", "daemon off;")
}

// TestBehaviour sends the requests of every case through the real proxies and demands what model.Match says.
func TestBehaviour(t *testing.T) {
	for _, r := range runners {
		for _, binary := range r.binaries(t) {
			t.Run(r.target.name+"-"+binary.Version, func(t *testing.T) {
				forEachCase(t, func(t *testing.T, tc *testCase) {
					tc.settings.DefaultCertificate = testCertificate(t)
					tc.proxy, tc.version = r.target.name, binary.Version
					w := newWorld(t, tc)
					w.start(t, r, binary)
					for _, p := range tc.requests(t, w.cfg) {
						if !w.canSend(p) {
							continue
						}
						for _, m := range mismatches(model.Match(w.cfg, p.Request), w.ask(t, p)) {
							t.Errorf("%s: %s", p, m)
						}
					}
				})
			})
		}
	}
}

// expected is what the model says, in the form in which send tells what happened.
func expected(cfg *model.Config, p probe) string { return decision(model.Match(cfg, p.Request)) }

// world is a case with endpoints and ports that exist.
type world struct {
	tc  *testCase
	cfg *model.Config
}

// newWorld translates a case and puts a real server behind every backend that has endpoints, or may have some.
func newWorld(t *testing.T, tc *testCase) *world {
	t.Helper()
	cfg, _ := tc.translate(tc.objects)
	w := &world{tc: tc, cfg: cfg}
	for i := range cfg.Endpoints {
		e := &cfg.Endpoints[i]
		if len(e.Members) == 0 && !e.Unknown {
			continue
		}
		e.Unknown = false
		e.Members = []model.Endpoint{{Address: "127.0.0.1", Port: serveBackend(t, e.Backend)}}
	}
	l := &cfg.Global.Listen
	l.HTTPPort, l.HTTPSPort = ports.Free(t), ports.Free(t)
	l.Addresses = []netip.Addr{netip.MustParseAddr("127.0.0.1")}
	cfg.Global.Log.Access = false
	return w
}

// serveBackend starts a server that tells which backend it is and what it was asked for, over HTTP/1, HTTP/2 and TLS.
func serveBackend(t *testing.T, id string) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Backend", id)
			w.Header().Set("X-Target", r.RequestURI)
			w.Header().Set("X-Prefix", r.Header.Get("X-Forwarded-Prefix"))
		}),
		ErrorLog:          log.New(io.Discard, "", 0),
		ReadHeaderTimeout: patience,
		Protocols:         new(http.Protocols),
	}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true)
	go func() { _ = server.Serve(newSniffer(listener, backendTLS(t))) }()
	t.Cleanup(func() { _ = server.Close() })
	return listener.Addr().(*net.TCPAddr).Port
}

// sniffer speaks TLS to those who begin with it. Who says nothing keeps nobody else waiting.
type sniffer struct {
	net.Listener
	sniffed chan net.Conn
	closed  chan struct{}
}

func newSniffer(listener net.Listener, config *tls.Config) *sniffer {
	s := &sniffer{Listener: listener, sniffed: make(chan net.Conn), closed: make(chan struct{})}
	go func() {
		defer close(s.closed)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go s.sniff(conn, config)
		}
	}()
	return s
}

func (s *sniffer) sniff(conn net.Conn, config *tls.Config) {
	peeked := &peekedConn{Conn: conn, reader: bufio.NewReader(conn)}
	first, err := peeked.reader.Peek(1)
	if err != nil {
		_ = conn.Close()
		return
	}
	conn = peeked
	if first[0] == 0x16 {
		conn = tls.Server(peeked, config)
	}
	select {
	case s.sniffed <- conn:
	case <-s.closed:
		_ = conn.Close()
	}
}

func (s *sniffer) Accept() (net.Conn, error) {
	select {
	case conn := <-s.sniffed:
		return conn, nil
	case <-s.closed:
		return nil, net.ErrClosed
	}
}

type peekedConn struct {
	net.Conn
	reader *bufio.Reader
}

func (c *peekedConn) Read(p []byte) (int, error) { return c.reader.Read(p) }

// process is a proxy that runs.
type process struct {
	*os.Process
	output *lockedBuffer
}

// start renders the case and runs a proxy with it until the test ends.
func (w *world) start(t *testing.T, r runner, binary proxies.Binary) process {
	t.Helper()
	w.openStreams(t, r.target.name, binary)
	proxy, err := r.target.make(w.tc)
	if err != nil {
		t.Fatal(err)
	}
	result, err := proxy.Render(w.cfg)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	writeTree(t, dir, result.Files)
	output := &lockedBuffer{}
	cmd := r.command(binary.Path, dir)
	cmd.Stdout, cmd.Stderr = output, output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		select {
		case <-ended:
		case <-time.After(patience):
			_ = cmd.Process.Kill()
			<-ended
		}
	})
	for _, port := range []int{w.cfg.Global.Listen.HTTPPort, w.cfg.Global.Listen.HTTPSPort} {
		if !waitPort(port, ended) {
			t.Fatalf("%s does not serve:\n%s", r.target.name, output)
		}
	}
	return process{cmd.Process, output}
}

func writeTree(t *testing.T, dir string, files []render.File) {
	t.Helper()
	if err := os.Mkdir(filepath.Join(dir, "run"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, os.FileMode(f.Mode)); err != nil {
			t.Fatal(err)
		}
	}
}

func waitPort(port int, ended <-chan struct{}) bool {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = conn.Close()
			return true
		}
		select {
		case <-ended:
			return false
		case <-ctx.Done():
			return false
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// canSend reports whether a request can come from the client that it names: one of this machine, unless a proxy in front tells.
func (w *world) canSend(p probe) bool {
	return !p.Client.IsValid() || p.Client.IsLoopback() || w.cfg.Global.Listen.ProxyProtocol
}

// send sends a request byte for byte and says what came of it.
func (w *world) send(t *testing.T, p probe) string {
	t.Helper()
	return w.ask(t, p).outcome
}

// ask sends a request byte for byte and says what came of it, and with which headers.
func (w *world) ask(t *testing.T, p probe) answered {
	t.Helper()
	conn, err := w.dial(p)
	if err != nil {
		return answered{outcome: err.Error()}
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	method := cmp.Or(p.Method, http.MethodGet)
	fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", method, p.Target, p.Host)
	for _, f := range p.Headers {
		fmt.Fprintf(conn, "%s: %s\r\n", f.Name, f.Value)
	}
	fmt.Fprint(conn, "\r\n")
	response, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		return answered{outcome: err.Error()}
	}
	defer response.Body.Close()
	return newAnswered(response)
}

func (w *world) dial(p probe) (net.Conn, error) {
	l := &w.cfg.Global.Listen
	port := l.HTTPPort
	if p.Scheme == "https" {
		port = l.HTTPSPort
	}
	var dialer net.Dialer
	client := "192.0.2.7"
	switch {
	case !p.Client.IsValid():
	case l.ProxyProtocol:
		client = p.Client.String()
	default:
		dialer.LocalAddr = &net.TCPAddr{IP: p.Client.AsSlice()}
	}
	conn, err := dialer.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return nil, err
	}
	if l.ProxyProtocol {
		fmt.Fprintf(conn, "PROXY TCP4 %s 192.0.2.8 5000 %d\r\n", client, port)
	}
	if p.Scheme == "http" {
		return conn, nil
	}
	name, _, _ := strings.Cut(p.Host, ":")
	return tls.Client(conn, &tls.Config{ServerName: name, InsecureSkipVerify: true}), nil
}

// testCertificate is one self-signed certificate for all tests.
func testCertificate(t *testing.T) model.Certificate {
	t.Helper()
	c, err := selfSigned()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var selfSigned = sync.OnceValues(func() (c model.Certificate, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return c, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, DNSNames: []string{"test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return c, err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return c, err
	}
	c.ID = "default"
	c.Chain = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	c.Key = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
	return c, nil
})

func backendTLS(t *testing.T) *tls.Config {
	t.Helper()
	c := testCertificate(t)
	pair, err := tls.X509KeyPair(c.Chain, c.Key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}}
}

// lockedBuffer collects what a process prints.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
