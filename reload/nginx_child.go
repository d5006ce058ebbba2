package reload

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/render"
)

// NginxChild is an nginx that runs as a child of this process: started with the first generation, reloaded by SIGHUP, and stopped by
// SIGQUIT, which lets it finish its requests. It does not outlive Headgate.
type NginxChild struct {
	opts    NginxOptions
	checker checker
	sockets *nginxSockets
	verdict *verdict
	lost    chan struct{}
	relay   relay

	mu       sync.Mutex
	process  *process
	untold   bool // it was still starting when there was something to tell
	stopping bool
}

var (
	_ Proxy  = (*NginxChild)(nil)
	_ Fitter = (*NginxChild)(nil)
)

// NewNginxChild returns an nginx that is not running yet.
func NewNginxChild(opts NginxOptions) (*NginxChild, error) {
	opts, err := opts.complete()
	if err != nil {
		return nil, err
	}
	setDefault(&opts.Bin, "nginx")
	return &NginxChild{
		opts:    opts,
		checker: opts.checker(),
		sockets: newNginxSockets(opts.StatusSocket),
		verdict: &verdict{dialect: nginxDialect, dir: filepath.Join(opts.WorkDir, linkCurrent)},
		relay:   relay{to: opts.Stderr},
		lost:    make(chan struct{}, 1),
	}, nil
}

// Check implements [Proxy] with nginx -t.
func (c *NginxChild) Check(ctx context.Context, tree Tree) (diag.List, error) {
	return c.checker.check(ctx, tree)
}

// Lost implements [Proxy].
func (c *NginxChild) Lost() <-chan struct{} { return c.lost }

// Fit implements [Fitter]: a running nginx whose sockets were removed gets others.
func (c *NginxChild) Fit(files []render.File) []render.File {
	if p := c.running(); c.hasStarted(p) {
		if err := c.sockets.move(); err != nil {
			c.opts.Log.Warn("no other folder for the sockets of nginx", "error", err)
		}
	}
	return c.sockets.fit(files)
}

// running returns the process, alive or not.
func (c *NginxChild) running() *process {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.process
}

// hasStarted reports whether a process lives and has read its configuration once. Before that a SIGHUP would end it.
func (c *NginxChild) hasStarted(p *process) bool {
	return p.alive() && (p.answered.Load() || startedAs(c.opts.PIDFile, p.pid))
}

// Apply implements [Proxy]: it reloads the running nginx, or starts one. One that has not read its configuration yet is told later.
func (c *NginxChild) Apply(_ context.Context, change Change) (Applied, error) {
	p := c.running()
	if p.alive() {
		c.verdict.expect(change.To.Generation, p.pid)
		if c.setUntold(!c.hasStarted(p)) {
			return Applied{Method: MethodStart, Why: "nginx was still starting"}, nil
		}
		if err := p.signal(syscall.SIGHUP); err == nil {
			return Applied{Method: MethodReload}, nil
		}
	}
	c.verdict.expect(change.To.Generation, 0)
	applied := Applied{Method: MethodStart, Why: "nginx was not running"}
	if err := c.start(); err != nil {
		return applied, &UnreachableError{Text: "starting " + c.opts.Bin, Err: err}
	}
	return applied, nil
}

// setUntold notes whether nginx has to be told yet.
func (c *NginxChild) setUntold(untold bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.untold = untold
	return untold
}

// start starts nginx with the generation in place, after clearing away what an earlier one has left.
func (c *NginxChild) start() error {
	if err := c.endOrphans(); err != nil {
		return err
	}
	c.sockets.forget()
	if _, err := c.sockets.clear(); err != nil {
		return fmt.Errorf("removing old sockets: %w", err)
	}
	config := filepath.Join(c.opts.WorkDir, linkCurrent, NginxConfig)
	cmd := exec.Command(c.opts.Bin, "-e", "stderr", "-p", c.opts.WorkDir, "-c", config, "-g", "daemon off;")
	cmd.Dir = c.opts.WorkDir
	cmd.Env = childEnv()
	if c.opts.Stdout != nil {
		cmd.Stdout = c.opts.Stdout
	}
	process, err := launch(cmd, watcher{line: c.listen, farewell: syscall.SIGQUIT, ended: c.ended})
	if err != nil {
		return err
	}
	c.verdict.setMaster(process.pid)
	c.mu.Lock()
	c.process, c.untold = process, false
	c.mu.Unlock()
	c.opts.Log.Info("nginx started", "pid", process.pid, "bin", c.opts.Bin)
	return nil
}

// endOrphans ends what is left of the nginx of a Headgate that was killed: it may still hold the ports.
func (c *NginxChild) endOrphans() error {
	before := 0
	if p := c.running(); p != nil {
		before = p.pid // its workers were told to finish when it ended
	}
	orphans := append(mastersOf(c.opts.WorkDir), orphansOf(c.opts.WorkDir, before)...)
	slices.Sort(orphans)
	for _, pid := range slices.Compact(orphans) {
		c.opts.Log.Warn("ending the nginx of an earlier run", "pid", pid)
		if err := endForeign(pid); err != nil {
			return fmt.Errorf("ending the nginx of an earlier run: %w", err)
		}
	}
	return nil
}

// listen passes nginx's log on and looks in it for the end of a reload.
func (c *NginxChild) listen(line string) {
	c.verdict.note(line)
	c.relay.pass(line)
}

// ended is called when the master process has ended.
func (c *NginxChild) ended(err error) {
	c.mu.Lock()
	stopping := c.stopping
	c.mu.Unlock()
	if stopping {
		return
	}
	c.opts.Log.Error("nginx ended", "error", err)
	select {
	case c.lost <- struct{}{}:
	default:
	}
}

// Generation implements [Proxy].
func (c *NginxChild) Generation(ctx context.Context) (string, error) {
	p := c.running()
	if p == nil {
		return "", &UnreachableError{Text: "nginx is not running"}
	}
	if !p.alive() {
		return "", c.verdict.death(p)
	}
	id, err := c.sockets.generation(ctx)
	if err == nil {
		p.answered.Store(true)
		c.verdict.acquit(id)
		c.tellLater(p, id)
	}
	if no := c.verdict.refusal(); no != nil {
		return "", no
	}
	if err != nil && c.hasStarted(p) {
		err = c.sockets.mute(err)
	}
	return id, err
}

// tellLater tells a process that could not be told while it started, if it has not come to serve what it had to be told of.
func (c *NginxChild) tellLater(p *process, id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.untold {
		c.untold = id != c.verdict.expected() && p.signal(syscall.SIGHUP) != nil
	}
}

// OldWorkers implements [Proxy].
func (c *NginxChild) OldWorkers(context.Context) (int, error) {
	p := c.running()
	if !p.alive() {
		return 0, nil
	}
	return len(retiringOf(p.pid)), nil
}

// Stop implements [Proxy]: nginx finishes its requests, for as long as the options allow.
func (c *NginxChild) Stop(ctx context.Context) error {
	c.mu.Lock()
	c.stopping = true
	p := c.process
	c.mu.Unlock()
	if !p.alive() {
		return nil
	}
	inTime, err := p.finish(ctx, syscall.SIGQUIT, c.opts.StopTimeout)
	if err == nil && !inTime {
		c.opts.Log.Warn("nginx did not finish its requests in time and was terminated", "timeout", c.opts.StopTimeout)
	}
	return err
}
