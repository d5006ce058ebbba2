package reload

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/headgate/headgate/hack/ports"
)

// otherHAProxy starts an HAProxy the way that HAProxySidecar documents.
func otherHAProxy(t *testing.T, bin, dir string) *exec.Cmd {
	t.Helper()
	script := `until [ -e "$1/current/haproxy.cfg" ]; do sleep 0.05; done
		cd / && exec "$0" -W -db -S "$1/run/master.sock,mode,600" -f "$1/current"`
	cmd := exec.Command("/bin/sh", "-c", script, bin, dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { endGroup(cmd) })
	return cmd
}

// besideHAProxy runs an Applier beside an HAProxy that somebody else starts.
func besideHAProxy(t *testing.T, opts HAProxyOptions, run func(*testing.T, *Applier) func()) gated {
	t.Helper()
	return gateOn(t, haproxySidecar(t, opts), opts.WorkDir, run)
}

func haproxySidecar(t *testing.T, opts HAProxyOptions) *HAProxySidecar {
	t.Helper()
	opts.CompareEvery, opts.Log = 100*time.Millisecond, testLog(t)
	sidecar, err := NewHAProxySidecar(opts)
	if err != nil {
		t.Fatal(err)
	}
	return sidecar
}

func TestHAProxySidecar(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		opts := HAProxyOptions{WorkDir: shortDir(t), Bin: bin}
		e, port := besideHAProxy(t, opts, restless), ports.Free(t)
		haproxy := otherHAProxy(t, bin, opts.WorkDir)
		lines := []string{endpoint(t, "one"), endpoint(t, "two"), endpoint(t, "three")}
		e.mustApply(t, one(port, lines[0]))
		serves(t, port, "one")
		e.mustChange(t, one(port, lines[1]))
		serves(t, port, "two")
		g := one(port, lines[1])
		g.extra = "    http-response set-header x-new yes"
		e.mustReload(t, g, "http-response")

		// HAProxy goes away and comes back by itself, with what is in place.
		endGroup(haproxy)
		soon(t, "noticed", func() bool { return !e.Status().Ready })
		otherHAProxy(t, bin, opts.WorkDir)
		soon(t, "ready", func() bool { return e.Status().Ready })
		serves(t, port, "two")
		g.backends[0].servers = lines[2:]
		e.mustChange(t, g)
		serves(t, port, "three")

		// Headgate restarts: HAProxy is left alone, and can be changed without a reload as before.
		before := e.processes(t)
		e.stop()
		serves(t, port, "three")
		e = besideHAProxy(t, opts, restless)
		soon(t, "ready", func() bool { return e.Status().Ready })
		g.backends[0].servers = lines[:1]
		e.mustChange(t, g)
		serves(t, port, "one")
		if after := e.processes(t); after.master != before.master || after.reloads != before.reloads {
			t.Errorf("processes %+v, before %+v", after, before)
		}
	})
}

// TestHAProxySidecarWithoutBinary: there is no check, and a rollback all the same. Nor is there a runtime socket.
func TestHAProxySidecarWithoutBinary(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		opts := HAProxyOptions{WorkDir: shortDir(t)}
		opts.RuntimeSocket = filepath.Join(opts.WorkDir, "none.sock")
		e, port := besideHAProxy(t, opts, restless), ports.Free(t)
		otherHAProxy(t, bin, opts.WorkDir)
		g := one(port, endpoint(t, "two"))
		out := e.mustApply(t, g)
		if len(out.Diagnostics) != 1 || out.Diagnostics[0].Code.Slug != "check-skipped" {
			t.Errorf("diagnostics %v", out.Diagnostics)
		}
		g.backends[0].servers = []string{endpoint(t, "one")}
		e.mustChange(t, g)
		bad := g
		bad.extra = "    nonsense on"
		out, err := e.Apply(t.Context(), bad.files(), "test")
		var no *ReloadError
		if !errors.As(err, &no) || !out.RolledBack {
			t.Errorf("%+v, %v", out, err)
		}
		serves(t, port, "one")
		e.equal(t, g)
	})
}

// TestHAProxySidecarSocketVanishes: without the master socket nothing can be reloaded. That is no fault of the configuration, which is
// tried again.
func TestHAProxySidecarSocketVanishes(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		opts := HAProxyOptions{WorkDir: shortDir(t), Bin: bin}
		e, port := besideHAProxy(t, opts, restless), ports.Free(t)
		haproxy := otherHAProxy(t, bin, opts.WorkDir)
		g := one(port, endpoint(t, "one"))
		e.mustApply(t, g)
		e.equal(t, g) // and the master has come to rest
		removeForGood(t, filepath.Join(opts.WorkDir, HAProxyMasterSocket))
		g.backends[0].servers = []string{endpoint(t, "two")}
		if out := e.mustApply(t, g); out.Applied.Method != MethodRuntime {
			t.Errorf("endpoints: %+v", out.Applied)
		}
		g.extra = "    http-response set-header x-new yes"
		_, err := e.Apply(t.Context(), g.files(), "test")
		var absent *UnreachableError
		if !errors.As(err, &absent) || !Transient(err) || !strings.Contains(err.Error(), "master.sock") {
			t.Errorf("error %v", err)
		}
		serves(t, port, "two")
		endGroup(haproxy)
		otherHAProxy(t, bin, opts.WorkDir)
		soon(t, "ready", func() bool { return e.Status().Ready })
		e.equal(t, g)
	})
}

// saboteur stands between an Applier and the runtime socket, and does something else than it was asked to.
type saboteur struct {
	mu sync.Mutex
	// word is what a command begins with that is not passed on; answer is what is said instead. "hang up" ends the conversation.
	word, answer string
}

func (s *saboteur) set(word, answer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.word, s.answer = word, answer
}

// meets says what is answered to a command instead of what HAProxy would.
func (s *saboteur) meets(command string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.answer, s.word != "" && strings.HasPrefix(command, s.word)
}

// listen serves a socket of its own.
func (s *saboteur) listen(t *testing.T, path, target string) {
	t.Helper()
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go s.pass(conn, target)
		}
	}()
}

// pass hands a conversation on, line by line, until a command is met. That is answered in its turn, after all that was said before it.
func (s *saboteur) pass(conn net.Conn, target string) {
	defer conn.Close()
	there, err := net.Dial("unix", target)
	if err != nil {
		return
	}
	defer there.Close()
	prompts, said := make(chan struct{}, 1<<16), 0
	go func() {
		defer conn.Close()
		defer close(prompts)
		buf, carry := make([]byte, 4096), ""
		for {
			n, err := there.Read(buf)
			if err != nil {
				return
			}
			_, _ = conn.Write(buf[:n]) // the other side may have gone
			text := carry + string(buf[:n])
			for range strings.Count(text, "\n> ") {
				prompts <- struct{}{}
			}
			carry = text[max(0, len(text)-2):]
		}
	}()
	lines := bufio.NewScanner(conn)
	for payload := false; lines.Scan(); {
		line := lines.Text()
		if answer, hit := s.meets(line); hit {
			for ; said > 0; said-- {
				<-prompts
			}
			if answer == "hang up" {
				return
			}
			fmt.Fprintf(conn, " %s\n\n> ", answer)
			continue
		}
		if payload = strings.HasSuffix(line, "<<") || payload && line != ""; !payload {
			said++
		}
		fmt.Fprintln(there, line)
	}
}

// TestHAProxyHalfDone: whatever goes wrong in the middle of a change, the process ends up as the files say, by a reload that says why.
func TestHAProxyHalfDone(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		opts := HAProxyOptions{WorkDir: shortDir(t), Bin: bin}
		opts.RuntimeSocket = filepath.Join(opts.WorkDir, "s.sock")
		var s saboteur
		s.listen(t, opts.RuntimeSocket, filepath.Join(opts.WorkDir, HAProxyRuntimeSocket))
		e := besideHAProxy(t, opts, passive) // or it would meet the saboteur by itself
		otherHAProxy(t, bin, opts.WorkDir)
		g := one(ports.Free(t), endpoint(t, "one"), "z 127.0.0.1:9 weight 0")
		g.tlsPort, g.list = ports.Free(t), "certs/d.pem\ncerts/a.pem a.test\n"
		g.certs = map[string]string{"d.pem": selfSigned(t, "d"), "a.pem": selfSigned(t, "a")}
		e.mustApply(t, g)
		for i, test := range []struct{ word, answer, why string }{
			{"add server", "No such backend.", "No such backend."},
			{"enable server", "Permission denied", "enable server b/x3: Permission denied"},
			{"enable server", "", "server x5 has another state"}, // it lies
			{"set server b/z", "No such server.", "No such server."},
			{"set server b/z", "", "server z has another weight"},
			{"del server", "Require 'backend/server'.", "del server b/x"},
			{"set map", "entry not found.", "entry not found."},
			{"set map", "", "entries are not the"},
			{"set ssl cert", "Can't update certs/a.pem!", "set ssl cert certs/a.pem: Can't update"},
			{"commit ssl cert", "Out of memory", "commit ssl cert certs/a.pem: Out of memory"},
			{"add ssl crt-list", "Can't edit the crt-list", "add ssl crt-list certs/list: Can't edit"},
			{"set var", "Permission denied", "set var proc.generation"},
			{"show servers", "hang up", "show servers state b"},
			{"add server", "hang up", "add server b/x"},
			{"show map maps", "garbage", "show map maps/routes.map: garbage"},
		} {
			t.Run(fmt.Sprint(i, " ", test.word), func(t *testing.T) {
				g.backends[0].servers = []string{g.backends[0].servers[0], fmt.Sprintf("z 127.0.0.1:9 weight %d", i+1), fmt.Sprintf("x%d 127.0.0.1:9 weight 0", 2*i+1)}
				g.routes = fmt.Sprintf("/ b\n/%d b\n", i)
				if strings.Contains(test.word, "set map") {
					g.routes = fmt.Sprintf("/ none%d\n/x b\n", i)
				}
				g.certs["a.pem"] = selfSigned(t, fmt.Sprint("a", i))
				g.list = fmt.Sprintf("certs/d.pem\ncerts/a.pem a%d.test\n", i)
				s.set(test.word, test.answer)
				out, err := e.Apply(t.Context(), g.files(), "test")
				s.set("", "")
				if err != nil || out.Applied.Method != MethodReload || !strings.Contains(out.Applied.Why, test.why) {
					t.Errorf("%+v, %v, want a reload because of %q", out.Applied, err, test.why)
				}
				e.equal(t, g)
			})
		}
	})
}

// removeForGood removes a socket until it stays away: a master that is just executing itself anew makes another one.
func removeForGood(t *testing.T, path string) {
	t.Helper()
	away := time.Now()
	soon(t, "removed for good", func() bool {
		if os.Remove(path) == nil {
			away = time.Now()
		}
		return time.Since(away) > time.Second
	})
}

// unseen runs an Applier beside an HAProxy whose sockets it does not see until they are shown.
func unseen(t *testing.T, bin string) (e gated, w *witness, show func()) {
	t.Helper()
	dir := shortDir(t)
	view := filepath.Join(dir, "view")
	w = &witness{Proxy: haproxySidecar(t, HAProxyOptions{
		WorkDir: dir, Bin: bin, MasterSocket: filepath.Join(view, "master.sock"), RuntimeSocket: filepath.Join(view, "runtime.sock"),
	})}
	return gateOn(t, w, dir, passive), w, func() {
		if err := os.Symlink(filepath.Join(dir, "run"), view); err != nil {
			t.Fatal(err)
		}
	}
}

// listening waits for an HAProxy that has read its files.
func (e gated) listening(t *testing.T) {
	t.Helper()
	soon(t, "sockets", func() bool {
		s, err := dialHAProxy(t.Context(), filepath.Join(e.dir, HAProxyRuntimeSocket))
		return err == nil && s.close() == nil
	})
}

// TestHAProxySidecarComesLate: an HAProxy that has read the files before a change, but is seen only after it, is told of the change then.
func TestHAProxySidecarComesLate(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		e, w, show := unseen(t, bin)
		port := ports.Free(t)
		g := one(port, endpoint(t, "one"))
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _, _ = e.Apply(ctx, g.files(), "test") }() // it waits for an HAProxy
		soon(t, "switching", func() bool { return e.Status().State == StateSwitching })
		otherHAProxy(t, bin, e.dir)
		e.listening(t)
		cancel()
		soon(t, "given up", func() bool { return e.Status().State == StateFailed })
		g.backends[0].servers = []string{endpoint(t, "two")}
		applied := w.applies(t, e.Applier, g.files())
		show()
		if err := <-applied; err != nil {
			t.Error(err)
		}
		serves(t, port, "two")
		e.equal(t, g)
	})
}

// TestHAProxySidecarReadsTwoTrees: an HAProxy that starts in the middle of a change may read files of both trees. It has to read them again.
func TestHAProxySidecarReadsTwoTrees(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		e, w, show := unseen(t, bin)
		port := ports.Free(t)
		g := one(port, endpoint(t, "one"))
		applied := w.applies(t, e.Applier, g.files())
		file := filepath.Join(e.dir, linkCurrent, "maps", "routes.map")
		right, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		overwrite(t, file, []byte("/other b\n"))
		otherHAProxy(t, bin, e.dir)
		e.listening(t)
		overwrite(t, file, right)
		show()
		if err := <-applied; err != nil {
			t.Error(err)
		}
		serves(t, port, "one")
		e.equal(t, g)
	})
}

func overwrite(t *testing.T, file string, data []byte) {
	t.Helper()
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestHAProxySidecarDriftsUnwatched: what has happened to the process while nobody looked is undone, and its files are known from then on.
func TestHAProxySidecarDriftsUnwatched(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		opts := HAProxyOptions{WorkDir: shortDir(t), Bin: bin}
		e, port := besideHAProxy(t, opts, restless), ports.Free(t)
		otherHAProxy(t, bin, opts.WorkDir)
		g := one(port, endpoint(t, "one"))
		e.mustApply(t, g)
		e.stop()
		if answer := e.say(t, "clear map maps/routes.map"); answer != "" {
			t.Fatal(answer)
		}
		e = besideHAProxy(t, opts, restless)
		soon(t, "serving", func() bool { return e.Status().State == StateServing })
		serves(t, port, "one")
		e.equal(t, g)
		g.backends[0].servers = []string{endpoint(t, "two")}
		e.mustChange(t, g)
	})
}

// TestHAProxySidecarReloadedByOthers: a worker that nobody of us has started is compared with the files as soon as it answers.
func TestHAProxySidecarReloadedByOthers(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		dir, port := shortDir(t), ports.Free(t)
		sidecar, err := NewHAProxySidecar(HAProxyOptions{WorkDir: dir, Bin: bin, CompareEvery: time.Hour, Log: testLog(t)})
		if err != nil {
			t.Fatal(err)
		}
		e := gateOn(t, sidecar, dir, restless)
		otherHAProxy(t, bin, dir)
		g := one(port, endpoint(t, "one"))
		e.mustApply(t, g)
		answering := func() int {
			s := e.worker(t)
			defer s.close()
			return s.pid
		}
		worker, before := answering(), e.processes(t)
		if err := e.take(t.Context()); err != nil { // nobody looks until the file is right again
			t.Fatal(err)
		}
		file := filepath.Join(dir, linkCurrent, "maps", "routes.map")
		overwrite(t, file, []byte("/other b\n"))
		if err := syscall.Kill(before.master, syscall.SIGUSR2); err != nil {
			t.Fatal(err)
		}
		soon(t, "another worker", func() bool { return answering() != worker })
		overwrite(t, file, []byte(g.routes))
		e.give()
		soon(t, "a further reload", func() bool {
			return e.processes(t).reloads == before.reloads+2 && e.Status().State == StateServing
		})
		serves(t, port, "one")
		e.equal(t, g)
	})
}
