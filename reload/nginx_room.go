package reload

import (
	"context"
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// endWorkers ends workers of nginx at once. A number that has passed to another process meanwhile is left alone.
func endWorkers(workers []nginxWorker) error {
	var errs []error
	for _, w := range workers {
		process, err := os.FindProcess(w.pid)
		if err != nil {
			continue // it has ended
		}
		if readStat(w.pid).started == w.started {
			if err := process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) && !errors.Is(err, unix.ESRCH) {
				errs = append(errs, err)
			}
		}
		_ = process.Release() // it only fails for a process that was released before
	}
	return errors.Join(errs...)
}

// oldPerWorker is how many old workers there may be for each one that serves, if nobody says otherwise: those of four reloads.
const oldPerWorker = 4

// leftoverOf counts the old workers of a master.
func leftoverOf(master, most int) Leftover {
	workers := workersOf(master)
	l := Leftover{Most: most}
	for _, w := range workers {
		if w.retiring {
			l.Old++
		}
	}
	l.Next = max(1, len(workers)-l.Old)
	if most == 0 {
		l.Most = oldPerWorker * l.Next
	}
	return l
}

// endOldestOf ends as many old workers of a master.
func endOldestOf(master, n int) (int, error) {
	old := retiringOf(master)
	n = min(n, len(old))
	return n, endWorkers(old[:n])
}

var (
	_ Leaver = (*NginxChild)(nil)
	_ Leaver = (*NginxSidecar)(nil)
)

// Leftover implements [Leaver].
func (c *NginxChild) Leftover(context.Context) (Leftover, error) {
	p := c.running()
	if !p.alive() {
		return Leftover{}, errNotRunning
	}
	return leftoverOf(p.pid, c.opts.MaxOldWorkers), nil
}

// EndOldest implements [Ender].
func (c *NginxChild) EndOldest(_ context.Context, n int) (int, error) {
	p := c.running()
	if !p.alive() {
		return 0, errNotRunning
	}
	return endOldestOf(p.pid, n)
}

// errNotRunning means that there are no workers, old or new.
var errNotRunning = errors.New("nginx is not running")

// Leftover implements [Leaver].
func (s *NginxSidecar) Leftover(context.Context) (Leftover, error) {
	pid, err := readPID(s.opts.PIDFile)
	if err != nil {
		return Leftover{}, err
	}
	return leftoverOf(pid, s.opts.MaxOldWorkers), nil
}

// EndOldest implements [Ender].
func (s *NginxSidecar) EndOldest(_ context.Context, n int) (int, error) {
	pid, err := readPID(s.opts.PIDFile)
	if err != nil {
		return 0, err
	}
	return endOldestOf(pid, n)
}
