package haproxy

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/headgate/headgate/hack/ports"
	"github.com/headgate/headgate/hack/proxies"
	"github.com/headgate/headgate/model"
)

// sendRaw sends bytes on a connection of their own and returns the status of the answer.
func sendRaw(t *testing.T, p proxy, text string) int {
	t.Helper()
	conn, err := net.Dial("tcp", p.http)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("%.60q: %v", text, err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

// What nginx answers with 400 for its form, HAProxy does, too.
func TestRequestsOfBadForm(t *testing.T) {
	chunks := "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"
	for _, binary := range proxies.HAProxy(t) {
		cfg := testConfig(server("a.test", to(prefix("/"), "a")), server("*.wild.test", to(prefix("/"), "wild")))
		startEndpoints(t, cfg)
		p := start(t, binary.Path, cfg)
		for text, want := range map[string]int{
			"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n":              200,
			"GET / HTTP/1.1\r\nHost: A.test.:80\r\n\r\n":          200,
			"GET / HTTP/1.1\r\nHost: x.wild.test\r\n\r\n":         200,
			"GET / HTTP/1.1\r\nHost: *.wild.test\r\n\r\n":         404,
			"GET / HTTP/1.1\r\nHost: *\r\n\r\n":                   404,
			"GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n":            404,
			"GET / HTTP/1.0\r\n\r\n":                              404,
			"GET / HTTP/1.1\r\n\r\n":                              400,
			"GET / HTTP/1.1\r\nHost:\r\n\r\n":                     400,
			"GET / HTTP/1.1\r\nHost: .\r\n\r\n":                   400,
			"GET / HTTP/1.1\r\nHost: a..test\r\n\r\n":             400,
			"GET / HTTP/1.1\r\nHost: a.test/\r\n\r\n":             400,
			"GET / HTTP/1.1\r\nHost: a.test x\r\n\r\n":            400,
			"GET / HTTP/1.1\r\nHost: a.test:1:1\r\n\r\n":          400,
			"GET / HTTP/1.1\r\nHost: [a.test\r\n\r\n":             400,
			"get / HTTP/1.1\r\nHost: a.test\r\n\r\n":              400,
			"POST / HTTP/1.1\r\nHost: a.test\r\n" + chunks:        200,
			"POST / HTTP/1.0\r\nHost: a.test\r\n" + chunks:        400,
			"M-SEARCH / HTTP/1.1\r\nHost: a.test\r\n\r\n":         200,
			"GET / HTTP/1.1\r\nHost: a.test\r\n" + large(200, 20): 200,
			"GET / HTTP/1.1\r\nHost: a.test\r\n" + large(3, 8000): 200,
		} {
			if got := sendRaw(t, p, text); got != want {
				t.Errorf("%s: %.60q got %d, want %d", binary, text, got, want)
			}
		}
	}
}

// large is the end of a header with lines of a size, among them those that are told on under another name.
func large(lines, size int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "X-Forwarded-For: %s\r\n", strings.Repeat("x", size))
	for i := range lines {
		fmt.Fprintf(&b, "X-%d: %s\r\n", i, strings.Repeat("x", size))
	}
	b.WriteString("\r\n")
	return b.String()
}

// deaf returns the address of a server whose queue of connections is full: whoever connects waits in vain.
func deaf(t *testing.T) string {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	address := fmt.Sprintf("127.0.0.1:%d", name.(*unix.SockaddrInet4).Port)
	for range 8 {
		conn, err := net.DialTimeout("tcp", address, 200*time.Millisecond)
		if err != nil {
			return address
		}
		t.Cleanup(func() { conn.Close() })
	}
	t.Skip("this system takes connections that nobody accepts")
	return ""
}

// An endpoint that does not take the connection in time is 504, as with nginx; one that refuses it is 502.
func TestEndpointsThatCannotBeReached(t *testing.T) {
	for _, binary := range proxies.HAProxy(t) {
		t.Run(binary.String(), func(t *testing.T) {
			t.Parallel()
			cfg := testConfig(server("a.test", to(prefix("/deaf"), "deaf"), to(prefix("/dead"), "dead")))
			cfg.Global.Proxy.ConnectTimeout = 1
			setEndpoints(cfg, "deaf", deaf(t))
			setEndpoints(cfg, "dead", fmt.Sprintf("127.0.0.1:%d", ports.Free(t)))
			p := start(t, binary.Path, cfg)
			for target, want := range map[string]int{"/deaf": http.StatusGatewayTimeout, "/dead": http.StatusBadGateway} {
				if got := sendRaw(t, p, "GET "+target+" HTTP/1.1\r\nHost: a.test\r\n\r\n"); got != want {
					t.Errorf("%s: %d, want %d", target, got, want)
				}
			}
		})
	}
}

// Nobody can make a line of the access log look like another one.
func TestAccessLog(t *testing.T) {
	for _, binary := range proxies.HAProxy(t) {
		cfg := testConfig(server("a.test", to(prefix("/"), "a")))
		startEndpoints(t, cfg)
		p := start(t, binary.Path, cfg)
		newClient(t, p).send(model.Request{Scheme: "http", Host: "a.test", Target: "/x"},
			`User-Agent: Mozilla/5.0 (KHTML, like "Gecko")`+"\x1b[2J", `Referer: http://b.test/?c,d`, `X-Request-ID: id`)
		want := `"http://b.test/?c,d" "Mozilla/5.0 (KHTML, like \"Gecko\")?[2J"`
		for end := time.Now().Add(20 * time.Second); !strings.Contains(p.said.String(), " id\n"); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%s logs nothing", binary)
			}
		}
		if !strings.Contains(p.said.String(), want) {
			t.Errorf("%s: no %s in\n%s", binary, want, p.said)
		}
	}
}

// A connection on which nothing is said is closed without a word: an answer would be taken for that to the first request.
func TestSilentConnections(t *testing.T) {
	for _, binary := range proxies.HAProxy(t) {
		cfg := testConfig(server("a.test", to(prefix("/"), "a")))
		cfg.Global.Client.HeaderTimeout = 1
		conn, err := net.Dial("tcp", start(t, binary.Path, cfg).http)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
		if said, err := io.ReadAll(conn); len(said) > 0 || err != nil {
			t.Errorf("%s: %q, %v", binary, said, err)
		}
	}
}

// An endpoint learns that nobody waits for its answer any more.
func TestClientsThatGoAway(t *testing.T) {
	for _, binary := range proxies.HAProxy(t) {
		asked, left := make(chan struct{}), make(chan struct{})
		srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(asked)
			select {
			case <-r.Context().Done():
				close(left)
			case <-time.After(30 * time.Second):
			}
		}))
		defer srv.Close()
		cfg := testConfig(server("a.test", to(prefix("/"), "slow")))
		setEndpoints(cfg, "slow", srv.Listener.Addr().String())
		conn, err := net.Dial("tcp", start(t, binary.Path, cfg).http)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
		<-asked
		conn.Close()
		select {
		case <-left:
		case <-time.After(20 * time.Second):
			t.Errorf("%s: the endpoint goes on", binary)
		}
	}
}
