package headgate_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// refused says that no endpoint may see a request.
const refused = ""

// strangeRequest is what no ordinary client sends. All proxies have to agree on whether an endpoint gets it, on which, and on what is
// told there of the client, the host and the connection.
type strangeRequest struct {
	name, raw string
	// host is that of the Ingress whose endpoint gets the request, refused if none may; haproxy is the same for HAProxy, where that
	// differs and both are safe.
	host    string
	haproxy *string
	// sees are lines that the endpoint gets, without capitals; hides are beginnings of lines that it does not get.
	sees, hides []string
}

// hello is a GET for a.test with more lines.
func hello(lines ...string) string { return request("GET /x HTTP/1.1", "Host: a.test", lines...) }

func request(line, host string, lines ...string) string {
	all := append([]string{line, host}, lines...)
	all = slices.DeleteFunc(append(all, "Connection: close"), func(l string) bool { return l == "" })
	return strings.Join(all, "\r\n") + "\r\n\r\n"
}

func upgrade(lines ...string) string {
	all := append([]string{"GET /x HTTP/1.1", "Host: a.test", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAMAAABkAAQAAP__",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"}, lines...)
	return strings.Join(all, "\r\n") + "\r\n\r\n"
}

func post(body string, lines ...string) string {
	return request("POST /x HTTP/1.1", "Host: a.test", lines...) + body
}

var (
	plain    = []string{"upgrade:", "connection:", "http2-settings:"}
	switched = []string{"upgrade: websocket", "connection: upgrade"}
	served   = "a.test"
	nobody   = refused
)

const oneChunk = "3\r\nabc\r\n0\r\n\r\n"

var strangeRequests = slices.Concat(strangeUpgrades, strangeHosts, strangeHeaders, strangeBodies, strangeLines)

var strangeUpgrades = []strangeRequest{
	{name: "websocket", raw: upgrade("Upgrade: websocket"), host: "a.test", sees: switched, hides: []string{"http2-settings:"}},
	{name: "websocket in capitals", raw: upgrade("Upgrade: WebSocket"), host: "a.test", sees: switched, hides: []string{"http2-settings:"}},
	{name: "websocket and h2c", raw: upgrade("Upgrade: websocket, h2c"), host: "a.test", sees: switched, hides: []string{"http2-settings:"}},
	{name: "h2c and websocket", raw: upgrade("Upgrade: h2c, websocket"), host: "a.test", sees: switched, hides: []string{"http2-settings:"}},
	{name: "websocket, then h2c", raw: upgrade("Upgrade: websocket", "Upgrade: h2c"), host: "a.test", sees: switched, hides: []string{"http2-settings:"}},
	{name: "h2c", raw: upgrade("Upgrade: h2c"), host: "a.test", hides: plain},
	{name: "h2c in capitals", raw: upgrade("Upgrade: H2C"), host: "a.test", hides: plain},
	{name: "h2c without Connection", raw: hello("Upgrade: h2c"), host: "a.test", hides: plain},
	{name: "another protocol", raw: upgrade("Upgrade: tls/1.2"), host: "a.test", hides: plain},
	{name: "almost websocket", raw: upgrade("Upgrade: websocketx"), host: "a.test", hides: plain},
	{name: "nothing to upgrade to", raw: upgrade("Upgrade:"), host: "a.test", hides: plain},
}

var strangeHosts = []strangeRequest{
	{name: "a URL for the same host", raw: request("GET http://a.test/x HTTP/1.1", "Host: a.test"), host: "a.test", sees: []string{"get /x http/1.1", "host: a.test"}},
	{name: "a URL in capitals", raw: request("GET HTTP://A.Test/x HTTP/1.1", "Host: a.test"), host: "a.test", sees: []string{"get /x http/1.1", "host: a.test"}},
	{
		name: "a URL for another host", raw: request("GET http://b.test/x HTTP/1.1", "Host: a.test"), host: "b.test", haproxy: &nobody,
		sees: []string{"get /x http/1.1", "host: b.test", "x-forwarded-host: b.test"},
	},
	{
		name: "a URL for another port", raw: request("GET http://a.test:81/x HTTP/1.1", "Host: a.test"), host: "a.test", haproxy: &nobody,
		sees: []string{"host: a.test", "x-forwarded-host: a.test"},
	},
	{name: "a URL with a user", raw: request("GET http://u@a.test/x HTTP/1.1", "Host: a.test"), host: refused},
	{name: "a URL without Host", raw: request("GET http://a.test/x HTTP/1.1", ""), host: refused},
	{name: "no path", raw: request("GET a.test HTTP/1.1", "Host: a.test"), host: refused},
	{name: "a port of letters", raw: request("GET /x HTTP/1.1", "Host: a.test:x"), host: refused},
	{name: "a port with a letter", raw: request("GET /x HTTP/1.1", "Host: a.test:8a"), host: refused},
	{name: "a negative port", raw: request("GET /x HTTP/1.1", "Host: a.test:-1"), host: refused},
	{name: "a port too high", raw: request("GET /x HTTP/1.1", "Host: a.test:65536"), host: refused},
	{name: "the highest port", raw: request("GET /x HTTP/1.1", "Host: a.test:65535"), host: "a.test", sees: []string{"host: a.test:65535"}},
	{name: "two ports", raw: request("GET /x HTTP/1.1", "Host: a.test:80:80"), host: refused},
	{name: "an empty port", raw: request("GET /x HTTP/1.1", "Host: a.test:"), host: "a.test"},
	{name: "a final dot", raw: request("GET /x HTTP/1.1", "Host: a.test."), host: "a.test"},
	{name: "two final dots", raw: request("GET /x HTTP/1.1", "Host: a.test.."), host: refused},
	{name: "a user in Host", raw: request("GET /x HTTP/1.1", "Host: u@a.test"), host: refused},
	{name: "a path in Host", raw: request("GET /x HTTP/1.1", "Host: a.test/x"), host: refused},
	{name: "a fragment in Host", raw: request("GET /x HTTP/1.1", "Host: a.test#x"), host: refused},
	{name: "quotes in Host", raw: request("GET /x HTTP/1.1", `Host: "a.test"`), host: refused},
	{name: "raw bytes in Host", raw: request("GET /x HTTP/1.1", "Host: \xc3\xa9.test"), host: refused},
	{name: "half a bracket", raw: request("GET /x HTTP/1.1", "Host: [::1"), host: refused},
	{name: "a blank in Host", raw: request("GET /x HTTP/1.1", "Host: a.test b.test"), host: refused},
	{name: "an empty Host", raw: request("GET /x HTTP/1.1", "Host:"), host: refused},
	{name: "no Host", raw: request("GET /x HTTP/1.1", ""), host: refused},
	{name: "two hosts", raw: hello("Host: b.test"), host: refused},
	{name: "one host twice", raw: hello("Host: a.test"), host: refused, haproxy: &served},
}

var strangeHeaders = []strangeRequest{
	{name: "a zero byte in a value", raw: hello("X-A: a\x00b"), host: refused},
	{name: "a zero byte in a name", raw: hello("X-\x00A: a"), host: refused},
	{name: "a folded line", raw: hello("X-A: a\r\n b"), host: refused},
	{name: "a line folded with a tab", raw: hello("X-A: a\r\n\tb"), host: refused},
	{name: "a line folded widely", raw: hello("X-A: a,\r\n        b"), host: refused},
	{name: "a folded Host", raw: request("GET /x HTTP/1.1", "Host: a.test\r\n b.test"), host: refused},
	{name: "a first line that is folded", raw: request("GET /x HTTP/1.1", " Host: a.test", "Host: b.test"), host: refused},
	{name: "two blanks", raw: hello("X-A: a  b"), host: "a.test", sees: []string{"x-a: a  b"}},
	{name: "a program with many blanks", raw: hello("User-Agent: phone   2"), host: "a.test", sees: []string{"user-agent: phone   2"}},
	{name: "a carriage return in a value", raw: hello("X-A: a\rb"), host: refused},
	{name: "a blank before the colon", raw: hello("X-A : a"), host: refused},
	{name: "an empty name", raw: hello(": a"), host: refused},
	{name: "a blank in a name", raw: hello("X A: a"), host: refused},
	{name: "identity with underscores", raw: hello("X_Real_IP: 6.6.6.6", "X_Forwarded_For: 6.6.6.6"), host: "a.test", hides: []string{"x_"}},
	{name: "identity with dots", raw: hello("X.Real.IP: 6.6.6.6"), host: "a.test", hides: []string{"x."}},
	{
		name: "identity twice", raw: hello("X-Real-IP: 6.6.6.6", "X-Real-IP: 7.7.7.7", "X-Forwarded-For: 6.6.6.6", "X-Forwarded-For: 7.7.7.7"),
		host: "a.test", sees: []string{"x-real-ip: 127.0.0.1", "x-forwarded-for: 127.0.0.1"},
	},
	{
		name: "identity for one hop", raw: request("GET /x HTTP/1.0", "Host: a.test", "Connection: X-Real-IP, X-Forwarded-For", "Connection: Host, X-Forwarded-Host, X-Scheme", "X-Real-IP: 6.6.6.6"),
		host: "a.test", sees: []string{"x-real-ip: 127.0.0.1", "x-forwarded-for: 127.0.0.1", "x-forwarded-host: a.test", "x-scheme: http"},
	},
	{name: "credentials for one hop", raw: request("GET /x HTTP/1.0", "Host: a.test", "Connection: Authorization", "Authorization: Basic eA=="), host: "a.test", sees: []string{"authorization: basic ea=="}},
	{name: "two request IDs", raw: hello("X-Request-ID: one", "X-Request-ID: two"), host: "a.test", sees: []string{"x-request-id: one"}},
	{name: "proxy", raw: hello("Proxy: http://6.6.6.6", "SSL-Client-Verify: SUCCESS"), host: "a.test", hides: []string{"proxy:", "ssl-client"}},
}

var strangeBodies = []strangeRequest{
	{name: "chunks and a length", raw: post(oneChunk, "Transfer-Encoding: chunked", "Content-Length: 3"), host: refused, haproxy: &served, hides: []string{"content-length:"}},
	{name: "a length and chunks", raw: post(oneChunk, "Content-Length: 3", "Transfer-Encoding: chunked"), host: refused, haproxy: &served, hides: []string{"content-length:"}},
	{name: "two lengths", raw: post("abcd", "Content-Length: 3", "Content-Length: 4"), host: refused},
	{name: "one length twice", raw: post("abc", "Content-Length: 3", "Content-Length: 3"), host: refused, haproxy: &served, sees: []string{"content-length: 3"}},
	{name: "a length with a sign", raw: post("abc", "Content-Length: +3"), host: refused},
	{name: "a length in hexadecimal", raw: post("abc", "Content-Length: 0x3"), host: refused},
	{name: "identity encoding", raw: post("abc", "Transfer-Encoding: identity", "Content-Length: 3"), host: refused},
	{name: "chunks inside", raw: post(oneChunk, "Transfer-Encoding: chunked, gzip"), host: refused},
	{name: "chunks outside", raw: post(oneChunk, "Transfer-Encoding: gzip, chunked"), host: refused},
	{name: "almost chunks", raw: post(oneChunk, "Transfer-Encoding: xchunked"), host: refused},
	{name: "chunks behind a control byte", raw: post(oneChunk, "Transfer-Encoding: \x0bchunked"), host: refused},
	{name: "chunks twice", raw: post(oneChunk, "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), host: refused},
	{name: "chunks in HTTP/1.0", raw: request("POST /x HTTP/1.0", "Host: a.test", "Transfer-Encoding: chunked") + oneChunk, host: refused},
	{name: "a chunk too long to count", raw: post("fffffffffffffffff3\r\nabc\r\n0\r\n\r\n", "Transfer-Encoding: chunked"), host: refused},
}

var strangeLines = []strangeRequest{
	{name: "HTTP/2.0 in words", raw: request("GET /x HTTP/2.0", "Host: a.test"), host: refused},
	{name: "HTTP/0.9 in words", raw: request("GET /x HTTP/0.9", "Host: a.test"), host: refused},
	{name: "http in small letters", raw: request("GET /x http/1.1", "Host: a.test"), host: refused},
	{name: "a method in small letters", raw: request("get /x HTTP/1.1", "Host: a.test"), host: refused},
	{name: "a method with a sign", raw: request("G@T /x HTTP/1.1", "Host: a.test"), host: refused},
	{name: "a zero byte in the path", raw: request("GET /x\x00 HTTP/1.1", "Host: a.test"), host: refused},
	{name: "a blank in the path", raw: request("GET /x y HTTP/1.1", "Host: a.test"), host: refused},
	{name: "a number sign in the path", raw: request("GET /x#/../admin HTTP/1.1", "Host: a.test"), host: refused},
	{name: "a number sign in the query", raw: request("GET /x?a=1#/../b HTTP/1.1", "Host: a.test"), host: refused},
	{name: "an encoded number sign", raw: request("GET /x%23y HTTP/1.1", "Host: a.test"), host: "a.test", sees: []string{"get /x%23y http/1.1"}},
	{name: "CONNECT", raw: request("CONNECT a.test:80 HTTP/1.1", "Host: a.test"), host: refused},
	{name: "TRACE", raw: request("TRACE /x HTTP/1.1", "Host: a.test"), host: refused},
	{name: "an asterisk", raw: request("OPTIONS * HTTP/1.1", "Host: a.test"), host: refused},
	{name: "a host in the path", raw: request("GET //b.test/x HTTP/1.1", "Host: a.test"), host: "a.test", sees: []string{"get //b.test/x http/1.1"}},
}

// TestStrangeRequests sends each request byte for byte to every proxy.
func TestStrangeRequests(t *testing.T) {
	forEachProxy(t, func(t *testing.T, e *front) {
		var objects []string
		for i, host := range []string{"a.test", "b.test"} {
			name := host[:1]
			objects = append(objects, serveRaw(t, name, 90+i).all(), strings.ReplaceAll(ingressFor(name, "/", name), "host.example", host))
		}
		objects = append(objects, serveRaw(t, "other", 92).all(), strings.ReplaceAll(ingressFor("other", "/", "other"), "host: host.example, ", ""))
		e.apply(objects...)
		for _, r := range strangeRequests {
			t.Run(r.name, func(t *testing.T) { e.checkStrange(t, r) })
		}
	})
}

func (e *front) checkStrange(t *testing.T, r strangeRequest) {
	t.Helper()
	want := r.host
	if e.haproxy && r.haproxy != nil {
		want = *r.haproxy
	}
	host, head := e.sendRaw(t, r.raw)
	if host != want {
		t.Fatalf("%q came to %q, want %q; the endpoint got %q", r.raw, host, want, head)
	}
	if host == refused {
		return
	}
	for _, line := range r.sees {
		if !slices.Contains(head, line) {
			t.Errorf("%q: the endpoint did not get %q: %q", r.raw, line, head)
		}
	}
	for _, begin := range r.hides {
		if slices.ContainsFunc(head, func(line string) bool { return strings.HasPrefix(line, begin) }) {
			t.Errorf("%q: the endpoint got %q: %q", r.raw, begin, head)
		}
	}
}

// sendRaw sends a request and returns the host of the endpoint that got it, and what it got.
func (e *front) sendRaw(t *testing.T, raw string) (host string, head []string) {
	t.Helper()
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", e.ports.HTTPPort))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	if _, err := conn.Write([]byte(raw)); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return refused, nil // some refusals are an end without a word
	}
	defer response.Body.Close()
	service := response.Header.Get("X-Pod")
	if service == "" {
		if response.StatusCode < http.StatusBadRequest {
			t.Errorf("%q: the proxy itself answers %s", raw, response.Status)
		}
		return refused, nil
	}
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		head = append(head, strings.ToLower(lines.Text()))
	}
	return service + ".test", head
}

// serveRaw starts an endpoint that answers with the head of the request as it came.
func serveRaw(t *testing.T, service string, net24 int) *fleet {
	t.Helper()
	host := fmt.Sprintf("127.0.%d.1", net24)
	listener, err := net.Listen("tcp", host+":0")
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
			go answerRaw(conn, service)
		}
	}()
	return &fleet{service: service, port: listener.Addr().(*net.TCPAddr).Port, hosts: []string{host}}
}

func answerRaw(conn net.Conn, service string) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	var head strings.Builder
	reader := bufio.NewReader(conn)
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			return
		}
		if line == "\r\n" {
			break
		}
		head.WriteString(line)
	}
	fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nX-Pod: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", service, head.Len(), head.String())
}

// valueOf is the value of the one line of a header, or what is wrong with it.
func valueOf(head []string, name string) string {
	value, found := "none", false
	for _, line := range head {
		if rest, ok := strings.CutPrefix(line, name+": "); ok {
			if found {
				return "several"
			}
			value, found = rest, true
		}
	}
	return value
}
