package main

import (
	"fmt"
	"io/fs"
	"os"

	"github.com/headgate/headgate/render"
	"github.com/headgate/headgate/render/haproxy"
	"github.com/headgate/headgate/render/nginx"
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
		return f.haproxy()
	}
	return f.nginx(f.version)
}

// haproxy loads the templates for HAProxy.
func (f *targetFlags) haproxy() (*haproxy.Target, error) {
	opts := haproxy.Options{Version: haproxy.DefaultVersion, TemplatesName: f.templates}
	var err error
	if f.version != "" {
		if opts.Version, err = haproxy.ParseVersion(f.version); err != nil {
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

// nginx loads the templates for nginx. What is wrong with the user's templates is a mistake in the use of headgate.
func (f *targetFlags) nginx(version string, modules ...string) (*nginx.Target, error) {
	opts := nginx.Options{Version: nginx.DefaultVersion, TemplatesName: f.templates}
	for _, m := range modules {
		opts.Modules = append(opts.Modules, nginx.File(m))
	}
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
