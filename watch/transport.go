package watch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	utilnet "k8s.io/apimachinery/pkg/util/net"
)

// limits bound what an API server, or a proxy in front of it, can keep a request waiting for. client-go itself waits for ever.
type limits struct {
	// answer bounds the wait for the head of an answer, and for each further piece of a list.
	answer time.Duration
	// watch is how long a watch is asked for; the server ends it then, and the next one goes on where it ended. grace is how much longer
	// it may last before it is given up: a server that forgets to end watches has forgotten them altogether.
	watch, grace time.Duration
	// steady is how long a watch without events must stay open to count as one that works.
	steady time.Duration
	// retryAfter is the longest pause that a server may demand.
	retryAfter time.Duration
}

var defaultLimits = limits{
	answer: 30 * time.Second, watch: 90 * time.Second, grace: 15 * time.Second, steady: time.Second, retryAfter: 30 * time.Second,
}

// verb is what a request asks for.
type verb string

const (
	verbList  verb = "list"
	verbWatch verb = "watch"
)

// call is one request of a feed, as its transport sees it.
type call struct {
	feed *feed
	verb verb
	// listing says that pieces of the answer must follow each other: it is a list, or the first events of a watch, which hold one.
	listing atomic.Bool
}

type callKey struct{}

func (c *call) in(ctx context.Context) context.Context { return context.WithValue(ctx, callKey{}, c) }

// silence is the error of a request that was given up, or that the other side gave up without a word. It is of a type of its own because
// client-go takes EOF and time-outs of a watch for its normal end.
type silence struct{ text string }

func (e *silence) Error() string { return e.text }

// transport gives up requests that get no answer, and tells the feed how each one goes.
type transport struct {
	next   http.RoundTripper
	limits limits
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	c, ok := request.Context().Value(callKey{}).(*call)
	if !ok {
		return t.next.RoundTrip(request)
	}
	ctx, cancel := context.WithCancelCause(request.Context())
	response, err := t.answer(request.WithContext(ctx), cancel)
	if err != nil {
		err = explain(ctx, err)
		cancel(nil)
		c.feed.failed(c.verb, err)
		return nil, err
	}
	t.curb(c, response)
	s := &stream{ReadCloser: response.Body, call: c, limits: t.limits, ctx: ctx, cancel: cancel}
	if c.verb == verbWatch && response.StatusCode == http.StatusOK {
		s.begin()
	}
	response.Body = s
	return response, nil
}

type answered struct {
	response *http.Response
	err      error
}

// answer waits for the head of the answer, but not for ever: what stands in between, such as a program that makes credentials, may not
// know of contexts.
func (t *transport) answer(request *http.Request, cancel context.CancelCauseFunc) (*http.Response, error) {
	came := make(chan answered, 1)
	go func() {
		response, err := t.next.RoundTrip(request) //nolint:bodyclose // whoever receives it closes it
		came <- answered{response, err}
	}()
	overdue := time.NewTimer(t.limits.answer)
	defer overdue.Stop()
	select {
	case a := <-came:
		return a.response, a.err
	case <-request.Context().Done():
	case <-overdue.C:
		cancel(&silence{fmt.Sprintf("no answer within %s", t.limits.answer)})
	}
	go func() {
		if a := <-came; a.err == nil {
			a.response.Body.Close()
		}
	}()
	return nil, context.Cause(request.Context())
}

// curb notes refusals that client-go keeps to itself while it tries again, and shortens the pause that they ask for.
func (t *transport) curb(c *call, response *http.Response) {
	if response.StatusCode != http.StatusTooManyRequests && response.StatusCode < http.StatusInternalServerError {
		return
	}
	c.feed.failed(c.verb, fmt.Errorf("the server answers %s", response.Status))
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && time.Duration(seconds)*time.Second > t.limits.retryAfter {
		response.Header.Set("Retry-After", strconv.Itoa(int(t.limits.retryAfter.Seconds())))
	}
}

// explain turns an error into one that says why, and that client-go does not pass over.
func explain(ctx context.Context, err error) error {
	var silent *silence
	switch cause := context.Cause(ctx); {
	case errors.As(cause, &silent):
		return silent
	case cause != nil:
		return cause
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || utilnet.IsProbableEOF(err) || utilnet.IsTimeout(err):
		return &silence{fmt.Sprintf("the connection ended without an answer (%v)", err)}
	}
	return err
}

// stream is the body of an answer.
type stream struct {
	io.ReadCloser
	call   *call
	limits limits
	ctx    context.Context //nolint:containedctx // it is that of the request, which lasts as long as the body
	cancel context.CancelCauseFunc

	// works becomes true when the watch has shown that it does; end is when it is given up.
	works       atomic.Bool
	steady, end *time.Timer
}

// begin starts the clocks of a watch.
func (s *stream) begin() {
	s.steady = time.AfterFunc(s.limits.steady, s.work)
	whole := s.limits.watch + s.limits.grace
	s.end = time.AfterFunc(whole, func() {
		s.cancel(&silence{fmt.Sprintf("the server did not end a watch of %s within %s", s.limits.watch, whole)})
	})
}

// work notes that the watch works.
func (s *stream) work() {
	if s.works.CompareAndSwap(false, true) {
		s.call.feed.follows()
	}
}

// Read implements io.Reader.
func (s *stream) Read(p []byte) (int, error) {
	if s.call.listing.Load() {
		stalled := time.AfterFunc(s.limits.answer, func() {
			if s.call.listing.Load() {
				s.cancel(&silence{fmt.Sprintf("the answer stopped in the middle for %s", s.limits.answer)})
			}
		})
		defer stalled.Stop()
	}
	n, err := s.ReadCloser.Read(p)
	if s.end == nil {
		if err != nil && !errors.Is(err, io.EOF) {
			err = explain(s.ctx, err)
		}
		return n, err
	}
	if n > 0 {
		s.work()
	}
	if err != nil {
		err = s.ended(err)
	}
	return n, err
}

// ended says why a watch has ended. One that worked may end at any time: the next one tells whether something is wrong.
func (s *stream) ended(err error) error {
	s.steady.Stop()
	s.end.Stop()
	gaveUp := context.Cause(s.ctx) != nil
	if gaveUp {
		err = explain(s.ctx, err)
	}
	switch {
	case !gaveUp && s.works.CompareAndSwap(false, true):
		s.call.feed.failed(verbWatch, &silence{"the server ended a watch as soon as it had begun"})
	case gaveUp:
		s.call.feed.failed(verbWatch, err)
	}
	return err
}

// Close implements io.Closer.
func (s *stream) Close() error {
	if s.end != nil {
		s.steady.Stop()
		s.end.Stop()
	}
	err := s.ReadCloser.Close()
	s.cancel(nil)
	return err
}
