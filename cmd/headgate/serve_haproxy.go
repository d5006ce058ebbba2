package main

import (
	"cmp"
	"context"
	"path/filepath"

	"github.com/headgate/headgate/reload"
	"github.com/headgate/headgate/render"
	haproxyconf "github.com/headgate/headgate/render/haproxy/conf"
)

// haproxyFamily drives HAProxy.
type haproxyFamily struct{ *serving }

func (f haproxyFamily) sidecar() bool {
	return f.flags.serve.masterSocket != "" || f.flags.serve.runtimeSocket != ""
}

func (f haproxyFamily) probe(ctx context.Context, bin string) (reload.Build, error) {
	return reload.ProbeHAProxy(ctx, bin)
}

func (f haproxyFamily) target(reload.Build) (render.Target, error) {
	socket := cmp.Or(f.flags.serve.runtimeSocket, filepath.Join(f.workDir, reload.HAProxyRuntimeSocket))
	return f.flags.target.haproxy(f.proxyVersion, haproxyconf.Socket(socket))
}

func (f haproxyFamily) marker(render.Target) (marker, error) {
	return reload.HAProxyMarker, nil
}

func (f haproxyFamily) proxy() (reload.Proxy, error) {
	flags := &f.flags.serve
	opts := reload.HAProxyOptions{
		WorkDir: f.workDir, Bin: flags.proxyBin, MasterSocket: flags.masterSocket, RuntimeSocket: flags.runtimeSocket,
		CheckTimeout: flags.checkTimeout, StopTimeout: flags.stopTimeout, MaxOldWorkers: flags.maxOldWorkers,
		Stdout: f.output.stdout, Stderr: f.output.stderr, Log: f.log,
	}
	if f.sidecar() {
		return reload.NewHAProxySidecar(opts)
	}
	return reload.NewHAProxyChild(opts)
}
