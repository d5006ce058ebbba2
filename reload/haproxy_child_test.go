package reload

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/hack/ports"
)

func TestHAProxyApplies(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		e, port := superviseHAProxy(t, bin, shortDir(t)), ports.Free(t)
		g := one(port, endpoint(t, "one"))
		if out := e.mustApply(t, g); out.Applied.Method != MethodStart {
			t.Errorf("first: %+v", out)
		}
		serves(t, port, "one")
		e.equal(t, g)
		master := e.processes(t).master

		g.backends[0].servers = []string{endpoint(t, "two")}
		e.mustChange(t, g)
		serves(t, port, "two")
		g.extra = "    http-response set-header x-new yes"
		e.mustReload(t, g, `"http-response" has changed in frontend web`)
		serves(t, port, "two")
		g.backends = append(g.backends, pool{name: "c"})
		e.mustReload(t, g, "backend c is new")
		if out := e.mustApply(t, g); !out.Unchanged {
			t.Errorf("equal bytes: %+v", out)
		}
		if now := e.processes(t); now.master != master || now.reloads != 2 {
			t.Errorf("processes %+v", now)
		}
		e.stop()
		if _, err := fetch(t.Context(), port, "/"); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("after the end: %v", err)
		}
	})
}

func TestHAProxyCheckRefuses(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		e, port := superviseHAProxy(t, bin, shortDir(t)), ports.Free(t)
		g := one(port, endpoint(t, "one"))
		good := e.mustApply(t, g)
		g.extra = "    nonsense on"
		out, err := e.Apply(t.Context(), g.files(), "test")
		var no *CheckError
		if !errors.As(err, &no) || Transient(err) || out.Generation != good.Generation {
			t.Fatalf("%+v, %v", out, err)
		}
		if no.Pos.File != "haproxy.cfg" || no.Pos.Line == 0 || !strings.Contains(no.Text, "nonsense") || strings.Contains(no.Text, e.dir) {
			t.Errorf("place %v, text %q", no.Pos, no.Text)
		}
		serves(t, port, "one")
	})
}

func TestHAProxyCheckWarns(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		e, port := superviseHAProxy(t, bin, shortDir(t)), ports.Free(t)
		g := one(port, endpoint(t, "one"))
		g.extra = "    use_backend b\n    http-request set-header x-late yes"
		out := e.mustApply(t, g)
		if len(out.Diagnostics) == 0 || out.Diagnostics[0].Code != diag.CheckWarned.Code || out.Diagnostics[0].Pos.File != "haproxy.cfg" {
			t.Errorf("diagnostics %v", out.Diagnostics)
		}
	})
}

func TestHAProxyRollsBack(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		e, port := superviseHAProxy(t, bin, shortDir(t)), ports.Free(t)
		busy := occupy(t, 0).Addr().(*net.TCPAddr).Port
		g := one(port, endpoint(t, "one"))
		good := e.mustApply(t, g)
		bad := g
		bad.extra = fmt.Sprintf("    bind 127.0.0.1:%d", busy)
		out, err := e.Apply(t.Context(), bad.files(), "test")
		var no *ReloadError
		if !errors.As(err, &no) || !out.RolledBack || out.Generation != good.Generation {
			t.Fatalf("%+v, %v", out, err)
		}
		if !strings.Contains(no.Text, fmt.Sprintf("127.0.0.1:%d", busy)) {
			t.Errorf("text %q", no.Text)
		}
		serves(t, port, "one")
		e.equal(t, g)
		if s := e.Status(); !s.Ready || s.Rejected != no.Generation {
			t.Errorf("status %+v", s)
		}
		g.backends[0].servers = nil
		e.mustChange(t, g)
	})
}

func TestHAProxyKilled(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		e, port := superviseHAProxy(t, bin, shortDir(t)), ports.Free(t)
		g := one(port, endpoint(t, "one"))
		e.mustApply(t, g)
		g.backends[0].servers = []string{endpoint(t, "two")}
		e.mustChange(t, g)
		for range 2 {
			master := e.processes(t).master
			if err := syscall.Kill(master, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			soon(t, "another master", func() bool {
				p, ok := e.listed(t)
				return ok && p.master != master && e.Status().Ready
			})
			serves(t, port, "two")
			e.equal(t, g)
		}
		g.backends[0].servers = nil
		e.mustChange(t, g)
	})
}

func TestHAProxyDeadAtStart(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		e := superviseHAProxy(t, bin, shortDir(t))
		busy := occupy(t, 0)
		port := busy.Addr().(*net.TCPAddr).Port
		_, err := e.Apply(t.Context(), one(port, endpoint(t, "one")).files(), "test")
		if err == nil || !Transient(err) || !strings.Contains(err.Error(), fmt.Sprintf("127.0.0.1:%d", port)) {
			t.Fatalf("error %v", err)
		}
		if s := e.Status(); s.Ready {
			t.Errorf("status %+v", s)
		}
		if err := busy.Close(); err != nil {
			t.Fatal(err)
		}
		soon(t, "repaired", func() bool { return e.Status().Ready })
		serves(t, port, "one")
	})
}

func TestHAProxyStopsGracefully(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		e, port := superviseHAProxy(t, bin, shortDir(t)), ports.Free(t)
		line, release := slowEndpoint(t, "one")
		e.mustApply(t, one(port, line))
		answer := slowly(t, port)
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			e.stop()
		}()
		soon(t, "no further connection", func() bool {
			_, err := fetch(t.Context(), port, "/")
			return errors.Is(err, syscall.ECONNREFUSED)
		})
		soon(t, "asked again to finish", func() bool { return e.said.count("Exiting Master process") > 1 })
		release()
		if n, err := answer.WriteTo(discard{}); err != nil || n < slowBytes {
			t.Errorf("the answer was cut: %d bytes, %v", n, err)
		}
		<-stopped
	})
}

// slowly begins to read the answer of a slow endpoint.
func slowly(t *testing.T, port int) *bufio.Reader {
	t.Helper()
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := io.WriteString(conn, "GET /slow HTTP/1.0\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	answer := bufio.NewReader(conn)
	if _, err := answer.Peek(1); err != nil {
		t.Fatal(err)
	}
	return answer
}

// TestHAProxyDrains: a server that goes finishes its requests, and is deleted then.
func TestHAProxyDrains(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		e, port := superviseHAProxy(t, bin, shortDir(t)), ports.Free(t)
		line, release := slowEndpoint(t, "one")
		e.mustApply(t, one(port, line))
		answer := slowly(t, port)
		e.mustChange(t, one(port, endpoint(t, "two")))
		serves(t, port, "two")
		name, _, _ := strings.Cut(line, " ")
		there := func() bool { return strings.Contains(e.say(t, "show servers state b"), " "+name+" ") }
		if !there() {
			t.Error("the server is deleted while it is in use")
		}
		release()
		if n, err := answer.WriteTo(discard{}); err != nil || n < slowBytes {
			t.Errorf("the answer was cut: %d bytes, %v", n, err)
		}
		soon(t, "deleted", func() bool { return !there() })
		if p := e.processes(t); p.reloads != 0 {
			t.Errorf("%d reloads", p.reloads)
		}
	})
}

func TestHAProxyOldWorkers(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		e, port := superviseHAProxy(t, bin, shortDir(t)), ports.Free(t)
		line, release := slowEndpoint(t, "one")
		g := one(port, line)
		e.mustApply(t, g)
		answer := slowly(t, port)
		count := func() int {
			n, err := e.OldWorkers(t.Context())
			if err != nil {
				t.Error(err)
			}
			return n
		}
		if n := count(); n != 0 {
			t.Errorf("%d old workers before the reload", n)
		}
		g.extra = "    http-response set-header x-new yes"
		e.mustReload(t, g, "http-response")
		if n := count(); n != 1 {
			t.Errorf("%d old workers after it", n)
		}
		release()
		if n, err := answer.WriteTo(discard{}); err != nil || n < slowBytes {
			t.Errorf("the answer was cut: %d bytes, %v", n, err)
		}
		soon(t, "no old worker", func() bool { return count() == 0 })
	})
}

// TestHAProxyLeftovers: what a crash left does not keep HAProxy from starting.
func TestHAProxyLeftovers(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		dir, port := shortDir(t), ports.Free(t)
		e := superviseHAProxy(t, bin, dir)
		g := one(port, endpoint(t, "one"))
		e.mustApply(t, g)
		e.stop()

		orphan := exec.Command(bin, "-W", "-db", "-S", filepath.Join(dir, HAProxyMasterSocket)+",mode,600", "-f", filepath.Join(dir, linkCurrent))
		orphan.Dir = dir
		orphan.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
		if err := orphan.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- orphan.Wait() }()
		serves(t, port, "one")

		e = superviseHAProxy(t, bin, dir)
		soon(t, "ready", func() bool { return e.Status().Ready })
		serves(t, port, "one")
		if e.processes(t).master == orphan.Process.Pid {
			t.Error("the orphan serves")
		}
		select {
		case <-ended:
		case <-time.After(patience):
			t.Error("the orphan lives")
		}
	})
}

// TestHAProxySocketVanishes: without its master socket, the child is reloaded by a signal, which brings the socket back.
func TestHAProxySocketVanishes(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		e, port := superviseHAProxy(t, bin, shortDir(t)), ports.Free(t)
		g := one(port, endpoint(t, "one"))
		e.mustApply(t, g)
		soon(t, "removed", func() bool { return os.Remove(filepath.Join(e.dir, HAProxyMasterSocket)) == nil })
		g.extra = "    http-response set-header x-new yes"
		e.mustApply(t, g)
		e.equal(t, g)
		serves(t, port, "one")
	})
}

// TestHAProxyDrift: what somebody else has changed is put right, without the endpoint being taken for unready.
func TestHAProxyDrift(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		e := superviseHAProxy(t, bin, shortDir(t))
		g := one(ports.Free(t), endpoint(t, "one"), "z 127.0.0.1:9 weight 0")
		g.tlsPort, g.list = ports.Free(t), "certs/d.pem\ncerts/a.pem a.test\n"
		g.certs = map[string]string{"d.pem": selfSigned(t, "d"), "a.pem": selfSigned(t, "a")}
		e.mustApply(t, g)
		for i, command := range []string{
			"set server b/z weight 5", "set server b/z addr 127.0.0.2 port 9", "set server b/z state drain", "set server b/z state maint",
			"add server b/new 127.0.0.1:9; enable server b/new", "set map maps/routes.map / nowhere", "add acl lists/banned.list 127.0.0.1",
			"clear map maps/routes.map", "del ssl crt-list certs/list certs/a.pem",
		} {
			e.say(t, command)
			soon(t, command+" undone", func() bool {
				p, ok := e.listed(t)
				return ok && p.reloads == i+1 && e.Status().State == StateServing
			})
			if !e.Status().Ready {
				t.Error("not ready")
			}
			e.equal(t, g)
		}
	})
}

// TestHAProxyEverythingIsRead: a tree read from the disk is the one that was written.
func TestHAProxyEverythingIsRead(t *testing.T) {
	dir := t.TempDir()
	st, err := openStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer st.close()
	want := sorted(one(1, "a 127.0.0.1:1"))
	tree, err := st.stage("0123456789abcdef", want, Tree{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := readTree(tree.Dir)
	if err != nil || len(diffFiles(got, want)) != 0 || len(got) != len(want) {
		t.Errorf("%d files, %v", len(got), err)
	}
	if _, err := readTree(filepath.Join(dir, "none")); err == nil {
		t.Error("a tree that is not there was read")
	}
}
