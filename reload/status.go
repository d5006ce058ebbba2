package reload

import "sync"

// statusBoard holds the status for readers that must not wait for a turn.
type statusBoard struct {
	mu  sync.Mutex
	now Status
}

func (b *statusBoard) read() Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *statusBoard) write(s Status) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = s
}

// report brings the status up to date and tells the observer. err is what the walk under way has come to.
func (a *Applier) report(err error) {
	s := Status{
		State: a.machine.state, Ready: a.ready, Generation: a.place.Generation,
		LastGood: a.good.Generation, ConfirmedAt: a.confirmedAt, Err: err, Fault: a.fault(),
		Waits: !a.crowdedSince.IsZero(), OldWorkersEnded: a.endedWorkers,
	}
	if a.rejected != nil {
		s.Rejected = a.rejected.Generation
	}
	a.status.write(s)
	if a.opts.Observer.Status != nil {
		a.opts.Observer.Status(s)
	}
}

// attempted tells the observer of an attempt.
func (a *Applier) attempted(t Attempt) {
	if a.opts.Observer.Attempt != nil {
		a.opts.Observer.Attempt(t)
	}
}
