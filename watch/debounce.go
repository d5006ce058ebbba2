package watch

import (
	"context"
	"time"
)

// DefaultTiming suits a folder that an editor writes to and a cluster during a rollout.
var DefaultTiming = Timing{Quiet: 100 * time.Millisecond, Ceiling: 2 * time.Second}

// Timing says when changes are worth a delivery.
//
//	change   |  |||  |                    | | | | | | | | | | | |
//	         quiet->x                     <-- ceiling -->x        quiet->x
type Timing struct {
	// Quiet is how long nothing must change before a delivery. Zero delivers each change at once.
	Quiet time.Duration
	// Ceiling is how long after the first change a delivery comes even if changes do not pause. Less than Quiet means Quiet.
	Ceiling time.Duration
}

// signal says that something happened since it was last taken. Any number of raises make one.
type signal chan struct{}

func newSignal() signal { return make(signal, 1) }

func (s signal) raise() {
	select {
	case s <- struct{}{}:
	default:
	}
}

// drain forgets what was raised so far.
func (s signal) drain() {
	select {
	case <-s:
	default:
	}
}

// each calls act for the first change at once, and then whenever changes have settled, until ctx is done.
func (t Timing) each(ctx context.Context, changed signal, act func()) {
	for first := true; ; first = false {
		select {
		case <-ctx.Done():
			return
		case <-changed:
		}
		if !first && !t.settle(ctx, changed) {
			return
		}
		act()
	}
}

// settle waits until changes pause or the ceiling is reached; false means that ctx ended first.
func (t Timing) settle(ctx context.Context, changed signal) bool {
	quiet := time.NewTimer(t.Quiet)
	defer quiet.Stop()
	ceiling := time.NewTimer(max(t.Ceiling, t.Quiet))
	defer ceiling.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-changed:
			quiet.Reset(t.Quiet)
		case <-quiet.C:
			return true
		case <-ceiling.C:
			return true
		}
	}
}
