package reload

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/headgate/headgate/hack/ports"
)

// otherContainer starts an nginx the way that NginxSidecar documents.
func otherContainer(t *testing.T, bin, dir string) *exec.Cmd {
	t.Helper()
	script := `rm -f "$1"/run/*.sock
		until [ -e "$1/current/nginx.conf" ]; do sleep 0.05; done
		exec "$0" -e "$1/run/error.log" -p "$1" -c "$1/current/nginx.conf" -g "daemon off;"`
	cmd := exec.Command("/bin/sh", "-c", script, bin, dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { endGroup(cmd) })
	return cmd
}

// endGroup kills an nginx together with its workers.
func endGroup(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // it may have ended
	_ = cmd.Wait()                                      // it was killed
}

// besideNginx runs an Applier beside an nginx that somebody else starts.
func besideNginx(t *testing.T, bin, dir string) edge {
	t.Helper()
	return runOn(t, newSidecar(t, bin, dir), dir, filepath.Join(dir, NginxStatusSocket))
}

func newSidecar(t *testing.T, bin, dir string) *NginxSidecar {
	t.Helper()
	sidecar, err := NewNginxSidecar(NginxOptions{
		WorkDir: dir, Bin: bin, ErrorLog: filepath.Join(dir, "run/error.log"), Log: testLog(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	return sidecar
}

// witnessNginx is besideNginx with a witness.
func witnessNginx(t *testing.T, bin, dir string) (edge, *witness) {
	t.Helper()
	w := &witness{Proxy: newSidecar(t, bin, dir)}
	return runOn(t, w, dir, filepath.Join(dir, NginxStatusSocket)), w
}

// logged makes a site log where a sidecar can read it.
func logged(s site) site {
	s.log = "run/error.log"
	return s
}

func TestSidecar(t *testing.T) {
	eachNginx(t, func(t *testing.T, bin string) {
		dir, port := shortDir(t), ports.Free(t)
		e := besideNginx(t, bin, dir)
		nginx := otherContainer(t, bin, dir)
		e.mustApply(t, logged(site{port: port, body: "one"}))
		serves(t, port, "one")
		second := e.mustApply(t, logged(site{port: port, body: "two"}))
		serves(t, port, "two")
		if second.Applied.Method != MethodReload {
			t.Errorf("outcome %+v", second)
		}

		// nginx goes away and comes back by itself.
		endGroup(nginx)
		soon(t, "noticed", func() bool { return !e.Status().Ready })
		otherContainer(t, bin, dir)
		soon(t, "ready", func() bool { return e.Status().Ready })
		serves(t, port, "two")
		e.mustApply(t, logged(site{port: port, body: "three"}))
		serves(t, port, "three")

		// Headgate restarts: nginx is left alone.
		master := e.master(t)
		soon(t, "no old worker that may answer", func() bool { return children(t, master) == siteWorkers })
		e.stop()
		serves(t, port, "three")
		e = besideNginx(t, bin, dir)
		if out := e.mustApply(t, logged(site{port: port, body: "three"})); out.Applied.Method != MethodNone && !out.Unchanged {
			t.Errorf("after a restart: %+v", out)
		}
		if e.master(t) != master {
			t.Error("another nginx serves")
		}
	})
}

// children counts the children of a process.
func children(t *testing.T, parent int) (n int) {
	t.Helper()
	found, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range found {
		if pid, err := strconv.Atoi(filepath.Base(path)); err == nil && parentOf(pid) == parent {
			n++
		}
	}
	return n
}

// TestSidecarNotTold: an nginx that has read what was in place before, and could not be told of what came then, is told later.
func TestSidecarNotTold(t *testing.T) {
	eachNginx(t, func(t *testing.T, bin string) {
		dir, port := shortDir(t), ports.Free(t)
		e, w := witnessNginx(t, bin, dir)
		otherContainer(t, bin, dir)
		e.mustApply(t, logged(site{port: port, body: "one"}))
		file, hidden := filepath.Join(dir, NginxPIDFile), filepath.Join(dir, "hidden")
		if err := os.Rename(file, hidden); err != nil {
			t.Fatal(err)
		}
		applied := w.applies(t, e.Applier, logged(site{port: port, body: "two"}).files())
		if err := os.Rename(hidden, file); err != nil {
			t.Fatal(err)
		}
		if err := <-applied; err != nil {
			t.Error(err)
		}
		serves(t, port, "two")
	})
}

// TestSidecarReadsWholeLines: of a line that nginx is just writing nothing is concluded.
func TestSidecarReadsWholeLines(t *testing.T) {
	log := filepath.Join(t.TempDir(), "error.log")
	s, err := NewNginxSidecar(NginxOptions{WorkDir: t.TempDir(), ErrorLog: log, Log: testLog(t)})
	if err != nil {
		t.Fatal(err)
	}
	s.skipLog()
	s.verdict.expect("x", 0)
	text := "2026/11/23 01:30:40 [emerg] 7#7: bind() to 127.0.0.1:80 failed (98: Address already in use)\n"
	final := "2026/11/23 01:30:43 [emerg] 7#7: still could not bind()\n"
	for at := range len(text + final) {
		if err := os.WriteFile(log, []byte((text + final)[:at]), 0o600); err != nil {
			t.Fatal(err)
		}
		if s.readLog(); s.verdict.refusal() != nil {
			t.Fatalf("after %q: %v", (text + final)[:at], s.verdict.refusal())
		}
	}
	if err := os.WriteFile(log, []byte(text+final), 0o600); err != nil {
		t.Fatal(err)
	}
	if s.readLog(); s.verdict.refusal() == nil || !strings.Contains(s.verdict.text(), "127.0.0.1:80") {
		t.Errorf("refusal %v", s.verdict.refusal())
	}
}

// TestSidecarRollsBack: nginx refuses after a good check, and says so in its log only.
func TestSidecarRollsBack(t *testing.T) {
	eachNginx(t, func(t *testing.T, bin string) {
		dir, port := shortDir(t), ports.Free(t)
		busy := occupy(t, 0).Addr().(*net.TCPAddr).Port
		e := besideNginx(t, bin, dir)
		otherContainer(t, bin, dir)
		e.mustApply(t, logged(site{port: port, body: "one"}))
		bad := logged(site{port: port, body: "two", extra: fmt.Sprintf("server { listen 127.0.0.1:%d; }", busy)})
		out, err := e.Apply(t.Context(), bad.files(), "test")
		var no *ReloadError
		if !errors.As(err, &no) || !out.RolledBack || !strings.Contains(no.Text, fmt.Sprintf("bind() to 127.0.0.1:%d", busy)) {
			t.Errorf("%+v, %v", out, err)
		}
		serves(t, port, "one")
	})
}

// TestSidecarWithoutBinary: there is no check, and a rollback all the same.
func TestSidecarWithoutBinary(t *testing.T) {
	eachNginx(t, func(t *testing.T, bin string) {
		dir, port := shortDir(t), ports.Free(t)
		e := besideNginx(t, "", dir)
		otherContainer(t, bin, dir)
		out := e.mustApply(t, logged(site{port: port, body: "one"}))
		if len(out.Diagnostics) != 1 || out.Diagnostics[0].Code.Slug != "check-skipped" {
			t.Errorf("diagnostics %v", out.Diagnostics)
		}
		_, err := e.Apply(t.Context(), logged(site{port: port, body: "two", extra: "nonsense on;"}).files(), "test")
		var no *ReloadError
		if !errors.As(err, &no) || !strings.Contains(no.Text, "nonsense") {
			t.Errorf("error %v", err)
		}
		serves(t, port, "one")
	})
}

func TestSignalMaster(t *testing.T) {
	sleeper := exec.Command("sleep", "60")
	if err := sleeper.Start(); err != nil {
		t.Fatal(err)
	}
	defer endProcess(sleeper)
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ content, want string }{
		"empty":            {"", "has not started yet"},
		"no number":        {"abc\n", "does not hold a process number"},
		"zero":             {"0\n", "does not hold a process number"},
		"our whole group":  {"-1\n", "does not hold a process number"},
		"a process gone":   {strconv.Itoa(gone.Process.Pid) + "\n", "shareProcessNamespace"},
		"somebody else's":  {strconv.Itoa(sleeper.Process.Pid) + "\n", "is not an nginx master"},
		"too big a number": {"99999999999999999999", "does not hold a process number"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "pid")
			if err := os.WriteFile(file, []byte(test.content), 0o600); err != nil {
				t.Fatal(err)
			}
			var absent *UnreachableError
			if err := signalMaster(file, syscall.SIGKILL); !errors.As(err, &absent) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v", err)
			}
		})
	}
	if err := signalMaster(filepath.Join(t.TempDir(), "none"), 0); err == nil || !strings.Contains(err.Error(), "has not started yet") {
		t.Errorf("no file: %v", err)
	}
	if err := sleeper.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("somebody else's process was signalled: %v", err)
	}
}

func endProcess(cmd *exec.Cmd) {
	_ = cmd.Process.Kill() // it may have ended
	_ = cmd.Wait()         // it was killed
}

func TestExplainSignal(t *testing.T) {
	err := explainSignal(7, &os.SyscallError{Syscall: "pidfd_send_signal", Err: syscall.EPERM})
	if !errors.Is(err, syscall.EPERM) || !strings.Contains(err.Error(), "securityContext") {
		t.Errorf("error %v", err)
	}
	if err := explainSignal(7, os.ErrProcessDone); err == nil || !strings.Contains(err.Error(), "just ended") {
		t.Errorf("error %v", err)
	}
}
