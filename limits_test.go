package headgate_test

import (
	"maps"
	"math"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestLimitsOverTime(t *testing.T) {
	forEachProxy(t, func(t *testing.T, e *front) {
		web := serveFleet(t, "web", 30, 1, nil)
		e.apply(web.all(),
			ingressFor("second", "/second", "web", `limit-rps: "10"`, `limit-burst-multiplier: "1"`, "limit-allowlist: 127.0.0.8/31"),
			ingressFor("minute", "/minute", "web", `limit-rpm: "6"`, `limit-burst-multiplier: "2"`))
		var group sync.WaitGroup
		group.Go(func() {
			began := time.Now()
			admitted, asked := flood(e, "127.0.0.1", "/second", 6*time.Second)
			span := time.Since(began)
			want := 1 + 10 + 10*span.Seconds()
			t.Logf("limit-rps 10, burst 10: %d of %d admitted in %s, expected %.0f ± 5 %%", admitted, asked, span, want)
			if math.Abs(float64(admitted)-want) > 0.05*want {
				t.Errorf("limit-rps: %d admitted, expected %.0f ± 5 %%", admitted, want)
			}
		})
		group.Go(func() {
			if admitted, asked := flood(e, "127.0.0.9", "/second", time.Second); admitted != asked {
				t.Errorf("of an address in limit-allowlist %d of %d requests were admitted", admitted, asked)
			}
		})
		group.Go(func() {
			// 1 at once, a burst of 12, and none of the next ten seconds' one.
			if admitted, asked := flood(e, "127.0.0.3", "/minute", 2*time.Second); admitted != 13 || asked < 50 {
				t.Errorf("limit-rpm: %d of %d admitted, want 13", admitted, asked)
			}
		})
		group.Wait()
	})
}

// flood sends requests from an address for a while, up to two hundred in a second and at least as many as go beyond a small limit, and
// counts those that were admitted.
func flood(e *front, from, path string, span time.Duration) (admitted, asked int) {
	v := e.visitor(from)
	tick := time.NewTicker(time.Second / 200)
	defer tick.Stop()
	for end := time.Now().Add(span); time.Now().Before(end) || asked < 20; <-tick.C {
		asked++
		if got := v.get(path); strings.HasPrefix(got, "web") {
			admitted++
		} else if got != "503" {
			e.t.Errorf("beyond the limit the answer is %s, not 503", got)
			return admitted, asked
		}
	}
	return admitted, asked
}

func TestLimitConnections(t *testing.T) {
	forEachProxy(t, func(t *testing.T, e *front) {
		hold := &crowd{size: 10}
		web := serveFleet(t, "web", 31, 1, func(string, http.ResponseWriter, *http.Request) { hold.join() })
		config := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config, namespace: headgate}\ndata: {limit-conn-status-code: \"429\"}"
		e.apply(web.all(), config, ingressFor("web", "/", "web", `limit-connections: "4"`, "limit-allowlist: 127.0.0.9"))
		for from, want := range map[string]map[string]int{
			"127.0.0.1": {"web 127.0.31.1": 4, "429": 6},
			"127.0.0.9": {"web 127.0.31.1": 10},
		} {
			for range 2 { // the second round finds the first one's places free again
				if got := hold.together(e, from); !maps.Equal(got, want) {
					t.Errorf("from %s ten requests at once got %v, want %v", from, got, want)
				}
				time.Sleep(100 * time.Millisecond) // a place is free a moment after the answer
			}
		}
	})
}

// crowd makes requests be in progress at the same time: none is answered by the endpoint before all have come there or were refused.
type crowd struct {
	size int

	mu      sync.Mutex
	settled int
	all     chan struct{} // closed when all are settled
}

// join waits at the endpoint until all are settled.
func (c *crowd) join() {
	select {
	case <-c.settle():
	case <-time.After(15 * time.Second):
	}
}

func (c *crowd) settle() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.settled++; c.settled == c.size {
		close(c.all)
	}
	return c.all
}

// together sends the requests of a crowd and counts the answers.
func (c *crowd) together(e *front, from string) map[string]int {
	c.settled, c.all = 0, make(chan struct{})
	var mu sync.Mutex
	var group sync.WaitGroup
	counts := map[string]int{}
	v := e.visitor(from)
	for range c.size {
		group.Go(func() {
			got := v.get("/")
			if !strings.HasPrefix(got, "web") {
				c.settle()
			}
			mu.Lock()
			defer mu.Unlock()
			counts[got]++
		})
	}
	group.Wait()
	return counts
}

// TestLimitsChangeWithReloads changes what a limit counts by and how much it admits: nginx refuses a zone that was kept by another key.
func TestLimitsChangeWithReloads(t *testing.T) {
	forEachProxy(t, func(t *testing.T, e *front) {
		web := serveFleet(t, "web", 32, 1, nil)
		for i, annotations := range [][]string{
			{`limit-rpm: "2"`, `limit-burst-multiplier: "1"`},
			{`limit-rpm: "2"`, `limit-burst-multiplier: "1"`, "limit-allowlist: 127.0.0.9"},
			{`limit-rpm: "4"`, `limit-burst-multiplier: "1"`, "limit-allowlist: 127.0.0.9"},
		} {
			e.apply(web.all(), ingressFor("web", "/", "web", annotations...))
			want := []int{3, 3, 5}[i]
			if admitted, _ := flood(e, "127.0.0.1", "/", 300*time.Millisecond); admitted != want {
				t.Errorf("step %d: %d admitted, want %d", i, admitted, want)
			}
		}
	})
}

// TestLimitsOutliveReloads demands that a reload gives nobody a new burst.
func TestLimitsOutliveReloads(t *testing.T) {
	forEachProxy(t, func(t *testing.T, e *front) {
		web := serveFleet(t, "web", 33, 1, nil)
		limited := ingressFor("web", "/", "web", `limit-rpm: "2"`, `limit-burst-multiplier: "1"`)
		e.apply(web.all(), limited)
		if e.haproxy && strings.HasPrefix(e.version, "2.") {
			time.Sleep(6 * time.Second) // before 3.0, a process first waits for somebody who could tell it what is in its tables
		}
		if admitted, _ := flood(e, "127.0.0.1", "/", 300*time.Millisecond); admitted != 3 {
			t.Errorf("%d admitted, want 3", admitted)
		}
		e.apply(web.all(), limited, ingressFor("other", "/other", "web", `force-ssl-redirect: "true"`))
		if admitted, _ := flood(e, "127.0.0.1", "/", 300*time.Millisecond); admitted != 0 {
			t.Errorf("after a reload %d more were admitted", admitted)
		}
	})
}
