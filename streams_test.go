package headgate_test

import (
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/headgate/headgate/hack/ports"
	"github.com/headgate/headgate/reload"
	"github.com/headgate/headgate/render/haproxy"
)

func TestTCPEntries(t *testing.T) {
	forEachEdge(t, func(t *testing.T, e *edge) {
		db := startPod(t, "db")
		plain, named, in, out, both, secure := ports.Free(t), ports.Free(t), ports.Free(t), ports.Free(t), ports.Free(t), ports.Free(t)
		key := func(port int) string { return fmt.Sprint(port) }
		e.apply(t, service("db", "TCP", db.port), tlsSecret("db-tls", testCertificate(t)), configMap("tcp",
			key(plain), "shop/db:1000", key(named), "shop/db:main", key(in), "shop/db:1000:PROXY", key(out), "shop/db:1000::PROXY",
			key(both), "shop/db:1000:PROXY:PROXY", key(secure), "shop/db:1000:::db-tls"))
		const header = "PROXY TCP4 192.0.2.7 192.0.2.8 5000 443"
		for _, c := range []struct {
			what    string
			port    int
			send    []string
			answers int
			want    string
		}{
			{"by number", plain, []string{"a", "b"}, 2, "db got a|db got b"},
			{"by name", named, []string{"a"}, 1, "db got a"},
			{"PROXY in", in, []string{header, "a", "b"}, 2, "db got a|db got b"},
			{"PROXY in and out", both, []string{header, "a"}, 2, "db got PROXY TCP4 192.0.2.7 "},
		} {
			s := openSession(t, c.port)
			got, err := s.askFor(c.answers, c.send...)
			if !strings.HasPrefix(got, c.want) {
				t.Errorf("%s: got %q, %v, want %q", c.what, got, err, c.want)
			}
		}
		s := openSession(t, out)
		got, err := s.ask("a", "b")
		if want := fmt.Sprintf("db got PROXY TCP4 127.0.0.1 127.0.0.1 %d %d|db got a", s.LocalAddr().(*net.TCPAddr).Port, out); got != want {
			t.Errorf("PROXY out: got %q, %v, want %q", got, err, want)
		}
		if got, err := openSession(t, in).ask("no header"); err == nil {
			t.Errorf("a client without PROXY header was served: %q", got)
		}
		conn, err := tls.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", secure), &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := newSession(conn).ask("a"); got != "db got a" {
			t.Errorf("TLS: got %q, %v", got, err)
		}
	})
}

func TestOnlyTrustedPeersSayWhoTheClientIs(t *testing.T) {
	forEachEdge(t, func(t *testing.T, e *edge) {
		db := startPod(t, "db")
		port := ports.Free(t)
		e.apply(t, service("db", "TCP", db.port), configMap("tcp", fmt.Sprint(port), "shop/db:1000:PROXY:PROXY"),
			configMap("config", "proxy-real-ip-cidr", "10.0.0.0/8"))
		// HAProxy refuses such peers, nginx takes the header off and goes by the peer's own address.
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			return
		}
		defer conn.Close()
		got, err := newSession(conn).ask("PROXY TCP4 192.0.2.7 192.0.2.8 5000 443", "a")
		if err == nil && !strings.HasPrefix(got, "db got PROXY TCP4 127.0.0.1 ") {
			t.Errorf("the endpoint was told %q", got)
		}
	})
}

// TestSessionsOutliveReloads holds a session over reloads that have nothing to do with it, over a change of its Service's endpoints and
// over the end of its own entry.
func TestSessionsOutliveReloads(t *testing.T) {
	forEachEdge(t, func(t *testing.T, e *edge) {
		first, second := startPod(t, "first"), startPod(t, "second")
		port, other := ports.Free(t), ports.Free(t)
		tcp := configMap("tcp", fmt.Sprint(port), "shop/db:1000")
		e.apply(t, service("db", "TCP", first.port), tcp)
		s := openSession(t, port)
		demand := func(when string) {
			t.Helper()
			if got, err := s.ask("ping"); got != "first got ping" {
				t.Fatalf("%s: got %q, %v", when, got, err)
			}
		}
		demand("at first")
		for i := range 20 {
			more := tcp
			if i%2 == 0 {
				more = configMap("tcp", fmt.Sprint(port), "shop/db:1000", fmt.Sprint(other), "shop/db:1000")
			}
			e.apply(t, service("db", "TCP", first.port), more, hostOf(fmt.Sprintf("h%d.example", i), "db", ""))
			demand(fmt.Sprintf("after %d reloads", i+1))
		}
		e.apply(t, service("db", "TCP", first.port), tcp)
		method := e.apply(t, service("db", "TCP", second.port), tcp)
		if _, ok := e.target.(*haproxy.Target); ok && method != reload.MethodRuntime {
			t.Errorf("endpoints changed by %s, want %s", method, reload.MethodRuntime)
		}
		demand("after its endpoint left")
		if got, err := openSession(t, port).ask("new"); got != "second got new" {
			t.Errorf("a new session got %q, %v", got, err)
		}
		e.apply(t, service("db", "TCP", second.port))
		demand("after its entry left")
		eventually(t, "the port is closed", func() bool {
			conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
			if err == nil {
				_ = conn.Close()
			}
			return err != nil
		})
	})
}

// TestNoConnectionIsRefusedDuringReloads opens and closes 10,000 connections while the proxy reloads all the time.
func TestNoConnectionIsRefusedDuringReloads(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds for each proxy")
	}
	const clients, each, enough = 20, 500, 3
	forEachEdge(t, func(t *testing.T, e *edge) {
		db := startPod(t, "db")
		port := ports.Free(t)
		tcp := configMap("tcp", fmt.Sprint(port), "shop/db:1000")
		e.apply(t, service("db", "TCP", db.port), tcp)
		var opened, failed, reloads atomic.Int64
		var first atomic.Value
		var group sync.WaitGroup
		began := time.Now()
		for range clients {
			group.Go(func() {
				for i := 0; i < each || reloads.Load() < enough && t.Context().Err() == nil; i++ {
					if err := shortSession(port); err != nil {
						failed.Add(1)
						first.CompareAndSwap(nil, err.Error())
					}
					if opened.Add(1); i >= each {
						time.Sleep(10 * time.Millisecond) // reloads are slow here; they need no crowd
					}
				}
			})
		}
		done := make(chan struct{})
		go func() { group.Wait(); close(done) }()
		for working := true; working; {
			e.apply(t, service("db", "TCP", db.port), tcp, hostOf(fmt.Sprintf("h%d.example", reloads.Load()), "db", ""))
			reloads.Add(1)
			select {
			case <-done:
				working = false
			case <-time.After(100 * time.Millisecond):
			}
		}
		t.Logf("%d connections, %d reloads, %d failures in %s", opened.Load(), reloads.Load(), failed.Load(), time.Since(began).Round(time.Millisecond))
		if failed.Load() > 0 {
			t.Errorf("%d of %d connections failed during %d reloads, the first with: %v", failed.Load(), opened.Load(), reloads.Load(), first.Load())
		}
	})
}

func shortSession(port int) error {
	conn, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), patience)
	if err != nil {
		return err
	}
	defer conn.Close()
	got, err := newSession(conn).ask("x")
	if err == nil && got != "db got x" {
		err = fmt.Errorf("got %q", got)
	}
	return err
}
