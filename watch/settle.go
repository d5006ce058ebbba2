package watch

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"time"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
)

// How long the content of a file must have been the same before it is read. A file that was replaced by renaming, as editors, kubectl
// and kubelet do it, is complete and is read at once.
const (
	// quietInPlace is for one that is written in place.
	quietInPlace = time.Second
	// quietShorter is for one that is suddenly empty, or holds less than it held: so looks one that is being written anew.
	quietShorter = 5 * time.Second
	// maxUnsettled is when one that does not come to rest is read nevertheless, without giving up anything that it held before.
	maxUnsettled = 10 * time.Second
)

// writers says whether a process has a file open for writing.
type writers uint8

const (
	writersUnknown writers = iota
	writersNone
	writersSome
)

// waiting is a file with a new content that is not read yet.
type waiting struct {
	// since is when the file was first seen different, seen when it was first seen as it is now.
	since, seen time.Time
	sum         [sha256.Size]byte
	modified    time.Time
	// less says in words how it holds less than before, empty if it does not; compared says that this is known.
	less     string
	compared bool
	// cause is why it was not read at first; what is said of it does not change with each piece that is written.
	cause   string
	verdict settling
}

// settling is what is to be done with a file whose content is new.
type settling struct {
	// ready says that it can be read, overdue that it has not come to rest for too long.
	ready, overdue bool
	// quiet is how long it must not change, next when to look again, reason why it is not read.
	quiet  time.Duration
	next   time.Time
	reason string
}

// look takes notice of the content of a file, and decides. held is what the file held before, nil if it is new.
func (w *waiting) look(held *holding, f *file, options manifest.LoadOptions, now time.Time) *waiting {
	next := &waiting{since: now, seen: now, sum: f.sum, modified: f.modified}
	if w != nil {
		next.since, next.cause = w.since, w.cause
	}
	if w != nil && w.sum == f.sum && w.modified.Equal(f.modified) {
		next.seen, next.less, next.compared = w.seen, w.less, w.compared
	}
	if !next.compared {
		next.less = held.shortening(f.data)
	}
	next.verdict = next.decide(held, f, now)
	if next.verdict.ready && !next.compared {
		// Only now: to read a large file after each piece that is written would keep a processor busy.
		next.compared, next.less = true, held.lessThan(f, options)
		next.verdict = next.decide(held, f, now)
	}
	if next.cause == "" {
		next.cause = next.verdict.reason
	}
	return next
}

func (w *waiting) decide(held *holding, f *file, now time.Time) settling {
	s := settling{overdue: now.Sub(w.since) >= maxUnsettled}
	since := w.seen
	switch {
	case w.less != "":
		s.quiet, s.reason = quietShorter, "it "+w.less
	case f.writers == writersSome:
		s.quiet, s.reason = quietInPlace, "another process has it open for writing"
	case f.isWhole(held):
	default:
		s.quiet, s.reason = quietInPlace, "it has just been written to"
		// What has an old date has not been written to since.
		if f.modified.Before(since) {
			since = f.modified
		}
	}
	rested := since.Add(s.quiet)
	s.ready = f.writers != writersSome && !now.Before(rested)
	s.next = rested
	if bound := w.since.Add(maxUnsettled); !s.overdue && bound.Before(rested) {
		s.next = bound
	}
	if !s.next.After(now) {
		s.next = now.Add(quietInPlace)
	}
	return s
}

// isWhole reports whether a file was put in its place when it was complete.
func (f *file) isWhole(held *holding) bool {
	switch {
	case f.atomic:
		return true
	case held == nil:
		return f.writers == writersNone
	default:
		return !os.SameFile(held.info, f.info)
	}
}

// lessThan says in words how a file holds less than before; empty if it does not. What was put in its place as a whole may hold fewer objects.
func (h *holding) lessThan(f *file, options manifest.LoadOptions) string {
	if how := h.shortening(f.data); how != "" || h == nil || f.isWhole(h) {
		return how
	}
	objects, _ := manifest.Load([]manifest.Input{{Name: f.name, Data: f.data}}, options)
	now := make(map[diag.Ref]manifest.Object, len(objects))
	for _, o := range objects {
		now[manifest.RefOf(o)] = o
	}
	for _, o := range h.objects {
		written, there := now[manifest.RefOf(o)]
		before, isIngress := o.(*manifest.Ingress)
		if ing, ok := written.(*manifest.Ingress); !there || isIngress && ok && len(ing.Rules) < len(before.Rules) {
			return "holds less than it held"
		}
	}
	return ""
}

// shortening says in words how a content is a part of what the file held; empty if it is not.
func (h *holding) shortening(data []byte) string {
	if h == nil || len(h.objects) == 0 {
		return ""
	}
	switch rest := bytes.TrimSpace(data); {
	case len(rest) == 0:
		return "is empty"
	case len(rest) < len(bytes.TrimSpace(h.data)) && bytes.HasPrefix(h.data, rest):
		return "holds only the beginning of what it held"
	default:
		return ""
	}
}

// remark says that a file is not read yet, or not as it is.
func (w *waiting) remark(f *file, held *holding) diag.Diagnostic {
	stays := "it is read when it has come to rest"
	if held != nil {
		stays = fmt.Sprintf("its %d objects stay in force as they were until it has come to rest", len(held.objects))
	}
	if w.verdict.overdue {
		stays = "what it holds so far counts, and what it held before and does not hold now stays in force"
	}
	return diag.InputUnsettled.At(diag.Pos{File: f.name}, diag.Ref{}, "", "%s; %s", w.cause, stays)
}
