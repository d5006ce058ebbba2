package reload

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// thinOut makes room for one more worker that finishes its connections: it waits a while for some to end, and then ends the oldest. Each of
// them holds the memory of a whole configuration, and with connections that last for hours there is one more after each reload, until
// hard-stop-after ends it.
func (d *haproxyDriver) thinOut(ctx context.Context, old []int) {
	if len(old) >= d.opts.MaxOldWorkers {
		old = d.awaitOld(ctx, old)
	}
	for len(old) >= d.opts.MaxOldWorkers {
		pid := old[len(old)-1]
		old = old[:len(old)-1]
		if err := d.master.end(ctx, pid); err != nil {
			d.opts.Log.Warn("an old worker of HAProxy could not be ended", "worker", pid, "err", err)
			continue
		}
		d.opts.Log.Warn("too many old workers; the oldest was ended with its connections", "worker", pid, "most", d.opts.MaxOldWorkers)
	}
}

// awaitOld waits until there are fewer old workers than there may be, and returns them.
func (d *haproxyDriver) awaitOld(ctx context.Context, old []int) []int {
	d.opts.Log.Warn("a reload waits for old workers to end", "old_workers", len(old), "most", d.opts.MaxOldWorkers, "at_most", d.opts.OldWorkersWait)
	for end := time.Now().Add(d.opts.OldWorkersWait); len(old) >= d.opts.MaxOldWorkers && time.Now().Before(end); {
		select {
		case <-ctx.Done():
			return old
		case <-time.After(100 * time.Millisecond):
		}
		if now, err := d.master.processes(ctx); err == nil {
			old = now.old
		}
	}
	return old
}

// end ends a worker at once. The master passes the command on, so that it does not matter whose number that is in which container.
func (m haproxyMaster) end(ctx context.Context, pid int) error {
	s, err := dialHAProxy(ctx, m.path)
	if err != nil {
		return err
	}
	defer s.close()
	// The master would go on with another worker if this one had gone in the meantime: "!" and a number mean one process.
	if err := s.send(fmt.Sprintf("@!%d\n", pid)); err != nil {
		return err
	}
	if _, prompt, err := s.receive(); err != nil || prompt != fmt.Sprintf("%d>", pid) {
		return errors.Join(err, fmt.Errorf("worker %d is not there any more", pid))
	}
	if _, err := s.ask("expert-mode on"); err != nil {
		return err
	}
	if err := s.send("debug dev exit 0\n"); err != nil {
		return err
	}
	return m.gone(ctx, pid)
}

// gone waits until the master has seen a worker end. Whoever lets go of the conversation before may take the command back with it.
func (m haproxyMaster) gone(ctx context.Context, pid int) error {
	for range 50 {
		now, err := m.processes(ctx)
		if err == nil && !slices.Contains(now.old, pid) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
	return errors.New("it was told to end and has not")
}
