package headgate_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// webPod is an HTTP server, over TLS if it is asked so, that tells its name and what it knows of the client.
func webPod(t *testing.T, name string) pod {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/slow" {
				time.Sleep(3 * time.Second)
			}
			peer, _, _ := net.SplitHostPort(r.RemoteAddr)
			fmt.Fprintf(w, "%s tls=%t peer=%s real=%s port=%s proto=%s", name, r.TLS != nil, peer, r.Header.Get("X-Real-IP"),
				r.Header.Get("X-Forwarded-Port"), r.Header.Get("X-Forwarded-Proto"))
		}),
		ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: patience,
	}
	go func() { _ = server.Serve(newSniffer(listener, backendTLS(t))) }()
	t.Cleanup(func() { _ = server.Close() })
	return pod{name, listener.Addr().(*net.TCPAddr).Port}
}

// visit is a request from 127.0.0.2, after a PROXY header if there is one, and over TLS unless insecure.
type visit struct {
	host, path, proxy, forwardedFor string
	insecure                        bool
}

// send returns the body of the answer, or what went wrong.
func (v visit) send(e *edge) string {
	port := e.settings.HTTPSPort
	if v.insecure {
		port = e.settings.HTTPPort
	}
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}, Timeout: patience}
	conn, err := dialer.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return err.Error()
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	fmt.Fprint(conn, v.proxy)
	if !v.insecure {
		conn = tls.Client(conn, &tls.Config{ServerName: v.host, InsecureSkipVerify: true})
	}
	header := ""
	if v.forwardedFor != "" {
		header = "X-Forwarded-For: " + v.forwardedFor + "\r\n"
	}
	if _, err := fmt.Fprintf(conn, "GET /%s HTTP/1.1\r\nHost: %s\r\n%sConnection: close\r\n\r\n", v.path, v.host, header); err != nil {
		return err.Error()
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err.Error()
	}
	return string(body)
}

// passAnnotation asks for TLS to be passed through.
const passAnnotation = `nginx.ingress.kubernetes.io/ssl-passthrough: "true"`

func TestPassthroughBesideTerminatedHosts(t *testing.T) {
	forEachEdge(t, func(t *testing.T, e *edge) {
		open, sealed := webPod(t, "open"), webPod(t, "sealed")
		world := []string{
			service("open", "TCP", open.port), service("sealed", "TCP", sealed.port),
			hostOf("open.example", "open", ""), hostOf("sealed.example", "sealed", passAnnotation),
		}
		demand := func(v visit, want string) {
			t.Helper()
			if got := v.send(e); got != want {
				t.Errorf("%+v: got %q, want %q", v, got, want)
			}
		}
		plain := []string{world[0], world[1], world[2], hostOf("sealed.example", "sealed", "")}
		e.apply(t, plain...)
		demand(visit{host: "sealed.example"}, "sealed tls=false peer=127.0.0.1 real=127.0.0.2 port=443 proto=https")
		e.apply(t, world...)
		demand(visit{host: "sealed.example"}, "sealed tls=true peer=127.0.0.1 real= port= proto=")
		demand(visit{host: "SEALED.example"}, "sealed tls=true peer=127.0.0.1 real= port= proto=")
		demand(visit{host: "open.example"}, "open tls=false peer=127.0.0.1 real=127.0.0.2 port=443 proto=https")
		demand(visit{host: "open.example", insecure: true}, fmt.Sprintf("open tls=false peer=127.0.0.1 real=127.0.0.2 port=%d proto=http", e.settings.HTTPPort))
		demand(visit{host: "sealed.example", insecure: true}, fmt.Sprintf("sealed tls=false peer=127.0.0.1 real=127.0.0.2 port=%d proto=http", e.settings.HTTPPort))
		demand(visit{host: "open.example", forwardedFor: "192.0.2.1"}, "open tls=false peer=127.0.0.1 real=127.0.0.2 port=443 proto=https")
		e.apply(t, plain...)
		demand(visit{host: "sealed.example"}, "sealed tls=false peer=127.0.0.1 real=127.0.0.2 port=443 proto=https")
	})
}

// TestPassthroughCostsTerminatedHostsNothing has a host with the longest name that there is, and times for streams that are shorter than
// what HTTP and TLS take.
func TestPassthroughCostsTerminatedHostsNothing(t *testing.T) {
	forEachEdge(t, func(t *testing.T, e *edge) {
		open, sealed := webPod(t, "open"), webPod(t, "sealed")
		long := strings.Repeat(strings.Repeat("a", 62)+".", 3) + strings.Repeat("b", 56) + ".example"
		world := []string{
			service("open", "TCP", open.port), service("sealed", "TCP", sealed.port),
			hostOf("open.example", "open", ""), hostOf(long, "sealed", passAnnotation),
		}
		demand := func(v visit, want string) {
			t.Helper()
			if got := v.send(e); !strings.HasPrefix(got, want) {
				t.Errorf("%+v: got %q, want %q", v, got, want)
			}
		}
		e.apply(t, world...)
		demand(visit{host: long}, "sealed tls=true")
		e.apply(t, append(world, configMap("config", "proxy-stream-timeout", "1s", "proxy-protocol-header-timeout", "0s"))...)
		demand(visit{host: "open.example", path: "slow"}, "open tls=false")
	})
}

// TestPassthroughBesideSnippets has raw configuration that sets what Headgate sets, and makes a table before Headgate does.
func TestPassthroughBesideSnippets(t *testing.T) {
	forEachNginxEdge(t, func(t *testing.T, e *edge) {
		sealed := webPod(t, "sealed")
		e.apply(t, configMap("config", "stream-snippet", "map $remote_addr $known { default 0; } proxy_timeout 1h; ssl_protocols TLSv1.3;"),
			service("sealed", "TCP", sealed.port), hostOf("sealed.example", "sealed", passAnnotation))
		if got := (visit{host: "sealed.example"}).send(e); !strings.HasPrefix(got, "sealed tls=true") {
			t.Errorf("got %q", got)
		}
	})
}

// TestPassthroughBehindProxyHeaders has a load balancer in front that speaks the PROXY protocol.
func TestPassthroughBehindProxyHeaders(t *testing.T) {
	forEachEdge(t, func(t *testing.T, e *edge) {
		open, sealed := webPod(t, "open"), webPod(t, "sealed")
		e.apply(t, configMap("config", "use-proxy-protocol", "true", "proxy-real-ip-cidr", "127.0.0.0/8"),
			service("open", "TCP", open.port), service("sealed", "TCP", sealed.port),
			hostOf("open.example", "open", ""), hostOf("sealed.example", "sealed", passAnnotation))
		const header = "PROXY TCP4 192.0.2.7 192.0.2.8 5000 443\r\n"
		for host, want := range map[string]string{
			"open.example":   "open tls=false peer=127.0.0.1 real=192.0.2.7 port=443 proto=https",
			"sealed.example": "sealed tls=true peer=127.0.0.1 real= port= proto=",
		} {
			if got := (visit{host: host, proxy: header}).send(e); got != want {
				t.Errorf("%s: got %q, want %q", host, got, want)
			}
		}
	})
}

// TestForwardedHeadersBehindProxyHeaders has two proxies in front: one that writes X-Forwarded-For, and behind it a load balancer that
// speaks the PROXY protocol. The header counts only if the address in the PROXY header is trusted. nginx before 1.25.5 cannot know, and
// goes by the PROXY header.
func TestForwardedHeadersBehindProxyHeaders(t *testing.T) {
	forEachEdge(t, func(t *testing.T, e *edge) {
		web := webPod(t, "web")
		e.apply(t, configMap("config", "use-proxy-protocol", "true", "use-forwarded-headers", "true", "proxy-real-ip-cidr", "127.0.0.0/8,10.0.0.0/8"),
			service("web", "TCP", web.port), hostOf("web.example", "web", ""))
		for _, c := range []struct{ proxy, forwardedFor, want, unknown string }{
			{"10.0.0.1", "198.51.100.9", "198.51.100.9", "10.0.0.1"},
			{"10.0.0.1", "203.0.113.5, 198.51.100.9, 10.0.0.2", "198.51.100.9", "10.0.0.1"},
			{"192.0.2.7", "198.51.100.9", "192.0.2.7", "192.0.2.7"},
			{"192.0.2.7", "", "192.0.2.7", "192.0.2.7"},
		} {
			header := fmt.Sprintf("PROXY TCP4 %s 192.0.2.8 5000 443\r\n", c.proxy)
			for _, insecure := range []bool{false, true} {
				v := visit{host: "web.example", proxy: header, forwardedFor: c.forwardedFor, insecure: insecure}
				got := v.send(e)
				want := "real=" + c.want + " "
				if e.oldNginx {
					want = "real=" + c.unknown + " "
				}
				if !strings.Contains(got, want) {
					t.Errorf("%+v: got %q, want %q", v, got, want)
				}
			}
		}
	})
}
