package headgate_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestBalancing(t *testing.T) {
	for _, c := range []struct {
		algorithm string
		check     func(t *testing.T, e *front, slow *sluggish)
	}{
		{"rr", spreadsEvenly},
		{"round_robin", spreadsEvenly},
		{"lc", avoidsTheBusy},
		{"least_conn", avoidsTheBusy},
		{"sed", avoidsTheBusy},
		{"nq", avoidsTheBusy},
		{"sh", staysByClient},
		{"ip_hash", staysByClient},
		{"dh", staysByHost},
		{"random two", avoidsTheBusyMostly},
		{"ewma", avoidsTheBusyMostly},
	} {
		t.Run(c.algorithm, func(t *testing.T) {
			t.Parallel()
			forEachProxy(t, func(t *testing.T, e *front) {
				slow := &sluggish{held: make(chan string, slowRequests), others: make(chan struct{}), free: make(chan struct{})}
				web := serveFleet(t, "web", 40, 4, slow.handle)
				slow.pod = "web " + web.hosts[0]
				e.apply(web.all(), ingressFor("web", "/", "web", `load-balance: "`+c.algorithm+`"`, `proxy-read-timeout: "600"`))
				c.check(t, e, slow)
			})
		})
	}
}

// slowRequests is how many requests are in progress at all endpoints together before they are at the sluggish one only.
const slowRequests = 24

// sluggish is the first endpoint of a fleet. All endpoints keep requests for /slow, and it keeps them longer than the others.
type sluggish struct {
	pod          string
	held         chan string // gets the pod of each request that is kept
	others, free chan struct{}
}

func (s *sluggish) handle(host string, _ http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/slow" {
		return
	}
	s.held <- "web " + host
	<-s.others
	if "web "+host == s.pod {
		<-s.free
	}
}

// spread sends requests one after the other and counts who answered.
func spread(v *visitor, count int, path string) map[string]int {
	counts := map[string]int{}
	for range count {
		clear(v.cookies)
		counts[v.get(path)]++
	}
	return counts
}

func spreadsEvenly(t *testing.T, e *front, _ *sluggish) {
	counts := spread(e.visitor("127.0.0.1"), 400, "/")
	t.Logf("400 requests: %v", counts)
	for pod, n := range counts {
		if n != 100 {
			t.Errorf("%s got %d of 400 requests, want 100", pod, n)
		}
	}
}

// avoidsTheBusy keeps one endpoint busy: no other request goes there.
func avoidsTheBusy(t *testing.T, e *front, slow *sluggish) {
	counts := whileBusy(t, e, slow, 60)
	if counts[slow.pod] > 0 {
		t.Errorf("the busy endpoint got %d of 60 requests", counts[slow.pod])
	}
}

// avoidsTheBusyMostly is the same for a choice among two that are drawn: a busy endpoint gets what finds it twice only, a sixteenth if
// one can be drawn twice at all. A hundred come to it by chance once in a billion runs, even if it is drawn half as often again as the
// others; without a choice it would be 150, and a hundred or fewer once in a million.
func avoidsTheBusyMostly(t *testing.T, e *front, slow *sluggish) {
	counts := whileBusy(t, e, slow, 600)
	if counts[slow.pod] > 100 {
		t.Errorf("the busy endpoint got %d of 600 requests", counts[slow.pod])
	}
}

// whileBusy counts who answers while requests are in progress at the slow endpoint. There are several of them: an endpoint whose answer
// the proxy has yet to forget is less busy still.
func whileBusy(t *testing.T, e *front, slow *sluggish, count int) map[string]int {
	t.Helper()
	var all sync.WaitGroup
	defer all.Wait()
	defer close(slow.free)
	answered := make(chan string, slowRequests)
	for range slowRequests {
		all.Go(func() { answered <- e.visitor("127.0.0.1").get("/slow") })
	}
	kept := map[string]int{}
	for range slowRequests {
		kept[await(t, slow.held)]++
	}
	close(slow.others)
	for range slowRequests - kept[slow.pod] {
		await(t, answered)
	}
	counts := spread(e.visitor("127.0.0.1"), count, "/")
	t.Logf("%d requests beside an endpoint with %d in progress: %v", count, kept[slow.pod], counts)
	if kept[slow.pod] < 3 {
		t.Errorf("of %d requests at once the endpoints got %v", slowRequests, kept)
	}
	return counts
}

func await(t *testing.T, c <-chan string) string {
	t.Helper()
	select {
	case s := <-c:
		return s
	case <-time.After(patience):
		t.Fatal("the requests that are to keep an endpoint busy are lost")
		return ""
	}
}

func staysByClient(t *testing.T, e *front, _ *sluggish) {
	homes := map[string]bool{}
	for i := range 60 {
		counts := spread(e.visitor(fmt.Sprintf("127.0.50.%d", i+1)), 5, fmt.Sprintf("/%d", i))
		if len(counts) != 1 {
			t.Errorf("one client came to %v", counts)
		}
		for pod := range counts {
			homes[pod] = true
		}
	}
	t.Logf("60 clients have %d endpoints", len(homes))
	if len(homes) < 3 { // once in ten billion runs, even if two endpoints have two thirds of the ring
		t.Errorf("60 clients came to %d of 4 endpoints", len(homes))
	}
}

func staysByHost(t *testing.T, e *front, _ *sluggish) {
	counts := spread(e.visitor("127.0.0.1"), 20, "/a")
	for pod, n := range spread(e.visitor("127.0.0.2"), 20, "/b") {
		counts[pod] += n
	}
	if len(counts) != 1 {
		t.Errorf("one host has %v", counts)
	}
}

// TestHashOfWhatIsMissing has requests without what is hashed go together, to one endpoint.
func TestHashOfWhatIsMissing(t *testing.T) {
	forEachProxy(t, func(t *testing.T, e *front) {
		e.apply(serveFleet(t, "web", 42, 4, nil).all(), ingressFor("web", "/", "web", "upstream-hash-by: $arg_user"))
		v := e.visitor("127.0.0.1")
		if pods := spread(v, 20, "/"); len(pods) != 1 {
			t.Errorf("requests without the parameter have %v, want one endpoint", pods)
		}
		all := map[string]bool{}
		for i := range 30 {
			pods := spread(v, 3, fmt.Sprintf("/?user=%d", i))
			if len(pods) != 1 {
				t.Errorf("one user has %v, want one endpoint", pods)
			}
			for pod := range pods {
				all[pod] = true
			}
		}
		if len(all) < 2 {
			t.Errorf("30 users came to %v only", all)
		}
	})
}

func TestHashOntoGroups(t *testing.T) {
	forEachProxy(t, func(t *testing.T, e *front) {
		web := serveFleet(t, "web", 41, 7, nil)
		e.apply(web.objects(0, 1), ingressFor("web", "/", "web", "upstream-hash-by: $request_uri", `upstream-hash-by-subset: "true"`))
		if group := spread(e.visitor("127.0.0.1"), 40, "/"); len(group) != 2 {
			t.Errorf("of two endpoints, a key has %v", group)
		}
		e.apply(web.all(), ingressFor("web", "/", "web", "upstream-hash-by: $request_uri", `upstream-hash-by-subset: "true"`))
		all := map[string]bool{}
		for i := range 30 {
			group := map[string]int{}
			for try := 0; try < 40 || len(group) < 3 && try < 200; try++ { // chance chooses in a group
				for pod := range spread(e.visitor("127.0.0.1"), 1, fmt.Sprintf("/%d", i)) {
					group[pod]++
				}
			}
			if len(group) != 3 {
				t.Errorf("the key /%d has the endpoints %v, want 3 of them", i, group)
			}
			for pod := range group {
				all[pod] = true
			}
		}
		if len(all) != 7 {
			t.Errorf("30 keys came to %d of 7 endpoints", len(all))
		}
	})
}

// TestClientAffinity holds what the Service itself says: clients stay on their endpoint, over a reload and a scale-up, too.
func TestClientAffinity(t *testing.T) {
	forEachProxy(t, func(t *testing.T, e *front) {
		web := serveFleet(t, "web", 41, 5, nil)
		sticky := func(indexes ...int) string {
			return strings.Replace(web.objects(indexes...), "spec: {ports", "spec: {sessionAffinity: ClientIP, ports", 1)
		}
		const clients = 120
		homes := map[string]string{}
		visit := func() (stayed int) {
			for i := range clients {
				from := fmt.Sprintf("127.0.51.%d", i+1)
				for pod := range spread(e.visitor(from), 3, "/") {
					if homes[from] == pod {
						stayed++
					}
					homes[from] = pod
				}
			}
			return stayed
		}
		e.apply(sticky(0, 1, 2, 3), ingressFor("web", "/", "web"))
		visit()
		if stayed := visit(); stayed != clients {
			t.Errorf("%d of %d clients stayed", stayed, clients)
		}
		e.apply(sticky(0, 1, 2, 3), ingressFor("web", "/", "web"), ingressFor("other", "/other", "web", `force-ssl-redirect: "true"`))
		if stayed := visit(); stayed != clients {
			t.Errorf("after a reload %d of %d clients stayed", stayed, clients)
		}
		e.apply(sticky(0, 1, 2, 3, 4), ingressFor("web", "/", "web"))
		if stayed := visit(); stayed < clients/2 { // once in ten billion runs: 96 are to be expected
			t.Errorf("after a scale-up %d of %d clients stayed", stayed, clients)
		}
	})
}
