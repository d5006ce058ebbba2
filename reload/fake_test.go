package reload

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/render"
)

// fakeProxy obeys the word in the file "word" of a tree:
//
//	refuse   the check refuses it
//	nocheck  the check cannot be run
//	fail     the reload is refused at once
//	silent   the reload never shows
//	slow     the reload shows after some questions
//	late     the reload shows when it is asked for the second time
//
// Any other word is taken over at once.
type fakeProxy struct {
	t    *testing.T
	lost chan struct{}

	mu      sync.Mutex
	calls   []string
	serving string
	next    string // shows after `after` questions
	after   int
	refusal error
	absent  bool
	sick    bool // takes over nothing
	// stubborn makes it refuse, when it is told of it, what it says nothing about otherwise.
	stubborn bool
	busy     int // as many answers do not come in time
	changes  []Change
}

func newFake(t *testing.T) *fakeProxy {
	return &fakeProxy{t: t, lost: make(chan struct{}, 1)}
}

func (p *fakeProxy) word(tree Tree) string {
	data, err := os.ReadFile(filepath.Join(tree.Dir, "word"))
	if err != nil {
		p.t.Errorf("the tree is not there: %v", err)
	}
	return string(data)
}

func (p *fakeProxy) note(call string) { p.calls = append(p.calls, call) }

// taken returns the calls since the last time.
func (p *fakeProxy) taken() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	calls := p.calls
	p.calls = nil
	return calls
}

func (p *fakeProxy) Check(_ context.Context, tree Tree) (diag.List, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	word := p.word(tree)
	p.note("check " + word)
	switch word {
	case "refuse":
		return nil, &CheckError{Generation: tree.Generation, Text: "unknown word", Pos: diag.Pos{File: "word", Line: 1}}
	case "nocheck":
		return nil, errors.New("no such binary")
	}
	return nil, nil
}

func (p *fakeProxy) Apply(_ context.Context, c Change) (Applied, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	current, err := filepath.EvalSymlinks(filepath.Join(c.To.Dir, "..", "..", linkCurrent))
	if err != nil || filepath.Base(current) != c.To.Generation {
		p.t.Errorf("told of %s while current is %s, %v", c.To.Generation, current, err)
	}
	word := p.word(c.To)
	p.note("apply " + word)
	p.changes = append(p.changes, c)
	p.refusal, p.next = nil, ""
	switch {
	case p.absent:
		return Applied{Method: MethodReload}, &UnreachableError{Text: "no process"}
	case p.sick, word == "fail", word == "silent" && p.stubborn:
		p.refusal = &ReloadError{c.To.Generation, "no room"}
	case word == "silent":
	case word == "slow":
		p.next, p.after = c.To.Generation, 3
	case word == "late":
		p.next, p.after = c.To.Generation, 2
	default:
		p.serving = c.To.Generation
	}
	return Applied{Method: MethodReload}, nil
}

func (p *fakeProxy) Generation(context.Context) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.absent {
		return "", &UnreachableError{Text: "no process"}
	}
	if p.busy--; p.busy >= 0 {
		return "", fmt.Errorf("asking: %w", os.ErrDeadlineExceeded)
	}
	if p.after--; p.next != "" && p.after <= 0 {
		p.serving = p.next
	}
	return p.serving, p.refusal
}

func (p *fakeProxy) Lost() <-chan struct{} { return p.lost }

func (p *fakeProxy) OldWorkers(context.Context) (int, error) { return 2, nil }

func (p *fakeProxy) Stop(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.note("stop")
	return nil
}

// witness sees how a proxy is told.
type witness struct {
	Proxy
	told atomic.Int64 // this often, even if nobody was there
}

// Fit implements [Fitter] as the watched proxy does.
func (w *witness) Fit(files []render.File) []render.File { return w.Proxy.(Fitter).Fit(files) }

func (w *witness) Apply(ctx context.Context, c Change) (Applied, error) {
	defer w.told.Add(1)
	return w.Proxy.Apply(ctx, c)
}

// applies brings a change on its way and returns when the proxy was told, or nobody was there; the channel tells what came of it.
func (w *witness) applies(t *testing.T, a *Applier, files []render.File) <-chan error {
	t.Helper()
	before, applied := w.told.Load(), make(chan error, 1)
	go func() {
		_, err := a.Apply(t.Context(), files, "test")
		applied <- err
	}()
	soon(t, "told", func() bool { return w.told.Load() > before })
	return applied
}

// set changes the proxy's health.
func (p *fakeProxy) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

// word makes a tree of one file.
func word(w string) []render.File {
	return []render.File{{Path: "word", Mode: 0o644, Data: []byte(w)}}
}

func fakeMarker(generation string, files []render.File) ([]render.File, error) {
	return append(slices.Clip(files), render.File{Path: "marker", Mode: 0o644, Data: []byte(generation)}), nil
}

var quickPace = pace{
	confirmMin: time.Millisecond, confirmMax: 2 * time.Millisecond,
	retryMin: time.Millisecond, retryMax: 20 * time.Millisecond,
	heartbeat: 5 * time.Millisecond, stable: time.Hour,
}

// openFake opens an Applier on a fake proxy. It waits for that as long as it takes.
func openFake(t *testing.T, dir string, p *fakeProxy) *Applier {
	t.Helper()
	a, err := Open(Options{WorkDir: dir, Proxy: p, Marker: fakeMarker, ConfirmTimeout: patience, Log: testLog(t)})
	if err != nil {
		t.Fatal(err)
	}
	a.pace = quickPace
	return a
}
