package reload

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/headgate/headgate/diag"
)

// NginxChild is an nginx that runs as a child of this process: started with the first generation, reloaded by SIGHUP, and stopped by
// SIGQUIT, which lets it finish its requests. It does not outlive Headgate.
type NginxChild struct {
	opts    NginxOptions
	checker checker
	status  *statusSocket
	verdict *verdict
	lost    chan struct{}
	relay   relay

	mu       sync.Mutex
	process  *process
	stopping bool
}

var _ Proxy = (*NginxChild)(nil)

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
		status:  newStatusSocket(opts.StatusSocket),
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

// Apply implements [Proxy]: it reloads the running nginx, or starts one.
func (c *NginxChild) Apply(_ context.Context, change Change) (Applied, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.process.alive() {
		c.verdict.expect(change.To.Generation, c.process.pid)
		if err := c.process.signal(syscall.SIGHUP); err == nil {
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

// start starts nginx with the generation in place, after clearing away what an earlier one has left.
func (c *NginxChild) start() error {
	if err := c.endOrphan(); err != nil {
		return err
	}
	if err := removeSockets(filepath.Join(c.opts.WorkDir, dirRun)); err != nil {
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
	c.process = process
	c.opts.Log.Info("nginx started", "pid", process.pid, "bin", c.opts.Bin)
	return nil
}

// endOrphan ends the nginx of a Headgate that was killed, should it still hold the ports.
func (c *NginxChild) endOrphan() error {
	pid, err := readPID(c.opts.PIDFile)
	if err != nil {
		return nil //nolint:nilerr // no pid file, no orphan
	}
	title, err := procTitle(pid)
	if err != nil || !strings.HasPrefix(title, masterTitle) || !strings.Contains(title, c.opts.WorkDir+" ") {
		return nil //nolint:nilerr // the number belongs to nobody, or to somebody else
	}
	c.opts.Log.Warn("ending the nginx of an earlier run", "pid", pid)
	if err := endForeign(pid); err != nil {
		return fmt.Errorf("ending the nginx of an earlier run: %w", err)
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
	c.opts.Log.Error("nginx ended", "err", err)
	select {
	case c.lost <- struct{}{}:
	default:
	}
}

// Generation implements [Proxy].
func (c *NginxChild) Generation(ctx context.Context) (string, error) {
	c.mu.Lock()
	p := c.process
	c.mu.Unlock()
	if p == nil {
		return "", &UnreachableError{Text: "nginx is not running"}
	}
	if !p.alive() {
		return "", c.verdict.death(p)
	}
	id, err := c.status.generation(ctx)
	if err == nil {
		c.verdict.acquit(id)
	}
	if no := c.verdict.refusal(); no != nil {
		return "", no
	}
	return id, err
}

// OldWorkers implements [Proxy].
func (c *NginxChild) OldWorkers(context.Context) (int, error) {
	c.mu.Lock()
	p := c.process
	c.mu.Unlock()
	if !p.alive() {
		return 0, nil
	}
	return countRetiring(p.pid)
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
