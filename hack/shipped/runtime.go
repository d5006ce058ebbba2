package shipped

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Runtime runs the command of a container again and again, as a kubelet does, until it is stopped. What a process leaves behind is killed
// each time: the end of a container's first process is the end of all.
type Runtime struct {
	container *Container
	binary    string

	mu      sync.Mutex
	process *exec.Cmd
	ended   chan struct{} // when the present process has ended
	starts  int
	stopped bool
	done    chan struct{}
	output  bytes.Buffer
}

// restartPause is the time between the end of a process and the next start; a kubelet waits longer.
const restartPause = 200 * time.Millisecond

// Keep starts the command of the container and restarts it when it ends, until the test ends.
func (c *Container) Keep(binary string) *Runtime {
	c.t.Helper()
	r := &Runtime{container: c, binary: binary, done: make(chan struct{})}
	if err := r.launch(); err != nil {
		c.t.Fatal(err)
	}
	go r.supervise()
	c.t.Cleanup(r.Stop)
	return r
}

// launch starts the command.
func (r *Runtime) launch() error {
	cmd := r.container.Command(r.binary)
	cmd.Stdout, cmd.Stderr = runtimeOutput{r}, runtimeOutput{r}
	cmd.WaitDelay = time.Second
	// The kernel would end it with the thread that starts it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.process, r.ended = cmd, make(chan struct{})
	r.starts++
	return nil
}

// supervise restarts the command when it has ended.
func (r *Runtime) supervise() {
	defer close(r.done)
	for {
		_ = r.process.Wait()                                      // how it ended does not matter
		_ = syscall.Kill(-r.process.Process.Pid, syscall.SIGKILL) // nobody may be left
		close(r.ended)
		time.Sleep(restartPause)
		if r.isStopped() || r.launch() != nil {
			return
		}
	}
}

func (r *Runtime) isStopped() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stopped
}

// PID is the first process of the container, and the number of its process group.
func (r *Runtime) PID() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.process.Process.Pid
}

// Starts is how often the command was started.
func (r *Runtime) Starts() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.starts
}

// Output is what the container has printed.
func (r *Runtime) Output() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.output.String()
}

// Crash kills everything in the container at once; it is restarted.
func (r *Runtime) Crash() { _ = syscall.Kill(-r.PID(), syscall.SIGKILL) } // it may have ended

// Terminate runs the preStop command and reports whether it alone made the container end before ctx is done. Sleeps in it are cut to a
// second: what is waited for there is a cluster.
func (r *Runtime) Terminate(ctx context.Context) (ended bool, err error) {
	r.mu.Lock()
	r.stopped = true
	over, pid := r.ended, r.process.Process.Pid
	r.mu.Unlock()
	hook := r.container.PreStop(r.binary)
	for i, word := range hook.Args {
		hook.Args[i] = fit(word, pid)
	}
	hook.SysProcAttr = nil
	if out, err := hook.CombinedOutput(); err != nil {
		return false, fmt.Errorf("%w: %s", err, out)
	}
	select {
	case <-over:
		return true, nil
	case <-ctx.Done():
		return false, nil
	}
}

var longSleep = regexp.MustCompile(`\bsleep [0-9]+`)

// fit makes a script of a preStop command fit for a machine: the first process of a container has the number 1 only inside.
func fit(script string, pid int) string {
	script = longSleep.ReplaceAllString(script, "sleep 1")
	return strings.ReplaceAll(script, "kill -USR1 1;", fmt.Sprintf("kill -USR1 %d;", pid))
}

// Stop kills the container and does not restart it.
func (r *Runtime) Stop() {
	r.mu.Lock()
	r.stopped = true
	r.mu.Unlock()
	for {
		if err := syscall.Kill(-r.PID(), syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			r.container.t.Fatalf("ending container %s: %v", r.container.spec.Name, err)
		}
		select {
		case <-r.done:
			return
		case <-time.After(restartPause): // it may have been started again just before
		}
	}
}

// runtimeOutput writes to the output of a Runtime.
type runtimeOutput struct{ r *Runtime }

// Write implements io.Writer.
func (w runtimeOutput) Write(p []byte) (int, error) {
	w.r.mu.Lock()
	defer w.r.mu.Unlock()
	return w.r.output.Write(p)
}
