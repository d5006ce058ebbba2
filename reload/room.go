package reload

import (
	"context"
	"fmt"
	"time"
)

// Ender is a [Proxy] whose old processes can be ended. Its Apply, or its Leftover, says when there are too many of them.
type Ender interface {
	// EndOldest ends as many of them, oldest first, with the connections that they have, and returns how many it has ended.
	EndOldest(ctx context.Context, n int) (int, error)
}

// Leaver is a [Proxy] that leaves processes behind, which finish their last connections, at every change.
type Leaver interface {
	Ender
	// Leftover says how many such processes there are, how many there may be, and how many one more reload leaves.
	Leftover(ctx context.Context) (Leftover, error)
}

// Leftover counts the processes that finish their last connections after reloads.
type Leftover struct {
	Old, Most, Next int
}

// full reports whether there are so many that another reload has to wait.
func (l Leftover) full() bool { return l.Old >= l.Most }

// CrowdedError means that a change waits because too many old processes of the proxy are finishing their last connections. It is to be
// offered again, or what comes after it.
type CrowdedError struct {
	Leftover
	// Left is how long it waits at most.
	Left time.Duration
}

// Error implements error.
func (e *CrowdedError) Error() string {
	return fmt.Sprintf("%d old workers of the proxy are finishing their connections, and %d may: the change waits until some have ended, for %s at most",
		e.Old, e.Most, e.Left.Round(time.Second))
}

// makeRoom sees to it that one more reload does not leave more processes behind than there may be. It asks the caller to wait for a
// while, and then ends the oldest.
func (a *Applier) makeRoom(ctx context.Context) error {
	proxy, ok := a.opts.Proxy.(Leaver)
	if !ok {
		return nil
	}
	left, err := proxy.Leftover(ctx)
	if err != nil || !left.full() {
		a.crowded(time.Time{})
		return nil //nolint:nilerr // without a proxy there are no old workers
	}
	return a.waitOrEnd(ctx, proxy, left)
}

// waitOrEnd asks the caller to wait, as long as it has not waited for long enough, and ends the oldest processes then.
func (a *Applier) waitOrEnd(ctx context.Context, proxy Ender, left Leftover) error {
	now := time.Now()
	if a.crowdedSince.IsZero() && a.reloads.since(left, now) < a.opts.OldWorkersWait {
		a.log.Warn("changes wait for old workers to end", "old_workers", left.Old, "most", left.Most, "at_most", a.opts.OldWorkersWait)
		a.crowded(now)
	}
	had := a.reloads.since(left, now)
	if !a.crowdedSince.IsZero() {
		had = max(had, now.Sub(a.crowdedSince))
	}
	if rest := a.opts.OldWorkersWait - had; rest > 0 {
		return &CrowdedError{left, rest}
	}
	n := left.Old - left.Most + left.Next
	a.log.Warn("the oldest old workers are ended", "count", n, "old_workers", left.Old, "most", left.Most)
	ended, err := proxy.EndOldest(ctx, n)
	if err != nil {
		a.log.Error("old workers not ended", "error", err)
	}
	a.endedWorkers += ended
	a.crowded(time.Time{})
	return nil
}

// reloadTimes are the times of the last reloads, the latest last. Of what was there before this process nothing is known.
type reloadTimes []time.Time

// maxReloadTimes is more than there are reloads whose old processes may stay.
const maxReloadTimes = 64

// note adds the time of a reload.
func (r *reloadTimes) note(now time.Time) {
	*r = append(*r, now)
	if len(*r) > maxReloadTimes {
		*r = (*r)[1:]
	}
}

// since is how long the oldest of the processes has been finishing its connections, at least: with those of n reloads there, the oldest
// was left by the n-th last one or by one before.
func (r reloadTimes) since(left Leftover, now time.Time) time.Duration {
	n := (left.Old + left.Next - 1) / max(1, left.Next)
	if n < 1 || n > len(r) {
		return 0
	}
	return now.Sub(r[len(r)-n])
}

// crowded notes since when changes wait; the zero time if they do not.
func (a *Applier) crowded(since time.Time) {
	if since != a.crowdedSince {
		a.crowdedSince = since
		a.report(a.status.read().Err)
	}
}
