package main

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"slices"
	"time"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/reload"
	"github.com/headgate/headgate/render"
)

// Pauses before something that failed for a reason outside retrying the configuration.
const (
	retryMin = time.Second
	retryMax = 30 * time.Second
)

// applier brings files to a proxy.
type applier interface {
	Apply(ctx context.Context, files []render.File, reason string) (reload.Outcome, error)
	// Listens reports whether the proxy may hold the ports of what it was brought last.
	Listens(ctx context.Context) bool
}

// loop takes each Snapshot to the proxy. Deliveries replace each other: what comes while the proxy is busy is only the newest.
type loop struct {
	compiler compiler
	applier  applier
	metrics  *metrics
	remarks  remarkLog
	log      *slog.Logger
	// inbox holds the delivery that is next; reread is raised when templates and everything made of them must be made anew.
	inbox  chan delivery
	reread chan struct{}
	// pulse shows whether the work on a delivery goes on.
	pulse *pulse
	// renew loads the templates again.
	renew func() (render.Target, error)

	// keeper, if not nil, has good versions of objects served in place of bad ones.
	keeper *keeper

	// last is what was brought to the proxy last.
	last    compiled
	pause   time.Duration
	started bool
	// guard leaves out the ports that others hold; busy are its remarks about the last Config.
	guard *portGuard
	busy  diag.List
	// companion, if not nil, forwards UDP; udp is what it is to do.
	companion *companion
	udp       *model.Config
}

// delivery is a Snapshot with the source's remarks about it.
type delivery struct {
	snapshot *manifest.Snapshot
	remarks  diag.List
}

func newLoop(parts loop) *loop {
	l := &parts
	l.inbox, l.reread = make(chan delivery, 1), make(chan struct{}, 1)
	l.compiler.adjust = l.adjust
	return l
}

// adjust leaves busy ports out of a Config, and takes out what the companion is to do.
func (l *loop) adjust(cfg *model.Config) {
	var busy diag.List
	l.busy = leaveOutAddresses(&cfg.Global.Listen)
	if l.companion != nil {
		l.udp = l.companion.take(cfg)
		l.udp.Streams, busy = l.companion.guard.leaveOut(&cfg.Global.Listen, l.udp.Streams)
		l.busy = append(l.busy, busy...)
	}
	cfg.Streams, busy = l.guard.leaveOut(&cfg.Global.Listen, cfg.Streams)
	l.busy = append(l.busy, busy...)
}

// look finds out which ports may be the proxies' own.
func (l *loop) look(ctx context.Context) {
	l.guard.look(ctx)
	if l.companion != nil {
		l.companion.guard.look(ctx)
	}
}

// deliver takes a Snapshot from the source. It has one caller at a time.
func (l *loop) deliver(_ context.Context, snapshot *manifest.Snapshot, remarks diag.List) {
	select {
	case <-l.inbox:
	default:
	}
	l.inbox <- delivery{snapshot, remarks}
}

// renewSoon has templates read again.
func (l *loop) renewSoon() {
	select {
	case l.reread <- struct{}{}:
	default:
	}
}

// run works until ctx is done.
func (l *loop) run(ctx context.Context) error {
	retry := time.NewTimer(retryMax)
	retry.Stop()
	defer retry.Stop()
	var current delivery
	for {
		select {
		case <-ctx.Done():
			return nil
		case current = <-l.inbox:
		case <-retry.C:
		case <-l.keeper.due():
		case <-l.reread:
			l.renewTemplates(current.snapshot)
		}
		if current.snapshot == nil {
			continue
		}
		retry.Stop()
		if wait := l.after(l.process(ctx, current)); wait > 0 && ctx.Err() == nil {
			retry.Reset(wait)
		}
	}
}

// after says when a delivery is to be taken to the proxy again, 0 for not at all. A change that waits for old workers is asked for often:
// what comes meanwhile goes with it.
func (l *loop) after(err error) time.Duration {
	var crowded *reload.CrowdedError
	switch {
	case errors.As(err, &crowded):
		l.pause = 0
		return retryMin
	case reload.Transient(err):
		l.pause = min(max(2*l.pause, retryMin), retryMax)
		l.log.Warn("retrying the configuration", "in", l.pause)
		return l.pause
	}
	if l.pause = 0; len(l.busy) > 0 {
		return busyRetry
	}
	return 0
}

// process takes one delivery to the proxy.
func (l *loop) process(ctx context.Context, d delivery) error {
	l.look(ctx)
	l.pulse.beat()
	defer l.pulse.rest()
	d = l.keeper.keep(d)
	made, err := l.compiler.compile(d.snapshot)
	if err != nil {
		l.log.Error("rendering failed; keeping the last good configuration", "error", err)
		return nil
	}
	l.metrics.compiled(made)
	l.pulse.rest()
	outcome, err := l.applier.Apply(ctx, made.files, l.reason(made))
	remarks := slices.Concat(made.remarks, d.remarks, l.busy, outcome.Diagnostics)
	if err == nil {
		l.last, l.started = made, true
		l.guard.served()
	} else if ctx.Err() == nil {
		remarks.Add(explainFailure(l.log, err))
	}
	if l.companion != nil {
		more, errUDP := l.companion.apply(ctx, l.udp)
		remarks = append(remarks, more...)
		if reload.Transient(errUDP) {
			err = errUDP
		}
	}
	l.pulse.beat()
	remarks.Sort()
	l.metrics.input(d.snapshot, remarks)
	l.remarks.update(remarks)
	return err
}

// explainFailure logs an error that nobody else has logged, and returns it as a diagnostic.
func explainFailure(log *slog.Logger, err error) diag.Diagnostic {
	var rejected *reload.RejectedError
	var crowded *reload.CrowdedError
	if !errors.As(err, &rejected) && !errors.As(err, &crowded) {
		log.Error("applying the configuration failed", "error", err)
	}
	return reload.Diagnostic(err)
}

// The reasons of changes, in the log and as a label of metrics.
const (
	reasonStart         = "start"
	reasonEndpoints     = "endpoints"
	reasonCertificates  = "certificates"
	reasonConfiguration = "configuration"
)

// reason says what kind of change makes the difference to the last Config.
func (l *loop) reason(made compiled) string {
	if !l.started {
		return reasonStart
	}
	old := *l.last.config
	old.StreamEndpoints = made.config.StreamEndpoints
	if old.Endpoints = made.config.Endpoints; reflect.DeepEqual(&old, made.config) {
		return reasonEndpoints
	}
	if old.Certificates = made.config.Certificates; reflect.DeepEqual(&old, made.config) {
		return reasonCertificates
	}
	return reasonConfiguration
}

// renewTemplates takes the templates into use as they are now, if they can be loaded and can print what there is.
func (l *loop) renewTemplates(snapshot *manifest.Snapshot) {
	target, err := l.renew()
	if err == nil && snapshot != nil {
		err = l.try(target, snapshot)
	}
	if err != nil {
		l.log.Error("template reload failed; keeping the previous templates", "error", err)
		return
	}
	l.compiler.target = target
	l.log.Info("templates reloaded")
}

// try finds out whether templates can print a Snapshot.
func (l *loop) try(target render.Target, snapshot *manifest.Snapshot) error {
	tried := l.compiler
	tried.target = target
	made, err := tried.compile(snapshot)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(made.remarks, func(d diag.Diagnostic) bool { return d.Code == diag.TemplateFault.Code }); i >= 0 {
		return errors.New(made.remarks[i].Message)
	}
	return nil
}
