package reload

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate/headgate/render"
)

// openLate opens an Applier that waits for a millisecond and serves "one".
func openLate(t *testing.T) (*Applier, *fakeProxy, string) {
	t.Helper()
	dir, p := t.TempDir(), newFake(t)
	a := openFake(t, dir, p)
	t.Cleanup(func() {
		if err := a.Close(); err != nil && !errors.Is(err, ErrStopped) {
			t.Error(err)
		}
	})
	if _, err := a.Apply(t.Context(), word("one"), "test"); err != nil {
		t.Fatal(err)
	}
	p.taken()
	a.opts.ConfirmTimeout = time.Millisecond
	return a, p, dir
}

// TestLateIsNotRefused: a proxy that goes on with the old generation stays ready, is asked again but not told again at once, and is
// believed when it answers at last. Nothing is rolled back and nothing is rejected.
func TestLateIsNotRefused(t *testing.T) {
	a, p, dir := openLate(t)
	for range 3 {
		_, err := a.Apply(t.Context(), word("silent"), "test")
		var late *LateError
		if !errors.As(err, &late) || !Transient(err) {
			t.Fatalf("error %v", err)
		}
	}
	if diff := cmp.Diff([]string{"check silent", "apply silent"}, p.taken()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	s := a.Status()
	if s.State != StateFailed || !s.Ready || s.Rejected != "" || s.Fault != nil || placed(t, dir) != "silent" {
		t.Errorf("status %+v, in place is %s", s, placed(t, dir))
	}
	if !a.Listens(t.Context()) {
		t.Error("the ports of a late proxy are taken for those of others")
	}
	start(t, a)
	p.set(func() { p.serving = a.Status().Generation })
	soon(t, "confirmed", func() bool { return a.Status().State == StateServing })
	if calls := p.taken(); len(calls) > 0 {
		t.Errorf("calls %v", calls)
	}
}

// TestLateIsToldAgain: after a while the signal may have got lost.
func TestLateIsToldAgain(t *testing.T) {
	a, p, _ := openLate(t)
	_, _ = a.Apply(t.Context(), word("silent"), "test")
	a.late.tellAt = time.Now()
	_, err := a.Apply(t.Context(), word("silent"), "test")
	if diff := cmp.Diff([]string{"check silent", "apply silent", "apply silent"}, p.taken()); diff != "" || !Transient(err) {
		t.Errorf("%v, calls (-want +got):\n%s", err, diff)
	}
	if rest := time.Until(a.late.tellAt); rest <= 0 || a.late.wait < 2*a.limit() {
		t.Errorf("told again after %s", a.late.wait)
	}
}

// TestLateGivesWay: what comes next is put in place, whether it is new or was there before; the ids tell trees apart that were read at
// different times.
func TestLateGivesWay(t *testing.T) {
	a, p, dir := openLate(t)
	first := a.Status().Generation
	_, _ = a.Apply(t.Context(), word("silent"), "test")
	out, err := a.Apply(t.Context(), word("one"), "test")
	if err != nil || placed(t, dir) != "one" {
		t.Fatalf("%v, in place is %s", err, placed(t, dir))
	}
	if out.Generation == first || contentOf(out.Generation) != contentOf(first) {
		t.Errorf("%s was put in place again as %s", first, out.Generation)
	}
	if diff := cmp.Diff([]string{"check silent", "apply silent", "check one", "apply one"}, p.taken()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// TestLateThatRefuses: it is known late that the proxy does not want a generation.
func TestLateThatRefuses(t *testing.T) {
	a, p, dir := openLate(t)
	_, _ = a.Apply(t.Context(), word("silent"), "test")
	p.set(func() { p.refusal, p.stubborn = &ReloadError{"x", "no room"}, true })
	start(t, a)
	soon(t, "rolled back", func() bool { return a.Status().Rejected != "" && a.Status().State == StateServing })
	if placed(t, dir) != "one" {
		t.Errorf("in place is %s", placed(t, dir))
	}
}

// TestAllowance: a large configuration gets more time.
func TestAllowance(t *testing.T) {
	host := render.File{Path: "hosts/x.conf", Data: make([]byte, 2<<10)}
	if small := Allowance([]render.File{host}); small > time.Second {
		t.Errorf("%s for one host", small)
	}
	if large := Allowance(slices.Repeat([]render.File{host}, 10_000)); large < 30*time.Second {
		t.Errorf("%s for 10,000 hosts", large)
	}
}

// TestDamage: what somebody removes or exchanges is put in place anew, while what serves goes on.
func TestDamage(t *testing.T) {
	id := func(t *testing.T, dir string) string {
		t.Helper()
		target, err := os.Readlink(filepath.Join(dir, linkCurrent))
		if err != nil {
			t.Fatal(err)
		}
		return filepath.Base(target)
	}
	tests := map[string]func(t *testing.T, dir string) error{
		"the link is gone": func(_ *testing.T, dir string) error { return os.Remove(filepath.Join(dir, linkCurrent)) },
		"the link names another tree": func(_ *testing.T, dir string) error {
			link := filepath.Join(dir, linkCurrent)
			return errors.Join(os.Remove(link), os.Symlink("generations/0000000000000000", link))
		},
		"a file is gone": func(t *testing.T, dir string) error {
			return os.Remove(filepath.Join(dir, dirGenerations, id(t, dir), "word"))
		},
		"a file is empty": func(t *testing.T, dir string) error {
			return os.Truncate(filepath.Join(dir, dirGenerations, id(t, dir), "word"), 0)
		},
		"the tree is gone": func(t *testing.T, dir string) error {
			return os.RemoveAll(filepath.Join(dir, dirGenerations, id(t, dir)))
		},
		"all trees are gone":   func(_ *testing.T, dir string) error { return os.RemoveAll(filepath.Join(dir, dirGenerations)) },
		"the work dir is gone": func(_ *testing.T, dir string) error { return os.RemoveAll(dir) },
	}
	for name, harm := range tests {
		t.Run(name, func(t *testing.T) {
			dir, p := t.TempDir(), newFake(t)
			a := openFake(t, dir, p)
			var notReady int
			a.opts.Observer.Status = func(s Status) {
				if !s.Ready {
					notReady++
				}
			}
			if _, err := a.Apply(t.Context(), word("one"), "test"); err != nil {
				t.Fatal(err)
			}
			before := a.Status().Generation
			notReady = 0
			if err := harm(t, dir); err != nil {
				t.Fatal(err)
			}
			start(t, a)
			soon(t, "put in place anew", func() bool {
				s := a.Status()
				return s.State == StateServing && s.Generation != before && contentOf(s.Generation) == contentOf(before)
			})
			if placed(t, dir) != "one" || id(t, dir) != a.Status().Generation {
				t.Errorf("in place is %q as %s, %s serves", placed(t, dir), id(t, dir), a.Status().Generation)
			}
			for _, name := range []string{fileLock, fileKey, linkGood, dirRun} {
				if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
					t.Error(err)
				}
			}
			if notReady > 0 {
				t.Error("it was not ready in the meantime")
			}
			if _, err := openStore(dir); err == nil {
				t.Error("another headgate can take the work dir")
			}
			if out, err := a.Apply(t.Context(), word("one"), "test"); err != nil || !out.Unchanged {
				t.Errorf("equal bytes: %+v, %v", out, err)
			}
			if _, err := a.Apply(t.Context(), word("two"), "test"); err != nil || placed(t, dir) != "two" {
				t.Errorf("%v, in place is %q", err, placed(t, dir))
			}
		})
	}
}

// TestWorkDirThatCannotBeMade: the proxy serves on, and the fault is there until the folder can be made.
func TestWorkDirThatCannotBeMade(t *testing.T) {
	above := t.TempDir()
	dir, p := filepath.Join(above, "work"), newFake(t)
	a := openFake(t, dir, p)
	mended := make(chan struct{}, 1)
	a.opts.Mended = func() error { mended <- struct{}{}; return nil }
	if _, err := a.Apply(t.Context(), word("one"), "test"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Rename(dir, filepath.Join(above, "gone")), os.WriteFile(dir, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	start(t, a)
	soon(t, "a fault", func() bool { return a.Status().Fault != nil })
	if s := a.Status(); !s.Ready {
		t.Errorf("status %+v", s)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	soon(t, "healed", func() bool { s := a.Status(); return s.Fault == nil && s.State == StateServing && s.Ready })
	<-mended
	if placed(t, dir) != "one" {
		t.Errorf("in place is %q", placed(t, dir))
	}
}

// TestChildThatNeverServes is a fault after a while, until it serves.
func TestChildThatNeverServes(t *testing.T) {
	p := newFake(t)
	p.sick = true
	a := openFake(t, t.TempDir(), p)
	_, _ = a.Apply(t.Context(), word("one"), "test")
	if s := a.Status(); s.Fault != nil {
		t.Errorf("after one try: %v", s.Fault)
	}
	start(t, a)
	soon(t, "a fault", func() bool { return a.Status().Fault != nil })
	p.set(func() { p.sick = false })
	soon(t, "healed", func() bool { s := a.Status(); return s.Fault == nil && s.Ready })
}
