package reload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// What the rendered configuration has to agree on with this package. Relative paths are below the work dir, which is nginx's prefix.
const (
	// NginxConfig is the file of a tree that nginx starts with.
	NginxConfig = "nginx.conf"
	// NginxPIDFile is what the pid directive of the configuration must name.
	NginxPIDFile = "run/nginx.pid"
	// NginxStatusSocket is where the configuration must have a server that answers [NginxStatusPath].
	NginxStatusSocket = "run/status.sock"
	// NginxErrorLog is a file to which the configuration of an nginx in another container may log why it refuses a reload, besides its
	// own log.
	NginxErrorLog = "run/emerg.log"
	// NginxStatusPath is answered with the id of the generation, and nothing else.
	NginxStatusPath = "/generation"
)

// NginxOptions configure a [NginxChild] or a [NginxSidecar].
type NginxOptions struct {
	// WorkDir is that of the Applier.
	WorkDir string
	// Bin is the nginx binary. A child needs one ("nginx" if empty); without one beside a sidecar's nginx there is no check.
	Bin string
	// StatusSocket is where nginx answers with its generation; [NginxStatusSocket] below the work dir if empty.
	StatusSocket string
	// PIDFile is where the master process notes its number; [NginxPIDFile] below the work dir if empty.
	PIDFile string
	// ErrorLog is a file that a sidecar's nginx logs to, on a volume that Headgate can read; [NginxErrorLog] below the work dir if empty.
	// An nginx that logs to no such file never refuses a reload: it is late.
	ErrorLog string
	// CheckTimeout bounds one check of a small configuration; 60 s if zero. Larger ones get more time, see [Allowance].
	CheckTimeout time.Duration
	// StopTimeout is how long a child may finish its requests; 25 s if zero, a little less than Kubernetes waits.
	StopTimeout time.Duration
	// MaxOldWorkers is how many workers may be finishing their connections when a reload begins; 0 for four for each worker that serves.
	MaxOldWorkers int
	// Stdout and Stderr receive what a child prints. Nothing is received if they are nil.
	Stdout *os.File
	Stderr io.Writer
	// Log receives what happens; slog's default logger if nil.
	Log *slog.Logger
}

// maxSocketPath is the longest path of a unix socket on Linux.
const maxSocketPath = 107

// complete fills in the defaults.
func (o NginxOptions) complete() (NginxOptions, error) {
	dir, err := filepath.Abs(o.WorkDir)
	if err != nil {
		return o, fmt.Errorf("work dir: %w", err)
	}
	o.WorkDir = dir
	if o.Bin, err = absoluteBin(o.Bin); err != nil {
		return o, err
	}
	setDefault(&o.StatusSocket, filepath.Join(dir, NginxStatusSocket))
	setDefault(&o.PIDFile, filepath.Join(dir, NginxPIDFile))
	setDefault(&o.ErrorLog, filepath.Join(dir, NginxErrorLog))
	setDefault(&o.CheckTimeout, 60*time.Second)
	setDefault(&o.StopTimeout, 25*time.Second)
	setDefault(&o.Log, slog.Default())
	if longest := len(o.StatusSocket) + len("/") + len(secondFolder); longest > maxSocketPath {
		return o, fmt.Errorf("the path of the status socket, %s, is too long: a socket may have %d bytes, and %d are needed; choose a shorter work dir",
			o.StatusSocket, maxSocketPath, longest)
	}
	return o, nil
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// statusSocket asks a proxy for its generation.
type statusSocket struct {
	path   string
	client *http.Client
}

// statusTimeout bounds one question.
const statusTimeout = 2 * time.Second

func newStatusSocket(path string) *statusSocket {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", path)
	}
	// A kept-alive connection would go on asking the worker of an old generation.
	transport := &http.Transport{DialContext: dial, DisableKeepAlives: true}
	return &statusSocket{path, &http.Client{Transport: transport, Timeout: statusTimeout}}
}

// generation returns what the proxy answers.
func (s *statusSocket) generation(ctx context.Context) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost"+NginxStatusPath, http.NoBody)
	if err != nil {
		return "", err
	}
	res, err := s.client.Do(req)
	if err != nil {
		return "", fmt.Errorf("asking the status socket: %w", errors.Unwrap(err)) // without the URL, which means nothing
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 256))
	if err != nil {
		return "", fmt.Errorf("asking the status socket: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return "", fmt.Errorf("asking the status socket: answer %d", res.StatusCode)
	}
	return strings.TrimSpace(string(body)), nil
}
