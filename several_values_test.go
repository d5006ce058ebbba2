package headgate_test

import (
	"fmt"
	"net/http"
	"testing"
)

// Two Services of one host give out cookies of one name, for / and for /app. A browser sends both below /app, that of the longest path
// first.
func TestSessionsOfTwoPathsStay(t *testing.T) {
	for _, mode := range []string{"balanced", "persistent"} {
		t.Run(mode, func(t *testing.T) {
			forEachProxy(t, func(t *testing.T, e *front) {
				e.apply(serveFleet(t, "web", 77, 5, nil).all(), serveFleet(t, "app", 78, 5, nil).all(),
					ingressFor("web", "/", "web", "affinity: cookie", "affinity-mode: "+mode),
					ingressFor("app", "/app", "app", "affinity: cookie", "affinity-mode: "+mode))
				const name = "INGRESSCOOKIE"
				for range 5 {
					root, below := e.visitor("127.0.0.1"), e.visitor("127.0.0.1")
					root.get("/")
					home := below.get("/app")
					for _, lines := range [][]string{
						{name + "=" + below.cookies[name] + "; " + name + "=" + root.cookies[name]},
						{name + "=" + below.cookies[name], name + "=" + root.cookies[name]},
					} {
						if pod, set := e.askWith(t, "/app", "Cookie", lines...); pod != home || len(set) > 0 {
							t.Errorf("with the cookies %q a client of %s came to %s and was given %q", lines, home, pod, set)
						}
					}
				}
			})
		})
	}
}

// Whatever stands behind the first of several values changes nothing.
func TestFirstValueIsHashed(t *testing.T) {
	for _, c := range []struct {
		key    string
		target func(first, second string) string
		cookie func(first, second string) string
	}{
		{"$arg_x", func(a, b string) string { return "/?y=0&x=" + a + "&x=" + b }, nil},
		{"$arg_x", func(a, b string) string { return "/?X=" + a + "&x=" + b }, nil},
		{"$arg_x", func(a, b string) string { return "/?xx=1&x=" + a + "&ax=" + b }, nil},
		{"$cookie_x", nil, func(a, b string) string { return "x=" + a + "; x=" + b }},
		{"$cookie_x", nil, func(a, b string) string { return "y=0; X=" + a + "; x=" + b }},
	} {
		t.Run(c.key, func(t *testing.T) {
			forEachProxy(t, func(t *testing.T, e *front) {
				e.apply(serveFleet(t, "web", 79, 5, nil).all(), ingressFor("web", "/", "web", `upstream-hash-by: "`+c.key+`"`))
				homes := map[string]bool{}
				for first := range 8 {
					pods := map[string]bool{}
					for second := range 10 {
						target, cookies := "/", []string(nil)
						if c.target != nil {
							target = c.target(fmt.Sprint(first), fmt.Sprint(second))
						} else {
							cookies = []string{c.cookie(fmt.Sprint(first), fmt.Sprint(second))}
						}
						pod, _ := e.askWith(t, target, "Cookie", cookies...)
						pods[pod], homes[pod] = true, true
					}
					if len(pods) != 1 {
						t.Errorf("requests with one first value came to %v", pods)
					}
				}
				if len(homes) < 2 {
					t.Errorf("requests with different first values all came to %v", homes)
				}
			})
		})
	}
}

// askWith sends a request with lines of a header, and returns who answered and the cookies given out.
func (e *front) askWith(t *testing.T, target, header string, lines ...string) (pod string, cookies []string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d%s", e.ports.HTTPPort, target), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Host, request.Header[header] = "host.example", lines
	response, err := (&http.Client{Timeout: patience}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	return response.Header.Get("X-Pod"), response.Header.Values("Set-Cookie")
}
