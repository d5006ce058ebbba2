package reload

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/headgate/headgate/diag"
)

// haproxyDriver is what a child and a sidecar have in common: everything that goes through sockets.
//
// What can be changed in the running process is changed there. Before a process is trusted with a new generation, everything that the
// change has touched is compared with the files, and from time to time everything is. Whenever there is a doubt, the process reads the
// files again, which always hold the whole truth.
type haproxyDriver struct {
	opts    HAProxyOptions
	checker checker
	master  haproxyMaster
	verdict *verdict
	// nudge makes the master reload although its socket has gone; nil if there is no way.
	nudge func() error
	// catchUp waits until everything that the process has logged is known; nil if its log is not seen.
	catchUp func()

	// running is the tree that the process is known to run, with its files.
	running  Tree
	retiring map[string]haproxyServer
	// suspects are objects that were not as in the files although the process had just read them; those that are so twice are odd: they
	// cannot be compared.
	suspects, odd map[string]bool
	drift         string
	compareAt     time.Time
	// former are the workers of before the last reload. For a moment they may still listen to a socket that the new one has, too.
	former []int
	// worker is the one that was changed or compared last.
	worker int
	// changed says that the process was just changed and has compared what was touched; all is compared another time.
	changed bool
	pending *pendingLoad
	// owed is a tree that the process cannot be told to load yet. One that starts reads it.
	owed     Tree
	foreseen foresight
}

// pendingLoad is a tree that the process was told to load.
type pendingLoad struct {
	tree Tree
	// told says that the master has confirmed the load, so that nothing needs to be asked.
	told bool
	// reloads is how many reloads the master had counted before; -1 if that is not known.
	reloads int
	// former are the workers that there were before. What they answer is not what was loaded.
	former []int
	// alone says that there was nobody to tell: whoever starts reads the tree, unless it has read another one just before.
	alone bool
}

func newHAProxyDriver(opts HAProxyOptions) *haproxyDriver {
	return &haproxyDriver{
		opts: opts, checker: opts.checker(), master: haproxyMaster{opts.MasterSocket},
		verdict:  &verdict{dialect: haproxyDialect, dir: opts.config()},
		retiring: map[string]haproxyServer{},
	}
}

// check has the tree read by haproxy -c, unless the running process can be told of the change: then it judges every word itself, and
// what it refuses is loaded, and judged, as a whole. The check costs many times what a change of endpoints does.
func (d *haproxyDriver) check(ctx context.Context, tree Tree) (diag.List, error) {
	d.foresee(ctx, tree)
	switch {
	case d.foreseen.cause == "":
		return nil, nil
	case d.opts.Bin == "":
		return d.checker.skipped(), nil
	default:
		return d.checker.check(ctx, tree)
	}
}

// apply changes the running process, or has it load the tree in place.
func (d *haproxyDriver) apply(ctx context.Context, change Change) (Applied, error) {
	cause, why := d.change(ctx, change)
	if cause == "" {
		d.running, d.foreseen, d.changed = change.To, foresight{}, true
		return Applied{Method: MethodRuntime}, nil
	}
	applied := Applied{Method: MethodReload, Cause: cause, Why: why}
	err := d.reload(ctx, change.To)
	if isWait(err) {
		if d.meanwhile(ctx, change.To) {
			return Applied{Method: MethodRuntime}, nil
		}
		return applied, err
	}
	var absent *UnreachableError
	if errors.As(err, &absent) && !d.answers(ctx) {
		// There is no process yet, or none any more, or it has not begun to listen. One that starts reads what is in place.
		d.pending.alone = true
		return Applied{Method: MethodStart, Why: absent.Text}, nil
	}
	return applied, err
}

// answers reports whether a worker can be talked to.
func (d *haproxyDriver) answers(ctx context.Context) bool {
	s, err := d.opts.openSession(ctx)
	if err == nil {
		_ = s.close() // nothing was said
	}
	return err == nil
}

// expect notes that the process is about to load a tree.
func (d *haproxyDriver) expect(p pendingLoad) {
	d.verdict.expect(p.tree.Generation, 0)
	d.pending, d.foreseen, d.drift = &p, foresight{}, ""
	d.running, d.owed, d.retiring = Tree{}, Tree{}, map[string]haproxyServer{}
}

// reload has the master load the tree in place.
func (d *haproxyDriver) reload(ctx context.Context, to Tree) error {
	if err := d.prepare(); err != nil {
		return err
	}
	before, err := d.master.patiently(ctx, Allowance(to.Files))
	if err != nil {
		if d.nudge == nil {
			if err = d.untold(ctx, to, err); !isWait(err) {
				d.expect(pendingLoad{tree: to, reloads: -1})
			}
			return err
		}
		d.expect(pendingLoad{tree: to, reloads: -1})
		if err := d.nudge(); err != nil {
			return err
		}
		d.opts.Log.Warn("HAProxy reloaded by signal", "error", err)
		return nil
	}
	if left := (Leftover{Old: len(before.old), Most: d.opts.MaxOldWorkers, Next: 1}); left.full() {
		return &CrowdedError{Leftover: left}
	}
	d.expect(pendingLoad{tree: to, reloads: before.reloads, former: slices.Concat(before.workers, before.old)})
	answer, text, err := d.master.reload(ctx, d.opts.config())
	switch {
	case isLate(err):
		return nil // it was told, and is asked what came of it
	case err != nil:
		return err
	case answer == reloadRefused:
		return d.refused(ctx, to, text)
	}
	d.pending.told = answer == reloadDone
	return nil
}

// prepare makes sure that the reload cannot end HAProxy. A master that cannot bind to its socket anew ends with all workers, and that of
// 3.2 also if there is nothing to read.
func (d *haproxyDriver) prepare() error {
	if err := os.MkdirAll(filepath.Join(d.opts.WorkDir, dirRun), 0o755); err != nil {
		return fmt.Errorf("making the folder of HAProxy's sockets: %w", err)
	}
	if _, err := os.Stat(filepath.Join(d.opts.config(), HAProxyMarkerFile)); err != nil {
		return fmt.Errorf("HAProxy is not told to reload, because there is nothing to load: %w", err)
	}
	return nil
}

// isLate reports whether there was no answer in time, which says nothing about what was asked.
func isLate(err error) bool {
	var late net.Error
	return errors.As(err, &late) && late.Timeout()
}

// untold explains why a master cannot be told of a tree. While a worker answers, traffic goes on with what that one runs.
func (d *haproxyDriver) untold(ctx context.Context, to Tree, err error) error {
	s, errWorker := d.opts.openSession(ctx)
	if errWorker != nil {
		return err
	}
	defer s.close()
	id, errWorker := s.generation()
	if errWorker != nil {
		return err
	}
	d.opts.Log.Error("HAProxy serves but cannot be reloaded; restart it", "serving", id, "error", err)
	return &LateError{Generation: to.Generation, Serving: id, Err: err}
}

// deletedStart is what HAProxy says when the folder in which it was started has been deleted: it can load nothing any more.
const deletedStart = "retrieve startup directory"

// refused makes an error of a refusal.
func (d *haproxyDriver) refused(ctx context.Context, to Tree, text string) error {
	if !strings.Contains(text, deletedStart) {
		return &ReloadError{to.Generation, text}
	}
	return d.untold(ctx, to, &UnreachableError{
		Text: "HAProxy can load nothing any more, because the folder in which it was started was deleted",
		Hint: "start it again, in a folder that stays",
	})
}

// refusal asks the master whether the load has failed. Only HAProxy before 2.7 needs to be asked, and one that got a signal.
func (d *haproxyDriver) refusal(ctx context.Context) error {
	if d.pending == nil || d.pending.told {
		return nil
	}
	now, err := d.master.processes(ctx)
	if err != nil || now.failed == 0 || now.reloads <= d.pending.reloads {
		return nil //nolint:nilerr // a master that executes itself anew cannot be asked for a moment
	}
	if d.catchUp != nil {
		d.catchUp()
	}
	text := d.verdict.text()
	if text == "" {
		text = "HAProxy goes on with the old configuration; its log tells why"
	}
	return d.refused(ctx, d.pending.tree, text)
}

// oldWorkers counts the workers that finish their last connections.
func (d *haproxyDriver) oldWorkers(ctx context.Context) (int, error) {
	p, err := d.master.patiently(ctx, 0)
	if err != nil {
		return 0, fmt.Errorf("counting old workers: %w", err)
	}
	return len(p.old), nil
}
