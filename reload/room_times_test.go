package reload

import (
	"context"
	"testing"
	"time"
)

// TestReloadTimes: the oldest process has had at least the time since the reload that left it, or a later one.
func TestReloadTimes(t *testing.T) {
	start := time.Unix(1000, 0)
	var r reloadTimes
	for i := range 2 * maxReloadTimes {
		r.note(start.Add(time.Duration(i) * time.Second))
	}
	now := start.Add(2 * maxReloadTimes * time.Second)
	for _, c := range []struct {
		old, next int
		want      time.Duration
	}{
		{0, 1, 0}, {1, 1, time.Second}, {4, 1, 4 * time.Second}, {8, 2, 4 * time.Second}, {7, 2, 4 * time.Second}, {1, 2, time.Second},
		{maxReloadTimes, 1, maxReloadTimes * time.Second}, {maxReloadTimes + 1, 1, 0},
	} {
		if got := r.since(Leftover{Old: c.old, Next: c.next}, now); got != c.want {
			t.Errorf("%d old, %d each: %s, want %s", c.old, c.next, got, c.want)
		}
	}
}

// TestRoomByAge: where the oldest have had their time, no change waits.
func TestRoomByAge(t *testing.T) {
	a, ender := &Applier{opts: Options{OldWorkersWait: 30 * time.Second, Log: testLog(t)}, log: testLog(t)}, &countingEnder{}
	left := Leftover{Old: 4, Most: 4, Next: 1}
	for i := range 4 {
		a.reloads.note(time.Now().Add(time.Duration(i-4) * 10 * time.Second))
	}
	if err := a.waitOrEnd(t.Context(), ender, left); err != nil || ender.ended != 1 {
		t.Errorf("%v, %d ended", err, ender.ended)
	}
	a.reloads = a.reloads[2:]
	if err := a.waitOrEnd(t.Context(), ender, left); err == nil || ender.ended != 1 {
		t.Errorf("%v, %d ended", err, ender.ended)
	}
}

// countingEnder is an Ender without processes.
type countingEnder struct{ ended int }

// EndOldest implements Ender.
func (e *countingEnder) EndOldest(_ context.Context, n int) (int, error) {
	e.ended += n
	return n, nil
}
