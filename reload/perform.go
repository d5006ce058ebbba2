package reload

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/headgate/headgate/render"
)

// drive feeds events to the machine and performs its actions until it rests.
func (a *Applier) drive(ctx context.Context, e event, j *job) {
	if j.err == nil {
		j.err = a.trouble()
	}
	for e != none {
		from := a.machine.state
		next, err := a.machine.step(e)
		if err != nil {
			a.log.Error("event dropped", "error", err)
			break
		}
		a.log.Debug("state changed", "from", from, "event", e, "to", a.machine.state, "action", next)
		e = a.perform(ctx, next, j)
	}
	a.report(j.err)
}

// perform does one action and says what came of it.
func (a *Applier) perform(ctx context.Context, what action, j *job) event {
	a.alive()
	switch what {
	case stage:
		return a.stage(ctx, j)
	case switchOver:
		return a.switchOver(ctx, j)
	case resume:
		return a.resume(ctx, j)
	case restore:
		return a.restore(ctx, j)
	case keepAsGood:
		a.keepAsGood(j)
	case reject:
		a.reject(j, j.id)
	case pause:
		a.pause(j)
	case rest:
		a.log.Error("configuration not put in place", "generation", j.id, "reason", j.reason, "error", j.err)
	}
	return none
}

// stage writes the tree and has it checked.
func (a *Applier) stage(ctx context.Context, j *job) event {
	a.rejected = nil
	a.report(j.err)
	if err := a.write(j); err != nil {
		j.err = err
		var no *CheckError
		if errors.As(err, &no) {
			return refused
		}
		return broken
	}
	tree := j.tree
	a.pulse.Store(time.Now().Add(Allowance(tree.Files)).UnixNano())
	warnings, err := a.opts.Proxy.Check(ctx, tree)
	j.warn(warnings)
	var no *CheckError
	switch {
	case err == nil:
		return accepted
	case errors.As(err, &no):
		j.err = no
		return refused
	default:
		j.err = fmt.Errorf("checking the configuration: %w", err)
		return broken
	}
}

// write writes the tree of the job, under an id that no other one has.
func (a *Applier) write(j *job) error {
	if a.tend(); a.workDirErr != nil {
		return a.workDirErr
	}
	id, err := a.store.unused(j.id, a.place.Generation, a.good.Generation)
	if err != nil {
		return err
	}
	files, err := a.opts.Marker(id, j.files)
	if err != nil {
		return &CheckError{Generation: id, Text: err.Error()}
	}
	j.id = id
	j.tree, err = a.store.stage(id, a.fit(files), a.good)
	return err
}

// fit gives the proxy the last word about files.
func (a *Applier) fit(files []render.File) []render.File {
	if proxy, ok := a.opts.Proxy.(Fitter); ok {
		return proxy.Fit(files)
	}
	return files
}

// switchOver puts the staged tree in place and has the proxy take it over.
func (a *Applier) switchOver(ctx context.Context, j *job) event {
	if err := a.store.link(linkCurrent, j.tree.Generation); err != nil {
		j.err = err
		return broken
	}
	a.place, a.late = j.tree, lateness{}
	return a.bring(ctx, j)
}

// resume asks the proxy first: after a restart of Headgate, or of the proxy, it may serve the generation in place already.
func (a *Applier) resume(ctx context.Context, j *job) event {
	a.tend()
	why := a.store.damage(a.place)
	if why == "" {
		id, err := a.inquire(ctx)
		var mute *MuteError
		switch {
		case err == nil && id == a.place.Generation:
			j.outcome.Applied = Applied{Method: MethodNone}
			j.err = nil
			return confirmed
		case errors.As(err, &mute):
			why = mute.Text
		case a.late.waits(err, time.Now()):
			j.err = a.late.err
			return unreachable
		}
	}
	if why != "" {
		a.log.Warn("re-applying the configuration in place", "generation", a.place.Generation, "why", why)
		if err := a.placeAgain(a.place); err != nil {
			j.err, j.untouched = err, true
			return broken
		}
	}
	return a.bring(ctx, j)
}

// placeAgain puts a tree in place under an id that it has not had before: whoever answers with that has read all of it since.
func (a *Applier) placeAgain(tree Tree) error {
	if a.workDirErr != nil {
		return a.workDirErr
	}
	content := contentOf(tree.Generation)
	id, err := a.store.unused(content, tree.Generation, a.place.Generation, a.good.Generation)
	if err != nil {
		return err
	}
	files := slices.Clone(tree.Files)
	for i := range files {
		// The id stands in the marker and nowhere else.
		files[i].Data = bytes.ReplaceAll(files[i].Data, []byte(tree.Generation), []byte(id))
	}
	fresh, err := a.store.stage(id, a.fit(files), Tree{})
	if err == nil {
		err = a.store.link(linkCurrent, id)
	}
	if err != nil {
		return err
	}
	a.place, a.late = fresh, lateness{}
	if contentOf(a.good.Generation) == content {
		a.good = fresh
	}
	return nil
}

// inquire asks the proxy for its generation, and again if the answer is late: a busy machine is no reason for a reload.
func (a *Applier) inquire(ctx context.Context) (string, error) {
	for tries := 1; ; tries++ {
		id, err := a.opts.Proxy.Generation(ctx)
		var late interface{ Timeout() bool }
		if tries == maxMisses || !errors.As(err, &late) || !late.Timeout() || ctx.Err() != nil {
			return id, err
		}
	}
}

// restore puts the last good tree back in place of the one in place.
func (a *Applier) restore(ctx context.Context, j *job) event {
	a.reject(j, a.place.Generation)
	j.outcome.RolledBack = true
	// A proxy that has refused one tree is reading none, so the other one needs no id that it has not had before.
	if err := a.store.link(linkCurrent, a.good.Generation); err != nil {
		j.err = errors.Join(j.err, err)
		return broken
	}
	a.place, a.late = a.good, lateness{}
	verdict := j.err
	e := a.bring(ctx, j)
	if e == confirmed {
		j.err = verdict
	} else {
		j.err = fmt.Errorf("%w; nor could the last good configuration be brought back: %w", verdict, j.err)
	}
	return e
}

// bring has the proxy take over the tree in place and waits for it.
func (a *Applier) bring(ctx context.Context, j *job) event {
	a.report(j.err)
	began := time.Now()
	change := Change{To: a.place, Reason: j.reason}
	if a.sure {
		change.From = a.good
	}
	a.sure = false
	applied, err := a.tell(ctx, change)
	var drift *DriftError
	if errors.As(err, &drift) {
		// Somebody else has started, reloaded or changed the proxy in the meantime.
		a.log.Warn("re-applying the configuration", "error", err)
		change.From = Tree{}
		applied, err = a.tell(ctx, change)
	}
	var crowded *CrowdedError
	if ender, ok := a.opts.Proxy.(Ender); ok && errors.As(err, &crowded) {
		if err = a.waitOrEnd(ctx, ender, crowded.Leftover); err != nil {
			j.err = err
			return unreachable
		}
		applied, err = a.tell(ctx, change)
	}
	a.crowded(time.Time{})
	if applied.Method == MethodReload {
		a.reloads.note(time.Now())
	}
	j.outcome.Applied = applied
	j.err = err
	a.attempted(Attempt{Generation: a.place.Generation, Reason: j.reason, Applied: applied, Duration: time.Since(began), Err: err})
	var no *ReloadError
	switch {
	case err == nil:
		return confirmed
	case !errors.As(err, &no):
		a.late.note(err, a.limit(), time.Now())
		return unreachable
	case a.good.Generation == "" || contentOf(a.good.Generation) == contentOf(a.place.Generation):
		return cornered
	default:
		return failed
	}
}

// tell has the proxy take a change over and waits until it has.
func (a *Applier) tell(ctx context.Context, change Change) (Applied, error) {
	applied, err := a.opts.Proxy.Apply(ctx, change)
	if err == nil {
		err = a.confirm(ctx)
	}
	return applied, err
}

// confirm waits until the proxy serves the generation in place. When the time is over it is asked once more: it may have come to serve
// while this process did not run.
func (a *Applier) confirm(ctx context.Context) error {
	limit := a.limit()
	if a.late.err != nil {
		limit = min(limit, a.pace.heartbeat) // it was waited for; now it is only asked from time to time
	}
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	over := false
	for wait := a.pace.confirmMin; ; wait = min(wait*5/4, a.pace.confirmMax) {
		id, err := a.opts.Proxy.Generation(ctx)
		a.alive()
		var no *ReloadError
		var drift *DriftError
		if errors.As(err, &no) || errors.As(err, &drift) || err == nil && id == a.place.Generation {
			return err
		}
		if over {
			return a.unconfirmed(id, err, limit)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for the proxy: %w", ctx.Err())
		case <-deadline.C:
			over = true
		case <-time.After(wait):
		}
	}
}

// unconfirmed explains a wait in vain by the last answer.
func (a *Applier) unconfirmed(id string, err error, waited time.Duration) error {
	var absent *UnreachableError
	if errors.As(err, &absent) {
		return absent
	}
	return &LateError{Generation: a.place.Generation, Serving: id, Waited: waited, Err: err}
}

// keepAsGood notes that the generation in place serves.
func (a *Applier) keepAsGood(j *job) {
	a.retry.Stop()
	a.backoff.served(time.Now())
	a.misses, a.late, a.failures = 0, lateness{}, 0
	a.good, a.sure, a.ready, a.confirmedAt = a.place, true, true, time.Now()
	if err := a.store.link(linkGood, a.good.Generation); err != nil {
		a.log.Warn("last good generation not noted on disk", "generation", a.good.Generation, "error", err)
	}
	if err := a.store.prune(a.opts.Keep, a.place.Generation); err != nil {
		a.log.Warn("old generations not removed", "error", err)
	}
	a.log.Info("configuration serving", "generation", a.place.Generation, "method", j.outcome.Applied.Method, "why", j.outcome.Applied.Why,
		"reason", j.reason, "rolled_back", j.outcome.RolledBack, "duration", time.Since(j.began))
}

// reject remembers that the proxy does not want a generation.
func (a *Applier) reject(j *job, id string) {
	e := &RejectedError{Generation: id, Err: j.err}
	if a.ready {
		e.Serving = a.good.Generation
	}
	a.rejected, j.err = e, e
	a.log.Error("configuration rejected", "generation", id, "serving", e.Serving, "reason", j.reason, "error", e.Err)
}

// pause sets the time of the next try. A proxy that is late with a newer generation and answers with the last good one serves traffic.
func (a *Applier) pause(j *job) {
	var late *LateError
	var crowded *CrowdedError
	waits := errors.As(j.err, &crowded)
	serves := j.untouched || waits || errors.As(j.err, &late) && late.Serving != "" && contentOf(late.Serving) == contentOf(a.good.Generation)
	a.sure, a.ready = false, a.ready && serves
	wait := a.pace.heartbeat
	if late == nil && !waits {
		if !j.untouched {
			a.failures++
		}
		wait = a.backoff.next(time.Now(), a.pace)
	}
	a.retry.Reset(wait)
	if waits {
		return // which was said when it began
	}
	a.log.Error("proxy not serving the configuration", "generation", a.place.Generation, "retry_in", wait, "error", j.err)
}
