package reload

import "testing"

// TestMachine goes through every pair of state and event. What is not listed must be refused and change nothing.
func TestMachine(t *testing.T) {
	type cell struct {
		state State
		event event
	}
	type step struct {
		next   State
		action action
	}
	want := map[cell]step{
		{StateEmpty, offered}: {StateChecking, stage},
		{StateEmpty, found}:   {StateResuming, resume},

		{StateServing, offered}: {StateChecking, stage},
		{StateServing, lost}:    {StateFailed, pause},

		{StateFailed, offered}: {StateChecking, stage},
		{StateFailed, retried}: {StateResuming, resume},

		{StateChecking, accepted}: {StateSwitching, switchOver},
		{StateChecking, refused}:  {StateServing, reject},
		{StateChecking, broken}:   {StateServing, rest},

		{StateSwitching, confirmed}:   {StateServing, keepAsGood},
		{StateSwitching, failed}:      {StateRestoring, restore},
		{StateSwitching, cornered}:    {StateFailed, pause},
		{StateSwitching, unreachable}: {StateFailed, pause},
		{StateSwitching, broken}:      {StateServing, rest},

		{StateResuming, confirmed}:   {StateServing, keepAsGood},
		{StateResuming, failed}:      {StateRestoring, restore},
		{StateResuming, cornered}:    {StateFailed, pause},
		{StateResuming, unreachable}: {StateFailed, pause},
		{StateResuming, broken}:      {StateFailed, pause},

		{StateRestoring, confirmed}:   {StateServing, keepAsGood},
		{StateRestoring, cornered}:    {StateFailed, pause},
		{StateRestoring, unreachable}: {StateFailed, pause},
		{StateRestoring, broken}:      {StateFailed, pause},
	}
	states := []State{StateEmpty, StateChecking, StateSwitching, StateServing, StateRestoring, StateResuming, StateFailed}
	events := []event{offered, found, retried, lost, accepted, refused, broken, confirmed, failed, cornered, unreachable}
	for _, s := range states {
		for _, e := range events {
			m := machine{state: s, before: StateServing}
			got, err := m.step(e)
			w, ok := want[cell{s, e}]
			if !ok {
				w = step{s, rest}
			}
			if (err == nil) != ok || m.state != w.next || got != w.action {
				t.Errorf("%s + %s: now %s, %q, error %v; want %s, %q", s, e, m.state, got, err, w.next, w.action)
			}
		}
	}
}

// TestMachineReturns: what does not get past the check leads back to where it came from.
func TestMachineReturns(t *testing.T) {
	for _, from := range []State{StateEmpty, StateServing, StateFailed} {
		for _, path := range [][]event{{offered, refused}, {offered, broken}, {offered, accepted, broken}} {
			m := machine{state: from, before: StateEmpty}
			for _, e := range path {
				if _, err := m.step(e); err != nil {
					t.Fatalf("%s, %v: %v", from, path, err)
				}
			}
			if m.state != from {
				t.Errorf("%s, %v: now %s", from, path, m.state)
			}
		}
	}
}
