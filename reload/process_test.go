package reload

import (
	"io"
	"os/exec"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// launchShell starts a child that runs a script. What it says goes to hear.
func launchShell(t *testing.T, script string, hear func(string)) (p *process, ended <-chan struct{}) {
	t.Helper()
	over := make(chan struct{})
	// A child of the script lives on: this farewell ends nobody.
	p, err := launch(exec.Command("/bin/sh", "-c", script), watcher{
		line: hear, farewell: syscall.SIGCONT, ended: func(error) { close(over) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.signalGroup(syscall.SIGKILL) })
	return p, over
}

// TestLastWords: when the end of a child is told, everything that it has said was heard, however late that is read, and although a child
// of its own holds the log open. That one is heard further.
func TestLastWords(t *testing.T) {
	var mu sync.Mutex
	var heard []string
	taken := func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string{}, heard...)
	}
	p, ended := launchShell(t, `(trap 'echo more >&2; exit' USR1; echo one >&2; while :; do sleep 0.05; done) & sleep 0.1; echo two >&2; printf three >&2; exit 3`,
		func(line string) {
			time.Sleep(300 * time.Millisecond)
			mu.Lock()
			defer mu.Unlock()
			heard = append(heard, line)
		})
	<-ended
	if diff := cmp.Diff([]string{"one", "two", "three"}, taken()); diff != "" {
		t.Errorf("heard (-want +got):\n%s", diff)
	}
	p.signalGroup(syscall.SIGUSR1)
	// The shell tells of the end of its sleep, too.
	soon(t, "more", func() bool { return slices.Contains(taken(), "more") })
	p.log.catchUp() // there is nothing to wait for any more
}

// TestFinishReminds: a child that has missed the signal to finish gets it again.
func TestFinishReminds(t *testing.T) {
	ready := make(chan struct{})
	p, _ := launchShell(t, `trap 'trap "exit 0" USR1' USR1; echo ready >&2; while :; do sleep 0.05; done`, func(string) { close(ready) })
	<-ready
	if inTime, err := p.finish(t.Context(), syscall.SIGUSR1, patience); !inTime || err != nil || p.err != nil {
		t.Errorf("in time %t, %v, %v", inTime, err, p.err)
	}
	if inTime, err := p.finish(t.Context(), syscall.SIGUSR1, patience); !inTime || err != nil {
		t.Errorf("after the end: in time %t, %v", inTime, err)
	}
}

// TestEndForeign: a process that does not obey is killed together with its children.
func TestEndForeign(t *testing.T) {
	cmd := exec.Command("/bin/sh", "-c", `trap "" TERM; sleep 600 & echo ready; wait`)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer endGroup(cmd)
	if _, err := io.ReadFull(output, make([]byte, len("ready\n"))); err != nil {
		t.Fatal(err)
	}
	heard := make(chan error, 1)
	go func() {
		_, err := io.ReadAll(output) // it ends when both have ended
		_ = cmd.Wait()               // it was killed
		heard <- err
	}()
	if err := endForeign(cmd.Process.Pid); err != nil {
		t.Error(err)
	}
	select {
	case err := <-heard:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Error("a child lives")
	}
}
