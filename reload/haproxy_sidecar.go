package reload

import (
	"context"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/render"
)

// HAProxySidecar is an HAProxy that somebody else runs, in another container of the same Pod: the work dir, with the sockets in it, is
// on a volume that both see. HAProxy can only start when there is a configuration, so the command of its container waits for one:
//
//	until [ -e WORKDIR/current/haproxy.cfg ]; do sleep 0.2; done
//	cd / && exec haproxy -W -db -S WORKDIR/run/master.sock,mode,600 -f WORKDIR/current
//
// An HAProxy that restarts reads what is in place by itself; an absent one is waited for.
type HAProxySidecar struct {
	driver *haproxyDriver
}

var (
	_ Proxy  = (*HAProxySidecar)(nil)
	_ Fitter = (*HAProxySidecar)(nil)
)

// NewHAProxySidecar returns an HAProxy that may or may not be running already.
func NewHAProxySidecar(opts HAProxyOptions) (*HAProxySidecar, error) {
	opts, err := opts.complete()
	if err != nil {
		return nil, err
	}
	if opts.Bin == "" {
		opts.Log.Info("no HAProxy binary given: configurations are put in place without HAProxy's own check")
	}
	return &HAProxySidecar{newHAProxyDriver(opts)}, nil
}

// Check implements [Proxy] with haproxy -c, if there is a binary.
func (s *HAProxySidecar) Check(ctx context.Context, tree Tree) (diag.List, error) {
	return s.driver.check(ctx, tree)
}

// Lost implements [Proxy]: the end of a process that is not a child is not seen.
func (s *HAProxySidecar) Lost() <-chan struct{} { return nil }

// Apply implements [Proxy]: it changes or reloads HAProxy, or lets one that has not started yet read the configuration in place.
func (s *HAProxySidecar) Apply(ctx context.Context, change Change) (Applied, error) {
	return s.driver.apply(ctx, change)
}

// Generation implements [Proxy].
func (s *HAProxySidecar) Generation(ctx context.Context) (string, error) {
	return s.driver.generation(ctx)
}

// OldWorkers implements [Proxy].
func (s *HAProxySidecar) OldWorkers(ctx context.Context) (int, error) {
	return s.driver.oldWorkers(ctx)
}

// Fit implements [Fitter].
func (s *HAProxySidecar) Fit(files []render.File) []render.File { return s.driver.opts.fit(files) }

// Stop implements [Proxy]: the HAProxy of another container goes on serving.
func (s *HAProxySidecar) Stop(context.Context) error { return nil }
