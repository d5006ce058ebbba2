package reload

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// endOldest ends as many old workers, with the connections that they still have, and returns how many.
func (d *haproxyDriver) endOldest(ctx context.Context, n int) (int, error) {
	now, err := d.master.processes(ctx)
	if err != nil {
		return 0, fmt.Errorf("counting old workers: %w", err)
	}
	var errs []error
	ended := 0
	for _, pid := range slices.Backward(now.old) {
		if n--; n < 0 {
			break
		}
		if err := d.master.end(ctx, pid); err != nil {
			errs = append(errs, fmt.Errorf("worker %d: %w", pid, err))
			continue
		}
		ended++
	}
	return ended, errors.Join(errs...)
}

var (
	_ Ender = (*HAProxyChild)(nil)
	_ Ender = (*HAProxySidecar)(nil)
)

// EndOldest implements [Ender].
func (c *HAProxyChild) EndOldest(ctx context.Context, n int) (int, error) {
	return c.driver.endOldest(ctx, n)
}

// EndOldest implements [Ender].
func (s *HAProxySidecar) EndOldest(ctx context.Context, n int) (int, error) {
	return s.driver.endOldest(ctx, n)
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
