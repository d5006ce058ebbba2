package headgate_test

import (
	"maps"
	"math"
	"net/http"
	"regexp"
	"strconv"
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
			f := sendFlood(e, "127.0.0.1", "/second", 6*time.Second)
			over, needless := f.against(10, 10)
			t.Logf("limit-rps 10, burst 10: %d of %d admitted in %s, %.1f too many, %.1f too few", f.admitted(), len(f), f.span(), over, needless)
			if over > 3 || needless > 3 { // 5 % of what is expected in six seconds
				t.Errorf("limit-rps: %d of %d admitted in %s, %.1f too many, %.1f too few", f.admitted(), len(f), f.span(), over, needless)
			}
		})
		group.Go(func() {
			if f := sendFlood(e, "127.0.0.9", "/second", time.Second); f.admitted() != len(f) {
				t.Errorf("of an address in limit-allowlist %d of %d requests were admitted", f.admitted(), len(f))
			}
		})
		group.Go(func() {
			// 1 at once, a burst of 12, and one in each ten seconds, which the flood takes on a slow machine only.
			f := sendFlood(e, "127.0.0.3", "/minute", 2*time.Second)
			if over, _ := f.against(0.1, 12); over > 0.5 || f.admitted() < 13 {
				t.Errorf("limit-rpm: %d of %d admitted in %s, want 13", f.admitted(), len(f), f.span())
			}
		})
		group.Wait()
	})
}

// flood is what came of requests that were sent one after the other.
type flood []attempt

type attempt struct {
	sent, answered time.Time
	admitted       bool
}

// sendFlood sends requests from an address for a while, up to two hundred in a second and at least as many as go beyond a small limit.
func sendFlood(e *front, from, path string, span time.Duration) (f flood) {
	v := e.visitor(from)
	tick := time.NewTicker(time.Second / 200)
	defer tick.Stop()
	for end := time.Now().Add(span); time.Now().Before(end) || len(f) < 20; <-tick.C {
		sent := time.Now()
		got := v.get(path)
		f = append(f, attempt{sent, time.Now(), strings.HasPrefix(got, "web")})
		if !f[len(f)-1].admitted && got != "503" {
			e.t.Errorf("beyond the limit the answer is %s, not 503", got)
			return f
		}
	}
	return f
}

func (f flood) admitted() (n int) {
	for _, a := range f {
		if a.admitted {
			n++
		}
	}
	return n
}

func (f flood) span() time.Duration {
	return f[len(f)-1].answered.Sub(f[0].sent).Round(time.Millisecond)
}

// against holds a flood against a bucket that takes one request and a burst at once and leaks at a rate in a second: over is by how many
// requests it was overfilled, needless how much room it had for certain when a request was refused. The proxy has seen each request
// between the time when it was sent and that of its answer, so that neither depends on how fast the machine is, or steadily.
func (f flood) against(rate float64, burst int) (over, needless float64) {
	seconds := func(t time.Time) float64 { return rate * t.Sub(f[0].sent).Seconds() }
	// fullest and emptiest are what was admitted since the request that counts most, and what has leaked since, at most and at least.
	admitted, fullest, emptiest := 0.0, math.Inf(-1), math.Inf(-1)
	for _, a := range f {
		fullest = max(fullest, seconds(a.sent)-admitted)
		if a.admitted {
			admitted++
			over = max(over, admitted+fullest-seconds(a.answered)-float64(burst+1))
			emptiest = max(emptiest, seconds(a.answered)-(admitted-1))
			continue
		}
		held := max(0, admitted+emptiest-seconds(a.sent))
		needless = max(needless, float64(burst)-held)
	}
	return over, needless
}

// TestFloodsAreJudged holds a bucket that is exact, and buckets that are not, against the judgement of the other tests.
func TestFloodsAreJudged(t *testing.T) {
	// run plays a bucket, with a proxy that stands still for two seconds.
	run := func(rate, burst float64) (f flood) {
		now, level := time.Unix(0, 0), 0.0
		for i := range 1200 {
			pause := 5 * time.Millisecond
			if i == 100 {
				pause = 2 * time.Second
			}
			now = now.Add(pause)
			level = max(0, level-rate*pause.Seconds())
			a := attempt{sent: now.Add(-time.Millisecond), answered: now.Add(time.Millisecond), admitted: level <= burst}
			if a.admitted {
				level++
			}
			f = append(f, a)
		}
		return f
	}
	for _, c := range []struct {
		rate, burst    float64
		over, needless bool
	}{
		{10, 10, false, false}, {11, 10, true, false}, {9, 10, false, true}, {10, 15, true, false}, {10, 5, false, true},
	} {
		over, needless := run(c.rate, c.burst).against(10, 10)
		if over > 3 != c.over || needless > 3 != c.needless {
			t.Errorf("rate %.0f, burst %.0f: %.1f too many, %.1f too few", c.rate, c.burst, over, needless)
		}
	}
}

func TestLimitConnections(t *testing.T) {
	forEachProxy(t, func(t *testing.T, e *front) {
		hold := &crowd{size: 10}
		web := serveFleet(t, "web", 31, 1, func(string, http.ResponseWriter, *http.Request) { hold.join() })
		config := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config, namespace: headgate}\ndata: {limit-conn-status-code: \"429\"}"
		e.apply(web.all(), config, ingressFor("web", "/", "web", `limit-connections: "4"`, "limit-allowlist: 127.0.0.9", `proxy-read-timeout: "600"`))
		for from, want := range map[string]map[string]int{
			"127.0.0.1": {"web 127.0.31.1": 4, "429": 6},
			"127.0.0.9": {"web 127.0.31.1": 10},
		} {
			for range 2 { // the second round finds the first one's places free again
				if got := hold.together(e, from); !maps.Equal(got, want) {
					t.Errorf("from %s ten requests at once got %v, want %v", from, got, want)
				}
				if e.haproxy { // it counts a request for a moment after its end
					eventually(t, "all places are free", func() bool { return !busyPlace.MatchString(e.limitTable(t)) })
				}
			}
		}
	})
}

// busyPlace finds a client with requests in progress in a table of HAProxy.
var busyPlace = regexp.MustCompile(`conn_cur=[1-9]`)

// limitTable is what HAProxy has in the table of the one limit that there is.
func (e *front) limitTable(t *testing.T) string {
	t.Helper()
	_, after, _ := strings.Cut(e.say(t, "show table"), "# table: limit:")
	name, _, found := strings.Cut(after, ",")
	if !found {
		t.Fatal("HAProxy has no table for the limit")
	}
	return e.say(t, "show table limit:"+name)
}

// asksNobody reports whether an HAProxy knows what is in its tables: two bits of what it says of its peers stand for that.
func (e *front) asksNobody(t *testing.T) bool {
	t.Helper()
	_, after, _ := strings.Cut(e.say(t, "show peers"), " flags=0x")
	digits, _, _ := strings.Cut(after, " ")
	flags, err := strconv.ParseUint(digits, 16, 64)
	return err == nil && flags&3 == 3
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
	case <-time.After(patience):
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
			if f := sendFlood(e, "127.0.0.1", "/", 300*time.Millisecond); f.admitted() != want {
				t.Errorf("step %d: %d admitted, want %d", i, f.admitted(), want)
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
		if e.haproxy { // before 3.0, a process waits five seconds for somebody who could tell it what is in its tables
			eventually(t, "the process asks nobody any more what is in its tables", func() bool { return e.asksNobody(t) })
		}
		if f := sendFlood(e, "127.0.0.1", "/", 300*time.Millisecond); f.admitted() != 3 {
			t.Errorf("%d admitted, want 3", f.admitted())
		}
		e.apply(web.all(), limited, ingressFor("other", "/other", "web", `force-ssl-redirect: "true"`))
		if e.haproxy {
			eventually(t, "the old process has handed its table over", func() bool { return strings.Contains(e.limitTable(t), "127.0.0.1 use=") })
		}
		if f := sendFlood(e, "127.0.0.1", "/", 300*time.Millisecond); f.admitted() != 0 {
			t.Errorf("after a reload %d more were admitted", f.admitted())
		}
	})
}
