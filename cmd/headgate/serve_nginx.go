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
		f.log.Warn("unknown nginx fork; treating it as nginx", "name", build.Product)
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

// marker prints a server on a socket, by a template of the target's. The nginx of another container tells in a file why it refuses a
// reload; of a child the log is read.
func (f nginxFamily) marker(target render.Target) (marker, error) {
	printer, ok := target.(*nginx.Target)
	if !ok {
		return nil, errors.New("the target is not one for nginx")
	}
	log := ""
	if f.sidecar() && f.flags.serve.errorLog == "" {
		log = reload.NginxErrorLog
	}
	return nginxMarker(printer, f.workDir, log), nil
}

// nginxMarker returns the marker of an nginx with a work dir.
func nginxMarker(printer *nginx.Target, workDir, errorLog string) marker {
	return func(generation string, files []render.File) ([]render.File, error) {
		return printer.Mark(files, nginx.Marker{
			Socket: filepath.Join(workDir, reload.NginxStatusSocket), Generation: generation, ErrorLog: errorLog,
		})
	}
}

func (f nginxFamily) proxy() (reload.Proxy, error) {
	flags := &f.flags.serve
	opts := reload.NginxOptions{
		WorkDir: f.workDir, Bin: flags.proxyBin, PIDFile: flags.pidFile, ErrorLog: flags.errorLog, CheckTimeout: flags.checkTimeout,
		StopTimeout: flags.stopTimeout, MaxOldWorkers: flags.maxOldWorkers, Stdout: f.output.stdout, Stderr: f.output.stderr, Log: f.log,
	}
	if f.sidecar() {
		return reload.NewNginxSidecar(opts)
	}
	return reload.NewNginxChild(opts)
}
