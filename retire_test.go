package headgate_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestRetiringWorkersDecideAsBefore has requests finish that a worker began to read before it was told to retire: they go where they
// would have gone, to the canary, the endpoint of a session, or a route that has a backend to stand in.
func TestRetiringWorkersDecideAsBefore(t *testing.T) {
	forEachProxy(t, func(t *testing.T, e *front) {
		objects := []string{
			serveFleet(t, "main", 90, 1, nil).all(), serveFleet(t, "new", 91, 1, nil).all(), serveFleet(t, "spare", 92, 1, nil).all(),
			ingressFor("main", "/", "main", "default-backend: spare"),
			ingressFor("canary", "/", "new", `canary: "true"`, "canary-by-header: X-Canary"),
		}
		e.apply(objects...)
		for header, want := range map[string]string{"X-Canary: always": "new", "X-Canary: never": "main"} {
			answers := 0
			for try := 0; answers < 3; try++ {
				if try == 20 {
					t.Fatalf("of 20 requests that a worker had begun to read, %d were answered", answers)
				}
				half := e.beginRequest(header)
				e.apply(append(objects, ingressFor("other"+fmt.Sprint(try), "/"+fmt.Sprint(try), "spare", `limit-rps: "9"`))...)
				switch got, _, _ := strings.Cut(half.finish(), " "); got {
				case want:
					answers++
				case "", "408": // it does not wait for the rest
				default:
					t.Fatalf("with %s, a retiring worker sent a request to %q, want %s", header, got, want)
				}
			}
		}
	})
}

// halfRequest is a request that is not sent to its end, on a connection that has served one before.
type halfRequest struct {
	conn   net.Conn
	reader *bufio.Reader
}

func (e *front) beginRequest(header string) *halfRequest {
	e.t.Helper()
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", e.ports.HTTPPort))
	if err != nil {
		e.t.Fatal(err)
	}
	e.t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(2 * patience))
	h := &halfRequest{conn: conn, reader: bufio.NewReader(conn)}
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: host.example\r\n%s\r\n\r\n", header)
	if h.answer() == "" {
		e.t.Fatal("the first request of a connection was not answered")
	}
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: host.example\r\n%s\r\n", header)
	awaitRead(e.t, conn)
	return h
}

// finish sends the rest and returns who answered, or "" if nobody did.
func (h *halfRequest) finish() string {
	fmt.Fprint(h.conn, "\r\n")
	return h.answer()
}

func (h *halfRequest) answer() string {
	response, err := http.ReadResponse(h.reader, nil)
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	if response.StatusCode != http.StatusOK {
		return response.Status
	}
	return response.Header.Get("X-Pod")
}
