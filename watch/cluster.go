package watch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

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
	log   *slog.Logger
	feeds []*feed

	mu       sync.Mutex
	problems map[*feed]error
	changed  func()
}

// NewCluster makes a Source of the objects in an API server. It does not connect yet.
func NewCluster(options ClusterOptions) (*Cluster, error) {
	clients, err := newClients(options.Config)
	if err != nil {
		return nil, fmt.Errorf("preparing to talk to the API server: %w", err)
	}
	c := &Cluster{log: options.Log, problems: map[*feed]error{}, changed: func() {}}
	if c.log == nil {
		c.log = slog.Default()
	}
	for _, scope := range scopesOf(options) {
		c.feeds = append(c.feeds, newFeed(clients, scope, c))
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

func (c *Cluster) synced() bool {
	return !slices.ContainsFunc(c.feeds, func(f *feed) bool { return !f.settled() })
}

// report notes how the last request of a feed went, and logs the turns.
func (c *Cluster) report(f *feed, err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	c.mu.Lock()
	before := c.problems[f]
	c.problems[f] = err
	c.mu.Unlock()
	switch {
	case err == nil && before != nil:
		c.log.Info("following objects again", "resource", f.name)
	case err != nil && before == nil:
		c.log.Warn("cannot follow objects; what was known before stays in force", "resource", f.name, "error", err)
	}
}

// Snapshot returns the objects of all kinds.
func (c *Cluster) Snapshot() (*manifest.Snapshot, diag.List) {
	var objects []manifest.Object
	var opts []manifest.Option
	var remarks diag.List
	for _, f := range c.feeds {
		// Asked before the objects are taken: of a first list that comes in between, nothing may be missing.
		forbidden := f.isForbidden()
		objects = f.store.appendTo(objects)
		if forbidden {
			opts = append(opts, manifest.WithClassesUnreadable())
			remarks.Add(diag.ClassesUnreadable.At(diag.Pos{}, diag.Ref{}, "",
				"IngressClasses may not be listed; Ingresses whose spec.ingressClassName is that of --ingress-class are taken, whatever the controller of the class"))
		}
	}
	snapshot, more := manifest.NewSnapshot(objects, opts...)
	remarks = append(remarks, more...)
	remarks.Sort()
	return snapshot, remarks
}

// State says whether all kinds were listed and whether the API server answered the last requests.
func (c *Cluster) State() State {
	state := State{Synced: c.synced(), Connected: true}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.feeds {
		err, asked := c.problems[f]
		if asked && (err == nil || f.isForbidden()) {
			continue
		}
		state.Connected = false
		if err != nil && state.Problem == "" {
			state.Problem = fmt.Sprintf("following %s: %v", f.name, err)
		}
	}
	return state
}
