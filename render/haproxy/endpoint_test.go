package haproxy

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/headgate/headgate/hack/ports"
	"github.com/headgate/headgate/hack/proxies"
	"github.com/headgate/headgate/model"
)

// endpointAt is the endpoint at an address.
func endpointAt(address string) model.Endpoint {
	a := netip.MustParseAddrPort(address)
	return model.Endpoint{Address: a.Addr().String(), Port: int(a.Port())}
}

// setEndpoints gives a backend its members.
func setEndpoints(cfg *model.Config, backend string, addresses ...string) {
	e, _ := cfg.EndpointsOf(backend)
	for _, a := range addresses {
		e.Members = append(e.Members, endpointAt(a))
	}
	cfg.Normalize()
}

// listener serves HTTP on a port that speaks only what is asked for: plain HTTP, TLS or HTTP/2.
func listener(t *testing.T, secure, http2 bool) string {
	t.Helper()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s over TLS %v", r.Proto, r.TLS != nil)
	}))
	var p http.Protocols
	p.SetHTTP1(!http2)
	p.SetHTTP2(http2 && secure)
	p.SetUnencryptedHTTP2(http2 && !secure)
	srv.Config.Protocols = &p
	srv.EnableHTTP2 = http2
	if secure {
		srv.StartTLS()
	} else {
		srv.Start()
	}
	t.Cleanup(srv.Close)
	return srv.Listener.Addr().String()
}

func TestProtocols(t *testing.T) {
	for _, binary := range proxies.HAProxy(t) {
		t.Run(binary.String(), func(t *testing.T) {
			var routes []model.Route
			for _, p := range []model.Protocol{model.HTTP, model.HTTPS, model.GRPC, model.GRPCS, model.Auto} {
				r := to(prefix("/"+p.String()), p.String())
				r.Protocol = p
				routes = append(routes, r)
			}
			auto := to(prefix("/auto-tls"), "auto-tls")
			auto.Protocol = model.Auto
			cfg := testConfig(server("a.test", append(routes, auto, to(prefix("/"), "http"))...))
			setEndpoints(cfg, "http", listener(t, false, false))
			setEndpoints(cfg, "https", listener(t, true, false))
			setEndpoints(cfg, "grpc", listener(t, false, true))
			setEndpoints(cfg, "grpcs", listener(t, true, true))
			setEndpoints(cfg, "auto", listener(t, false, false))
			setEndpoints(cfg, "auto-tls", listener(t, true, false))
			c := newClient(t, start(t, binary.Path, cfg))
			for _, tt := range []struct{ scheme, target, want string }{
				{"http", "/http", "HTTP/1.1 over TLS false"}, {"http", "/https", "HTTP/1.1 over TLS true"},
				{"http", "/grpc", "HTTP/2.0 over TLS false"}, {"http", "/grpcs", "HTTP/2.0 over TLS true"},
				{"http", "/auto", "HTTP/1.1 over TLS false"}, {"https", "/auto-tls", "HTTP/1.1 over TLS true"},
			} {
				if g := c.send(model.Request{Scheme: tt.scheme, Host: "a.test", Target: tt.target}); g.Body != tt.want {
					t.Errorf("%s: %d %q, want %q", tt.target, g.StatusCode, g.Body, tt.want)
				}
			}
		})
	}
}

// Clients may speak HTTP/2 over TLS, and their requests are routed alike.
func TestHTTP2Clients(t *testing.T) {
	for _, binary := range proxies.HAProxy(t) {
		cfg := testConfig(server("a.test", to(prefix("/foo"), "foo"), to(prefix("/"), "root")))
		startEndpoints(t, cfg)
		p := start(t, binary.Path, cfg)
		transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}
		defer transport.CloseIdleConnections()
		for target, want := range map[string]string{"/foo/a%20b?c": "foo", "/x/%2e%2e/foo": "foo", "/": "root"} {
			req, err := http.NewRequest("GET", "https://"+p.https+target, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Host = "A.test"
			resp, err := transport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if got := resp.Header.Get("X-Backend"); got != want || resp.ProtoMajor != 2 {
				t.Errorf("%s: %s went to %q by %s, want %q", binary, target, got, resp.Proto, want)
			}
		}
	}
}

// A request goes to another endpoint if the first cannot be reached; a POST only as long as it was not sent. 502 is the answer if
// none can be reached.
func TestRetries(t *testing.T) {
	for _, binary := range proxies.HAProxy(t) {
		t.Run(binary.String(), func(t *testing.T) {
			var posts atomic.Int32
			good := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "good") }))
			defer good.Close()
			mute, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer mute.Close()
			go hangUp(mute, &posts)
			dead := fmt.Sprintf("127.0.0.1:%d", ports.Free(t))
			cfg := testConfig(server("a.test", to(prefix("/refused"), "refused"), to(prefix("/mute"), "mute"), to(prefix("/dead"), "dead"), to(prefix("/"), "empty")))
			setEndpoints(cfg, "refused", good.Listener.Addr().String(), dead)
			setEndpoints(cfg, "mute", good.Listener.Addr().String(), mute.Addr().String())
			setEndpoints(cfg, "dead", dead)
			p := start(t, binary.Path, cfg)
			for range 6 {
				for _, target := range []string{"/refused", "/mute"} {
					if status, body := request(t, p, "GET", target); body != "good" {
						t.Errorf("GET %s: %d %q", target, status, body)
					}
				}
				if status, body := request(t, p, "POST", "/refused"); body != "good" {
					t.Errorf("POST /refused: %d %q", status, body)
				}
			}
			posts.Store(0)
			failed := int32(0)
			for range 6 {
				if status, _ := request(t, p, "POST", "/mute"); status != http.StatusOK {
					failed++
				}
			}
			if failed == 0 || failed != posts.Load() {
				t.Errorf("%d POST requests were sent and lost, %d clients were told", posts.Load(), failed)
			}
			if status, _ := request(t, p, "GET", "/dead"); status != http.StatusBadGateway {
				t.Errorf("GET /dead: %d", status)
			}
			if status, _ := request(t, p, "GET", "/"); status != http.StatusServiceUnavailable {
				t.Errorf("GET /: %d", status)
			}
		})
	}
}

// hangUp reads requests and answers none; it counts those that are a POST.
func hangUp(l net.Listener, posts *atomic.Int32) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		if req, err := http.ReadRequest(bufio.NewReader(conn)); err == nil && req.Method == "POST" {
			posts.Add(1)
		}
		conn.Close()
	}
}

func request(t *testing.T, p proxy, method, target string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(method, "http://"+p.http+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "a.test"
	req.Close = true // on a kept connection, HAProxy 2.6 hangs up instead of answering 502, for the client to try again
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// A WebSocket goes through in both directions.
func TestWebSocket(t *testing.T) {
	for _, binary := range proxies.HAProxy(t) {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.EqualFold(r.Header.Get("Connection"), "upgrade") || r.Header.Get("Upgrade") != "websocket" {
				http.Error(w, "no upgrade", http.StatusBadRequest)
				return
			}
			conn, rw, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return
			}
			defer conn.Close()
			fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
			_, _ = io.CopyN(conn, rw, 5)
		}))
		defer srv.Close()
		cfg := testConfig(server("a.test", to(prefix("/"), "ws")))
		setEndpoints(cfg, "ws", srv.Listener.Addr().String())
		p := start(t, binary.Path, cfg)
		conn, err := net.Dial("tcp", p.http)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
		fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
		reader := bufio.NewReader(conn)
		resp, err := http.ReadResponse(reader, nil)
		if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
			t.Fatalf("%s: %v, %v", binary, resp, err)
		}
		fmt.Fprint(conn, "hello")
		echo := make([]byte, 5)
		if _, err := io.ReadFull(reader, echo); err != nil || string(echo) != "hello" {
			t.Errorf("%s: %q came back, %v", binary, echo, err)
		}
	}
}

// The PROXY protocol gives the client's address and the scheme; who does not speak it, or is not trusted, gets no answer.
func TestProxyProtocol(t *testing.T) {
	for _, binary := range proxies.HAProxy(t) {
		t.Run(binary.String(), func(t *testing.T) {
			cfg := testConfig(server("a.test", to(prefix("/"), "a")))
			cfg.Global.Listen.ProxyProtocol = true
			startEndpoints(t, cfg)
			p := start(t, binary.Path, cfg)
			c := newClient(t, p)
			if _, err := fmt.Fprint(c.dial("http"), "PROXY TCP4 9.9.9.9 8.8.8.8 1000 443\r\n"); err != nil {
				t.Fatal(err)
			}
			h := c.send(model.Request{Scheme: "http", Host: "a.test", Target: "/"}).Said.Header
			if h.Get("X-Real-Ip") != "9.9.9.9" || h.Get("X-Forwarded-Proto") != "https" || h.Get("X-Forwarded-Port") != "443" {
				t.Errorf("the endpoint got %v", h)
			}
			if answer := raw(p.http, "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"); strings.Contains(answer, " 200 ") {
				t.Errorf("without a PROXY header the answer is %q", answer)
			}
			cfg.Global.Forward.Trusted = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
			p = start(t, binary.Path, cfg)
			if answer := raw(p.http, "PROXY TCP4 9.9.9.9 8.8.8.8 1000 80\r\nGET / HTTP/1.1\r\nHost: a.test\r\n\r\n"); strings.Contains(answer, " 200 ") {
				t.Errorf("a peer that is not trusted got %q", answer)
			}
		})
	}
}

// raw sends bytes and returns what comes back until the end, or until nothing comes for a while.
func raw(address, text string) string {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return "" // refused right away
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(2 * time.Second))
	_, _ = io.WriteString(conn, text)
	answer, _ := io.ReadAll(conn)
	return string(answer)
}

// A request line with a whole URL, or without a host, is routed or refused as HTTP says.
func TestOddRequestLines(t *testing.T) {
	for _, binary := range proxies.HAProxy(t) {
		cfg := testConfig(server("a.test", to(prefix("/foo"), "foo"), to(prefix("/"), "root")))
		startEndpoints(t, cfg)
		p := start(t, binary.Path, cfg)
		for request, want := range map[string]string{
			"GET http://a.test/foo HTTP/1.1\r\nHost: a.test\r\n":                                                `"Target":"/foo"`,
			"GET /foo HTTP/1.1\r\n":                                                                             " 400 ",
			"GET /foo HTTP/1.0\r\n":                                                                             " 404 ",
			"OPTIONS * HTTP/1.1\r\nHost: a.test\r\n":                                                            " 400 ",
			"GET /foo HTTP/1.1\r\nHost: a.test\r\nHost: b.test\r\n":                                             " 400 ",
			"GET /" + strings.Repeat("a/../", 2000) + "foo HTTP/1.1\r\nHost: a.test\r\n":                        `"Backend":"foo"`,
			"GET /" + strings.Repeat("%20", 2500) + " HTTP/1.1\r\nHost: a.test\r\n":                             `"Backend":"root"`,
			"GET /" + strings.Repeat("a/", 40) + strings.Repeat("../", 40) + "foo HTTP/1.1\r\nHost: a.test\r\n": " 400 ",
		} {
			if got := raw(p.http, request+"Connection: close\r\n\r\n"); !strings.Contains(got, want) {
				t.Errorf("%s: %.60q got %.300q, want %q", binary, request, got, want)
			}
		}
	}
}
