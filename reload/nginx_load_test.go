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
		ctx, cancel := context.WithCancel(t.Context())
		var clients sync.WaitGroup
		var requests atomic.Int64
		for range 4 {
			clients.Go(func() { load(ctx, t, port, &http.Transport{MaxIdleConnsPerHost: 1}, &requests) })
		}
		clients.Go(func() { load(ctx, t, port, &http.Transport{DisableKeepAlives: true}, &requests) })
		for i := range reloads {
			e.mustApply(t, site{port: port, body: fmt.Sprint(i + 1)})
		}
		serves(t, port, fmt.Sprint(reloads))
		cancel()
		clients.Wait()
		t.Logf("%d reloads, %d requests", reloads, requests.Load())
		if requests.Load() < int64(reloads) {
			t.Error("there was hardly any load")
		}
	})
}

// load sends requests until ctx is done and reports whatever is not a good answer.
func load(ctx context.Context, t *testing.T, port int, transport *http.Transport, requests *atomic.Int64) {
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	for ctx.Err() == nil {
		res, err := client.Get(fmt.Sprintf("http://127.0.0.1:%d/", port))
		if err != nil {
			t.Errorf("request: %v", err)
			return
		}
		_, err = io.Copy(io.Discard, res.Body)
		if err = errors.Join(err, res.Body.Close()); err != nil || res.StatusCode != http.StatusOK {
			t.Errorf("answer %d, %v", res.StatusCode, err)
			return
		}
		requests.Add(1)
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
		if _, err := fmt.Fprint(conn, "GET /slow HTTP/1.0\r\n\r\n"); err != nil {
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
		within(t, 10*time.Second, "one old worker", func() bool { return count() == 1 })
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		within(t, 30*time.Second, "no old worker", func() bool { return count() == 0 })
	})
}
