package main

import (
	"fmt"
	"io/fs"
	"os"

	"github.com/headgate/headgate/reload"
	"github.com/headgate/headgate/render"
	"github.com/headgate/headgate/render/haproxy"
	haproxyconf "github.com/headgate/headgate/render/haproxy/conf"
	"github.com/headgate/headgate/render/nginx"
	nginxconf "github.com/headgate/headgate/render/nginx/conf"
)

// The proxies that configuration can be made for.
const (
	proxyNginx   = "nginx"
	proxyHAProxy = "haproxy"
)

// proxyNames are the values of --proxy.
var proxyNames = []string{proxyNginx, proxyHAProxy}

// target loads the templates for the proxy that the flags name.
func (f *targetFlags) target() (render.Target, error) {
	if f.proxy == proxyHAProxy {
		return f.haproxy(f.version, haproxy.DefaultRuntimeSocket)
	}
	return f.nginx(f.version)
}

// haproxy loads the templates for an HAProxy that makes a socket for commands.
func (f *targetFlags) haproxy(version string, socket haproxyconf.Socket) (*haproxy.Target, error) {
	opts := haproxy.Options{Version: haproxy.DefaultVersion, TemplatesName: f.templates, RuntimeSocket: socket}
	var err error
	if version != "" {
		if opts.Version, err = haproxy.ParseVersion(version); err != nil {
			return nil, usageError("--proxy-version: %v", err)
		}
	}
	if f.templates != "" {
		if opts.Templates, err = openTemplates(f.templates); err != nil {
			return nil, err
		}
	}
	target, err := haproxy.New(opts)
	if err != nil {
		return nil, usageError("%v", err)
	}
	return target, nil
}

// nginx loads the templates for nginx, of which no more is known than what the flags say. What is wrong with the user's templates is a
// mistake in the use of headgate.
func (f *targetFlags) nginx(version string) (*nginx.Target, error) {
	opts := nginx.Options{Version: nginx.DefaultVersion, TemplatesName: f.templates}
	f.setStreamModule(&opts)
	var err error
	if version != "" {
		if opts.Version, err = nginx.ParseVersion(version); err != nil {
			return nil, usageError("--proxy-version: %v", err)
		}
	}
	if f.templates != "" {
		if opts.Templates, err = openTemplates(f.templates); err != nil {
			return nil, err
		}
	}
	target, err := nginx.New(opts)
	if err != nil {
		return nil, usageError("%v", err)
	}
	return target, nil
}

// noModule is the value of --stream-module for an nginx without one.
const noModule = "none"

// setStreamModule says what the flag says about the stream module; without the flag it counts as part of the binary.
func (f *targetFlags) setStreamModule(opts *nginx.Options) {
	if f.streamModule == noModule {
		opts.NoStream = true
		return
	}
	opts.StreamModule = nginxconf.File(f.streamModule)
}

// fitTo tells a target what a binary has said about itself, and where it can make sockets.
func (f *targetFlags) fitTo(target *nginx.Target, build reload.Build, sockets string) *nginx.Target {
	return target.Adjust(func(opts *nginx.Options) {
		opts.SocketDir = sockets
		if f.streamModule == "" && build.Product != "" {
			opts.NoStream = build.Stream == reload.LinkageNone
			opts.StreamModule = nginxconf.File(build.StreamModule)
		}
	})
}

// openTemplates opens the folder of --templates. It must hold at least one file: an empty folder is most likely the wrong one.
func openTemplates(path string) (fs.FS, error) {
	folder := os.DirFS(path)
	found := false
	err := fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
		found = found || err == nil && !entry.IsDir()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the templates in %s: %w", path, err)
	}
	if !found {
		return nil, usageError("--templates: there are no files in %s", path)
	}
	return folder, nil
}
