package reload

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/render"
)

// Options configure an [Applier].
type Options struct {
	// WorkDir is the folder for generations. It is made if it is not there, and belongs to one Applier alone.
	WorkDir string
	// Proxy is what is to serve the generations.
	Proxy Proxy
	// Marker returns the files with what makes the proxy answer with the id of its generation. What it adds must be read by the proxy
	// before everything else, so that the answer vouches for the whole tree. The given files stay as they are. An error counts as a
	// refusal of the files.
	Marker func(generation string, files []render.File) ([]render.File, error)
	// ConfirmTimeout is how long the proxy may take to serve a small generation before the wait is given up for the time being; 30 s if
	// zero. Larger ones get more time, see [Allowance].
	ConfirmTimeout time.Duration
	// OldWorkersWait is how long the oldest of the proxy's old processes may finish its connections, if there are as many as there may be
	// and a change waits; 30 s if zero. Then the oldest are ended.
	OldWorkersWait time.Duration
	// Keep is how many trees stay on disk besides those in place and last good; 3 if zero.
	Keep int
	// Mended, if not nil, is called when the work dir was made anew because somebody had removed it; it may put back what else belongs
	// into it.
	Mended func() error
	// Log receives what happens; slog's default logger if nil.
	Log *slog.Logger
	// Observer is told what happens.
	Observer Observer
}

// Applier brings files to a proxy. Its methods may be used concurrently; work on the proxy is done one piece at a time.
type Applier struct {
	opts  Options
	store *store
	pace  pace
	log   *slog.Logger
	// turn is held by whoever works on the fields below.
	turn chan struct{}

	machine machine
	place   Tree // what `current` names
	good    Tree // what was confirmed last
	sure    bool // the proxy runs good, and nothing else has been asked of it since
	ready   bool // see Status
	// confirmedAt is when good was confirmed last.
	confirmedAt time.Time
	rejected    *RejectedError
	late        lateness
	backoff     backoff
	retry       *time.Timer
	misses      int
	beats       int // heartbeats so far
	failures    int // tries since the last confirmation that ended without a proxy that serves
	workDirErr  error
	// crowdedSince is when a change began to wait for old workers, zero if none waits; endedWorkers is how many were ended.
	crowdedSince time.Time
	reloads      reloadTimes
	endedWorkers int
	closed       bool
	status       statusBoard
	pulse        atomic.Int64 // when something was done last, in nanoseconds of Unix time
}

// ErrStopped is returned by an Applier whose Run has ended.
var ErrStopped = errors.New("the applier has been stopped")

// Open takes the work dir into possession. A generation that is already in place is kept as the last good one; [Applier.Run] makes
// the proxy serve it. Every opened Applier must be ended by Run or [Applier.Close].
func Open(opts Options) (*Applier, error) {
	if opts.Proxy == nil || opts.Marker == nil {
		return nil, errors.New("an applier needs a proxy and a marker")
	}
	if opts.Log == nil {
		opts.Log = slog.Default()
	}
	if opts.ConfirmTimeout == 0 {
		opts.ConfirmTimeout = 30 * time.Second
	}
	if opts.OldWorkersWait == 0 {
		opts.OldWorkersWait = 30 * time.Second
	}
	if opts.Keep == 0 {
		opts.Keep = 3
	}
	st, err := openStore(opts.WorkDir)
	if err != nil {
		return nil, err
	}
	a := &Applier{
		opts: opts, store: st, pace: defaultPace, log: opts.Log,
		turn: make(chan struct{}, 1), machine: machine{state: StateEmpty, before: StateEmpty},
		retry: time.NewTimer(time.Hour),
	}
	a.retry.Stop()
	a.alive()
	if err := a.adopt(); err != nil {
		return nil, errors.Join(err, st.close())
	}
	a.report(nil)
	return a, nil
}

// adopt finds out what an earlier Applier left in place. A tree that was in place without having been confirmed gives way to the one
// that was.
func (a *Applier) adopt() error {
	current, err := a.store.linked(linkCurrent)
	if err != nil {
		return err
	}
	good, err := a.store.linked(linkGood)
	if err != nil {
		return err
	}
	unconfirmed := good != "" && good != current
	if unconfirmed {
		current = good
	}
	if current == "" {
		return nil
	}
	tree := a.store.tree(current)
	if tree.Files, err = readTree(tree.Dir); err != nil {
		a.log.Warn("the configuration in place cannot be read; rendering it again", "generation", current, "error", err)
		return nil
	}
	a.place, a.good = tree, tree
	if unconfirmed {
		return a.placeAgain(tree)
	}
	return nil
}

// Apply brings the files to the proxy and waits until it serves them. On an error the Outcome still tells what is in place:
// a *RejectedError means that the proxy refused these files and what served before goes on serving, and no call with the same files
// will try them again; [Transient] tells the other errors.
func (a *Applier) Apply(ctx context.Context, files []render.File, reason string) (Outcome, error) {
	files = slices.Clone(files)
	render.SortFiles(files)
	if err := a.take(ctx); err != nil {
		return Outcome{}, err
	}
	defer a.give()
	j := &job{id: a.store.identify(files), files: files, reason: reason, began: time.Now()}
	switch {
	case a.rejected != nil && contentOf(a.rejected.Generation) == j.id:
		return Outcome{Generation: a.place.Generation, Unchanged: true}, a.rejected
	case contentOf(a.place.Generation) == j.id && a.machine.state == StateServing:
		a.settle()
		return Outcome{Generation: a.place.Generation, Unchanged: true}, nil
	case contentOf(a.place.Generation) == j.id:
		a.rejected = nil
		a.drive(ctx, a.resumption(), j)
	default:
		if err := a.makeRoom(ctx); err != nil {
			return Outcome{Generation: a.place.Generation}, err
		}
		a.drive(ctx, offered, j)
	}
	j.outcome.Generation = a.place.Generation
	j.outcome.Duration = time.Since(j.began)
	return j.outcome, j.err
}

// Status returns the present state.
func (a *Applier) Status() Status { return a.status.read() }

// OldWorkers counts the processes of the proxy that are finishing their last connections after a reload.
func (a *Applier) OldWorkers(ctx context.Context) (int, error) { return a.opts.Proxy.OldWorkers(ctx) }

// Listens reports whether the proxy may hold the ports of the generation in place: it serves that, has not been asked yet, is late, or
// serves another one until it can reload. It waits for the work that is under way.
func (a *Applier) Listens(ctx context.Context) bool {
	if a.take(ctx) != nil {
		return false
	}
	defer a.give()
	return a.machine.state == StateServing || a.late.err != nil || !a.crowdedSince.IsZero() || a.machine.state == StateEmpty && a.place.Generation != ""
}

// resumption is the event by which the generation in place is made to serve.
func (a *Applier) resumption() event {
	if a.machine.state == StateEmpty {
		return found
	}
	return retried
}

// take waits for the turn.
func (a *Applier) take(ctx context.Context) error {
	select {
	case a.turn <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("waiting for an earlier change: %w", ctx.Err())
	}
	if a.closed {
		a.give()
		return ErrStopped
	}
	return nil
}

func (a *Applier) give() { <-a.turn }

// settle makes a rejected generation welcome again and forgets older trouble: what is in place has been offered since.
func (a *Applier) settle() {
	if a.rejected != nil || a.status.read().Err != nil {
		a.rejected = nil
		a.report(nil)
	}
}

// trouble is why the proxy does not serve, nil while it does. Until the proxy has confirmed something the reason stays in the status, also
// while it is tried again.
func (a *Applier) trouble() error {
	if a.ready {
		return nil
	}
	return a.status.read().Err
}

// job is one walk through the state machine. Its id is that of the bytes alone, or of the tree in place.
type job struct {
	id      string
	files   []render.File
	reason  string
	tree    Tree
	began   time.Time
	outcome Outcome
	err     error
	// untouched says that nothing was done to the proxy: what it served it serves.
	untouched bool
}

// warn adds what the checker warned of.
func (j *job) warn(l diag.List) { j.outcome.Diagnostics = append(j.outcome.Diagnostics, l...) }
