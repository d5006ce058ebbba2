package reload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
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

// absoluteBin makes the path of a binary independent of the folder that it is started in. A name without a slash is looked up as ever.
func absoluteBin(bin string) (string, error) {
	if !strings.Contains(bin, "/") {
		return bin, nil
	}
	path, err := filepath.Abs(bin)
	if err != nil {
		return "", fmt.Errorf("binary of the proxy: %w", err)
	}
	return path, nil
}

// watcher is what is done with a child's log and with its end.
type watcher struct {
	// line receives each line of the child's stderr.
	line func(string)
	// farewell is sent to the children of a child that has crashed: they may only finish the connections that they have.
	farewell syscall.Signal
	// ended is called when the child has ended and its log has been heard to the end.
	ended func(error)
}

// launch starts a child and listens to its stderr.
func launch(cmd *exec.Cmd, w watcher) (*process, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stderr = write
	heard := make(chan struct{})
	process, err := startProcess(cmd, heard, w)
	_ = write.Close() // the child has its own; nothing was written to this one
	if err != nil {
		return nil, errors.Join(err, read.Close())
	}
	go func() {
		defer close(heard)
		defer read.Close()
		eachLine(read, w.line)
	}()
	return process, nil
}

// startProcess starts a child that does not outlive this process: it receives SIGTERM when we die. The kernel ties that to the thread
// that forked, so the thread is kept for as long as the child lives.
func startProcess(cmd *exec.Cmd, heard <-chan struct{}, w watcher) (*process, error) {
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
		// Workers whose master has crashed would go on accepting connections.
		p.signalGroup(w.farewell)
		select {
		case <-heard:
		case <-time.After(lastWords):
		}
		close(p.done)
		w.ended(p.err)
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

// killTimeout is how long a process may take to obey SIGTERM.
const killTimeout = 3 * time.Second

// finish asks the child to finish its requests, and ends it when the limit is over. It reports whether the child did it in time.
func (p *process) finish(ctx context.Context, sig syscall.Signal, limit time.Duration) (bool, error) {
	if err := p.signal(sig); err != nil {
		return false, fmt.Errorf("sending %s: %w", unix.SignalName(sig), err)
	}
	if p.wait(ctx, limit) {
		return true, nil
	}
	p.signalGroup(syscall.SIGTERM)
	if !p.wait(context.WithoutCancel(ctx), killTimeout) {
		p.signalGroup(syscall.SIGKILL)
		<-p.done
	}
	return false, nil
}

// endForeign ends a process that is not our child.
func endForeign(pid int) error {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		if err := syscall.Kill(pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
			return err
		}
		if waitGone(pid, killTimeout) {
			return nil
		}
	}
	return fmt.Errorf("process %d does not end", pid)
}

// relay passes the lines of a child's log on.
type relay struct {
	mu sync.Mutex
	to io.Writer // nil for nowhere
}

// pass writes one line. A log that cannot be written must not stop the proxy.
func (r *relay) pass(line string) {
	if r.to == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	_, _ = io.WriteString(r.to, line+"\n") // see above
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
