package watch

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
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

	mu      sync.Mutex
	synced  bool
	held    map[string]*holding
	remarks diag.List
	problem string
}

// holding is what a file contributes.
type holding struct {
	sum     [sha256.Size]byte
	objects []manifest.Object
	remarks diag.List
}

// NewFiles makes a Source of files and folders.
func NewFiles(options FilesOptions) *Files {
	if options.Poll <= 0 {
		options.Poll = DefaultPoll
	}
	if options.Log == nil {
		options.Log = slog.Default()
	}
	return &Files{options: options, held: map[string]*holding{}}
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
	f.take(t)
	changed()
	poll := time.NewTicker(f.options.Poll)
	defer poll.Stop()
	for ctx.Err() == nil {
		events.keep(t.folders)
		events.wait(ctx, poll.C)
		t = readTree(f.options.Paths, events.enter)
		if f.take(t) {
			changed()
		}
	}
	return nil
}

// take compares what was found with what is held, and reports whether anything is different.
func (f *Files) take(t *tree) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	next := make(map[string]*holding, len(t.files))
	different := false
	for _, file := range t.files {
		before := f.held[file.name]
		next[file.name] = before.update(file, f.options.Load)
		different = different || next[file.name] != before
	}
	remarks := t.remarks
	for _, failure := range t.failures {
		remarks.Add(failure.remark(f.keep(next, failure)))
	}
	remarks.Sort()
	different = different || !f.synced || len(next) != len(f.held) || !slices.Equal(remarks, f.remarks)
	f.held, f.remarks, f.synced = next, remarks, true
	f.problem = ""
	if len(t.failures) > 0 {
		f.problem = fmt.Sprintf("reading manifests: %v", t.failures[0].err)
	}
	return different
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

// update returns what a file contributes now; the receiver is what it contributed before, nil for a new file.
func (h *holding) update(file file, options manifest.LoadOptions) *holding {
	sum := sha256.Sum256(file.data)
	if h != nil && h.sum == sum {
		return h
	}
	objects, remarks := manifest.Load([]manifest.Input{{Name: file.name, Data: file.data}}, options)
	now := &holding{sum: sum, objects: objects, remarks: remarks}
	if worst, _ := remarks.Worst(); h != nil && worst == diag.Error {
		now.inherit(file.name, h.objects)
	}
	return now
}

// inherit keeps of a file's former objects those that it does not hold any more, because an error may be the only reason.
func (h *holding) inherit(name string, former []manifest.Object) {
	present := make(map[diag.Ref]bool, len(h.objects))
	for _, o := range h.objects {
		present[manifest.RefOf(o)] = true
	}
	var kept []string
	for _, o := range former {
		if ref := manifest.RefOf(o); !present[ref] {
			h.objects = append(h.objects, o)
			kept = append(kept, ref.String())
		}
	}
	if len(kept) > 0 {
		h.remarks.Add(diag.InputKept.At(diag.Pos{File: name}, diag.Ref{}, "",
			"the file has errors; what it held before stays in force: %s", diag.Quote(strings.Join(kept, ", "))))
	}
}

// Snapshot returns the objects of all files.
func (f *Files) Snapshot() (*manifest.Snapshot, diag.List) {
	f.mu.Lock()
	var objects []manifest.Object
	remarks := slices.Clone(f.remarks)
	for _, held := range f.held {
		objects = append(objects, held.objects...)
		remarks = append(remarks, held.remarks...)
	}
	f.mu.Unlock()
	snapshot, more := manifest.NewSnapshot(objects)
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
