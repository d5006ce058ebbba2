package load

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/headgate/headgate/hack/ports"
)

const fineAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// TestOutcomes: the client tells what happens to it. A counter that sees nothing would make every figure look good.
func TestOutcomes(t *testing.T) {
	tests := []struct {
		name string
		// proxy serves one connection.
		proxy func(net.Conn, *bufio.Reader)
		want  []Outcome
	}{
		{"answers", func(c net.Conn, r *bufio.Reader) { answers(c, r, fineAnswer, fineAnswer) }, []Outcome{Good, Good}},
		{"no answer at all", func(net.Conn, *bufio.Reader) {}, []Outcome{Reset}},
		{"head cut", func(c net.Conn, r *bufio.Reader) { answers(c, r, fineAnswer[:20]) }, []Outcome{Cut}},
		{"body cut", func(c net.Conn, r *bufio.Reader) { answers(c, r, fineAnswer[:len(fineAnswer)-1]) }, []Outcome{Cut}},
		{"server error", func(c net.Conn, r *bufio.Reader) { answers(c, r, "HTTP/1.1 503 no\r\nContent-Length: 0\r\n\r\n") }, []Outcome{ServerError}},
		{"other answer", func(c net.Conn, r *bufio.Reader) { answers(c, r, "HTTP/1.1 404 no\r\nContent-Length: 0\r\n\r\n") }, []Outcome{Wrong}},
		{"closed as the next request comes", func(c net.Conn, r *bufio.Reader) {
			answers(c, r, fineAnswer)
			_, _ = readHead(r) // the request, which stays without an answer
		}, []Outcome{Good, Raced}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := &Client{Address: serveEach(t, test.proxy), Host: "a.example", Style: Kept}
			defer c.drop()
			for i, want := range test.want {
				if got := c.request(); got != want {
					t.Fatalf("request %d: %s, want %s", i, got, want)
				}
			}
		})
	}
}

func TestRefused(t *testing.T) {
	c := &Client{Address: fmt.Sprintf("127.0.0.1:%d", ports.Free(t))}
	if got := c.request(); got != Refused {
		t.Errorf("%s", got)
	}
}

// TestClosedWhileIdle: a connection that was closed before the next request harms nobody, and is counted apart.
func TestClosedWhileIdle(t *testing.T) {
	c := &Client{Address: serveEach(t, func(conn net.Conn, r *bufio.Reader) { answers(conn, r, fineAnswer) }), Style: Kept}
	defer c.drop()
	if got := c.request(); got != Good {
		t.Fatalf("first request: %s", got)
	}
	for end := time.Now().Add(time.Minute); !c.isClosed(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the end of the connection is not seen")
		}
	}
	if got := c.request(); got != Good || c.Closed != 1 {
		t.Errorf("second request: %s, %d closed", got, c.Closed)
	}
}

// serveEach serves each connection with a function and then closes it.
func serveEach(t *testing.T, proxy func(net.Conn, *bufio.Reader)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			reader := bufio.NewReader(conn)
			if _, err := reader.Peek(1); err == nil {
				proxy(conn, reader)
			}
			conn.Close()
		}
	}()
	return listener.Addr().String()
}

// answers answers one request after the other.
func answers(conn net.Conn, reader *bufio.Reader, texts ...string) {
	for _, text := range texts {
		if _, err := readHead(reader); err != nil {
			return
		}
		_, _ = io.WriteString(conn, text) // the client tells what it got
	}
}
