package reload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/render"
)

// NginxSidecar is an nginx that somebody else runs, in another container of the same Pod: the work dir is on a volume that both see,
// and the process namespace is shared, so that the pid file can be used. nginx can only start when there is a configuration, so the
// command of its container waits for one. It also removes the sockets that a killed nginx leaves, to which a new one cannot bind;
// NginxSidecar does that, too, as soon as it sees that nobody listens:
//
//	rm -f WORKDIR/run/*.sock WORKDIR/run/*/*.sock
//	until [ -e WORKDIR/current/nginx.conf ]; do sleep 0.2; done
//	exec nginx -e stderr -p WORKDIR -c WORKDIR/current/nginx.conf -g 'daemon off;'
//
// An nginx that restarts reads what is in place by itself; an absent one is waited for.
type NginxSidecar struct {
	opts    NginxOptions
	checker checker
	sockets *nginxSockets

	mu      sync.Mutex
	verdict *verdict
	read    int64 // how far the error log was read
	untold  bool  // there was nobody to signal
}

var (
	_ Proxy  = (*NginxSidecar)(nil)
	_ Fitter = (*NginxSidecar)(nil)
)

// NewNginxSidecar returns an nginx that may or may not be running already.
func NewNginxSidecar(opts NginxOptions) (*NginxSidecar, error) {
	opts, err := opts.complete()
	if err != nil {
		return nil, err
	}
	if opts.Bin == "" {
		opts.Log.Info("no nginx binary given: configurations are put in place without nginx's own check")
	}
	return &NginxSidecar{
		opts:    opts,
		checker: opts.checker(),
		sockets: newNginxSockets(opts.StatusSocket),
		verdict: &verdict{dialect: nginxDialect, dir: filepath.Join(opts.WorkDir, linkCurrent)},
	}, nil
}

// Check implements [Proxy] with nginx -t, if there is a binary.
func (s *NginxSidecar) Check(ctx context.Context, tree Tree) (diag.List, error) {
	if s.opts.Bin == "" {
		return s.checker.skipped(), nil
	}
	return s.checker.check(ctx, tree)
}

// Lost implements [Proxy]: the end of a process that is not a child is not seen.
func (s *NginxSidecar) Lost() <-chan struct{} { return nil }

// Apply implements [Proxy]: it reloads nginx, or lets an nginx that has not started yet read the configuration in place.
func (s *NginxSidecar) Apply(_ context.Context, change Change) (Applied, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.skipLog()
	s.verdict.expect(change.To.Generation, 0)
	err := s.signal(syscall.SIGHUP)
	s.untold = err != nil
	var absent *UnreachableError
	switch {
	case err == nil:
		return Applied{Method: MethodReload}, nil
	case errors.As(err, &absent) && !errors.Is(err, syscall.EPERM):
		return Applied{Method: MethodStart, Why: absent.Text}, nil
	default:
		return Applied{Method: MethodReload}, err
	}
}

// Fit implements [Fitter]: a running nginx whose sockets were removed gets others.
func (s *NginxSidecar) Fit(files []render.File) []render.File {
	if s.signal(0) == nil {
		if err := s.sockets.move(); err != nil {
			s.opts.Log.Warn("no other folder for the sockets of nginx", "error", err)
		}
	}
	return s.sockets.fit(files)
}

// signal signals the master process. It finds one that no pid file names any more, and notes its number again, because others need it,
// too: the end of the Pod, for one.
func (s *NginxSidecar) signal(sig syscall.Signal) error {
	err := signalMaster(s.opts.PIDFile, sig)
	var absent *UnreachableError
	if !errors.As(err, &absent) || errors.Is(err, syscall.EPERM) {
		return err
	}
	masters := mastersOf(s.opts.WorkDir)
	if len(masters) != 1 || len(workersOf(masters[0])) == 0 {
		return err // one without workers may be about to start, and to write the file itself
	}
	pid := masters[0]
	s.opts.Log.Warn("the pid file of nginx was removed and is made anew", "file", s.opts.PIDFile, "pid", pid)
	if err := os.WriteFile(s.opts.PIDFile, fmt.Appendln(nil, pid), 0o644); err != nil { //nolint:gosec // what nginx writes is readable for all
		return &UnreachableError{Text: "writing the pid file", Err: err}
	}
	return signalMaster(s.opts.PIDFile, sig)
}

// keepPIDFile writes the pid file of an nginx that answers anew if somebody has removed it.
func (s *NginxSidecar) keepPIDFile() {
	if _, err := os.Lstat(s.opts.PIDFile); errors.Is(err, fs.ErrNotExist) {
		_ = s.signal(0) // it is only asked whether it is there
	}
}

// Generation implements [Proxy].
func (s *NginxSidecar) Generation(ctx context.Context) (string, error) {
	id, err := s.sockets.generation(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.verdict.acquit(id)
		s.keepPIDFile()
	}
	if err == nil && s.untold && id != s.verdict.expected() {
		// It was about to start when there was nobody to signal, and had read what was in place before.
		s.untold = s.signal(syscall.SIGHUP) != nil
	}
	s.readLog()
	if no := s.verdict.refusal(); no != nil {
		return "", no
	}
	if err == nil {
		return id, nil
	}
	// Nobody answers: is there a process at all? Signal 0 is not delivered.
	if absent := s.signal(0); absent != nil && !errors.Is(absent, syscall.EPERM) {
		s.clear()
		return "", absent
	}
	return "", s.sockets.mute(err)
}

// clear removes the sockets that an nginx has left which did not end by itself, or could not start because of a busy port. Whoever starts
// the next one may not do it, and nginx tries for 2.5 s to bind to them.
func (s *NginxSidecar) clear() {
	removed, err := s.sockets.clear()
	if err != nil {
		s.opts.Log.Warn("left-over sockets of nginx not removed", "error", err)
	}
	if len(removed) > 0 {
		s.sockets.forget()
		s.opts.Log.Info("left-over sockets of nginx removed", "names", removed)
	}
}

// skipLog passes over what is in the error log already.
func (s *NginxSidecar) skipLog() {
	if s.opts.ErrorLog == "" {
		return
	}
	s.read = 0
	if st, err := os.Stat(s.opts.ErrorLog); err == nil {
		s.read = st.Size()
	}
}

// readLog reads what has come to the error log since. A log that cannot be read says nothing: the wait ends by its limit.
func (s *NginxSidecar) readLog() {
	if s.opts.ErrorLog == "" {
		return
	}
	file, err := os.Open(s.opts.ErrorLog)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			s.opts.Log.Debug("error log of nginx not read", "error", err)
		}
		return
	}
	defer file.Close()
	if st, err := file.Stat(); err == nil && st.Size() < s.read {
		s.read = 0 // rotated
	}
	if _, err := file.Seek(s.read, io.SeekStart); err != nil {
		return
	}
	counted := &countingReader{r: file}
	rest := eachLine(counted, s.verdict.note)
	s.read += counted.n - int64(len(rest)) // a line that is being written is read when it is whole
}

// countingReader counts what is read through it.
type countingReader struct {
	r io.Reader
	n int64
}

// Read implements io.Reader.
func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// OldWorkers implements [Proxy].
func (s *NginxSidecar) OldWorkers(context.Context) (int, error) {
	pid, err := readPID(s.opts.PIDFile)
	if err != nil {
		return 0, fmt.Errorf("counting old workers: %w", err)
	}
	return len(retiringOf(pid)), nil
}

// Stop implements [Proxy]: the nginx of another container goes on serving.
func (s *NginxSidecar) Stop(context.Context) error { return nil }
