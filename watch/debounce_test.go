package watch

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTiming(t *testing.T) {
	const ms = time.Millisecond
	timing := Timing{Quiet: 100 * ms, Ceiling: 500 * ms}
	tests := []struct {
		name    string
		timing  Timing
		changes []time.Duration
		busy    time.Duration
		want    []time.Duration
	}{
		{"first at once", timing, []time.Duration{0}, 0, []time.Duration{0}},
		{"late first at once", timing, []time.Duration{700 * ms}, 0, []time.Duration{700 * ms}},
		{"later after quiet", timing, []time.Duration{0, 1000 * ms}, 0, []time.Duration{0, 1100 * ms}},
		{"burst is one", timing, []time.Duration{0, 1000 * ms, 1050 * ms, 1140 * ms}, 0, []time.Duration{0, 1240 * ms}},
		{"two pauses are two", timing, []time.Duration{0, 1000 * ms, 1150 * ms}, 0, []time.Duration{0, 1100 * ms, 1250 * ms}},
		{"ceiling", timing, every(1000*ms, 1740*ms, 60*ms), 0, []time.Duration{1000 * ms, 1560 * ms, 1820 * ms}},
		{"ceiling below quiet", Timing{Quiet: 100 * ms}, []time.Duration{0, 1000 * ms, 1050 * ms}, 0, []time.Duration{0, 1100 * ms}},
		{"no quiet", Timing{}, []time.Duration{0, 1000 * ms, 1001 * ms}, 0, []time.Duration{0, 1000 * ms, 1001 * ms}},
		{"change during delivery", timing, []time.Duration{0, 10 * ms, 200 * ms}, 300 * ms, []time.Duration{0, 400 * ms}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if diff := cmp.Diff(test.want, play(t, test.timing, test.changes, test.busy)); diff != "" {
					t.Errorf("deliveries (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func every(from, to, step time.Duration) []time.Duration {
	var times []time.Duration
	for at := from; at <= to; at += step {
		times = append(times, at)
	}
	return times
}

// play raises changes at the given times and returns when deliveries, each taking busy, began.
func play(t *testing.T, timing Timing, changes []time.Duration, busy time.Duration) []time.Duration {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	start := time.Now()
	changed := newSignal()
	var got []time.Duration
	done := make(chan struct{})
	go func() {
		defer close(done)
		timing.each(ctx, changed, func() {
			got = append(got, time.Since(start))
			time.Sleep(busy)
		})
	}()
	for _, at := range changes {
		time.Sleep(at - time.Since(start))
		changed.raise()
	}
	time.Sleep(5 * time.Second)
	cancel()
	<-done
	return got
}
