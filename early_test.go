package headgate_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"net"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// An answer of the proxy itself is no cancelled stream, although it is known before the body has come.
func TestEarlyAnswersOverHTTP2(t *testing.T) {
	forEachProxy(t, func(t *testing.T, e *front) {
		e.ports.HTTP2 = true
		web := serveRaw(t, "web", 96)
		e.apply(`apiVersion: v1
kind: ConfigMap
metadata: {name: config, namespace: headgate}
data: {proxy-body-size: "100"}`,
			web.all(), ingressFor("web", "/web", "web"), ingressFor("gone", "/gone", "gone"),
			ingressFor("limited", "/limited", "web", `limit-rpm: "1"`, `limit-burst-multiplier: "1"`))
		for _, path := range []string{"/limited", "/limited"} {
			e.sendRaw(t, request("GET "+path+" HTTP/1.1", "Host: host.example"))
		}
		for _, c := range []struct {
			path string
			size int
			want string
		}{
			{"/nowhere", 10, "404"}, {"/gone", 10, "503"}, {"/limited", 10, "503"}, {"/web", 5000, "413"}, {"/nowhere", 5000, "413"},
		} {
			status, code := e.post(t, c.path, c.size)
			if status != c.want || code != http2.ErrCodeNo {
				t.Errorf("%d bytes to %s are answered %q, and the stream ends with %s; want %s, in good order", c.size, c.path, status, code, c.want)
			}
		}
	})
}

// The pings of post: the proxy answers them behind what it has to say by then.
var begun, ended = [8]byte{1}, [8]byte{2}

// post sends a request over HTTP/2, its body only after the proxy has read the headers, and returns the status and how the stream ended.
func (e *front) post(t *testing.T, path string, size int) (status string, code http2.ErrCode) {
	t.Helper()
	conn, err := tls.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", e.ports.HTTPSPort), &tls.Config{
		InsecureSkipVerify: true, ServerName: "host.example", NextProtos: []string{"h2"},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	framer := begin(t, conn, path, size)
	decoder := hpack.NewDecoder(4096, func(f hpack.HeaderField) {
		if f.Name == ":status" {
			status = f.Value
		}
	})
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			t.Fatalf("%s: after the status %q: %v", path, status, err)
		}
		if end, ok := frame.(interface{ StreamEnded() bool }); ok && end.StreamEnded() {
			_ = framer.WritePing(false, ended)
		}
		switch f := frame.(type) {
		case *http2.PingFrame:
			if f.Data == ended {
				return status, code
			}
			// A proxy that has answered by now may not want the body.
			_ = framer.WriteData(1, true, bytes.Repeat([]byte("x"), size))
		case *http2.HeadersFrame:
			_, _ = decoder.Write(f.HeaderBlockFragment())
		case *http2.RSTStreamFrame:
			if code == http2.ErrCodeNo && f.ErrCode != http2.ErrCodeStreamClosed {
				code = f.ErrCode
			}
		}
	}
}

// begin sends the headers and asks for a sign that they have been read.
func begin(t *testing.T, conn net.Conn, path string, size int) *http2.Framer {
	t.Helper()
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	for _, f := range []hpack.HeaderField{
		{Name: ":method", Value: "POST"}, {Name: ":scheme", Value: "https"}, {Name: ":authority", Value: "host.example"}, {Name: ":path", Value: path},
		{Name: "content-length", Value: fmt.Sprint(size)},
	} {
		_ = encoder.WriteField(f)
	}
	framer := http2.NewFramer(conn, conn)
	if _, err := conn.Write([]byte(http2.ClientPreface)); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		framer.WriteSettings(),
		framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndHeaders: true}),
		framer.WritePing(false, begun),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return framer
}
