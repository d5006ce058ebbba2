package watch

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
)

// DefaultRefresh is how often the targets of ExternalName Services are looked up.
const DefaultRefresh = 5 * time.Second

// NamesOptions says how the targets of ExternalName Services are resolved.
type NamesOptions struct {
	// Refresh is how often each name is looked up. Zero means DefaultRefresh.
	Refresh time.Duration
	// Resolver answers. Nil asks the name servers of /etc/resolv.conf, with its search list and ndots.
	Resolver *net.Resolver
	// Log hears about names that cannot be resolved. Nil means slog.Default.
	Log *slog.Logger
}

// Names is a Source that adds to the Snapshots of another one what DNS says about the targets of ExternalName Services.
type Names struct {
	source  Source
	lookups *lookups

	mu        sync.Mutex
	announced bool
}

// NewNames wraps a source.
func NewNames(source Source, options NamesOptions) *Names {
	if options.Refresh <= 0 {
		options.Refresh = DefaultRefresh
	}
	if options.Resolver == nil {
		options.Resolver = &net.Resolver{PreferGo: true}
	}
	if options.Log == nil {
		options.Log = slog.Default()
	}
	return &Names{source: source, lookups: newLookups(options)}
}

// Watch follows the wrapped source and DNS. The names of the first Snapshot are looked up before it is announced, as far as they can be
// in a short time, so that a restart does not begin with Services that have no addresses.
func (n *Names) Watch(ctx context.Context, changed func()) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	synced := newSignal()
	var asking sync.WaitGroup
	asking.Go(func() {
		select {
		case <-ctx.Done():
		case <-synced:
			n.announce(ctx, changed)
			n.lookups.follow(ctx, changed)
		}
	})
	err := n.source.Watch(ctx, func() {
		if n.isAnnounced() {
			changed()
		} else {
			synced.raise()
		}
	})
	cancel()
	asking.Wait()
	return err
}

// announce waits for the first answers and then says that there is a state to look at.
func (n *Names) announce(ctx context.Context, changed func()) {
	snapshot, _ := n.source.Snapshot()
	n.lookups.want(targetsOf(snapshot))
	n.lookups.settle(ctx)
	n.mu.Lock()
	n.announced = true
	n.mu.Unlock()
	changed()
}

func (n *Names) isAnnounced() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.announced
}

// Snapshot returns what the wrapped source has, with the answers known so far. Names that are new in it are asked for, and their
// answers are a change of their own.
func (n *Names) Snapshot() (*manifest.Snapshot, diag.List) {
	snapshot, remarks := n.source.Snapshot()
	n.lookups.want(targetsOf(snapshot))
	if resolved := n.lookups.resolved(); len(resolved) > 0 {
		snapshot = snapshot.With(manifest.WithResolved(resolved))
	}
	return snapshot, remarks
}

// State is that of the wrapped source; it is synced when its names are.
func (n *Names) State() State {
	state := n.source.State()
	state.Synced = state.Synced && n.isAnnounced()
	return state
}

// targetsOf lists the names that DNS is asked for: in lower case, without a final dot, sorted.
func targetsOf(snapshot *manifest.Snapshot) []string {
	var names []string
	for _, service := range snapshot.Services {
		if service.Type != manifest.ServiceExternalName {
			continue
		}
		if name := strings.ToLower(strings.TrimSuffix(service.ExternalName, ".")); isAskable(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// isAskable refuses what DNS must not be asked for: addresses and the names of this machine.
func isAskable(name string) bool {
	if _, err := netip.ParseAddr(name); err == nil {
		return false
	}
	return name != "" && name != "localhost" && !strings.HasSuffix(name, ".localhost")
}
