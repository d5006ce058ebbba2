package reload

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/headgate/headgate/hack/ports"
)

// TestNginxReloadsUnderLoad: clients that keep their connections and clients that do not see nothing of many reloads. That an old worker
// closes an idle connection just as a request is on its way is known of nginx before 1.27.4; the client repeats such a request, as
// browsers do, and nothing else.
func TestNginxReloadsUnderLoad(t *testing.T) {
	reloads := 50
	if testing.Short() {
		reloads = 10
	}
	eachNginx(t, func(t *testing.T, bin string) {
		e, port := superviseNginx(t, bin, shortDir(t)), ports.Free(t)
		e.mustApply(t, site{port: port, body: "0"})
		if n := underLoad(t, port, reloads, func(i int) { e.mustApply(t, site{port: port, body: fmt.Sprint(i + 1)}) }); n != 0 {
			t.Errorf("%d connections were refused", n)
		}
		serves(t, port, fmt.Sprint(reloads))
	})
}

// underLoad takes steps while clients that keep their connections and clients that do not send requests, none of which may fail. Between
// two steps some requests are answered. It returns how many connections were refused.
func underLoad(t *testing.T, port, steps int, step func(i int)) (refused int64) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var clients sync.WaitGroup
	defer clients.Wait()
	defer cancel()
	l := load{t: t, port: port}
	for range 4 {
		clients.Go(func() { l.send(ctx, &http.Transport{MaxIdleConnsPerHost: 1}) })
	}
	clients.Go(func() { l.send(ctx, &http.Transport{DisableKeepAlives: true}) })
	for i := range steps {
		step(i)
		before := l.requests.Load()
		soon(t, "load", func() bool { return l.requests.Load() > before+1 || t.Failed() })
	}
	t.Logf("%d steps, %d requests", steps, l.requests.Load())
	cancel()
	clients.Wait()
	return l.refused.Load()
}

// load is what several clients send to a port.
type load struct {
	t                 *testing.T
	port              int
	requests, refused atomic.Int64
}

// send sends requests until ctx is done, counts refused connections and reports whatever else is not a good answer.
func (l *load) send(ctx context.Context, transport *http.Transport) {
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	for ctx.Err() == nil {
		res, err := client.Get(fmt.Sprintf("http://127.0.0.1:%d/", l.port))
		if errors.Is(err, syscall.ECONNREFUSED) {
			l.refused.Add(1)
			time.Sleep(time.Millisecond)
			continue
		}
		if err != nil {
			l.t.Errorf("request: %v", err)
			return
		}
		_, err = io.Copy(io.Discard, res.Body)
		if err = errors.Join(err, res.Body.Close()); err != nil || res.StatusCode != http.StatusOK {
			l.t.Errorf("answer %d, %v", res.StatusCode, err)
			return
		}
		l.requests.Add(1)
		time.Sleep(time.Millisecond)
	}
}

func TestNginxOldWorkers(t *testing.T) {
	eachNginx(t, func(t *testing.T, bin string) {
		e, port := superviseNginx(t, bin, shortDir(t)), ports.Free(t)
		e.mustApply(t, site{port: port, body: "one"})
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := fmt.Fprint(conn, "GET /endless HTTP/1.0\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if _, err := bufio.NewReader(conn).Peek(1); err != nil {
			t.Fatal(err)
		}
		count := func() int {
			n, err := e.OldWorkers(t.Context())
			if err != nil {
				t.Error(err)
			}
			return n
		}
		if n := count(); n != 0 {
			t.Errorf("%d old workers before the reload", n)
		}
		e.mustApply(t, site{port: port, body: "two"})
		soon(t, "one old worker", func() bool { return count() == 1 })
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		soon(t, "no old worker", func() bool { return count() == 0 })
	})
}
