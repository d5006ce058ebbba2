package watch

import (
	"fmt"
	"time"
)

// trouble is what is wrong between one feed and the API server, and what was said about it.
type trouble struct {
	// asked says that a request has come to an end, good or bad.
	asked       bool
	list, watch error

	said   string
	saidAt time.Time
}

// sayEvery is how often a feed may speak of a trouble: not at each turn of a connection that comes and goes.
const sayEvery = 30 * time.Second

// err is the trouble in one error, nil if there is none.
func (t *trouble) err() error {
	switch {
	case t.list != nil:
		return fmt.Errorf("list: %w", t.list)
	case t.watch != nil:
		return fmt.Errorf("watch: %w", t.watch)
	}
	return nil
}

// fail notes a request that failed, and reports whether that is to be said now.
func (t *trouble) fail(what verb, err error, now time.Time) bool {
	t.asked = true
	if what == verbList {
		t.list = err
	} else {
		t.watch = err
	}
	text := t.err().Error()
	if text == t.said || !t.saidAt.IsZero() && now.Sub(t.saidAt) < sayEvery {
		return false
	}
	t.said, t.saidAt = text, now
	return true
}

// listed notes a list that came whole. A watch that fails is no better for it.
func (t *trouble) listed() (say bool) {
	t.asked, t.list = true, nil
	return t.over()
}

// follows notes a watch that works, which begins where a list has ended.
func (t *trouble) follows() (say bool) {
	t.asked, t.list, t.watch = true, nil, nil
	return t.over()
}

// over reports whether the end of a trouble is to be said: that of one which was.
func (t *trouble) over() bool {
	if t.err() != nil || t.said == "" {
		return false
	}
	t.said = ""
	return true
}
