package main

import (
	"bytes"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// sink is a writer that never waits: what is written goes on in the background. A log that nobody reads must not stop Headgate or the
// proxy. What does not fit into the buffer in the meantime is dropped and counted.
type sink struct {
	out   io.Writer
	limit int
	// lost is called when something can be written again, with the number of lines that were dropped. It may be nil.
	lost func(lines int64)

	mu      sync.Mutex
	buffer  []byte
	missing int64 // lines dropped that lost has not been told of
	closed  bool
	wake    chan struct{}
	done    chan struct{}
	dropped atomic.Int64
}

// What is kept of a log that nobody reads.
const (
	logBuffer    = 1 << 20
	accessBuffer = 4 << 20
)

// newSink starts a sink. It must be closed.
func newSink(out io.Writer, limit int, lost func(lines int64)) *sink {
	s := &sink{out: out, limit: limit, lost: lost, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go s.run()
	return s
}

// Write implements io.Writer and takes all or nothing of a text, without an error.
func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	if len(s.buffer)+len(p) <= s.limit && !s.closed {
		s.buffer = append(s.buffer, p...)
	} else {
		lines := int64(max(1, bytes.Count(p, []byte("\n"))))
		s.missing += lines
		s.dropped.Add(lines)
	}
	s.mu.Unlock()
	s.nudge()
	return len(p), nil
}

func (s *sink) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// take returns what is to be written, and how many lines were dropped before that could be.
func (s *sink) take(spare []byte) (text []byte, missing int64, over bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text, missing = s.buffer, s.missing
	s.buffer, s.missing = spare[:0], 0
	return text, missing, s.closed && len(text) == 0
}

// run writes until the sink is closed and empty. A log that cannot be written is no reason to stop.
func (s *sink) run() {
	defer close(s.done)
	var spare []byte
	for range s.wake {
		text, missing, over := s.take(spare)
		for len(text) > 0 || missing > 0 {
			_, _ = s.out.Write(text) // see above
			if missing > 0 && s.lost != nil {
				s.lost(missing)
			}
			text, missing, over = s.take(text)
		}
		if spare = text; over {
			return
		}
	}
}

// close waits a moment until everything was written. What is written later is dropped.
func (s *sink) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.nudge()
	select {
	case <-s.done:
	case <-time.After(drainTimeout):
	}
}
