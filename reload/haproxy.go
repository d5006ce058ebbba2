package reload

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/headgate/headgate/render"
)

// What the rendered configuration has to agree on with this package. HAProxy is started with the folder of a tree, so it reads all
// files at the top of it whose names end in ".cfg", in the order of their names; relative names in them are relative to that folder.
const (
	// HAProxyMarkerFile is the file that [HAProxyMarker] adds to a tree. HAProxy reads it first, so that its id vouches for all others: when
	// it was read, the link to the tree had been switched already.
	HAProxyMarkerFile = "00-generation.cfg"
	// HAProxyMasterSocket is where the master process of a [HAProxyChild] listens, below the work dir.
	HAProxyMasterSocket = "run/master.sock"
	// HAProxyRuntimeSocket is where a "stats socket" of the configuration should listen, below the work dir.
	HAProxyRuntimeSocket = "run/runtime.sock"
)

// haproxyVariable holds the id of the generation that a process runs. It comes with the marker when the process loads, and is set when
// the process was changed without a reload.
const haproxyVariable = "proc.generation"

// HAProxyMarker returns the file that makes an HAProxy know its generation; it is what [Options].Marker has to be.
func HAProxyMarker(generation string, files []render.File) ([]render.File, error) {
	text := "# Tells which generation of the configuration is serving.\nglobal\n    set-var " + haproxyVariable + " str(" + generation + ")\n"
	return append(slices.Clip(files), render.File{Path: HAProxyMarkerFile, Mode: 0o644, Data: []byte(text)}), nil
}

// HAProxyOptions configure a [HAProxyChild] or a [HAProxySidecar].
type HAProxyOptions struct {
	// WorkDir is that of the Applier.
	WorkDir string
	// Bin is the HAProxy binary. A child needs one ("haproxy" if empty); without one beside a sidecar's HAProxy there is no check.
	Bin string
	// MasterSocket is where the master process listens; [HAProxyMasterSocket] below the work dir if empty.
	MasterSocket string
	// RuntimeSocket is a "stats socket" of level admin; [HAProxyRuntimeSocket] below the work dir if empty. While nobody listens
	// there, the master process passes commands on; that of HAProxy 2.6 gets stuck over long answers now and then.
	RuntimeSocket string
	// CheckTimeout bounds one check; 60 s if zero.
	CheckTimeout time.Duration
	// StopTimeout is how long a child may finish its requests; 25 s if zero, a little less than Kubernetes waits.
	StopTimeout time.Duration
	// MaxOldWorkers is how many workers may be finishing their connections after reloads; 16 if zero. When there are as many, a reload
	// waits, see [Options].
	MaxOldWorkers int
	// CompareEvery is how often the running process is compared with the files; 30 s if zero.
	CompareEvery time.Duration
	// Stdout and Stderr receive what a child prints. Nothing is received if they are nil.
	Stdout *os.File
	Stderr io.Writer
	// Log receives what happens; slog's default logger if nil.
	Log *slog.Logger
}

// complete fills in the defaults.
func (o HAProxyOptions) complete() (HAProxyOptions, error) {
	dir, err := filepath.Abs(o.WorkDir)
	if err != nil {
		return o, fmt.Errorf("work dir: %w", err)
	}
	o.WorkDir = dir
	if o.Bin, err = absoluteBin(o.Bin); err != nil {
		return o, err
	}
	setDefault(&o.MasterSocket, filepath.Join(dir, HAProxyMasterSocket))
	setDefault(&o.RuntimeSocket, filepath.Join(dir, HAProxyRuntimeSocket))
	setDefault(&o.CheckTimeout, 60*time.Second)
	setDefault(&o.StopTimeout, 25*time.Second)
	setDefault(&o.MaxOldWorkers, 16)
	setDefault(&o.CompareEvery, 30*time.Second)
	setDefault(&o.Log, slog.Default())
	// HAProxy itself adds a suffix while it binds.
	const suffix = len(".12345678.tmp")
	for _, socket := range []string{o.MasterSocket, o.RuntimeSocket} {
		if len(socket)+suffix > maxSocketPath {
			return o, fmt.Errorf("the path of a socket, %s, is longer than the %d bytes that HAProxy can use; choose a shorter work dir",
				socket, maxSocketPath-suffix)
		}
	}
	return o, nil
}

// config is what HAProxy is started with: the folder of the tree in place.
func (o HAProxyOptions) config() string { return filepath.Join(o.WorkDir, linkCurrent) }

// fit returns files that name the usual runtime socket by its whole path: HAProxy is not started in the work dir, which may be deleted.
func (o HAProxyOptions) fit(files []render.File) []render.File {
	relative := []byte(" unix@" + HAProxyRuntimeSocket + " ")
	fitted := slices.Clone(files)
	for i := range fitted {
		if data := &fitted[i].Data; isConfig(fitted[i].Path) && bytes.Contains(*data, relative) {
			*data = bytes.ReplaceAll(*data, relative, []byte(" unix@"+filepath.Join(o.WorkDir, HAProxyRuntimeSocket)+" "))
		}
	}
	return fitted
}

// pathInTree returns the path in a tree of a file that the process calls by the given name.
func (o HAProxyOptions) pathInTree(name string) string {
	return strings.TrimPrefix(name, o.config()+"/")
}
