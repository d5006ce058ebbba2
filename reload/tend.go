package reload

import (
	"fmt"
	"time"
)

// What is looked at, at each heartbeat: the link to the tree in place, and its files if there are only a few. Every so many heartbeats
// all files are.
const (
	fewFiles   = 2000
	inspection = 15
)

// tend makes the work dir anew if it has gone.
func (a *Applier) tend() {
	mended, err := a.store.mend()
	if err != nil {
		if a.workDirErr == nil || a.workDirErr.Error() != err.Error() {
			a.log.Error("work dir unusable", "error", err)
		}
		a.workDirErr = err
		a.report(a.status.read().Err)
		return
	}
	if a.workDirErr != nil {
		a.workDirErr = nil
		a.report(a.status.read().Err)
	}
	if !mended {
		return
	}
	a.log.Warn("the work dir was damaged and has been made anew", "work_dir", a.store.dir)
	if a.opts.Mended != nil {
		if err := a.opts.Mended(); err != nil {
			a.log.Warn("something in the work dir could not be put back", "error", err)
		}
	}
}

// inspect looks after the work dir and says what is wrong with the tree in place.
func (a *Applier) inspect() string {
	a.tend()
	a.beats++
	tree := a.place
	if len(tree.Files) > fewFiles && a.beats%inspection != 0 {
		tree.Files = nil
	}
	return a.store.damage(tree)
}

// alive notes that the Applier does something.
func (a *Applier) alive() { a.pulse.Store(time.Now().UnixNano()) }

// LastSign is when the Applier was last seen to do something. It does something every few seconds, except while the proxy's own checker
// works and while a proxy is stopped. It may be asked while the Applier is stuck.
func (a *Applier) LastSign() time.Time { return time.Unix(0, a.pulse.Load()) }

// maxFailures is how many tries to start a proxy may fail in a row before a new start of everything is the better way: some four minutes
// with the pauses in between.
const maxFailures = 20

// fault says why this Applier cannot do its work any more, nil if it can.
func (a *Applier) fault() error {
	switch {
	case a.workDirErr != nil:
		return a.workDirErr
	case a.failures >= maxFailures && a.opts.Proxy.Lost() != nil:
		return fmt.Errorf("the proxy was started or told %d times in a row and never served", a.failures)
	default:
		return nil
	}
}
