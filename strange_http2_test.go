package headgate_test

import (
	"bytes"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// strangeFields are requests of HTTP/2 that no client sends, with the host whose endpoint may get them, and what must not be told there.
var strangeFields = []struct {
	name   string
	fields []string // names and values in turn
	host   string
	hides  []string
}{
	{"plain", fieldsFor("/x", ":authority", "a.test"), "a.test", plain},
	{"a protocol to upgrade to", fieldsFor("/x", ":authority", "a.test", "upgrade", "websocket"), "a.test", plain},
	{"h2c", fieldsFor("/x", ":authority", "a.test", "upgrade", "h2c"), "a.test", plain},
	{"two authorities", fieldsFor("/x", ":authority", "a.test", ":authority", "b.test"), refused, nil},
	{"a user", fieldsFor("/x", ":authority", "u@a.test"), refused, nil},
	{"a port of letters", fieldsFor("/x", ":authority", "a.test:x"), refused, nil},
	{"a zero byte", fieldsFor("/x", ":authority", "a.test", "x-a", "a\x00b"), refused, nil},
	{"the end of a line", fieldsFor("/x", ":authority", "a.test", "x-a", "a\r\nx-b: c"), refused, nil},
	{"a path without slash", fieldsFor("x", ":authority", "a.test"), refused, nil},
	{"a URL for a path", fieldsFor("http://b.test/x", ":authority", "a.test"), refused, nil},
	{"another scheme", []string{":method", "GET", ":scheme", "ftp", ":path", "/x", ":authority", "a.test"}, "a.test", []string{"get ftp:"}},
}

func fieldsFor(path string, more ...string) []string {
	return append([]string{":method", "GET", ":scheme", "http", ":path", path}, more...)
}

// TestStrangeRequestsOverHTTP2 sends each request to every proxy that speaks HTTP/2 in clear text.
func TestStrangeRequestsOverHTTP2(t *testing.T) {
	forEachProxy(t, func(t *testing.T, e *front) {
		if strings.Contains(t.Name(), "nginx/1.22") {
			t.Skip("it cannot speak HTTP/1 and HTTP/2 on one port in clear text")
		}
		e.ports.HTTP2 = true
		e.apply(serveRaw(t, "a", 97).all(), strings.ReplaceAll(ingressFor("a", "/", "a"), "host.example", "a.test"),
			serveRaw(t, "b", 98).all(), strings.ReplaceAll(ingressFor("b", "/", "b"), "host.example", "b.test"))
		for _, r := range strangeFields {
			answer := e.sendFields(t, r.fields)
			host, head, _ := strings.Cut(answer, "\n")
			if host != r.host && (r.host == refused || host != refused) {
				t.Errorf("%s: the endpoint of %q got it, want that of %q: %q", r.name, host, r.host, head)
			}
			lines := strings.Split(head, "\r\n")
			for _, begin := range r.hides {
				if slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, begin) }) {
					t.Errorf("%s: the endpoint got %q: %q", r.name, begin, head)
				}
			}
		}
	})
}

// sendFields sends a request without body, and returns the host of the endpoint that got it and, behind a line end, what it got.
func (e *front) sendFields(t *testing.T, fields []string) string {
	t.Helper()
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", e.ports.HTTPPort))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	for i := 0; i < len(fields); i += 2 {
		_ = encoder.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]})
	}
	framer := http2.NewFramer(conn, conn)
	_, _ = conn.Write([]byte(http2.ClientPreface))
	_ = framer.WriteSettings()
	_ = framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndHeaders: true, EndStream: true})
	var host, body string
	decoder := hpack.NewDecoder(4096, func(f hpack.HeaderField) {
		if f.Name == "x-pod" {
			host = f.Value + ".test\n"
		}
	})
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return refused // some refusals end the connection
		}
		switch f := frame.(type) {
		case *http2.HeadersFrame:
			_, _ = decoder.Write(f.HeaderBlockFragment())
		case *http2.DataFrame:
			body += strings.ToLower(string(f.Data()))
		case *http2.RSTStreamFrame, *http2.GoAwayFrame:
			return refused
		}
		if end, ok := frame.(interface{ StreamEnded() bool }); ok && end.StreamEnded() {
			if host == "" {
				return refused
			}
			return host + body
		}
	}
}
