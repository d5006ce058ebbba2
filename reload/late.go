package reload

import (
	"errors"
	"time"

	"github.com/headgate/headgate/render"
)

// What a proxy may take longer for a large configuration than for a small one. On one slow core nginx reads and serves some 3,000 files
// or 10 MB in a second; ten times as much is allowed.
const (
	allowancePerFile = 3 * time.Millisecond
	allowancePerMB   = time.Second
)

// Allowance is how much longer than a small configuration a proxy may take to check or to serve these files.
func Allowance(files []render.File) time.Duration {
	size := 0
	for _, f := range files {
		size += len(f.Data)
	}
	return time.Duration(len(files))*allowancePerFile + time.Duration(size)*allowancePerMB/(1<<20)
}

// limit is how long the proxy may take to serve the generation in place.
func (a *Applier) limit() time.Duration { return a.opts.ConfirmTimeout + Allowance(a.place.Files) }

// maxLateWait bounds the pauses between two tries to tell a proxy that is late.
const maxLateWait = 10 * time.Minute

// lateness is what is known of a proxy that was told of the generation in place and does not answer with it. It is asked often, but told
// seldom: each time costs a slow one all its work once more.
type lateness struct {
	err    *LateError
	wait   time.Duration
	tellAt time.Time
}

// note takes the result of a try to tell.
func (l *lateness) note(err error, limit time.Duration, now time.Time) {
	var late *LateError
	if !errors.As(err, &late) {
		*l = lateness{}
		return
	}
	l.err, l.wait = late, min(max(2*l.wait, limit), max(limit, maxLateWait))
	l.tellAt = now.Add(l.wait)
}

// waits reports whether the proxy, which has answered with another generation or with an error, need not be told again yet. One that has
// gone, refuses or has changed has to be.
func (l *lateness) waits(err error, now time.Time) bool {
	if l.err == nil || !now.Before(l.tellAt) {
		return false
	}
	var (
		no     *ReloadError
		absent *UnreachableError
		drift  *DriftError
	)
	return !errors.As(err, &no) && !errors.As(err, &absent) && !errors.As(err, &drift)
}
