package headgate_test

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

// followsShares prints how often each Service answered, and fails if one lies more than six standard deviations of the binomial
// distribution from its share. With the shares of TestCanaryWeights, that is once in ten million runs with six proxies.
func followsShares(t *testing.T, counts map[string]int, of int, shares map[string]float64) {
	t.Helper()
	const deviations = 6
	for name, share := range shares {
		want := share * float64(of)
		sigma := math.Sqrt(want * (1 - share))
		line := fmt.Sprintf("%s: %d of %d, expected %.0f ± %.0f", name, counts[name], of, want, deviations*sigma)
		t.Log(line)
		if math.Abs(float64(counts[name])-want) > deviations*sigma {
			t.Error(line)
		}
	}
}

func TestCanaryWeights(t *testing.T) {
	forEachProxy(t, func(t *testing.T, e *front) {
		names := []string{"main", "one", "two", "three"}
		objects := []string{
			ingressFor("main", "/", "main"), ingressFor("zero", "/zero", "main"),
			ingressFor("c3", "/", "one", `canary: "true"`, `canary-weight: "30"`),
			ingressFor("c2", "/", "two", `canary: "true"`, `canary-weight: "25"`, `canary-weight-total: "1000"`),
			ingressFor("c1", "/", "three", `canary: "true"`, `canary-weight: "7"`),
			ingressFor("c0", "/zero", "one", `canary: "true"`, `canary-weight: "0"`),
		}
		for i, name := range names {
			objects = append(objects, serveFleet(t, name, 10+i, 1, nil).all())
		}
		e.apply(objects...)
		shares := map[string]float64{"main": 0.605, "one": 0.3, "two": 0.025, "three": 0.07}
		const requests = 40_000 // as many make six deviations less than three of 10,000
		followsShares(t, many(t, e, requests, "/"), requests, shares)
		if counts := many(t, e, 800, "/zero"); counts["main"] != 800 {
			t.Errorf("with a weight of 0, the canary got requests: %v", counts)
		}
	})
}

// many sends requests over a few connections, without cookies, and counts which Service answered.
func many(t *testing.T, e *front, count int, path string) map[string]int {
	t.Helper()
	var mu sync.Mutex
	var group sync.WaitGroup
	counts := map[string]int{}
	const clients = 8
	for range clients {
		group.Go(func() {
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			client := &http.Client{Transport: transport, Timeout: patience}
			for range count / clients {
				service := "nobody"
				request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d%s", e.ports.HTTPPort, path), http.NoBody)
				if err != nil {
					t.Error(err)
					return
				}
				request.Host = "host.example"
				if response, err := client.Do(request); err != nil {
					t.Error(err)
				} else {
					_ = response.Body.Close()
					service, _, _ = strings.Cut(response.Header.Get("X-Pod"), " ")
				}
				mu.Lock()
				counts[service]++
				mu.Unlock()
			}
		})
	}
	group.Wait()
	return counts
}

func TestCanaryDrawIsKept(t *testing.T) {
	forEachProxy(t, func(t *testing.T, e *front) {
		main, canary := serveFleet(t, "main", 20, 1, nil), serveFleet(t, "new", 21, 1, nil)
		weighed := func(weight string) []string {
			return []string{
				ingressFor("main", "/", "main"), main.all(), canary.all(),
				ingressFor("canary", "/", "new", `canary: "true"`, `canary-weight-sticky: "true"`, `canary-weight: "`+weight+`"`),
			}
		}
		e.apply(weighed("50")...)
		const clients = 100
		visitors, homes := settle(t, e, clients)
		countStays(t, "a second request", visitors, homes, clients)
		before := slices.Clone(homes)
		e.apply(weighed("80")...)
		countStays(t, "a growing weight", visitors, homes, 40) // 70 are to be expected, and fewer than 40 once in a billion runs
		for i := range homes {
			if strings.HasPrefix(before[i], "new") && !strings.HasPrefix(homes[i], "new") {
				t.Errorf("a client of the canary was sent away although its weight grew")
			}
		}
		e.apply(weighed("0")...)
		for _, v := range visitors {
			if got := v.get("/"); !strings.HasPrefix(got, "main") {
				t.Errorf("with the weight back at 0, a client came to %s", got)
			}
		}
	})
}
