package reload

import (
	"time"

	"github.com/headgate/headgate/diag"
)

// Outcome is what [Applier.Apply] achieved.
type Outcome struct {
	// Generation is the id of the tree in place after the call, empty if there is none.
	Generation string
	// Unchanged means that the offered files are those in place, or those rejected last: nothing was done.
	Unchanged bool
	// RolledBack means that the offered files were in place for a while and the last good ones were put back.
	RolledBack bool
	// Applied tells how the proxy came to serve the generation in place.
	Applied Applied
	// Duration is the time from the offer to the confirmation.
	Duration time.Duration
	// Diagnostics are what the proxy's checker warned of.
	Diagnostics diag.List
}

// Status is a picture of an [Applier].
type Status struct {
	State State
	// Ready means that the proxy has confirmed a generation and has not been found missing since. It stays true while a newer
	// generation is on its way, and when one is rejected.
	Ready bool
	// Generation is the id of the tree in place.
	Generation string
	// LastGood is the id of the tree that was confirmed last, and ConfirmedAt when.
	LastGood    string
	ConfirmedAt time.Time
	// Rejected is the id of the tree that was rejected last, empty when something else has been offered since.
	Rejected string
	// Err is why the last attempt did not succeed, nil if it did. Of a proxy that is not Ready it stays until one succeeds.
	Err error
	// Waits says that a change waits for old workers to end, and OldWorkersEnded how many were ended because there were too many.
	Waits           bool
	OldWorkersEnded int
	// Fault is why the Applier cannot do its work any more, so that a new start is the better way: the work dir is gone and cannot be made
	// anew, or a child cannot be started. It is nil as long as there is hope.
	Fault error
}

// Attempt is one try to make the proxy use a generation, successful or not.
type Attempt struct {
	Generation string
	Reason     string
	Applied    Applied
	// Duration is the time from telling the proxy to its confirmation, or to giving up.
	Duration time.Duration
	Err      error
}

// Observer is told what happens, for metrics and health checks. Either function may be nil. They are called one at a time, must return
// soon, and must not call the Applier.
type Observer struct {
	// Status is called whenever the status has changed.
	Status func(Status)
	// Attempt is called after each attempt.
	Attempt func(Attempt)
}
