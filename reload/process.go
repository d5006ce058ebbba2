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
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
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
	log  *childLog
	// answered is set by whoever has heard that the child serves.
	answered atomic.Bool
}

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
	// ended is called when the child has ended and everything that it has said was heard.
	ended func(error)
}

// launch starts a child and listens to its stderr.
func launch(cmd *exec.Cmd, w watcher) (*process, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stderr = write
	log := &childLog{write: write, marks: map[string]chan struct{}{}}
	process, err := startProcess(cmd, log, w)
	if err != nil {
		return nil, errors.Join(err, write.Close(), read.Close())
	}
	go log.hear(read, w.line)
	return process, nil
}

// startProcess starts a child that does not outlive this process: it receives SIGTERM when we die. The kernel ties that to the thread
// that forked, so the thread is kept for as long as the child lives.
func startProcess(cmd *exec.Cmd, log *childLog, w watcher) (*process, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	p := &process{done: make(chan struct{}), log: log}
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
		log.catchUp()
		_ = log.write.Close() // nothing but marks was written to it
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
	case <-t.C:
	case <-ctx.Done():
	}
	return !p.alive()
}

// killTimeout is how long a process may take to obey SIGTERM.
const killTimeout = 3 * time.Second

// reminder is after how long a child is asked for the second time to finish; the pauses double. A worker of HAProxy that sleeps may miss
// a signal until something else wakes it.
const reminder = time.Second

// finish asks the child to finish its requests, and ends it when the limit is over. It reports whether the child did it in time.
func (p *process) finish(ctx context.Context, sig syscall.Signal, limit time.Duration) (bool, error) {
	end := time.Now().Add(limit)
	for pause := reminder; time.Now().Before(end) && ctx.Err() == nil; pause *= 2 {
		if err := p.signal(sig); err != nil && !errors.Is(err, syscall.ESRCH) {
			return false, fmt.Errorf("sending %s: %w", unix.SignalName(sig), err)
		}
		if p.wait(ctx, min(pause, time.Until(end))) {
			return true, nil
		}
	}
	p.signalGroup(syscall.SIGTERM)
	if !p.wait(context.WithoutCancel(ctx), killTimeout) {
		p.signalGroup(syscall.SIGKILL)
		<-p.done
	}
	return false, nil
}

// endForeign ends a process that is not our child, together with its children if it leads a group, as the proxies do that we start.
func endForeign(pid int) error {
	whom := pid
	if group, err := syscall.Getpgid(pid); err == nil && group == pid && pid > 1 { // -1 would be everybody
		whom = -group
	}
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		if err := syscall.Kill(whom, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
			return err
		}
		if waitGone(pid, killTimeout) {
			return nil
		}
	}
	return fmt.Errorf("process %d does not end", pid)
}

// childLog is the stderr of a child. Its writing end is open on our side, too: a mark that comes out at the other end shows that
// everything before it was read, although the child's children may still hold the log open.
type childLog struct {
	write *os.File

	mu    sync.Mutex
	count int
	marks map[string]chan struct{} // those on their way
}

// hear reads the log to its end.
func (l *childLog) hear(read io.ReadCloser, line func(string)) {
	defer read.Close()
	rest := eachLine(read, func(text string) {
		said, mark, _ := strings.Cut(text, "\x00")
		passed, ours := l.take(mark)
		switch {
		case !ours:
			line(text)
			return
		case said != "":
			line(said)
		}
		close(passed)
	})
	if rest != "" {
		line(rest)
	}
}

// take takes a mark off the way, if it is one of ours. The channel is to be closed when everything before it was heard.
func (l *childLog) take(mark string) (passed chan struct{}, ours bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	passed, ours = l.marks[mark]
	delete(l.marks, mark)
	return passed, ours
}

// hearing bounds the wait for a log to be read: whoever our own log goes to may be stuck.
const hearing = 10 * time.Second

// catchUp waits until everything that is in the log by now was read.
func (l *childLog) catchUp() {
	passed := make(chan struct{})
	l.mu.Lock()
	l.count++
	mark := strconv.Itoa(l.count)
	l.marks[mark] = passed
	l.mu.Unlock()
	go func() {
		if _, err := io.WriteString(l.write, "\x00"+mark+"\n"); err != nil {
			close(passed) // the child has ended, and its log was read then
		}
	}()
	select {
	case <-passed:
	case <-time.After(hearing):
	}
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

// waitGone waits until a process that is not our child has ended, and reports whether it has. Time that the machine stands still does not
// count.
func waitGone(pid int, limit time.Duration) bool {
	const pause = 20 * time.Millisecond
	for range limit / pause {
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			return true
		}
		time.Sleep(pause)
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
