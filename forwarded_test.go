package headgate_test

import (
	"fmt"
	"testing"
)

// believing is a global ConfigMap with which X-Forwarded headers of this machine are believed.
const believing = `apiVersion: v1
kind: ConfigMap
metadata: {name: config, namespace: headgate}
data: {use-forwarded-headers: "true", proxy-real-ip-cidr: "127.0.0.0/8,10.0.0.0/8,fd00::/8"}`

// The client of a chain of proxies is found whatever form its address has.
func TestForwardedAddresses(t *testing.T) {
	forEachProxy(t, func(t *testing.T, e *front) {
		e.apply(believing, serveRaw(t, "web", 93).all(), ingressFor("web", "/", "web"))
		for _, c := range []struct {
			lines []string
			want  string
		}{
			{[]string{"192.0.2.1"}, "192.0.2.1"},
			{[]string{"192.0.2.1:4711"}, "192.0.2.1"},
			{[]string{"2001:db8::1"}, "2001:db8::1"},
			{[]string{"2001:DB8:0::1"}, "2001:db8::1"},
			{[]string{"[2001:db8::1]:4711"}, "2001:db8::1"},
			{[]string{"192.0.2.9, [2001:db8::1]:4711, 10.0.0.1:80"}, "2001:db8::1"},
			{[]string{"192.0.2.9", "[2001:db8::1]:4711", "[fd00::7]:80, 10.0.0.1"}, "2001:db8::1"},
			{[]string{"192.0.2.1:1, fd00::1,10.0.0.1"}, "192.0.2.1"},
			{[]string{"192.0.2.1, unknown"}, "127.0.0.1"},
			{[]string{"192.0.2.1, [2001:db8::1]x"}, "127.0.0.1"},
			{[]string{"[2001:db8::1"}, "127.0.0.1"},
			{[]string{"10.0.0.3, 10.0.0.2:5"}, "10.0.0.3"},
		} {
			var lines []string
			for _, l := range c.lines {
				lines = append(lines, "X-Forwarded-For: "+l)
			}
			_, head := e.sendRaw(t, request("GET / HTTP/1.1", "Host: host.example", lines...))
			for _, name := range []string{"x-real-ip", "x-forwarded-for"} {
				if got := valueOf(head, name); got != c.want {
					t.Errorf("%s: with %q the endpoint got %q, want %q", name, c.lines, got, c.want)
				}
			}
		}
	})
}

// Clients behind one proxy each have a limit of their own.
func TestForwardedAddressesAreLimitedApart(t *testing.T) {
	forEachProxy(t, func(t *testing.T, e *front) {
		e.apply(believing, serveRaw(t, "web", 94).all(),
			ingressFor("web", "/", "web", `limit-rpm: "1"`, `limit-burst-multiplier: "1"`))
		for i := range 5 {
			host, _ := e.sendRaw(t, request("GET / HTTP/1.1", "Host: host.example", fmt.Sprintf("X-Forwarded-For: [2001:db8::%d]:4711", i)))
			if host == refused {
				t.Errorf("the first request of client %d is refused", i)
			}
		}
	})
}

// Of several values of what a trusted proxy says, the first counts.
func TestFirstForwardedValueCounts(t *testing.T) {
	forEachProxy(t, func(t *testing.T, e *front) {
		e.apply(believing, serveRaw(t, "web", 95).all(), ingressFor("web", "/", "web"))
		for _, lines := range [][]string{
			{"X-Forwarded-Proto: https", "X-Forwarded-Proto: http", "X-Forwarded-Port: 8443", "X-Forwarded-Port: 80", "X-Forwarded-Host: first.example", "X-Forwarded-Host: last.example"},
			{"X-Forwarded-Proto: https, http", "X-Forwarded-Port: 8443,80", "X-Forwarded-Host: first.example,last.example"},
		} {
			_, head := e.sendRaw(t, request("GET / HTTP/1.1", "Host: host.example", lines...))
			for name, want := range map[string]string{
				"x-forwarded-proto": "https", "x-scheme": "https", "x-forwarded-port": "8443", "x-forwarded-host": "first.example", "host": "first.example",
			} {
				if got := valueOf(head, name); got != want {
					t.Errorf("%s: with %q the endpoint got %q, want %q", name, lines, got, want)
				}
			}
		}
	})
}
