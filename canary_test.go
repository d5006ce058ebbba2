package headgate_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
)

// deviates prints how often each Service answered, and reports one that lies more than three standard deviations of the binomial
// distribution from its share.
func deviates(t *testing.T, counts map[string]int, of int, shares map[string]float64) (outside string) {
	t.Helper()
	for name, share := range shares {
		want := share * float64(of)
		sigma := math.Sqrt(want * (1 - share))
		line := fmt.Sprintf("%s: %d of %d, expected %.0f ± %.0f", name, counts[name], of, want, 3*sigma)
		t.Log(line)
		if math.Abs(float64(counts[name])-want) > 3*sigma {
			outside = line
		}
	}
	return outside
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
		// One measurement in a hundred lies outside by chance, two in a row do not.
		if deviates(t, many(e, 10_000, "/"), 10_000, shares) != "" {
			if outside := deviates(t, many(e, 10_000, "/"), 10_000, shares); outside != "" {
				t.Errorf("twice outside of three standard deviations: %s", outside)
			}
		}
		if counts := many(e, 800, "/zero"); counts["main"] != 800 {
			t.Errorf("with a weight of 0, the canary got requests: %v", counts)
		}
	})
}

// many sends requests over a few connections and counts which Service answered.
func many(e *front, count int, path string) map[string]int {
	var mu sync.Mutex
	var group sync.WaitGroup
	counts := map[string]int{}
	const clients = 8
	for range clients {
		group.Go(func() {
			v := e.visitor("127.0.0.1")
			for range count / clients {
				clear(v.cookies)
				service, _, _ := strings.Cut(v.get(path), " ")
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
		visitors, homes := settle(t, e, 40)
		countStays(t, "a second request", visitors, homes, 40)
		before := slices.Clone(homes)
		e.apply(weighed("80")...)
		countStays(t, "a growing weight", visitors, homes, 20)
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
