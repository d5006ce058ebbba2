package reload

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/render"
)

// HAProxyChild is an HAProxy in master-worker mode that runs as a child of this process: started with the first generation, changed
// through its master socket, and stopped by SIGUSR1, which lets it finish its requests. It does not outlive Headgate.
type HAProxyChild struct {
	driver *haproxyDriver
	relay  relay
	lost   chan struct{}

	mu       sync.Mutex
	process  *process
	stopping bool
}

var (
	_ Proxy  = (*HAProxyChild)(nil)
	_ Fitter = (*HAProxyChild)(nil)
)

// NewHAProxyChild returns an HAProxy that is not running yet.
func NewHAProxyChild(opts HAProxyOptions) (*HAProxyChild, error) {
	opts, err := opts.complete()
	if err != nil {
		return nil, err
	}
	setDefault(&opts.Bin, "haproxy")
	c := &HAProxyChild{driver: newHAProxyDriver(opts), relay: relay{to: opts.Stderr}, lost: make(chan struct{}, 1)}
	c.driver.nudge = c.nudge
	c.driver.catchUp = func() { c.current().log.catchUp() }
	return c, nil
}

// nudge has the master reload by a signal, which ends one that is still reading its files: it does not know the signal yet.
func (c *HAProxyChild) nudge() error {
	p := c.current()
	if !p.answered.Load() {
		return &UnreachableError{Text: "HAProxy has not begun to serve yet"}
	}
	return p.signal(syscall.SIGUSR2)
}

// current returns the process that was started last, nil if none was.
func (c *HAProxyChild) current() *process {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.process
}

// Check implements [Proxy] with haproxy -c.
func (c *HAProxyChild) Check(ctx context.Context, tree Tree) (diag.List, error) {
	return c.driver.check(ctx, tree)
}

// Lost implements [Proxy].
func (c *HAProxyChild) Lost() <-chan struct{} { return c.lost }

// Apply implements [Proxy]: it changes or reloads the running HAProxy, or starts one.
func (c *HAProxyChild) Apply(ctx context.Context, change Change) (Applied, error) {
	if c.current().alive() {
		return c.driver.apply(ctx, change)
	}
	c.driver.expect(pendingLoad{tree: change.To, told: true})
	applied := Applied{Method: MethodStart, Why: "HAProxy was not running"}
	if err := c.start(ctx); err != nil {
		return applied, &UnreachableError{Text: "starting " + c.driver.opts.Bin, Err: err}
	}
	return applied, nil
}

// start starts HAProxy with the generation in place, after clearing away what an earlier one has left.
func (c *HAProxyChild) start(ctx context.Context) error {
	opts := &c.driver.opts
	if err := c.endOrphan(ctx); err != nil {
		return err
	}
	if err := c.driver.prepare(); err != nil {
		return err
	}
	if err := removeSockets(filepath.Join(opts.WorkDir, dirRun)); err != nil {
		return fmt.Errorf("removing old sockets: %w", err)
	}
	cmd := exec.Command(opts.Bin, "-W", "-db", "-S", opts.MasterSocket+",mode,600", "-f", opts.config())
	// Not the work dir: an HAProxy whose folder was deleted can load nothing any more.
	cmd.Dir = "/"
	cmd.Env = childEnv()
	if opts.Stdout != nil {
		cmd.Stdout = opts.Stdout
	}
	// The workers of a master that has crashed end by themselves, at once; SIGUSR1 does not hurt them any more.
	process, err := launch(cmd, watcher{line: c.listen, farewell: syscall.SIGUSR1, ended: c.ended})
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.process = process
	c.mu.Unlock()
	opts.Log.Info("HAProxy started", "pid", process.pid, "bin", opts.Bin)
	return nil
}

// endOrphan ends the HAProxy of a Headgate that was killed, should it still hold the ports.
func (c *HAProxyChild) endOrphan(ctx context.Context) error {
	pid := c.driver.master.peer(ctx)
	title, err := procTitle(pid)
	if pid == 0 || err != nil || !strings.Contains(title, c.driver.opts.MasterSocket) {
		return nil //nolint:nilerr // nobody listens, or nobody of ours
	}
	c.driver.opts.Log.Warn("ending the HAProxy of an earlier run", "pid", pid)
	if err := endForeign(pid); err != nil {
		return fmt.Errorf("ending the HAProxy of an earlier run: %w", err)
	}
	return nil
}

// listen passes HAProxy's log on and remembers why it does not start or reload.
func (c *HAProxyChild) listen(line string) {
	c.driver.verdict.note(line)
	c.relay.pass(line)
}

// ended is called when the master process has ended.
func (c *HAProxyChild) ended(err error) {
	c.mu.Lock()
	stopping := c.stopping
	c.mu.Unlock()
	if stopping {
		return
	}
	c.driver.opts.Log.Error("HAProxy ended", "error", err)
	select {
	case c.lost <- struct{}{}:
	default:
	}
}

// Generation implements [Proxy].
func (c *HAProxyChild) Generation(ctx context.Context) (string, error) {
	p := c.current()
	if p == nil {
		return "", &UnreachableError{Text: "HAProxy is not running"}
	}
	if !p.alive() {
		return "", c.driver.verdict.death(p)
	}
	id, err := c.driver.generation(ctx)
	var absent *UnreachableError
	switch {
	case err == nil:
		p.answered.Store(true)
	case errors.As(err, &absent) && p.answered.Load():
		return id, &MuteError{Text: absent.Error()}
	}
	return id, err
}

// OldWorkers implements [Proxy].
func (c *HAProxyChild) OldWorkers(ctx context.Context) (int, error) {
	if !c.current().alive() {
		return 0, nil
	}
	return c.driver.oldWorkers(ctx)
}

// Fit implements [Fitter].
func (c *HAProxyChild) Fit(files []render.File) []render.File { return c.driver.opts.fit(files) }

// Stop implements [Proxy]: HAProxy finishes its requests, for as long as the options allow.
func (c *HAProxyChild) Stop(ctx context.Context) error {
	c.mu.Lock()
	c.stopping = true
	p := c.process
	c.mu.Unlock()
	if !p.alive() {
		return nil
	}
	inTime, err := p.finish(ctx, syscall.SIGUSR1, c.driver.opts.StopTimeout)
	if err == nil && !inTime {
		c.driver.opts.Log.Warn("HAProxy did not finish its requests in time and was terminated", "timeout", c.driver.opts.StopTimeout)
	}
	return err
}
