package main

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/headgate/headgate/reload"
	"github.com/headgate/headgate/render"
	"github.com/headgate/headgate/render/nginx"
)

// nginxFamily drives nginx.
type nginxFamily struct{ *serving }

func (f nginxFamily) sidecar() bool { return f.flags.serve.pidFile != "" }

func (f nginxFamily) probe(ctx context.Context, bin string) (reload.Build, error) {
	build, err := reload.ProbeNginx(ctx, bin)
	if err == nil && build.Product != proxyNginx {
		f.log.Warn("the binary calls itself by another name than nginx; it is used as if it were one", "name", build.Product)
	}
	return build, err
}

func (f nginxFamily) target(build reload.Build) (render.Target, error) {
	target, err := f.flags.target.nginx(f.proxyVersion)
	if err != nil {
		return nil, err
	}
	return f.flags.target.fitTo(target, build, filepath.Join(f.workDir, filepath.Dir(reload.NginxStatusSocket))), nil
}

// marker prints a server on a socket, by a template of the target's.
func (f nginxFamily) marker(target render.Target) (func(generation string) []render.File, error) {
	printer, ok := target.(*nginx.Target)
	if !ok {
		return nil, errors.New("the target is not one for nginx")
	}
	socket := filepath.Join(f.workDir, reload.NginxStatusSocket)
	if _, err := printer.Marker(socket, ""); err != nil {
		return nil, usageError("the template of the marker: %v", err)
	}
	return func(generation string) []render.File {
		files, err := printer.Marker(socket, generation)
		if err != nil {
			f.log.Error("the marker cannot be printed; the generation will not be confirmed", "err", err)
		}
		return files
	}, nil
}

func (f nginxFamily) proxy() (reload.Proxy, error) {
	flags := &f.flags.serve
	opts := reload.NginxOptions{
		WorkDir: f.workDir, Bin: flags.proxyBin, PIDFile: flags.pidFile, ErrorLog: flags.errorLog, CheckTimeout: flags.checkTimeout,
		StopTimeout: flags.stopTimeout, Stdout: f.output.stdout, Stderr: f.output.stderr, Log: f.log,
	}
	if f.sidecar() {
		return reload.NewNginxSidecar(opts)
	}
	return reload.NewNginxChild(opts)
}
