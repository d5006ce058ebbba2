package watch

import (
	"context"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
)

// Source is a place that objects come from. [Run] drives it.
type Source interface {
	// Watch follows the source until ctx is done, and then returns nil. It calls changed once when everything was read for the first
	// time, and afterwards whenever the Snapshot is no longer what it was. changed returns at once and may be called from several
	// goroutines. An error means that the source cannot be followed at all; what can pass is retried and shows in State.
	Watch(ctx context.Context, changed func()) error
	// Snapshot returns the newest state and the remarks about it. It must not be called before changed was.
	Snapshot() (*manifest.Snapshot, diag.List)
	// State says how the source is doing. It may be called at any time.
	State() State
}

// State says how a Source is doing; readiness and metrics report it.
type State struct {
	// Synced says that everything was read at least once.
	Synced bool
	// Connected says that changes would be noticed: the API server answers, the folders can be read. The last Snapshot stays good
	// while it is false.
	Connected bool
	// Problem says in words what keeps the source from being connected or synced; empty if nothing does.
	Problem string
}

// Delivery takes a new Snapshot and the remarks about it. Deliveries never overlap: what changes while one is under way is in the next.
type Delivery func(ctx context.Context, snapshot *manifest.Snapshot, remarks diag.List)

// Run follows a source until ctx is done. The first Snapshot is delivered as soon as the source is synced, later ones when the changes
// pause or have gone on for long enough, as timing says.
func Run(ctx context.Context, source Source, timing Timing, deliver Delivery) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	signal := newSignal()
	delivered := make(chan struct{})
	go func() {
		defer close(delivered)
		timing.each(ctx, signal, func() {
			snapshot, remarks := source.Snapshot()
			deliver(ctx, snapshot, remarks)
		})
	}()
	err := source.Watch(ctx, signal.raise)
	cancel()
	<-delivered
	return err
}
