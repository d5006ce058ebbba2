package watch

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/headgate/headgate/manifest"
)

const (
	// lookupTimeout bounds one look-up, and how long the first Snapshot waits for all of them.
	lookupTimeout = 2 * time.Second
	// maxBackoff bounds the pause after failing look-ups.
	maxBackoff = time.Minute
	// maxLookups is how many look-ups run at the same time.
	maxLookups = 16
)

// lookups asks DNS for a set of names again and again.
type lookups struct {
	lookup  func(ctx context.Context, name string) ([]netip.Addr, error)
	refresh time.Duration
	log     *slog.Logger

	running sync.WaitGroup
	woken   signal

	mu        sync.Mutex
	targets   map[string]*target
	inFlight  int
	different bool
}

// target is what is known of a name.
type target struct {
	// answered says that there was an answer, or an error while there was no answer yet.
	answered  bool
	addresses []string
	failures  int
	asking    bool
	due       time.Time
}

func newLookups(options NamesOptions) *lookups {
	return &lookups{
		lookup: func(ctx context.Context, name string) ([]netip.Addr, error) {
			return options.Resolver.LookupNetIP(ctx, "ip", name)
		},
		refresh: options.Refresh,
		log:     options.Log,
		woken:   newSignal(),
		targets: map[string]*target{},
	}
}

// want makes names the set to ask for.
func (l *lookups) want(names []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	wanted := make(map[string]*target, len(names))
	for _, name := range names {
		wanted[name] = l.targets[name]
		if wanted[name] == nil {
			wanted[name] = &target{}
			l.woken.raise()
		}
	}
	l.targets = wanted
}

// resolved returns the answers known so far, sorted by name.
func (l *lookups) resolved() []manifest.ResolvedName {
	l.mu.Lock()
	defer l.mu.Unlock()
	var names []manifest.ResolvedName
	for name, t := range l.targets {
		if t.answered {
			names = append(names, manifest.ResolvedName{Name: name, Addresses: t.addresses})
		}
	}
	slices.SortFunc(names, func(a, b manifest.ResolvedName) int { return strings.Compare(a.Name, b.Name) })
	return names
}

// settle asks for all names and waits until all have answered, or for lookupTimeout.
func (l *lookups) settle(ctx context.Context) {
	timeout := time.NewTimer(lookupTimeout)
	defer timeout.Stop()
	for l.unanswered() {
		l.launch(ctx)
		select {
		case <-ctx.Done():
			return
		case <-timeout.C:
			return
		case <-l.woken:
		}
	}
	l.takeDifferent()
}

// follow asks for each name when it is due, and calls changed when an answer differs from the one before.
func (l *lookups) follow(ctx context.Context, changed func()) {
	defer l.running.Wait()
	for {
		if l.takeDifferent() {
			changed()
		}
		timer := time.NewTimer(l.launch(ctx))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		case <-l.woken:
			timer.Stop()
		}
	}
}

// launch starts the look-ups that are due, those that wait longest first, and returns how long nothing more will be due.
func (l *lookups) launch(ctx context.Context) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	next := l.refresh
	var due []string
	for name, t := range l.targets {
		switch {
		case t.asking:
		case t.due.After(now):
			next = min(next, t.due.Sub(now))
		default:
			due = append(due, name)
		}
	}
	slices.SortFunc(due, func(a, b string) int {
		if c := l.targets[a].due.Compare(l.targets[b].due); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
	for _, name := range due[:min(len(due), maxLookups-l.inFlight)] {
		t := l.targets[name]
		t.asking = true
		l.inFlight++
		l.running.Go(func() { l.ask(ctx, name, t) })
	}
	return next
}

func (l *lookups) ask(ctx context.Context, name string, t *target) {
	limited, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	found, err := l.lookup(limited, name)
	if ctx.Err() != nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.woken.raise()
	l.inFlight--
	t.asking = false
	if t.learn(found, err) && l.targets[name] == t {
		l.different = true
	}
	t.due = time.Now().Add(l.pauseAfter(t.failures))
	if t.failures == 1 {
		l.log.Warn("lookup of an ExternalName target failed; keeping its last addresses", "name", name, "error", err)
	}
}

// learn takes an answer and reports whether it is news. That a name does not exist is an answer; that nobody could say is not, unless
// there never was one.
func (t *target) learn(found []netip.Addr, err error) bool {
	var dns *net.DNSError
	if err != nil && !(errors.As(err, &dns) && dns.IsNotFound) {
		t.failures++
		news := !t.answered
		t.answered = true
		return news
	}
	t.failures = 0
	var addresses []string
	for _, address := range found {
		addresses = append(addresses, address.Unmap().WithZone("").String())
	}
	slices.Sort(addresses)
	addresses = slices.Compact(addresses)
	news := !t.answered || !slices.Equal(addresses, t.addresses)
	t.answered, t.addresses = true, addresses
	return news
}

func (l *lookups) pauseAfter(failures int) time.Duration {
	pause := l.refresh
	for range failures {
		pause = min(2*pause, maxBackoff)
	}
	return max(pause, l.refresh)
}

func (l *lookups) unanswered() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, t := range l.targets {
		if !t.answered {
			return true
		}
	}
	return false
}

func (l *lookups) takeDifferent() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	different := l.different
	l.different = false
	return different
}
