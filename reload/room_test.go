package reload

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/headgate/headgate/hack/ports"
)

// TestNginxOldWorkersHaveABound: reloads wait when too many old workers are there, are done when these have ended, or end the oldest.
func TestNginxOldWorkersHaveABound(t *testing.T) {
	eachWay(t, func(t *testing.T, _ string, begin func() edge) {
		e, port := begin(), ports.Free(t)
		s := site{port: port, log: "run/emerg.log"}
		const most = oldPerWorker * siteWorkers
		e.opts.OldWorkersWait = time.Hour
		var connections []net.Conn
		old := func() int {
			n, err := e.OldWorkers(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		var crowded *CrowdedError
		i := 0
		for ; !errors.As(apply(t, e, &s, i), &crowded); i++ {
			if i > 20*most {
				t.Fatalf("%d reloads, and %d old workers", i, old())
			}
			serves(t, port, fmt.Sprint(i))
			connections = append(connections, endless(t, port), endless(t, port))
		}
		if n := old(); n < most || n > most+siteWorkers || !e.Status().Waits {
			t.Errorf("%d old workers, at most %d may be there; %+v", n, most, e.Status())
		}
		serves(t, port, fmt.Sprint(i-1))

		for _, c := range connections[:len(connections)/2] {
			c.Close()
		}
		soon(t, "room", func() bool { return old() < most })
		if err := apply(t, e, &s, i); err != nil {
			t.Error(err)
		}
		serves(t, port, fmt.Sprint(i))
		if st := e.Status(); st.Waits || st.OldWorkersEnded != 0 {
			t.Errorf("status %+v", st)
		}

		e.opts.OldWorkersWait = time.Nanosecond
		for ended := i; e.Status().OldWorkersEnded == 0; i++ {
			if i > ended+20*most {
				t.Fatalf("%d old workers", old())
			}
			connections = append(connections, endless(t, port), endless(t, port))
			if err := apply(t, e, &s, i+1); err != nil && !errors.As(err, &crowded) {
				t.Fatal(err)
			}
			serves(t, port, s.body)
		}
		soon(t, "no more than may be there", func() bool { return old() <= most+siteWorkers })
	})
}

// apply applies the i-th version of a site.
func apply(t *testing.T, e edge, s *site, i int) error {
	s.body = fmt.Sprint(i)
	_, err := e.Apply(t.Context(), s.files(), "test")
	return err
}

// endless opens a connection whose answer does not end while the test runs.
func endless(t *testing.T, port int) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := fmt.Fprint(conn, "GET /endless HTTP/1.0\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(conn).Peek(1); err != nil {
		t.Fatal(err)
	}
	return conn
}
