package reload

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/headgate/headgate/hack/ports"
)

// underLoad runs steps while clients that keep their connections and clients that do not send requests, none of which may fail.
func underLoad(t *testing.T, port int, steps func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var clients sync.WaitGroup
	var requests atomic.Int64
	for range 4 {
		clients.Go(func() { load(ctx, t, port, &http.Transport{MaxIdleConnsPerHost: 1}, &requests) })
	}
	clients.Go(func() { load(ctx, t, port, &http.Transport{DisableKeepAlives: true}, &requests) })
	steps()
	cancel()
	clients.Wait()
	t.Logf("%d requests", requests.Load())
	if requests.Load() < 200 {
		t.Error("there was hardly any load")
	}
}

// TestHAProxyEndpointsUnderLoad: endpoints come and go without a reload and without a failed request, and traffic follows.
func TestHAProxyEndpointsUnderLoad(t *testing.T) {
	changes := 200
	if testing.Short() {
		changes = 30
	}
	eachHAProxy(t, func(t *testing.T, bin string) {
		e, port := superviseHAProxy(t, bin, shortDir(t)), ports.Free(t)
		var lines []string
		for i := range 5 {
			lines = append(lines, endpoint(t, fmt.Sprint(i)))
		}
		e.mustApply(t, one(port, lines[0]))
		serves(t, port, "0")
		var took []time.Duration
		underLoad(t, port, func() {
			for i := range changes {
				// Two thirds change the number of endpoints; the others move all traffic to another one.
				now := (i + 1) % 5
				if i%3 != 0 {
					e.mustChange(t, one(port, lines[now], lines[(now+1)%5]))
					continue
				}
				began := time.Now()
				e.mustApply(t, one(port, lines[now]))
				within(t, 30*time.Second, "traffic moved", func() bool {
					got, _ := fetch(t.Context(), port, "/") // errors are found by the load
					return got == fmt.Sprint(now)
				})
				took = append(took, time.Since(began))
			}
		})
		slices.Sort(took)
		t.Logf("%d changes, traffic moved after %s in the median, %s at most", changes, took[len(took)/2], took[len(took)-1])
		if p := e.processes(t); p.reloads != 0 {
			t.Errorf("%d reloads", p.reloads)
		}
	})
}

// TestHAProxyReloadsUnderLoad: what needs a reload does not cost a request either.
func TestHAProxyReloadsUnderLoad(t *testing.T) {
	reloads := 100
	if testing.Short() {
		reloads = 10
	}
	eachHAProxy(t, func(t *testing.T, bin string) {
		e, port := superviseHAProxy(t, bin, shortDir(t)), ports.Free(t)
		g := one(port, endpoint(t, "one"))
		e.mustApply(t, g)
		underLoad(t, port, func() {
			for i := range reloads {
				g.extra = fmt.Sprintf("    http-response set-header x-number %d", i)
				e.mustReload(t, g, "http-response")
			}
		})
		if p := e.processes(t); p.reloads != reloads || p.failed != 0 {
			t.Errorf("processes %+v", p)
		}
	})
}
