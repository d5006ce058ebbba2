package reload

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/headgate/headgate/hack/ports"
)

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
		refused := underLoad(t, port, changes, func(i int) {
			// Two thirds change the number of endpoints; the others move all traffic to another one.
			now := (i + 1) % 5
			if i%3 != 0 {
				e.mustChange(t, one(port, lines[now], lines[(now+1)%5]))
				return
			}
			began := time.Now()
			e.mustApply(t, one(port, lines[now]))
			soon(t, "traffic moved", func() bool {
				got, _ := fetch(t.Context(), port, "/") // errors are found by the load
				return got == fmt.Sprint(now)
			})
			took = append(took, time.Since(began))
		})
		if refused != 0 {
			t.Errorf("%d connections were refused", refused)
		}
		slices.Sort(took)
		t.Logf("%d changes, traffic moved after %s in the median, %s at most", changes, took[len(took)/2], took[len(took)-1])
		if p := e.processes(t); p.reloads != 0 {
			t.Errorf("%d reloads", p.reloads)
		}
	})
}

// TestHAProxyReloadsUnderLoad: what needs a reload does not cost a request either. A new worker takes the listening sockets over from the
// old one, for whose answer HAProxy waits a second. On a machine that stands still for so long the new one says so, and binds anew, which
// refuses connections for a moment.
func TestHAProxyReloadsUnderLoad(t *testing.T) {
	reloads := 100
	if testing.Short() {
		reloads = 10
	}
	eachHAProxy(t, func(t *testing.T, bin string) {
		e, port := superviseHAProxy(t, bin, shortDir(t)), ports.Free(t)
		g := one(port, endpoint(t, "one"))
		e.mustApply(t, g)
		refused := underLoad(t, port, reloads, func(i int) {
			g.extra = fmt.Sprintf("    http-response set-header x-number %d", i)
			e.mustReload(t, g, "http-response")
		})
		if p := e.processes(t); p.reloads != reloads || p.failed != 0 {
			t.Errorf("processes %+v", p)
		}
		e.stop() // all that was said is known then
		switch anew := e.said.count("Failed to get the sockets from the old process"); {
		case anew == reloads:
			t.Error("no worker has taken the sockets over")
		case refused != 0 && anew == 0:
			t.Errorf("%d connections were refused", refused)
		case refused != 0:
			t.Logf("%d connections were refused while the machine stood still", refused)
		}
	})
}
