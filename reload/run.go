package reload

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"
)

// pace is the timing of everything that is repeated.
type pace struct {
	confirmMin, confirmMax time.Duration // between two questions whether the new generation serves
	retryMin, retryMax     time.Duration // between two tries to revive a proxy
	heartbeat              time.Duration // between two questions whether it still serves
	stable                 time.Duration // a proxy that served as long as this is revived at once when it dies
}

var defaultPace = pace{
	confirmMin: 20 * time.Millisecond, confirmMax: 250 * time.Millisecond,
	retryMin: 100 * time.Millisecond, retryMax: 15 * time.Second,
	heartbeat: 2 * time.Second, stable: 10 * time.Second,
}

// maxMisses is how many heartbeats in a row may fail before the proxy counts as lost; under load one answer may be late.
const maxMisses = 3

// backoff lets the pauses between failures grow.
type backoff struct {
	wait  time.Duration
	since time.Time // of the last confirmation; zero if a failure came after it
}

// served notes a success. It does not reset the pause by itself: a proxy that starts well and dies a moment later must not be
// restarted in a tight loop.
func (b *backoff) served(now time.Time) { b.since = now }

// next returns how long to wait after a failure.
func (b *backoff) next(now time.Time, p pace) time.Duration {
	if !b.since.IsZero() && now.Sub(b.since) >= p.stable {
		b.wait = 0
	}
	b.since = time.Time{}
	b.wait = min(max(2*b.wait, p.retryMin), p.retryMax)
	return b.wait
}

// Run makes the proxy serve what is in place and keeps it alive until ctx is done: it restarts what has died and tries again what has
// failed. Then it stops the proxy gracefully and gives the work dir free.
func (a *Applier) Run(ctx context.Context) error {
	a.revive(ctx)
	heartbeat := time.NewTicker(a.pace.heartbeat)
	defer heartbeat.Stop()
	for {
		select {
		case <-ctx.Done():
			return a.Close()
		case <-a.opts.Proxy.Lost():
			a.look(ctx, maxMisses)
		case <-heartbeat.C:
			a.look(ctx, 1)
		case <-a.retry.C:
			a.revive(ctx)
		}
	}
}

// Close stops the proxy and gives the work dir free. [Applier.Run] does it at its end; only an Applier that is never run needs it.
func (a *Applier) Close() error {
	if err := a.take(context.Background()); err != nil {
		return err
	}
	defer a.give()
	a.closed = true
	a.pulse.Store(math.MaxInt64) // how long the proxy may take to end is its own affair
	a.retry.Stop()
	err := a.opts.Proxy.Stop(context.Background())
	if err != nil {
		err = fmt.Errorf("stopping the proxy: %w", err)
	}
	return errors.Join(err, a.store.close())
}

// revive makes the generation in place serve, if there is one that does not.
func (a *Applier) revive(ctx context.Context) {
	if a.take(ctx) != nil {
		return
	}
	defer a.give()
	if a.place.Generation == "" || a.machine.state == StateServing {
		return
	}
	reason := "retry"
	if a.machine.state == StateEmpty {
		reason = "start"
	}
	a.drive(ctx, a.resumption(), &job{id: a.place.Generation, reason: reason, began: time.Now()})
}

// look asks a serving proxy whether it still serves; a wrong answer weighs as many misses.
func (a *Applier) look(ctx context.Context, weight int) {
	if a.take(ctx) != nil {
		return
	}
	defer a.give()
	a.alive()
	if a.machine.state != StateServing {
		a.tend()
		return
	}
	if why := a.inspect(); why != "" {
		a.log.Error("the configuration in place was damaged", "generation", a.place.Generation, "why", why)
		a.drive(ctx, drifted, &job{id: a.place.Generation, reason: "repair", began: time.Now()})
		return
	}
	id, err := a.opts.Proxy.Generation(ctx)
	if ctx.Err() != nil {
		return
	}
	if err == nil && id == a.place.Generation {
		a.misses = 0
		return
	}
	var mute *MuteError
	if errors.As(err, &mute) && a.misses+weight >= maxMisses {
		a.misses = 0
		a.drive(ctx, drifted, &job{id: a.place.Generation, reason: "repair", began: time.Now()})
		return
	}
	var drift *DriftError
	if errors.As(err, &drift) {
		a.log.Error("proxy state drifted from the configuration; re-applying", "error", err)
		a.sure = false
		a.drive(ctx, drifted, &job{id: a.place.Generation, reason: "drift", began: time.Now()})
		return
	}
	if a.misses += weight; a.misses < maxMisses {
		return
	}
	a.misses = 0
	if err == nil {
		err = fmt.Errorf("the proxy serves generation %q instead of %q", id, a.place.Generation)
	}
	a.drive(ctx, lost, &job{id: a.place.Generation, reason: "proxy lost", began: time.Now(), err: fmt.Errorf("proxy lost: %w", err)})
}
