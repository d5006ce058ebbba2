package reload

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// generation asks the process what it runs, and looks after it.
func (d *haproxyDriver) generation(ctx context.Context) (string, error) {
	s, err := d.current(ctx)
	if err != nil {
		return "", errors.Join(d.refusal(ctx), err)
	}
	defer s.close()
	id, err := s.generation()
	switch {
	case err != nil:
		return "", err
	case d.pending != nil && slices.Contains(d.pending.former, s.pid):
		return "", errors.Join(d.refusal(ctx), errOldWorker)
	case d.pending == nil && d.owed.Generation == id:
		d.pending = &pendingLoad{tree: d.owed, told: true}
		return id, d.settle(s)
	case d.pending == nil && d.running.Generation != "" && d.running.Generation != id:
		return "", &DriftError{id, "it runs generation " + id}
	case d.pending == nil:
		return id, d.inspect(s, id)
	case d.pending.tree.Generation == id:
		return id, d.settle(s)
	case d.pending.alone:
		return "", &DriftError{id, "it had read generation " + id + " before"}
	default:
		return id, d.refusal(ctx)
	}
}

var errOldWorker = errors.New("the answer is that of an old worker")

// current opens a conversation with a worker that is not one of before the last reload.
func (d *haproxyDriver) current(ctx context.Context) (*haproxySession, error) {
	for range 20 {
		s, err := d.opts.openSession(ctx)
		if err != nil || !d.retired(ctx, s.pid) {
			return s, err
		}
		_ = s.close() // nothing was said
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil, errOldWorker
}

// retired reports whether a worker is one of before the last reload. In another container the numbers start anew when it does, so the
// master has the last word.
func (d *haproxyDriver) retired(ctx context.Context, pid int) bool {
	if d.pending != nil || !slices.Contains(d.former, pid) {
		return false
	}
	now, err := d.master.processes(ctx)
	return err != nil || !slices.Contains(now.workers, pid)
}

// generation asks the process for the variable that the marker sets.
func (s *haproxySession) generation() (string, error) {
	answer, err := s.ask("get var " + haproxyVariable)
	if err != nil {
		return "", err
	}
	_, value, found := strings.Cut(answer, "value=<")
	if !found {
		return "", fmt.Errorf("get var %s: %s", haproxyVariable, brief(answer))
	}
	return strings.TrimSuffix(value, ">"), nil
}

// settle notes that the process has loaded what it was told to. One that somebody else starts in the middle of a change may have read the
// files of two trees, so it has to read them once more if they are not what it shows. What is otherwise then, too, cannot be compared.
func (d *haproxyDriver) settle(s *haproxySession) error {
	id := d.pending.tree.Generation
	d.verdict.acquit(id)
	d.running, d.former = d.pending.tree, d.pending.former
	d.pending, d.owed, d.worker = nil, Tree{}, s.pid
	found, err := d.compare(s)
	if err != nil {
		d.opts.Log.Warn("drift detection failed", "error", err)
	}
	before := d.suspects
	d.suspects, d.odd = map[string]bool{}, map[string]bool{}
	for _, f := range found {
		d.suspects[f.object] = true
		if before[f.object] {
			d.odd[f.object] = true
			d.opts.Log.Warn("runtime state differs right after a reload; excluded from drift detection", "object", f.object, "difference", f.text)
		} else {
			d.drift = f.String()
		}
	}
	if d.drift != "" {
		return &DriftError{id, d.drift}
	}
	return nil
}

// inspect does what is due from time to time: it deletes servers that have finished, and compares everything with the files.
func (d *haproxyDriver) inspect(s *haproxySession, id string) error {
	if d.drift != "" {
		return &DriftError{id, d.drift}
	}
	if d.running.Generation == "" && isID(id) {
		d.adopt(id)
	}
	if d.running.Generation != id {
		return nil
	}
	r := haproxyRuntime{s, d.retiring}
	if err := r.bury(); err != nil {
		d.opts.Log.Debug("deleting a drained server failed", "error", err)
	}
	if s.pid != d.worker {
		// Somebody else has started or reloaded it: this one was told nothing, and may have read files of two trees.
		d.worker, d.changed, d.compareAt = s.pid, false, time.Time{}
	}
	if d.changed || time.Now().Before(d.compareAt) {
		d.changed = false
		return nil
	}
	found, err := d.compare(s)
	if err != nil {
		return err
	}
	for _, f := range found {
		if !d.odd[f.object] {
			d.drift = f.String()
			return &DriftError{id, d.drift}
		}
	}
	return nil
}

// adopt takes the files of a generation from the disk: the process was running it before we were.
func (d *haproxyDriver) adopt(id string) {
	dir := filepath.Join(d.opts.WorkDir, dirGenerations, id)
	files, err := readTree(dir)
	if err != nil {
		d.opts.Log.Debug("the running generation is not known", "generation", id, "error", err)
		return
	}
	d.running = Tree{Dir: dir, Generation: id, Files: files}
}

// comparePause is how much longer than a comparison the pause behind it is at least.
const comparePause = 100

// compare compares the process with the files of the running tree.
func (d *haproxyDriver) compare(s *haproxySession) ([]difference, error) {
	began := time.Now()
	c := comparison{haproxyRuntime: &haproxyRuntime{s, d.retiring}, options: d.opts}
	err := c.tree(d.running.Files)
	took := time.Since(began)
	d.compareAt = time.Now().Add(max(d.opts.CompareEvery, comparePause*took))
	return c.found, err
}
