package reload

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// process is a child in a process group of its own.
type process struct {
	pid int
	// done is closed when the child has ended; err is set by then.
	done chan struct{}
	err  error
}

// lastWords is how long the log of an ended process is waited for: its children may hold it open.
const lastWords = 200 * time.Millisecond

// startProcess starts a child that does not outlive this process: it receives SIGTERM when we die. The kernel ties that to the thread
// that forked, so the thread is kept for as long as the child lives. The end is made known, and ended called, when the child's log has
// been heard to its end.
func startProcess(cmd *exec.Cmd, heard <-chan struct{}, ended func(error)) (*process, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	p := &process{done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		p.pid = cmd.Process.Pid
		started <- nil
		p.err = cmd.Wait()
		// Workers whose master has crashed would go on accepting connections; they may only finish those they have.
		p.signalGroup(syscall.SIGQUIT)
		select {
		case <-heard:
		case <-time.After(lastWords):
		}
		close(p.done)
		ended(p.err)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// alive reports whether the child has not ended yet.
func (p *process) alive() bool {
	if p == nil {
		return false
	}
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// signal signals the child alone.
func (p *process) signal(sig syscall.Signal) error { return syscall.Kill(p.pid, sig) }

// signalGroup signals the child and its children. That there are none left is fine.
func (p *process) signalGroup(sig syscall.Signal) {
	_ = syscall.Kill(-p.pid, sig) // the only error is that nobody is left
}

// wait waits for the end of the child and reports whether it came in time.
func (p *process) wait(ctx context.Context, limit time.Duration) bool {
	t := time.NewTimer(limit)
	defer t.Stop()
	select {
	case <-p.done:
		return true
	case <-t.C:
	case <-ctx.Done():
	}
	return false
}

// waitGone waits until a process that is not our child has ended, and reports whether it has.
func waitGone(pid int, limit time.Duration) bool {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			return true
		}
	}
	return false
}

// removeSockets removes the sockets that a crashed process has left in a folder; a new one could not bind to them.
func removeSockets(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		if e.Type() == os.ModeSocket {
			errs = append(errs, os.Remove(dir+"/"+e.Name()))
		}
	}
	return errors.Join(errs...)
}
