package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/reload"
	"github.com/headgate/headgate/render/nginx"
	nginxconf "github.com/headgate/headgate/render/nginx/conf"
)

// companion is an nginx that forwards UDP beside an HAProxy, which cannot. It is a proxy like the other one, with a work dir of its own,
// and is started when the first UDP port is asked for.
type companion struct {
	target  *nginx.Target
	applier *reload.Applier
	guard   *portGuard
	log     *slog.Logger
}

// companionDir is its work dir, below that of Headgate.
const companionDir = "udp"

// noCompanion is the value of --udp-proxy-bin that refuses UDP ports.
const noCompanion = "none"

// findCompanion opens one if the proxy is an HAProxy and there is an nginx that can do it. Without one, UDP ports are refused; only a
// binary that was named has to be there.
func (s *serving) findCompanion(ctx context.Context) error {
	bin, named := s.flags.serve.udpProxyBin, s.flags.serve.udpProxyBin != ""
	if s.flags.target.proxy != proxyHAProxy || bin == noCompanion {
		return nil
	}
	if !named {
		if bin = findProxy(proxyNginx); !isProgram(bin) {
			return nil
		}
	}
	build, err := reload.ProbeNginx(ctx, bin)
	if err == nil && build.Stream == reload.LinkageNone {
		err = errors.New("it has no stream module")
	}
	switch {
	case err == nil:
		return s.openCompanion(bin, build)
	case named:
		return fmt.Errorf("--udp-proxy-bin: %w", err)
	default:
		s.log.Warn("the nginx on this machine cannot forward UDP; UDP ports are rejected", "bin", bin, "error", err)
		return nil
	}
}

func isProgram(name string) bool {
	_, err := exec.LookPath(name)
	return err == nil
}

// openCompanion takes its work dir into possession.
func (s *serving) openCompanion(bin string, build reload.Build) error {
	dir := filepath.Join(s.workDir, companionDir)
	version, err := nginx.ParseVersion(build.Version)
	if err != nil {
		return fmt.Errorf("the version of %s: %w", bin, err)
	}
	target, err := nginx.New(nginx.Options{Version: version, StreamModule: nginxconf.File(build.StreamModule), SocketDir: filepath.Join(dir, "run")})
	if err != nil {
		return err
	}
	f := &s.flags.serve
	log := s.log.With("part", "udp")
	proxy, err := reload.NewNginxChild(reload.NginxOptions{
		WorkDir: dir, Bin: bin, CheckTimeout: f.checkTimeout, StopTimeout: f.stopTimeout, Stdout: s.output.stdout, Stderr: s.output.stderr, Log: log,
	})
	if err != nil {
		return err
	}
	applier, err := reload.Open(reload.Options{
		WorkDir: dir, Proxy: proxy, ConfirmTimeout: f.confirm, Log: log,
		Marker: nginxMarker(target, dir, ""),
	})
	if err != nil {
		return err
	}
	s.companion = &companion{target: target, applier: applier, log: log}
	s.companion.guard, err = newPortGuard(applier, dir, log)
	return err
}

// take moves the UDP ports, and what they forward to, out of a Config into one of their own.
func (c *companion) take(cfg *model.Config) *model.Config {
	udp := &model.Config{Global: cfg.Global}
	udp.Global.Listen.ProxyProtocol, udp.Global.Listen.Passthrough = false, false
	udp.Global.Streams.Snippets = nil
	isUDP := func(s model.Stream) bool { return s.Protocol == model.UDP }
	udp.Streams = slices.DeleteFunc(slices.Clone(cfg.Streams), func(s model.Stream) bool { return !isUDP(s) })
	cfg.Streams = slices.DeleteFunc(cfg.Streams, isUDP)
	for i := range cfg.StreamBackends {
		if b := &cfg.StreamBackends[i]; b.Protocol == model.UDP {
			udp.StreamBackends = append(udp.StreamBackends, *b)
			udp.StreamEndpoints = append(udp.StreamEndpoints, cfg.StreamEndpoints[i])
		}
	}
	return udp
}

// apply brings the UDP ports to the companion. While there have never been any, it is not started; one that an earlier Headgate has left
// in place is told when there are none any more.
func (c *companion) apply(ctx context.Context, udp *model.Config) (diag.List, error) {
	if len(udp.Streams) == 0 && c.applier.Status().Generation == "" {
		return nil, nil
	}
	result, err := c.target.Render(udp)
	if err != nil {
		return nil, fmt.Errorf("printing the UDP ports: %w", err)
	}
	outcome, err := c.applier.Apply(ctx, result.Files, "UDP ports")
	remarks := slices.Concat(result.Diagnostics, outcome.Diagnostics)
	if err == nil {
		c.guard.served()
	} else if ctx.Err() == nil {
		remarks.Add(explainFailure(c.log, err))
	}
	return remarks, err
}
