package reload

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/headgate/headgate/hack/ports"
)

// TestHAProxyTakenAway: whatever is removed below a running child, it goes on serving, changes reach it with and without a reload, and it
// is never ended or started for that.
func TestHAProxyTakenAway(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		dir := shortDir(t)
		e, port := superviseHAProxy(t, bin, dir), ports.Free(t)
		first, second := endpoint(t, "one"), endpoint(t, "two")
		g := one(port, first)
		e.mustApply(t, g)
		master := e.processes(t).master
		for i, c := range []struct {
			name  string
			paths []string
		}{
			{"runtime socket", []string{HAProxyRuntimeSocket}},
			{"master socket", []string{HAProxyMasterSocket}},
			{"both sockets", []string{HAProxyRuntimeSocket, HAProxyMasterSocket}},
			{"folder of the sockets", []string{dirRun}},
			{"link", []string{linkCurrent}},
			{"trees", []string{dirGenerations}},
			{"everything", []string{"."}},
		} {
			t.Run(c.name, func(t *testing.T) {
				refused := underLoad(t, port, 1, func(int) {
					for _, path := range c.paths {
						removeAll(t, filepath.Join(dir, path))
					}
					g.extra = "    http-response set-header x-case " + string(rune('a'+i))
					g.backends[0].servers = []string{second}
					e.eventually(t, g)
					serves(t, port, "two")
					g.backends[0].servers = []string{first}
					e.eventually(t, g)
					serves(t, port, "one")
				})
				if refused != 0 {
					t.Errorf("%d connections were refused", refused)
				}
				if p := e.processes(t); p.master != master || p.failed != 0 {
					t.Errorf("the master was %d, now: %+v", master, p)
				}
				if s := e.Status(); !s.Ready || s.Rejected != "" || s.Err != nil {
					t.Errorf("status %+v", s)
				}
				e.equal(t, g)
			})
		}
	})
}

// removeAll removes a path, or all that is in it if it is the work dir: somebody may be writing there.
func removeAll(t *testing.T, path string) {
	t.Helper()
	soon(t, "removed", func() bool { return os.RemoveAll(path) == nil })
}

// eventually applies files. What fails for a reason outside of them is tried again, as run does.
func (e gated) eventually(t *testing.T, g gate) {
	t.Helper()
	soon(t, "applied", func() bool {
		_, err := e.Apply(t.Context(), g.files(), "test")
		if err != nil && !Transient(err) {
			t.Fatal(err)
		}
		return err == nil
	})
}

// TestHAProxyDeaf: an HAProxy of another container whose master cannot be told any more goes on serving, headgate stays ready, and
// whoever starts it anew has all changes.
func TestHAProxyDeaf(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		opts := HAProxyOptions{WorkDir: shortDir(t), Bin: bin}
		e, port := besideHAProxy(t, opts, restless), ports.Free(t)
		haproxy := otherHAProxy(t, bin, opts.WorkDir)
		first, second := endpoint(t, "one"), endpoint(t, "two")
		g := one(port, first)
		e.mustApply(t, g)
		e.processes(t)
		removeForGood(t, filepath.Join(opts.WorkDir, HAProxyMasterSocket))

		g.backends[0].servers = []string{second}
		e.mustApply(t, g) // by commands
		serves(t, port, "two")
		g.extra = "    http-response set-header x-new yes"
		_, err := e.Apply(t.Context(), g.files(), "test")
		var late *LateError
		if !errors.As(err, &late) || !Transient(err) {
			t.Fatalf("a reload: %v", err)
		}
		serves(t, port, "two")
		if s := e.Status(); !s.Ready || s.Rejected != "" {
			t.Errorf("status %+v", s)
		}
		endGroup(haproxy)
		otherHAProxy(t, bin, opts.WorkDir)
		soon(t, "all changes", func() bool { return e.Status().State == StateServing && header(t, port, "x-new") == "yes" })
		e.equal(t, g)
	})
}

// header returns a header of the answer to a request.
func header(t *testing.T, port int, name string) string {
	t.Helper()
	res, err := get(t.Context(), port, "/")
	if err != nil {
		return err.Error()
	}
	res.Body.Close()
	return res.Header.Get(name)
}

func get(ctx context.Context, port int, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+loopback(port)+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	return (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
}

// TestHAProxyReadsTwoTrees: an HAProxy that starts while the link is switched, and has read the beginning of one tree and the rest of
// another, is not taken for one that serves the other.
func TestHAProxyReadsTwoTrees(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		opts := HAProxyOptions{WorkDir: shortDir(t), Bin: bin}
		e, port := besideHAProxy(t, opts, passive), ports.Free(t)
		haproxy := otherHAProxy(t, bin, opts.WorkDir)
		g := one(port, endpoint(t, "one"))
		first := e.mustApply(t, g)
		endGroup(haproxy)

		// The next one stops in the middle of haproxy.cfg, where it reads a map.
		gap := filepath.Join(opts.WorkDir, dirGenerations, first.Generation, "maps", "routes.map")
		if err := errors.Join(os.Remove(gap), syscall.Mkfifo(gap, 0o600)); err != nil {
			t.Fatal(err)
		}
		otherHAProxy(t, bin, opts.WorkDir)
		writer, err := os.OpenFile(gap, os.O_WRONLY, 0) // as soon as it is there
		if err != nil {
			t.Fatal(err)
		}
		g.routes = "# another file\n/ b\n"
		g.extra = "    http-response set-header x-new yes"
		done := make(chan error, 1)
		go func() {
			_, err := e.Apply(context.Background(), g.files(), "test")
			done <- err
		}()
		soon(t, "the other tree in place", func() bool {
			id, err := e.store.linked(linkCurrent)
			return err == nil && id != first.Generation
		})
		if _, err := writer.WriteString("/ b\n"); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(writer.Close(), <-done); err != nil {
			t.Fatal(err)
		}
		if got := header(t, port, "x-new"); got != "yes" {
			t.Errorf("confirmed without what the new tree says: %q", got)
		}
	})
}

// TestHAProxyStopped: an HAProxy that is stopped for longer than it is waited for condemns no configuration, and serves it afterwards.
func TestHAProxyStopped(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for many answers that do not come")
	}
	eachHAProxy(t, func(t *testing.T, bin string) {
		dir := shortDir(t)
		child, err := NewHAProxyChild(HAProxyOptions{WorkDir: dir, Bin: bin, StopTimeout: patience, Log: testLog(t)})
		if err != nil {
			t.Fatal(err)
		}
		e, port := gateOn(t, child, dir, restless), ports.Free(t)
		e.opts.ConfirmTimeout = 100 * time.Millisecond
		g := one(port, endpoint(t, "one"))
		e.eventually(t, g)
		group := -child.current().pid
		if err := syscall.Kill(group, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = syscall.Kill(group, syscall.SIGCONT) }() // it may have ended
		g.extra = "    http-response set-header x-new yes"
		_, err = e.Apply(t.Context(), g.files(), "test")
		if err == nil || !Transient(err) {
			t.Errorf("while it is stopped: %v", err)
		}
		if err := syscall.Kill(group, syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		e.eventually(t, g)
		if got := header(t, port, "x-new"); got != "yes" || e.Status().Rejected != "" {
			t.Errorf("afterwards: %q, %+v", got, e.Status())
		}
	})
}

// TestHAProxyOldWorkersEnd: not more workers than allowed finish their connections; the oldest are ended, the others are not.
func TestHAProxyOldWorkersEnd(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		dir := shortDir(t)
		child, err := NewHAProxyChild(HAProxyOptions{WorkDir: dir, Bin: bin, StopTimeout: 2 * time.Second, MaxOldWorkers: 2, Log: testLog(t)})
		if err != nil {
			t.Fatal(err)
		}
		e, port := gateOn(t, child, dir, passive), ports.Free(t)
		e.opts.OldWorkersWait = time.Nanosecond
		line, release := slowEndpoint(t, "slow")
		g := one(port, line)
		const reloads = 5
		results := make([]chan error, reloads)
		for i := range results {
			g.extra = "    http-response set-header x-number " + string(rune('a'+i))
			e.mustApply(t, g)
			begun := make(chan error, 1)
			results[i] = make(chan error, 1)
			go download(port, begun, results[i])
			if err := <-begun; err != nil {
				t.Fatal(err)
			}
		}
		g.extra = ""
		e.mustApply(t, g)
		soon(t, "two old workers", func() bool { return len(e.processes(t).old) == 2 })
		if n := e.Status().OldWorkersEnded; n != reloads-2 {
			t.Errorf("%d old workers ended", n)
		}
		release()
		for i, result := range results {
			if err := <-result; (err == nil) != (i >= reloads-2) {
				t.Errorf("download %d: %v", i, err)
			}
		}
	})
}

// download receives /slow: when the first half has come it says so, and at the end how it went.
func download(port int, begun, end chan<- error) {
	res, err := get(context.Background(), port, "/slow")
	if err != nil {
		begun <- err
		end <- err
		return
	}
	defer res.Body.Close()
	begun <- nil
	n := 0
	buf := make([]byte, 4096)
	for err == nil {
		var k int
		k, err = res.Body.Read(buf)
		n += k
	}
	if n == slowBytes {
		err = nil
	}
	end <- err
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
