package reload

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func testLog(t *testing.T) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// placed returns the word of the tree that `current` names.
func placed(t *testing.T, dir string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, linkCurrent, "word"))
	if errors.Is(err, os.ErrNotExist) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// patience bounds the wait for what has to come, on however slow a machine. Nothing takes so long that goes well.
const patience = 3 * time.Minute

// soon waits for something that another goroutine or process brings about.
func soon(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %s: %s", patience, what)
		}
	}
}

func TestApply(t *testing.T) {
	type offer struct {
		word     string
		before   func(*fakeProxy)
		calls    []string
		state    State
		placed   string
		fails    string // a part of the error's text
		rejected bool   // the error is final
		rollback bool
		same     bool
	}
	tests := []struct {
		name   string
		offers []offer
	}{
		{"a first and a second generation", []offer{
			{word: "one", calls: []string{"check one", "apply one"}, state: StateServing, placed: "one"},
			{word: "slow", calls: []string{"check slow", "apply slow"}, state: StateServing, placed: "slow"},
		}},
		{"equal bytes", []offer{
			{word: "one", calls: []string{"check one", "apply one"}, state: StateServing, placed: "one"},
			{word: "one", state: StateServing, placed: "one", same: true},
		}},
		{"nothing good yet, and the check refuses", []offer{
			{word: "refuse", calls: []string{"check refuse"}, state: StateEmpty, fails: "no other one is serving", rejected: true},
			{word: "refuse", state: StateEmpty, fails: "unknown word", rejected: true, same: true},
			{word: "one", calls: []string{"check one", "apply one"}, state: StateServing, placed: "one"},
		}},
		{"the check refuses, the last good one serves, the refused one is welcome after another", []offer{
			{word: "one", calls: []string{"check one", "apply one"}, state: StateServing, placed: "one"},
			{word: "refuse", calls: []string{"check refuse"}, state: StateServing, placed: "one", fails: "goes on serving", rejected: true},
			{word: "refuse", state: StateServing, placed: "one", fails: "goes on serving", rejected: true, same: true},
			{word: "one", state: StateServing, placed: "one", same: true},
			{word: "refuse", calls: []string{"check refuse"}, state: StateServing, placed: "one", fails: "unknown word", rejected: true},
		}},
		{"the check cannot be run: nothing changes, and the same bytes are tried again", []offer{
			{word: "one", calls: []string{"check one", "apply one"}, state: StateServing, placed: "one"},
			{word: "nocheck", calls: []string{"check nocheck"}, state: StateServing, placed: "one", fails: "no such binary"},
			{word: "nocheck", calls: []string{"check nocheck"}, state: StateServing, placed: "one", fails: "no such binary"},
		}},
		{"the reload fails and is rolled back", []offer{
			{word: "one", calls: []string{"check one", "apply one"}, state: StateServing, placed: "one"},
			{
				word: "fail", calls: []string{"check fail", "apply fail", "apply one"}, state: StateServing, placed: "one",
				fails: "no room", rejected: true, rollback: true,
			},
			{word: "fail", state: StateServing, placed: "one", fails: "no room", rejected: true, same: true},
			{word: "two", calls: []string{"check two", "apply two"}, state: StateServing, placed: "two"},
		}},
		{"even the last good one does not come back", []offer{
			{word: "one", calls: []string{"check one", "apply one"}, state: StateServing, placed: "one"},
			{
				word: "two", before: func(p *fakeProxy) { p.sick = true }, calls: []string{"check two", "apply two", "apply one"},
				state: StateFailed, placed: "one", fails: "nor could the last good configuration be brought back", rejected: true, rollback: true,
			},
			{
				word: "three", before: func(p *fakeProxy) { p.sick = false }, calls: []string{"check three", "apply three"},
				state: StateServing, placed: "three",
			},
		}},
		{"the first generation does not start, stays in place, and is tried again when offered again", []offer{
			{word: "one", before: func(p *fakeProxy) { p.sick = true }, calls: []string{"check one", "apply one"}, state: StateFailed, placed: "one", fails: "no room"},
			{word: "refuse", calls: []string{"check refuse"}, state: StateFailed, placed: "one", fails: "unknown word", rejected: true},
			{word: "one", before: func(p *fakeProxy) { p.sick = false }, calls: []string{"apply one"}, state: StateServing, placed: "one"},
		}},
		{"an absent proxy says nothing about the generation", []offer{
			{word: "one", calls: []string{"check one", "apply one"}, state: StateServing, placed: "one"},
			{
				word: "two", before: func(p *fakeProxy) { p.absent = true }, calls: []string{"check two", "apply two"},
				state: StateFailed, placed: "two", fails: "no process",
			},
			{word: "two", before: func(p *fakeProxy) { p.absent = false }, calls: []string{"apply two"}, state: StateServing, placed: "two"},
		}},
		{"what was in place but never good gives way to the last good one", []offer{
			{word: "one", calls: []string{"check one", "apply one"}, state: StateServing, placed: "one"},
			{
				word: "fail", before: func(p *fakeProxy) { p.absent = true }, calls: []string{"check fail", "apply fail"},
				state: StateFailed, placed: "fail", fails: "no process",
			},
			{
				word: "fail", before: func(p *fakeProxy) { p.absent = false }, calls: []string{"apply fail", "apply one"},
				state: StateServing, placed: "one", fails: "no room", rejected: true, rollback: true,
			},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir, p := t.TempDir(), newFake(t)
			a := openFake(t, dir, p)
			for _, o := range test.offers {
				if o.before != nil {
					p.set(func() { o.before(p) })
				}
				out, err := a.Apply(t.Context(), word(o.word), "test")
				if (err == nil) != (o.fails == "") || err != nil && !strings.Contains(err.Error(), o.fails) {
					t.Errorf("%s: error %v, want %q", o.word, err, o.fails)
				}
				if err != nil && Transient(err) == o.rejected {
					t.Errorf("%s: transient %t: %v", o.word, Transient(err), err)
				}
				if diff := cmp.Diff(o.calls, p.taken()); diff != "" {
					t.Errorf("%s: calls (-want +got):\n%s", o.word, diff)
				}
				s := a.Status()
				if s.State != o.state || s.Ready != (o.state == StateServing) || out.Unchanged != o.same || out.RolledBack != o.rollback {
					t.Errorf("%s: status %+v, outcome %+v", o.word, s, out)
				}
				if got := placed(t, dir); got != o.placed || out.Generation != s.Generation {
					t.Errorf("%s: in place is %q, want %q; outcome %+v", o.word, got, o.placed, out)
				}
			}
			if err := a.Close(); err != nil {
				t.Error(err)
			}
			if _, err := a.Apply(t.Context(), word("late"), "test"); !errors.Is(err, ErrStopped) {
				t.Errorf("after the end: %v", err)
			}
		})
	}
}

// TestLastQuestion: a proxy that has come to serve while nobody looked is not told that it has not.
func TestLastQuestion(t *testing.T) {
	p := newFake(t)
	a := openFake(t, t.TempDir(), p)
	a.opts.ConfirmTimeout, a.pace.confirmMin = time.Millisecond, time.Hour
	if _, err := a.Apply(t.Context(), word("late"), "test"); err != nil {
		t.Error(err)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}

// start runs an Applier until the test ends.
func start(t *testing.T, a *Applier) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	var once bool
	stop = func() {
		if once {
			return
		}
		once = true
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("Run: %v", err)
			}
		case <-time.After(2 * patience):
			t.Error("Run does not end")
		}
	}
	t.Cleanup(stop)
	return stop
}

func TestRunRevives(t *testing.T) {
	dir, p := t.TempDir(), newFake(t)
	a := openFake(t, dir, p)
	start(t, a)
	if _, err := a.Apply(t.Context(), word("one"), "test"); err != nil {
		t.Fatal(err)
	}
	t.Run("a death that is seen", func(t *testing.T) {
		p.taken()
		p.set(func() { p.serving = "" })
		p.lost <- struct{}{}
		soon(t, "served again", func() bool { return slices.Equal(last(p), []string{"apply one"}) && a.Status().Ready })
	})
	t.Run("a death that nobody sees", func(t *testing.T) {
		p.set(func() { p.absent = true })
		soon(t, "noticed", func() bool { return !a.Status().Ready })
		p.set(func() { p.absent, p.serving = false, "" })
		soon(t, "served again", func() bool { return a.Status().Ready })
	})
	t.Run("a stale notice of a death", func(t *testing.T) {
		p.taken()
		p.lost <- struct{}{}
		soon(t, "notice taken", func() bool { return len(p.lost) == 0 })
		if _, err := a.Apply(t.Context(), word("two"), "test"); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"check two", "apply two"}, p.taken()); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
}

// last returns the last call so far.
func last(p *fakeProxy) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls[max(0, len(p.calls)-1):]
}

func TestRestart(t *testing.T) {
	tests := []struct {
		name    string
		restart func(t *testing.T, dir string, p *fakeProxy)
		calls   []string
	}{
		{"the proxy still serves", func(*testing.T, string, *fakeProxy) {}, nil},
		{"the proxy still serves, but is busy", func(_ *testing.T, _ string, p *fakeProxy) { p.busy = maxMisses - 1 }, nil},
		{"the proxy is too busy to tell", func(_ *testing.T, _ string, p *fakeProxy) { p.busy = maxMisses }, []string{"apply one"}},
		{"the proxy has gone too", func(_ *testing.T, _ string, p *fakeProxy) { p.serving = "" }, []string{"apply one"}},
		{"died between the swap and the confirmation", func(t *testing.T, dir string, p *fakeProxy) {
			// The unconfirmed tree is in place, the link to the last good one is older.
			a := openFake(t, dir, p)
			p.absent = true
			if _, err := a.Apply(t.Context(), word("two"), "test"); !Transient(err) || placed(t, dir) != "two" {
				t.Fatalf("%v, in place is %s", err, placed(t, dir))
			}
			p.absent, p.serving = false, "two"
			if err := a.Close(); err != nil {
				t.Fatal(err)
			}
			p.taken()
		}, []string{"apply one"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir, p := t.TempDir(), newFake(t)
			a := openFake(t, dir, p)
			if _, err := a.Apply(t.Context(), word("one"), "test"); err != nil {
				t.Fatal(err)
			}
			if err := a.Close(); err != nil {
				t.Fatal(err)
			}
			p.taken()
			test.restart(t, dir, p)

			a = openFake(t, dir, p)
			stop := start(t, a)
			soon(t, "ready", func() bool { return a.Status().Ready })
			stop()
			if diff := cmp.Diff(append(test.calls, "stop"), p.taken()); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
			if got := placed(t, dir); got != "one" {
				t.Errorf("in place is %q", got)
			}
		})
	}
}

// TestChange: a proxy that can change at run time is told what it runs, unless that is in doubt.
func TestChange(t *testing.T) {
	p := newFake(t)
	a := openFake(t, t.TempDir(), p)
	for _, w := range []string{"one", "two", "fail", "three"} {
		_, err := a.Apply(t.Context(), word(w), w)
		if (err != nil) != (w == "fail") {
			t.Fatal(err)
		}
	}
	type step struct{ from, to, reason string }
	var got []step
	data := func(tree Tree) string {
		for _, f := range tree.Files {
			if f.Path == "word" {
				return string(f.Data)
			}
		}
		return ""
	}
	for _, c := range p.changes {
		got = append(got, step{data(c.From), data(c.To), c.Reason})
	}
	want := []step{{"", "one", "one"}, {"one", "two", "two"}, {"two", "fail", "fail"}, {"", "two", "fail"}, {"two", "three", "three"}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(step{})); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}

func TestInterrupted(t *testing.T) {
	p := newFake(t)
	a := openFake(t, t.TempDir(), p)
	ctx, cancel := context.WithCancel(t.Context())
	a.opts.Observer.Status = func(s Status) {
		if s.State == StateSwitching {
			cancel()
		}
	}
	_, err := a.Apply(ctx, word("silent"), "test")
	if !errors.Is(err, context.Canceled) || !Transient(err) || a.Status().State != StateFailed {
		t.Errorf("%v, %+v", err, a.Status())
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}

func TestObserver(t *testing.T) {
	p := newFake(t)
	a := openFake(t, t.TempDir(), p)
	var states []State
	var attempts []string
	a.opts.Observer = Observer{
		Status: func(s Status) { states = append(states, s.State) },
		Attempt: func(at Attempt) {
			ok := "ok"
			if at.Err != nil {
				ok = "not ok"
			}
			attempts = append(attempts, strings.Join([]string{at.Reason, string(at.Applied.Method), ok}, " "))
		},
	}
	for _, w := range []string{"one", "fail"} {
		_, _ = a.Apply(t.Context(), word(w), "because of "+w)
	}
	if diff := cmp.Diff([]string{"because of one reload ok", "because of fail reload not ok", "because of fail reload ok"}, attempts); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
	if s := a.Status(); !s.Ready || s.Rejected == "" || s.Err == nil || s.LastGood != s.Generation || s.ConfirmedAt.IsZero() {
		t.Errorf("status %+v", s)
	}
	want := []State{
		StateChecking, StateSwitching, StateServing,
		StateChecking, StateSwitching, StateRestoring, StateServing,
	}
	if diff := cmp.Diff(want, states); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	if n, err := a.OldWorkers(t.Context()); n != 2 || err != nil {
		t.Errorf("%d old workers, %v", n, err)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}

// TestTroubleStaysKnown: a proxy that does not serve has its reason in every status until it does, also while it is tried again.
func TestTroubleStaysKnown(t *testing.T) {
	p := newFake(t)
	a := openFake(t, t.TempDir(), p)
	failures := 0
	a.opts.Observer.Status = func(s Status) {
		if s.Err != nil {
			failures++
		}
		if failures > 0 && !s.Ready && s.Err == nil {
			t.Errorf("no reason in status %+v", s)
		}
	}
	p.sick = true
	if _, err := a.Apply(t.Context(), word("one"), "test"); err == nil {
		t.Fatal("a sick proxy took over a configuration")
	}
	a.revive(t.Context())
	if _, err := a.Apply(t.Context(), word("one"), "test"); err == nil {
		t.Fatal("a sick proxy took over a configuration")
	}
	if _, err := a.Apply(t.Context(), word("two"), "test"); err == nil {
		t.Fatal("a sick proxy took over a configuration")
	}
	if failures < 4 {
		t.Errorf("%d failures reported", failures)
	}
	p.sick = false
	a.revive(t.Context())
	if s := a.Status(); !s.Ready || s.Err != nil {
		t.Errorf("status %+v", s)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}

func TestBackoff(t *testing.T) {
	p := pace{retryMin: time.Second, retryMax: 5 * time.Second, stable: time.Minute}
	now := time.Unix(1000, 0)
	var b backoff
	next := func(after time.Duration, served bool) time.Duration {
		if served {
			b.served(now)
		}
		now = now.Add(after)
		return b.next(now, p)
	}
	got := []time.Duration{
		next(0, false), next(0, false), next(time.Second, true), next(0, false), // a short life resets nothing
		next(2*time.Minute, true), next(0, false), // a long one does
	}
	s := time.Second
	if diff := cmp.Diff([]time.Duration{s, 2 * s, 4 * s, 5 * s, s, 2 * s}, got); diff != "" {
		t.Errorf("pauses (-want +got):\n%s", diff)
	}
}
