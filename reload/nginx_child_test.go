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
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/headgate/headgate/hack/ports"
)

func TestNginxApplies(t *testing.T) {
	eachNginx(t, func(t *testing.T, bin string) {
		e, port := superviseNginx(t, bin, shortDir(t)), ports.Free(t)
		first := e.mustApply(t, site{port: port, body: "one"})
		serves(t, port, "one")
		master := e.master(t)

		second := e.mustApply(t, site{port: port, body: "two"})
		serves(t, port, "two")
		if first.Applied.Method != MethodStart || second.Applied.Method != MethodReload || first.Generation == second.Generation {
			t.Errorf("outcomes %+v, %+v", first, second)
		}
		if third := e.mustApply(t, site{port: port, body: "two"}); !third.Unchanged || third.Generation != second.Generation {
			t.Errorf("equal bytes: %+v", third)
		}
		if e.master(t) != master {
			t.Error("nginx was restarted")
		}
		e.stop()
		if _, err := fetch(t.Context(), port, "/"); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("after the end: %v", err)
		}
	})
}

func TestNginxCheckRefuses(t *testing.T) {
	eachNginx(t, func(t *testing.T, bin string) {
		e, port := superviseNginx(t, bin, shortDir(t)), ports.Free(t)
		good := e.mustApply(t, site{port: port, body: "one"})
		out, err := e.Apply(t.Context(), site{port: port, body: "two", extra: "nonsense on;"}.files(), "test")
		var no *CheckError
		if !errors.As(err, &no) || Transient(err) || out.Generation != good.Generation {
			t.Fatalf("%+v, %v", out, err)
		}
		if no.Pos.File != "nginx.conf" || no.Pos.Line == 0 || !strings.Contains(no.Text, "nonsense") || strings.Contains(no.Text, e.dir) {
			t.Errorf("place %v, text %q", no.Pos, no.Text)
		}
		serves(t, port, "one")
	})
}

func TestNginxCheckWarns(t *testing.T) {
	eachNginx(t, func(t *testing.T, bin string) {
		e, port := superviseNginx(t, bin, shortDir(t)), ports.Free(t)
		same := fmt.Sprintf("server { listen 127.0.0.1:%d; server_name x.test x.test; }", port)
		out := e.mustApply(t, site{port: port, body: "one", extra: same})
		if len(out.Diagnostics) != 1 || !strings.Contains(out.Diagnostics[0].Message, "x.test") {
			t.Errorf("diagnostics %v", out.Diagnostics)
		}
	})
}

func TestNginxRollsBack(t *testing.T) {
	eachNginx(t, func(t *testing.T, bin string) {
		e, port := superviseNginx(t, bin, shortDir(t)), ports.Free(t)
		busy := occupy(t, 0).Addr().(*net.TCPAddr).Port
		good := e.mustApply(t, site{port: port, body: "one"})
		bad := site{port: port, body: "two", extra: fmt.Sprintf("server { listen 127.0.0.1:%d; }", busy)}
		out, err := e.Apply(t.Context(), bad.files(), "test")
		var no *ReloadError
		if !errors.As(err, &no) || !out.RolledBack || out.Generation != good.Generation {
			t.Fatalf("%+v, %v", out, err)
		}
		if !strings.Contains(no.Text, fmt.Sprintf("bind() to 127.0.0.1:%d failed", busy)) {
			t.Errorf("text %q", no.Text)
		}
		serves(t, port, "one")
		if s := e.Status(); !s.Ready || s.Rejected != no.Generation {
			t.Errorf("status %+v", s)
		}
	})
}

func TestNginxKilled(t *testing.T) {
	eachNginx(t, func(t *testing.T, bin string) {
		e, port := superviseNginx(t, bin, shortDir(t)), ports.Free(t)
		e.mustApply(t, site{port: port, body: "one"})
		for range 2 {
			master := e.master(t)
			if err := syscall.Kill(master, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			soon(t, "another master", func() bool {
				return e.Status().Ready && e.master(t) != master
			})
			serves(t, port, "one")
		}
		e.mustApply(t, site{port: port, body: "two"})
		serves(t, port, "two")
	})
}

func TestNginxDeadAtStart(t *testing.T) {
	eachNginx(t, func(t *testing.T, bin string) {
		e := superviseNginx(t, bin, shortDir(t))
		busy := occupy(t, 0)
		port := busy.Addr().(*net.TCPAddr).Port
		_, err := e.Apply(t.Context(), site{port: port, body: "one"}.files(), "test")
		if err == nil || !Transient(err) || !strings.Contains(err.Error(), fmt.Sprintf("bind() to 127.0.0.1:%d failed", port)) {
			t.Fatalf("error %v", err)
		}
		if s := e.Status(); s.Ready || s.Err == nil {
			t.Errorf("status %+v", s)
		}
		if err := busy.Close(); err != nil {
			t.Fatal(err)
		}
		soon(t, "repaired", func() bool { return e.Status().Ready })
		serves(t, port, "one")
	})
}

func TestNginxStopsGracefully(t *testing.T) {
	eachNginx(t, func(t *testing.T, bin string) {
		e, port := superviseNginx(t, bin, shortDir(t)), ports.Free(t)
		e.mustApply(t, site{port: port, body: "one"})
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := fmt.Fprint(conn, "GET /slow HTTP/1.0\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		answer := bufio.NewReader(conn)
		if _, err := answer.Peek(1); err != nil {
			t.Fatal(err)
		}
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			e.stop()
		}()
		n, err := answer.WriteTo(discard{})
		if err != nil || n < slowBytes {
			t.Errorf("the answer was cut: %d bytes, %v", n, err)
		}
		<-stopped
	})
}

// discard takes everything.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// TestNginxLeftovers: what a crash left does not keep nginx from starting.
func TestNginxLeftovers(t *testing.T) {
	eachNginx(t, func(t *testing.T, bin string) {
		dir, port := shortDir(t), ports.Free(t)
		e := superviseNginx(t, bin, dir)
		e.mustApply(t, site{port: port, body: "one"})
		e.stop()

		orphan := exec.Command(bin, "-e", "stderr", "-p", dir, "-c", filepath.Join(dir, linkCurrent, NginxConfig), "-g", "daemon off;")
		orphan.Dir = shortDir(t)
		orphan.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if err := orphan.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- orphan.Wait() }()
		serves(t, port, "one")
		if err := os.Remove(filepath.Join(dir, NginxStatusSocket)); err != nil {
			t.Fatal(err)
		}
		leaveSocket(t, filepath.Join(dir, NginxStatusSocket))

		e = superviseNginx(t, bin, dir)
		soon(t, "ready", func() bool { return e.Status().Ready })
		serves(t, port, "one")
		if e.master(t) == orphan.Process.Pid {
			t.Error("the orphan serves")
		}
		select {
		case <-ended:
		case <-time.After(patience):
			t.Error("the orphan lives")
		}
	})
}

// TestNginxDiesWithUs: an nginx whose Headgate was killed does not keep the ports.
func TestNginxDiesWithUs(t *testing.T) {
	if dir := os.Getenv("HEADGATE_TEST_VICTIM_DIR"); dir != "" {
		port, err := strconv.Atoi(os.Getenv("HEADGATE_TEST_VICTIM_PORT"))
		if err != nil {
			t.Fatal(err)
		}
		superviseNginx(t, os.Getenv("HEADGATE_TEST_VICTIM_BIN"), dir).mustApply(t, site{port: port, body: "one"})
		time.Sleep(2 * patience)
		t.Fatal("not killed")
	}
	eachNginx(t, func(t *testing.T, bin string) {
		port := ports.Free(t)
		ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
		defer cancel()
		victim := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestNginxDiesWithUs$")
		victim.Env = append(os.Environ(), "HEADGATE_TEST_VICTIM_DIR="+shortDir(t), "HEADGATE_TEST_VICTIM_BIN="+bin,
			"HEADGATE_TEST_VICTIM_PORT="+strconv.Itoa(port))
		if err := victim.Start(); err != nil {
			t.Fatal(err)
		}
		serves(t, port, "one")
		if err := victim.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = victim.Wait() // it was killed
		soon(t, "port free", func() bool {
			_, err := fetch(t.Context(), port, "/")
			return errors.Is(err, syscall.ECONNREFUSED)
		})
	})
}

func TestNginxMissing(t *testing.T) {
	e := superviseNginx(t, "/nonexistent/nginx", shortDir(t))
	_, err := e.Apply(t.Context(), site{port: 1}.files(), "test")
	if !errors.Is(err, os.ErrNotExist) || !Transient(err) || !strings.Contains(err.Error(), "/nonexistent/nginx") {
		t.Errorf("error %v", err)
	}
	if s := e.Status(); s.State != StateEmpty || s.Ready {
		t.Errorf("status %+v", s)
	}
}

func TestNginxCheckTimeout(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "slow")
	if err := os.WriteFile(bin, []byte("#!/bin/sh\nsleep 60\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	c := NginxOptions{Bin: bin, WorkDir: t.TempDir(), CheckTimeout: 50 * time.Millisecond}.checker()
	_, err := c.check(t.Context(), Tree{Dir: t.TempDir(), Generation: "x"})
	var no *CheckError
	if err == nil || errors.As(err, &no) || !strings.Contains(err.Error(), "did not end") {
		t.Errorf("error %v", err)
	}
}

func TestSocketPathTooLong(t *testing.T) {
	_, err := NewNginxChild(NginxOptions{WorkDir: "/" + strings.Repeat("x", 100)})
	if err == nil || !strings.Contains(err.Error(), "shorter work dir") {
		t.Errorf("error %v", err)
	}
}
