package watch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
)

// DefaultPoll is how often folders are read without an event.
const DefaultPoll = 5 * time.Second

// FilesOptions says what a [Files] source follows and how.
type FilesOptions struct {
	// Paths are files and folders.
	Paths []string
	// Poll is how often everything is read again although no event came: events get lost on network and container file systems.
	// Zero means DefaultPoll.
	Poll time.Duration
	// PollOnly does without events.
	PollOnly bool
	// Load changes how the files are read.
	Load manifest.LoadOptions
	// Log hears about events that cannot be had. Nil means slog.Default.
	Log *slog.Logger
}

// Files is a Source that follows files and folders. Events of the file system only wake it; what changed, the content says.
type Files struct {
	options FilesOptions

	mu     sync.Mutex
	synced bool
	held   map[string]*holding
	// waiting are the files with a new content that is not read yet, leaving are those that are there no more, with the time since when.
	waiting map[string]*waiting
	leaving map[string]time.Time
	lost    losses
	looked  time.Time
	remarks diag.List
	problem string
}

// NewFiles makes a Source of files and folders.
func NewFiles(options FilesOptions) *Files {
	if options.Poll <= 0 {
		options.Poll = DefaultPoll
	}
	if options.Log == nil {
		options.Log = slog.Default()
	}
	return &Files{options: options, held: map[string]*holding{}, waiting: map[string]*waiting{}, leaving: map[string]time.Time{}, lost: losses{}}
}

// Watch follows the files until ctx is done. It fails if one of the paths cannot be read at the start; later such a path is a remark,
// and what it held stays in force.
func (f *Files) Watch(ctx context.Context, changed func()) error {
	if slices.Contains(f.options.Paths, Stdin) {
		return errors.New("standard input cannot be followed; give a file or a folder")
	}
	// The events come first: what changes after a place was read must not wait for the next poll.
	events := newEvents(f.options)
	defer events.close()
	t := readTree(f.options.Paths, events.enter)
	for _, failure := range t.failures {
		if slices.ContainsFunc(f.options.Paths, failure.covers) && !failure.isLimit() {
			return fmt.Errorf("reading manifests: %w", failure.err)
		}
	}
	f.take(t, time.Now())
	changed()
	poll := time.NewTicker(f.options.Poll)
	defer poll.Stop()
	again := time.NewTimer(f.options.Poll)
	defer again.Stop()
	for ctx.Err() == nil {
		events.keep(t.folders)
		again.Stop()
		if next := f.nextLook(); !next.IsZero() {
			again.Reset(time.Until(next))
		}
		events.wait(ctx, poll.C, again.C)
		t = readTree(f.options.Paths, events.enter)
		if f.take(t, time.Now()) {
			changed()
		}
	}
	return nil
}

// take compares what was found with what is held, and reports whether anything is different.
func (f *Files) take(t *tree, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	next := make(map[string]*holding, len(t.files))
	present := make(map[string]bool, len(t.files))
	remarks := t.remarks
	for i := range t.files {
		file := &t.files[i]
		present[file.name] = true
		if held := f.read(file, now); held != nil {
			next[file.name] = held
		}
		if w := f.waiting[file.name]; w != nil && now.Sub(w.since) >= quietInPlace {
			remarks.Add(w.remark(file, f.held[file.name].rested()))
		}
	}
	for _, failure := range t.failures {
		remarks.Add(failure.remark(f.keep(next, failure)))
	}
	f.letGo(next, present, now)
	remarks.Sort()
	different := !f.synced || !maps.Equal(next, f.held) || !slices.Equal(remarks, f.remarks)
	f.held, f.remarks, f.synced, f.looked = next, remarks, true, now
	f.problem = ""
	if len(t.failures) > 0 {
		f.problem = fmt.Sprintf("reading manifests: %v", t.failures[0].err)
	}
	return different
}

// read returns what a file contributes now: what it holds, or what it held before while it has not come to rest. At the start there is
// nothing to wait for.
func (f *Files) read(file *file, now time.Time) *holding {
	held := f.held[file.name]
	rested := held.rested()
	if rested != nil && rested.sum == file.sum {
		delete(f.waiting, file.name)
		return rested.at(file)
	}
	w := f.waiting[file.name].look(rested, file, f.options.Load, now)
	switch {
	case !f.synced || w.verdict.ready:
		delete(f.waiting, file.name)
		read := rested.update(file, f.options.Load)
		f.blame(file, rested, read)
		return read
	case w.verdict.overdue && (held == nil || held.sum != file.sum):
		held = rested.update(file, f.options.Load)
		if rested != nil {
			held.inherit(rested.objects)
		}
		held.settled = rested
	}
	f.waiting[file.name] = w
	return held
}

// blame notes whether a file lost objects by being emptied or cut off, rather than by having them taken out.
func (f *Files) blame(file *file, before, now *holding) {
	how := before.shortening(file.data)
	if how == "" {
		delete(f.lost, file.name)
		return
	}
	present := now.refs()
	f.lost.add(file.name, file.name+" "+how, slices.DeleteFunc(slices.Clone(before.objects), func(o manifest.Object) bool { return present[manifest.RefOf(o)] }))
}

// letGo drops what files held that are there no more. They stay for a moment, because some editors remove a file before they write it anew.
func (f *Files) letGo(next map[string]*holding, present map[string]bool, now time.Time) {
	leaving := map[string]time.Time{}
	var gone []string
	for name := range f.held {
		if present[name] || next[name] != nil {
			continue
		}
		leaving[name] = now
		if since, known := f.leaving[name]; known {
			leaving[name] = since
		}
	}
	last := lastOf(leaving)
	for name, since := range leaving {
		// Files that are removed one after the other go together: what is left in the end says whether it was meant.
		if f.held[name].atomic || !now.Before(leaves(since, last)) {
			gone = append(gone, name)
			delete(leaving, name)
		}
	}
	f.lost.forgive(next)
	for name := range leaving {
		// What a folder held goes together.
		if len(gone) > 0 && emptied(name, next, f.roots()) != "" {
			gone = append(gone, name)
			delete(leaving, name)
		}
	}
	for _, name := range gone {
		delete(f.waiting, name)
		f.lost.gone(name, f.held[name], next, f.roots())
	}
	for name := range leaving {
		next[name] = f.held[name]
	}
	f.leaving = leaving
}

// lastOf is when the last of some files was removed.
func lastOf(leaving map[string]time.Time) time.Time {
	var last time.Time
	for _, since := range leaving {
		if since.After(last) {
			last = since
		}
	}
	return last
}

// leaves is when a file that was removed goes, given when the last one was.
func leaves(since, last time.Time) time.Time {
	together, bound := last.Add(quietInPlace), since.Add(maxUnsettled)
	if bound.Before(together) {
		return bound
	}
	return together
}

func (f *Files) roots() []string {
	var roots []string
	for _, p := range f.options.Paths {
		roots = append(roots, filepath.Clean(p))
	}
	return roots
}

// nextLook is when a file may have come to rest; zero if none is waited for.
func (f *Files) nextLook() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	var next time.Time
	earlier := func(at time.Time) {
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	for _, w := range f.waiting {
		earlier(w.verdict.next)
		if shown := w.since.Add(quietInPlace); shown.After(f.looked) {
			earlier(shown)
		}
	}
	last := lastOf(f.leaving)
	for _, since := range f.leaving {
		earlier(leaves(since, last))
	}
	return next
}

// keep leaves in force what a failure hides, and says so.
func (f *Files) keep(next map[string]*holding, failure failure) string {
	objects := 0
	for name, held := range f.held {
		if _, found := next[name]; !found && failure.covers(name) {
			next[name] = held
			objects += len(held.objects)
		}
	}
	if objects == 0 {
		return "it is not read"
	}
	return fmt.Sprintf("its %d objects stay in force as they were", objects)
}

// Snapshot returns the objects of all files.
func (f *Files) Snapshot() (*manifest.Snapshot, diag.List) {
	f.mu.Lock()
	var objects []manifest.Object
	remarks := slices.Clone(f.remarks)
	present := map[diag.Ref]bool{}
	for name, held := range f.held {
		if _, leaving := f.leaving[name]; leaving {
			continue
		}
		objects = append(objects, held.objects...)
		remarks = append(remarks, held.remarks...)
		for _, o := range held.objects {
			present[manifest.RefOf(o)] = true
		}
	}
	for name := range f.leaving {
		for _, o := range f.held[name].objects {
			// It may have moved to another file.
			if ref := manifest.RefOf(o); !present[ref] {
				objects = append(objects, o)
			}
		}
	}
	lost := f.lost.list(present)
	f.mu.Unlock()
	snapshot, more := manifest.NewSnapshot(objects, manifest.WithLost(lost), manifest.WithRefusals(remarks))
	remarks = append(remarks, more...)
	remarks.Sort()
	return snapshot, remarks
}

// State says whether the files were read and whether all of them could be read the last time.
func (f *Files) State() State {
	f.mu.Lock()
	defer f.mu.Unlock()
	return State{Synced: f.synced, Connected: f.synced && f.problem == "", Problem: f.problem}
}
