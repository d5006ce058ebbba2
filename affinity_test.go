package headgate_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestSessionsStay(t *testing.T) {
	for _, c := range []struct {
		name        string
		annotations []string
		persistent  bool
	}{
		{"balanced", []string{"affinity: cookie", "session-cookie-name: my-sid"}, false},
		{"persistent", []string{"affinity: cookie", "affinity-mode: persistent"}, true},
		{"persistent-moves", []string{"affinity: cookie", "affinity-mode: persistent", `session-cookie-change-on-failure: "true"`}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			forEachProxy(t, func(t *testing.T, e *front) {
				web := serveFleet(t, "web", 1, 5, nil)
				web2 := ingressFor("web", "/", "web", c.annotations...)
				e.apply(web2, web.objects(0, 1, 2, 3))
				const clients = 100
				visitors, homes := settle(t, e, clients)
				stays := func(event string, least int) { t.Helper(); countStays(t, event, visitors, homes, least) }
				for range 9 {
					stays("1,000 requests", clients)
				}
				e.apply(web2, web.objects(0, 1, 2, 3), ingressFor("other", "/other", "web"))
				stays("an unrelated change", clients)
				e.apply(web2, web.objects(0, 1, 2, 3, 4))
				if c.persistent {
					stays("scale-up", clients)
				} else {
					// 80 are to be expected of a ring, and fewer than 50 once in ten billion runs; 20 if it were none.
					stays("scale-up", clients/2)
				}
				for _, v := range visitors {
					if v.set != 1 {
						t.Fatalf("a client was given %d cookies, not 1", v.set)
					}
				}
				endpointGoes(t, e, c.persistent, web2, web)
			})
		})
	}
}

// TestSessionCookiesEnd reads the date in a cookie. It may be off by the seconds that a proxy takes to look at its clock.
func TestSessionCookiesEnd(t *testing.T) {
	forEachProxy(t, func(t *testing.T, e *front) {
		e.apply(serveFleet(t, "web", 6, 1, nil).all(), ingressFor("web", "/", "web", "affinity: cookie", `session-cookie-expires: "172800"`,
			`session-cookie-max-age: "259200"`))
		const lifetime, leeway = 48 * time.Hour, time.Minute
		request, err := http.NewRequest(http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d/", e.ports.HTTPPort), nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = "host.example"
		before := time.Now()
		response, err := (&http.Client{Timeout: patience}).Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		for _, c := range response.Cookies() {
			if c.Expires.Before(before.Add(lifetime-leeway)) || c.Expires.After(time.Now().Add(lifetime+leeway)) || c.MaxAge != 259200 {
				t.Errorf("the cookie %q does not end in two days, or not after 259200 seconds", c.Raw)
			}
		}
		if len(response.Cookies()) != 1 {
			t.Errorf("there are %d cookies, want one", len(response.Cookies()))
		}
	})
}

// settle makes clients with their first request.
func settle(t *testing.T, e *front, count int) (visitors []*visitor, homes []string) {
	t.Helper()
	spread := map[string]int{}
	for range count {
		v := e.visitor("127.0.0.1")
		home := v.get("/")
		spread[home]++
		visitors, homes = append(visitors, v), append(homes, home)
	}
	t.Logf("first requests: %v", spread)
	if len(spread) < 2 {
		t.Errorf("all clients went to one endpoint: %v", spread)
	}
	return visitors, homes
}

// countStays sends one request for each client and demands that so many of them find their endpoint again. Who moved has a new home.
func countStays(t *testing.T, event string, visitors []*visitor, homes []string, least int) {
	t.Helper()
	stayed := 0
	for i, v := range visitors {
		if got := v.get("/"); got == homes[i] {
			stayed++
		} else {
			homes[i] = got
		}
	}
	if stayed < least {
		t.Errorf("after %s %d of %d clients stayed, want at least %d", event, stayed, len(visitors), least)
	} else if event != "1,000 requests" {
		t.Logf("after %s %d of %d clients stayed", event, stayed, len(visitors))
	}
}

// endpointGoes takes the endpoint of a client away: the client moves once, with a new cookie in persistent mode only.
func endpointGoes(t *testing.T, e *front, persistent bool, ingress string, web *fleet) {
	t.Helper()
	v := e.visitor("127.0.0.1")
	home := strings.TrimPrefix(v.get("/"), "web ")
	gone := slices.Index(web.hosts, home)
	left := slices.DeleteFunc([]int{0, 1, 2, 3, 4}, func(i int) bool { return i == gone })
	e.apply(ingress, web.objects(left...))
	moved := v.get("/")
	for range 20 {
		if got := v.get("/"); got != moved || strings.HasSuffix(got, home) {
			t.Fatalf("after its endpoint %s went, a client came to %s and to %s", home, moved, got)
		}
	}
	if want := map[bool]int{true: 2, false: 1}[persistent]; v.set != want {
		t.Errorf("after its endpoint went, a client has been given %d cookies in all, want %d", v.set, want)
	}
}

func TestSessionsLeaveFailingEndpoints(t *testing.T) {
	for _, mode := range []string{"balanced", "persistent"} {
		t.Run(mode, func(t *testing.T) {
			forEachProxy(t, func(t *testing.T, e *front) {
				var failing atomic.Value
				failing.Store("")
				web := serveFleet(t, "web", 2, 4, func(host string, w http.ResponseWriter, _ *http.Request) {
					if failing.Load() == host {
						panic(http.ErrAbortHandler)
					}
				})
				e.apply(ingressFor("web", "/", "web", "affinity: cookie", "affinity-mode: "+mode, `session-cookie-change-on-failure: "true"`), web.all())
				for range 10 {
					v := e.visitor("127.0.0.1")
					home := v.get("/")
					failing.Store(strings.TrimPrefix(home, "web "))
					moved := v.get("/")
					if moved == home || !strings.HasPrefix(moved, "web ") || v.set != 2 {
						t.Fatalf("a client of %s, which fails, came to %s and was given %d cookies in all", home, moved, v.set)
					}
					failing.Store("")
					for range 5 {
						if got := v.get("/"); got != moved || v.set != 2 {
							t.Fatalf("a client that had moved to %s came to %s with %d cookies in all", moved, got, v.set)
						}
					}
				}
			})
		})
	}
}
