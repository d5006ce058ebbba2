package watch

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// pause lets the events of one change come together before the files are read, and bounds how often they are.
const pause = 10 * time.Millisecond

// events wakes up when something happens in the folders. Losing some is harmless: polling finds what they told.
type events struct {
	log     *slog.Logger
	watcher *fsnotify.Watcher
	woken   signal
	done    sync.WaitGroup

	// roots are the paths that the user gave. Their parent folders are watched as well, for a root that is replaced or is a file.
	roots map[string]bool

	mu      sync.Mutex
	folders map[string]bool
}

// newEvents returns nil if there shall be or can be no events.
func newEvents(options FilesOptions) *events {
	if options.PollOnly {
		return nil
	}
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		options.Log.Warn("no file system events; manifests are polled", "every", options.Poll, "error", err)
		return nil
	}
	e := &events{log: options.Log, watcher: watcher, woken: newSignal(), roots: map[string]bool{}, folders: map[string]bool{}}
	for _, p := range options.Paths {
		root := filepath.Clean(p)
		e.roots[root] = true
		// A parent that may not be read costs events, nothing else.
		_ = watcher.Add(filepath.Dir(root))
	}
	e.done.Go(e.listen)
	return e
}

func (e *events) close() {
	if e == nil {
		return
	}
	e.watcher.Close()
	e.done.Wait()
}

func (e *events) listen() {
	for {
		select {
		case event, open := <-e.watcher.Events:
			if !open {
				return
			}
			if e.concerns(event) {
				e.woken.raise()
			}
		case _, open := <-e.watcher.Errors:
			if !open {
				return
			}
			e.woken.raise()
		}
	}
}

// concerns reports whether an event is about a root or something below it.
func (e *events) concerns(event fsnotify.Event) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	dir, base := filepath.Split(event.Name)
	return e.roots[event.Name] || e.folders[filepath.Clean(dir)] || base == dataLink
}

// enter asks for the events of a folder that is about to be read: every change that this does not see any more is told by an event.
// Asking once more is cheap, and necessary if the folder was replaced by another one of its name.
func (e *events) enter(folder string) {
	if e == nil {
		return
	}
	e.mu.Lock()
	known := e.folders[folder]
	e.folders[folder] = true
	e.mu.Unlock()
	if err := e.watcher.Add(folder); err != nil && !known {
		e.log.Warn("no events from a folder; it is polled", "folder", folder, "error", err)
	}
}

// keep forgets all folders but these.
func (e *events) keep(folders []string) {
	if e == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.folders = make(map[string]bool, len(folders))
	for _, folder := range folders {
		e.folders[folder] = true
	}
}

// wait returns after an event, at the next poll, when it is time to look again, or when ctx is done.
func (e *events) wait(ctx context.Context, poll, again <-chan time.Time) {
	var woken signal
	if e != nil {
		woken = e.woken
	}
	select {
	case <-ctx.Done():
	case <-poll:
	case <-again:
	case <-woken:
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		woken.drain()
	}
}
