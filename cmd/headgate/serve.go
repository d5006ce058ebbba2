package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/reload"
	"github.com/headgate/headgate/render"
	"github.com/headgate/headgate/watch"
)

// serve follows the source and drives the proxy until a signal ends it.
func serve(cmd *cobra.Command, flags *runFlags) error {
	ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	// From the beginning to the end: a SIGHUP that nobody waits for is deadly.
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	// A reader of our logs that goes away must not take us with it. The channel is never read; it is there to be notified.
	broken := make(chan os.Signal, 1)
	signal.Notify(broken, syscall.SIGPIPE)
	defer signal.Stop(broken)
	logs := newLogs(cmd.OutOrStdout(), cmd.ErrOrStderr(), flags)
	defer logs.close()
	log := logs.log
	stdout, release, err := reopenable(logs.access)
	if err != nil {
		return fmt.Errorf("giving the proxy a standard output: %w", err)
	}
	defer release()
	s, err := newServing(ctx, flags, log, output{stdout, logs.own})
	if err != nil {
		return err
	}
	s.metrics.watchLogs(logs)
	s.hangup = hangup
	log.Info("starting headgate", "version", version(), "proxy", flags.target.proxy, "proxy_version", s.proxyVersion, "work_dir", s.workDir)
	if err := s.run(ctx); err != nil {
		return err
	}
	log.Info("headgate stopped")
	return nil
}

// output is where the proxy's own output goes.
type output struct {
	stdout *os.File
	stderr io.Writer
}

// serving is all that run puts together.
type serving struct {
	output       output
	flags        *runFlags
	log          *slog.Logger
	workDir      string
	proxyVersion string
	hangup       <-chan os.Signal
	metrics      *metrics
	source       watch.Source
	applier      *reload.Applier
	companion    *companion
	status       *statusServer
	kept         keptFiles
	pulse        pulse
	loop         *loop
}

// newServing puts the parts together. Whatever cannot work at all is an error now, before anything is started.
func newServing(ctx context.Context, flags *runFlags, log *slog.Logger, out output) (_ *serving, err error) {
	s := &serving{output: out, flags: flags, log: log, metrics: newMetrics()}
	if s.workDir, err = filepath.Abs(flags.serve.workDir); err != nil {
		return nil, fmt.Errorf("--work-dir: %w", err)
	}
	if s.source, err = newSource(flags, log); err != nil {
		return nil, err
	}
	kind := s.family()
	build, err := s.probe(ctx, kind)
	if err != nil {
		return nil, err
	}
	renew := func() (render.Target, error) { return kind.target(build) }
	target, err := renew()
	if err != nil {
		return nil, err
	}
	if err := s.openApplier(kind, target); err != nil {
		return nil, err
	}
	if err := s.findCompanion(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	if err := s.prepare(target, renew); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// close lets go of what was opened for proxies that were never run.
func (s *serving) close() error {
	err := s.applier.Close()
	if s.companion != nil {
		err = errors.Join(err, s.companion.applier.Close())
	}
	return err
}

// family is a kind of proxy, as far as run has to tell one from another.
type family interface {
	// sidecar reports whether the flags say that somebody else runs the proxy.
	sidecar() bool
	// probe asks a binary for its version and modules.
	probe(ctx context.Context, bin string) (reload.Build, error)
	// target loads the templates for the proxy that was probed.
	target(build reload.Build) (render.Target, error)
	// marker returns what [reload.Options] needs.
	marker(target render.Target) (marker, error)
	// proxy returns what drives the process.
	proxy() (reload.Proxy, error)
}

// marker makes a proxy tell which generation of the files it serves.
type marker = func(generation string, files []render.File) ([]render.File, error)

// family returns that of --proxy.
func (s *serving) family() family {
	if s.flags.target.proxy == proxyHAProxy {
		return haproxyFamily{s}
	}
	return nginxFamily{s}
}

// probe asks the proxy's binary for its version and modules. Beside a proxy in another container there may be no binary; then nothing
// is known but what --proxy-version says.
func (s *serving) probe(ctx context.Context, kind family) (reload.Build, error) {
	f := &s.flags.serve
	if f.proxyBin == "" {
		if kind.sidecar() {
			s.proxyVersion = s.flags.target.version
			return reload.Build{}, nil
		}
		f.proxyBin = findProxy(s.flags.target.proxy)
	}
	build, err := kind.probe(ctx, f.proxyBin)
	if err != nil {
		return build, fmt.Errorf("%w; install it, or name it with --proxy-bin", err)
	}
	s.proxyVersion = build.Version
	if s.flags.target.version != "" {
		s.proxyVersion = s.flags.target.version
	}
	return build, nil
}

// findProxy looks where Debian puts servers, too: /usr/sbin is not on everybody's path.
func findProxy(name string) string {
	if _, err := exec.LookPath(name); err == nil {
		return name
	}
	if path, err := exec.LookPath(filepath.Join("/usr/sbin", name)); err == nil {
		return path
	}
	return name
}

// openApplier takes the work dir into possession.
func (s *serving) openApplier(kind family, target render.Target) error {
	proxy, err := kind.proxy()
	if err != nil {
		return err
	}
	marker, err := kind.marker(target)
	if err != nil {
		return err
	}
	s.applier, err = reload.Open(reload.Options{
		WorkDir:        s.workDir,
		Proxy:          proxy,
		Marker:         marker,
		ConfirmTimeout: s.flags.serve.confirm,
		OldWorkersWait: s.flags.serve.oldWorkersWait,
		Mended:         func() error { return s.kept.putBack(s.workDir) },
		Log:            s.log,
		Observer:       s.metrics.observer(),
	})
	return err
}

// prepare makes what needs the work dir.
func (s *serving) prepare(target render.Target, renew func() (render.Target, error)) error {
	s.metrics.watchSource(s.source.State)
	s.metrics.watchWorkers(s.applier.OldWorkers)
	s.metrics.watchOldWorkers(s.applier.Status)
	if s.companion != nil {
		s.metrics.watchCompanion(s.companion.applier.Status)
	}
	settings := s.flags.meaning.settings
	files := s.flags.serve.source != sourceKube
	settings.Class.AssumeName, settings.Class.FillDefault = files, files
	var err error
	if address := s.flags.serve.statusAddress; address != "" {
		h := s.health()
		if s.status, err = listenStatus(address, h, s.metrics.handler()); err != nil {
			return err
		}
		settings.ReservedPorts = append(settings.ReservedPorts, s.status.port())
		s.log.Info("status address open", "address", s.status.listener.Addr())
	}
	if settings.DefaultCertificate, err = keptCertificate(s.workDir, time.Now()); err != nil {
		return err
	}
	s.kept.remember(selfSignedFile, slices.Concat(settings.DefaultCertificate.Chain, settings.DefaultCertificate.Key))
	if settings.SessionKey, err = s.sessionKey(); err != nil {
		return err
	}
	if s.flags.serve.sessionKey == "" {
		s.kept.remember(sessionKeyFile, settings.SessionKey)
	}
	guard, err := newPortGuard(s.applier, s.workDir, s.log)
	if err != nil {
		return err
	}
	s.loop = newLoop(loop{
		compiler: compiler{settings: settings, target: target}, applier: s.applier, metrics: s.metrics,
		guard: guard, companion: s.companion, keeper: newKeeper(settings, &s.flags.serve.withdrawal, s.metrics, s.log),
		remarks: remarkLog{log: s.log}, log: s.log, renew: renew, pulse: &s.pulse,
	})
	return nil
}

// health is what the status address answers.
func (s *serving) health() health {
	return health{
		source: s.source.State, proxy: s.applier.Status,
		signs:   map[string]func() time.Time{"work on the proxy": s.applier.LastSign, "work on the input": s.pulse.sign},
		silence: maxSilence + s.flags.serve.checkTimeout,
	}
}

// sessionKey is the secret of session cookies.
func (s *serving) sessionKey() (model.Secret, error) {
	if file := s.flags.serve.sessionKey; file != "" {
		return readSessionKey(file)
	}
	return keptSessionKey(s.workDir)
}

// run does the work until ctx is done or a part fails. The status address answers to the end, so that an orchestrator sees the
// proxy finish.
func (s *serving) run(ctx context.Context) error {
	working, cancel := context.WithCancel(ctx)
	defer cancel()
	answering, quiet := context.WithCancel(context.WithoutCancel(ctx))
	var status, work sync.WaitGroup
	var failures firstError
	start := func(group *sync.WaitGroup, ctx context.Context, part func(context.Context) error) {
		group.Go(func() {
			if err := part(ctx); err != nil {
				failures.note(err)
				cancel()
			}
		})
	}
	if s.status != nil {
		start(&status, answering, s.status.serve)
	}
	start(&work, working, s.applier.Run)
	if s.companion != nil {
		start(&work, working, s.companion.applier.Run)
	}
	start(&work, working, s.loop.run)
	start(&work, working, s.rereadOnHangup)
	start(&work, working, s.follow)
	work.Wait()
	quiet()
	status.Wait()
	return failures.get()
}

// follow takes what changes in the source to the loop, as soon as it is known what all replicas must have in common.
func (s *serving) follow(ctx context.Context) error {
	if err := s.shareSessionKey(ctx); err != nil {
		if errors.Is(err, context.Canceled) {
			err = nil // headgate is to end
		}
		return err
	}
	timing := watch.Timing{Quiet: s.flags.serve.quiet, Ceiling: s.flags.serve.maxWait}
	return watch.Run(ctx, s.source, timing, s.loop.deliver)
}

// rereadOnHangup reads templates again at each SIGHUP. Manifests and objects are followed anyway.
func (s *serving) rereadOnHangup(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.hangup:
			s.loop.renewSoon()
		}
	}
}

// firstError keeps the first of several errors.
type firstError struct {
	mu  sync.Mutex
	err error
}

func (f *firstError) note(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = err
	}
}

func (f *firstError) get() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}
