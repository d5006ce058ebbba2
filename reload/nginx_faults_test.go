package reload

import (
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

// eachWay runs a test with every nginx as a child, and in another container.
func eachWay(t *testing.T, test func(t *testing.T, dir string, begin func() edge)) {
	eachNginx(t, func(t *testing.T, bin string) {
		t.Run("child", func(t *testing.T) {
			dir := shortDir(t)
			test(t, dir, func() edge { return superviseNginx(t, bin, dir) })
		})
		t.Run("sidecar", func(t *testing.T) {
			dir := shortDir(t)
			test(t, dir, func() edge {
				e := besideNginx(t, bin, dir)
				otherContainer(t, bin, dir)
				return e
			})
		})
	})
}

// calm fails the test when an Applier is found not ready, as long as it is not stopped.
func calm(t *testing.T, e edge) (stop func()) {
	t.Helper()
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
				if s := e.Status(); !s.Ready {
					t.Errorf("not ready: %+v", s)
					return
				}
			}
		}
	}()
	stop = sync.OnceFunc(func() { close(done); <-ended })
	t.Cleanup(stop)
	return stop
}

// TestNginxLosesWhatItNeeds: an nginx from which sockets, files or folders are taken away serves on; it is found again, and takes over
// changes as ever.
func TestNginxLosesWhatItNeeds(t *testing.T) {
	harms := map[string]func(dir string) error{
		"status socket": func(dir string) error { return os.Remove(filepath.Join(dir, NginxStatusSocket)) },
		"another socket that it listens on": func(dir string) error {
			return os.Remove(filepath.Join(dir, dirRun, "relay.sock"))
		},
		"pid file":     func(dir string) error { return os.Remove(filepath.Join(dir, NginxPIDFile)) },
		"run folder":   func(dir string) error { return os.RemoveAll(filepath.Join(dir, dirRun)) },
		"current link": func(dir string) error { return os.Remove(filepath.Join(dir, linkCurrent)) },
		"a file": func(dir string) error {
			return os.Remove(filepath.Join(dir, linkCurrent, NginxConfig))
		},
		"the work dir": os.RemoveAll,
	}
	for name, harm := range harms {
		t.Run(name, func(t *testing.T) {
			eachWay(t, func(t *testing.T, dir string, begin func() edge) {
				e, port := begin(), ports.Free(t)
				relay := fmt.Sprintf("server { listen unix:%s/run/relay.sock; return 200 relayed; }", dir)
				s := site{port: port, body: "one", extra: relay, log: "run/emerg.log"}
				before := e.mustApply(t, s)
				serves(t, port, "one")
				master := e.master(t)
				stop := calm(t, e)
				if err := harm(dir); err != nil {
					t.Fatal(err)
				}
				soon(t, "put in place anew", func() bool {
					if name == "pid file" {
						_, err := os.Stat(filepath.Join(dir, NginxPIDFile))
						return err == nil || strings.Contains(t.Name(), "child") // Headgate knows its child without it
					}
					st := e.Status()
					return st.State == StateServing && st.Generation != before.Generation
				})
				s.body = "two"
				if out := e.mustApply(t, s); out.Applied.Method != MethodReload {
					t.Errorf("outcome %+v", out)
				}
				stop()
				serves(t, port, "two")
				sockets, err := filepath.Glob(filepath.Join(dir, dirRun, "*", "relay.sock"))
				if more, _ := filepath.Glob(filepath.Join(dir, dirRun, "relay.sock")); err != nil || len(sockets)+len(more) != 1 {
					t.Errorf("relay sockets %v %v, %v", sockets, more, err)
				}
				if len(workersOf(master)) == 0 {
					t.Error("nginx was restarted")
				}
			})
		})
	}
}

// TestNginxStopped: a process that is stopped for longer than it may take is late; what it was told of is neither rejected nor rolled back.
func TestNginxStopped(t *testing.T) {
	eachWay(t, func(t *testing.T, _ string, begin func() edge) {
		e, port := begin(), ports.Free(t)
		s := site{port: port, body: "one", log: "run/emerg.log"}
		e.mustApply(t, s)
		serves(t, port, "one")
		master := e.master(t)
		if err := syscall.Kill(master, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		e.opts.ConfirmTimeout = 100 * time.Millisecond
		s.body = "two"
		_, err := e.Apply(t.Context(), s.files(), "test")
		var late *LateError
		if !errors.As(err, &late) || !Transient(err) {
			t.Errorf("error %v", err)
		}
		if st := e.Status(); !st.Ready || st.Rejected != "" {
			t.Errorf("status %+v", st)
		}
		serves(t, port, "one") // by the workers, which are not stopped
		if err := syscall.Kill(master, syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		soon(t, "confirmed", func() bool { return e.Status().State == StateServing })
		serves(t, port, "two")
	})
}

// TestNginxNeverMixes: an nginx that starts while the link is switched reads files of two trees. That is not confirmed; it is told, and
// then it has read one.
func TestNginxNeverMixes(t *testing.T) {
	eachNginx(t, func(t *testing.T, bin string) {
		dir, port := shortDir(t), ports.Free(t)
		gate := filepath.Join(t.TempDir(), "gate")
		if err := syscall.Mkfifo(gate, 0o600); err != nil {
			t.Fatal(err)
		}
		version := func(main, included, wait string) site {
			return site{
				port: port, body: main + " $included", log: "run/emerg.log",
				before: wait + "include included.conf;", included: fmt.Sprintf("map $host $included { default %s; }", included),
			}
		}
		e := besideNginx(t, "", dir)
		e.opts.ConfirmTimeout = 10 * time.Millisecond
		out, err := e.Apply(t.Context(), version("one", "one", "include "+gate+";").files(), "test")
		if !Transient(err) {
			t.Fatalf("nobody is there yet: %v", err)
		}
		nginx := otherContainer(t, bin, dir)
		main := filepath.Join(dir, dirGenerations, out.Generation, NginxConfig)
		soon(t, "nginx behind the beginning of nginx.conf", func() bool { return hasOpen(nginx.Process.Pid, main) })
		if _, err := e.Apply(t.Context(), version("two", "two", "").files(), "test"); !Transient(err) {
			t.Fatalf("nobody can be told yet: %v", err)
		}
		// Now it goes on, with an included file of the other tree.
		soon(t, "the gate opens", func() bool {
			f, err := os.OpenFile(gate, os.O_WRONLY|syscall.O_NONBLOCK, 0)
			return err == nil && f.Close() == nil
		})
		soon(t, "confirmed", func() bool { return e.Status().State == StateServing })
		serves(t, port, "two two")
	})
}

// hasOpen reports whether a process has a file open.
func hasOpen(pid int, path string) bool {
	links, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && target == path {
			return true
		}
	}
	return false
}

// withoutRemoving starts an nginx as otherContainer does, by a command that leaves sockets where they are.
func withoutRemoving(t *testing.T, bin, dir string) *exec.Cmd {
	t.Helper()
	script := `until [ -e "$1/current/nginx.conf" ]; do sleep 0.05; done
		exec "$0" -e "$1/run/error.log" -p "$1" -c "$1/current/nginx.conf" -g "daemon off;"`
	cmd := exec.Command("/bin/sh", "-c", script, bin, dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { endGroup(cmd) })
	return cmd
}

// TestSidecarClearsLeftovers: what a killed nginx has left, or one that found its port busy, does not keep the next one from starting, even
// if the command of its container removes nothing.
func TestSidecarClearsLeftovers(t *testing.T) {
	eachNginx(t, func(t *testing.T, bin string) {
		dir, port := shortDir(t), ports.Free(t)
		e := besideNginx(t, bin, dir)
		nginx := withoutRemoving(t, bin, dir)
		e.mustApply(t, logged(site{port: port, body: "one"}))
		serves(t, port, "one")
		for _, end := range []func(){
			func() { endGroup(nginx) },
			func() {
				endGroup(nginx)
				var busy net.Listener
				soon(t, "the port of the killed workers", func() bool {
					var err error
					busy, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
					return err == nil
				})
				soon(t, "cleared", func() bool { return len(socketNames(filepath.Join(dir, dirRun))) == 0 })
				nginx = withoutRemoving(t, bin, dir)
				_ = nginx.Wait() // it finds its port busy
				if err := busy.Close(); err != nil {
					t.Fatal(err)
				}
			},
		} {
			end()
			soon(t, "noticed", func() bool { return !e.Status().Ready })
			soon(t, "cleared", func() bool { return len(socketNames(filepath.Join(dir, dirRun))) == 0 })
			nginx = withoutRemoving(t, bin, dir)
			soon(t, "ready", func() bool { return e.Status().Ready })
			serves(t, port, "one")
		}
	})
}

// TestClearSockets: only what nobody holds is removed.
func TestClearSockets(t *testing.T) {
	dir := shortDir(t)
	path := func(name string) string { return filepath.Join(dir, name) }
	leaveSocket(t, path("left.sock"))
	listener, err := net.Listen("unix", path("heard.sock"))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	// A process that starts has bound its socket and does not listen yet.
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd)
	if err := syscall.Bind(fd, &syscall.SockaddrUnix{Name: path("starting.sock")}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path("file.sock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	removed, err := clearSockets(dir)
	if got := strings.Join(removed, " "); err != nil || got != "left.sock" {
		t.Errorf("removed %q, %v", got, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 3 {
		t.Errorf("left are %v, %v", entries, err)
	}
	if removed, err := clearSockets(path("none")); err != nil || len(removed) > 0 {
		t.Errorf("no folder: %v, %v", removed, err)
	}
}
