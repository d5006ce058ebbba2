package watch

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"

	"github.com/go-logr/logr"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
)

// ClusterOptions says what a [Cluster] source follows and how.
type ClusterOptions struct {
	// Config says where the API server is and who we are.
	Config *rest.Config
	// Namespace limits all kinds that live in namespaces to one; empty means all namespaces.
	Namespace string
	// Also are ConfigMaps, Secrets and Services outside Namespace that settings name. They are followed one by one.
	Also []diag.Ref
	// Log hears what goes wrong with the connection. Nil means slog.Default.
	Log *slog.Logger
}

// Cluster is a Source that follows the objects in an API server. It goes on with what it last knew while the server does not answer,
// and keeps of each object only what a Snapshot holds.
type Cluster struct {
	log    *slog.Logger
	limits limits
	feeds  []*feed

	mu       sync.Mutex
	troubles map[*feed]*trouble
	changed  func()
}

// NewCluster makes a Source of the objects in an API server. It does not connect yet.
func NewCluster(options ClusterOptions) (*Cluster, error) {
	return newLimitedCluster(options, defaultLimits)
}

func newLimitedCluster(options ClusterOptions, limits limits) (*Cluster, error) {
	clients, err := newClients(options.Config, limits)
	if err != nil {
		return nil, fmt.Errorf("preparing to talk to the API server: %w", err)
	}
	c := &Cluster{log: options.Log, limits: limits, troubles: map[*feed]*trouble{}, changed: func() {}}
	if c.log == nil {
		c.log = slog.Default()
	}
	for _, scope := range scopesOf(options) {
		f := newFeed(clients, scope, c)
		c.feeds, c.troubles[f] = append(c.feeds, f), &trouble{}
	}
	return c, nil
}

// Watch follows the cluster until ctx is done.
func (c *Cluster) Watch(ctx context.Context, changed func()) error {
	c.mu.Lock()
	c.changed = changed
	c.mu.Unlock()
	// client-go logs through klog, each failure again and again.
	ctx = klog.NewContext(ctx, logr.FromSlogHandler(quiet{c.log.Handler()}))
	var running sync.WaitGroup
	for _, f := range c.feeds {
		running.Go(func() { f.run(ctx) })
	}
	running.Go(func() { c.remind(ctx) })
	running.Wait()
	return nil
}

// notice passes a change on, once there is a complete state to look at.
func (c *Cluster) notice() {
	if c.synced() {
		c.mu.Lock()
		changed := c.changed
		c.mu.Unlock()
		changed()
	}
}

func (c *Cluster) synced() bool { return len(c.awaited()) == 0 }

// awaited names what has not been listed yet.
func (c *Cluster) awaited() []string {
	var names []string
	for _, f := range c.feeds {
		if !f.settled() {
			names = append(names, f.name)
		}
	}
	return names
}

// The pauses between two reminders of what was not listed yet.
const (
	remindFirst = 30 * time.Second
	remindMax   = 10 * time.Minute
)

// remind says what everybody waits for, as long as there is no complete state: one kind that cannot be listed holds all up.
func (c *Cluster) remind(ctx context.Context) {
	for pause := remindFirst; ; pause = min(2*pause, remindMax) {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		names := c.awaited()
		if len(names) == 0 {
			return
		}
		c.log.Warn("nothing is rendered before all kinds were listed once", "waiting_for", names, "problem", c.State().Problem)
	}
}

// report takes a note of how a request went, and says so if the note is worth it.
func (c *Cluster) report(f *feed, note func(*trouble) (say bool)) {
	c.mu.Lock()
	t := c.troubles[f]
	say, err := note(t), t.err()
	c.mu.Unlock()
	switch {
	case say && err == nil:
		c.log.Info("watch restored", "resource", f.name)
	case say:
		c.log.Warn("watch failed; using the last known state", "resource", f.name, "error", err)
	}
}

// Snapshot returns the objects of all kinds.
func (c *Cluster) Snapshot() (*manifest.Snapshot, diag.List) {
	var objects []manifest.Object
	var opts []manifest.Option
	var lost []manifest.LostObject
	var remarks diag.List
	for _, f := range c.feeds {
		// Asked before the objects are taken: of a first list that comes in between, nothing may be missing.
		forbidden := f.isForbidden()
		objects = f.store.appendTo(objects)
		lost = f.store.appendUnlisted(lost, f.name)
		if forbidden {
			opts = append(opts, manifest.WithClassesUnreadable())
			remarks.Add(diag.ClassesUnreadable.At(diag.Pos{}, diag.Ref{}, "",
				"IngressClasses may not be listed; Ingresses whose spec.ingressClassName is that of --ingress-class are taken, whatever the controller of the class"))
		}
	}
	if len(lost) > 0 {
		opts = append(opts, manifest.WithLost(lost))
	}
	snapshot, more := manifest.NewSnapshot(objects, opts...)
	remarks = append(remarks, more...)
	remarks.Sort()
	return snapshot, remarks
}

// State says whether all kinds were listed and whether the API server answers.
func (c *Cluster) State() State {
	awaited := c.awaited()
	state := State{Synced: len(awaited) == 0, Connected: true}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.feeds {
		t := c.troubles[f]
		err := t.err()
		if t.asked && (err == nil || f.isForbidden()) {
			continue
		}
		state.Connected = false
		if err != nil && state.Problem == "" {
			state.Problem = fmt.Sprintf("following %s: %v", f.name, err)
		}
	}
	if state.Problem == "" && !state.Synced {
		state.Problem = "waiting for the first list of " + strings.Join(awaited, ", ")
	}
	return state
}
