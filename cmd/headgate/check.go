package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/reload"
	"github.com/headgate/headgate/render/nginx"
)

// checkFlags ask for the proxy's own opinion about a rendering.
type checkFlags struct {
	binary string
}

func (f *checkFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.binary, "check-with", "", "`binary` of the proxy whose own check has to accept the configuration; exits 3 if it refuses")
}

// ask has the proxy's checker, if there is one, read what the Snapshot is rendered to, in a folder that is removed again. Key material stays out of it: the
// placeholder stands in. A refusal is a diagnostic as well as an error.
func (f *checkFlags) ask(ctx context.Context, flags *targetFlags, c compiler, snap *manifest.Snapshot) (diag.List, error) {
	if f.binary == "" {
		return nil, nil
	}
	dir, err := os.MkdirTemp("", "headgate-check-")
	if err != nil {
		return nil, fmt.Errorf("making a folder for the check: %w", err)
	}
	defer os.RemoveAll(dir)
	proxy, err := f.proxy(flags.proxy, dir)
	if err != nil {
		return nil, err
	}
	if target, ok := c.target.(*nginx.Target); ok {
		build, err := reload.ProbeNginx(ctx, f.binary)
		if err != nil {
			return nil, err
		}
		c.target = flags.fitTo(target, build, filepath.Join(dir, "run"))
	}
	c.adjust = standIn
	made, err := c.compile(snap)
	if err != nil {
		return nil, err
	}
	tree := reload.Tree{Dir: filepath.Join(dir, "generations", "0"), Generation: "0", Files: made.files}
	if err := writeFolder(tree.Dir, made.files, "render"); err != nil {
		return nil, err
	}
	if err := os.Mkdir(filepath.Join(dir, "run"), 0o700); err != nil {
		return nil, fmt.Errorf("making a folder for the check: %w", err)
	}
	remarks, err := proxy.Check(ctx, tree)
	if refused := (*reload.CheckError)(nil); errors.As(err, &refused) {
		remarks.Add(reload.Diagnostic(err))
		return remarks, &exitError{code: exitRefused, err: fmt.Errorf("%s refuses the configuration", f.binary)}
	}
	return remarks, err
}

// proxy returns one that is only asked for its check.
func (f *checkFlags) proxy(name, dir string) (reload.Proxy, error) {
	log := slog.New(slog.DiscardHandler)
	if name == proxyHAProxy {
		return reload.NewHAProxyChild(reload.HAProxyOptions{WorkDir: dir, Bin: f.binary, Log: log})
	}
	return reload.NewNginxChild(reload.NginxOptions{WorkDir: dir, Bin: f.binary, Log: log})
}
