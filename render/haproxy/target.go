package haproxy

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"reflect"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render"
	"github.com/headgate/headgate/render/engine"
	"github.com/headgate/headgate/render/haproxy/conf"
	"github.com/headgate/headgate/templates"
)

// Options say for which HAProxy, and with which templates, configuration is printed.
type Options struct {
	// Version is that of the HAProxy that will read the configuration; [DefaultVersion] if zero.
	Version Version
	// Templates, if not nil, holds templates that replace ours, below haproxy/conf and haproxy/lists; TemplatesName is how messages
	// call it.
	Templates     fs.FS
	TemplatesName string
	// RuntimeSocket is where the process listens for commands; [DefaultRuntimeSocket] if empty.
	RuntimeSocket conf.Socket
}

// DefaultRuntimeSocket is where the process listens for commands, relative to the folder that it was started in.
const DefaultRuntimeSocket conf.Socket = "run/runtime.sock"

// Target renders configuration for HAProxy. It is not safe for concurrent use.
type Target struct {
	opts Options
	// conf holds the templates of configuration, lists those of the files that it refers to.
	conf, lists *engine.Set
	// printed holds the files, and parts of files, of the last rendering with the views that they were printed from.
	printed map[string]printed
}

// printed is a text with what it was made of.
type printed struct {
	view any
	data []byte
}

var _ render.Target = (*Target)(nil)

// The entries are the templates that files are made of.
const (
	mainEntry         = "haproxy"
	serviceEntry      = "service"
	statusEntry       = "status"
	tablesEntry       = "tables"
	networksEntry     = "networks"
	certificatesEntry = "certificates"

	streamsEntry        = "stream"
	streamServicesEntry = "stream_services"
	passthroughMap      = "passthrough"
)

// ConfEntries are the templates of configuration that are printed by themselves; all stand at the top of a file.
var ConfEntries = map[string]string{mainEntry: "", serviceEntry: "", statusEntry: "", tablesEntry: "", streamsEntry: "", streamServicesEntry: ""}

// New loads the templates. An error is about a template of the user's or about a version that is too old.
func New(opts Options) (*Target, error) {
	if opts.Version == (Version{}) {
		opts.Version = DefaultVersion
	}
	if opts.Version.Before(DefaultVersion) {
		return nil, fmt.Errorf("HAProxy %s is older than %s, the oldest that configuration can be made for", opts.Version, DefaultVersion)
	}
	if opts.RuntimeSocket == "" {
		opts.RuntimeSocket = DefaultRuntimeSocket
	}
	if opts.Templates != nil {
		if err := templates.CheckVersion(opts.Templates, opts.TemplatesName, "haproxy", templates.HAProxyViews); err != nil {
			return nil, err
		}
	}
	config, errConf := load(opts, "haproxy/conf", conf.Language{}, ConfEntries)
	lines := map[string]string{networksEntry: conf.ListContext, certificatesEntry: conf.CrtListContext, passthroughMap: conf.MapContext}
	for _, name := range mapNames {
		lines[name] = conf.MapContext
	}
	lists, errLists := load(opts, "haproxy/lists", conf.Lines{}, lines)
	if err := errors.Join(errConf, errLists); err != nil {
		return nil, fmt.Errorf("loading the templates for HAProxy: %w", err)
	}
	return &Target{opts: opts, conf: config, lists: lists}, nil
}

// load loads the templates of one folder, with those of the user's folder of the same name.
func load(opts Options, dir string, lang engine.Language, entries map[string]string) (*engine.Set, error) {
	ours, err := fs.Sub(templates.HAProxy, dir)
	if err != nil {
		return nil, err
	}
	engineOpts := engine.Options{Entries: entries}
	if opts.Templates != nil {
		if _, err := fs.Stat(opts.Templates, dir); err == nil {
			if engineOpts.Override, err = fs.Sub(opts.Templates, dir); err != nil {
				return nil, err
			}
			engineOpts.OverrideName = path.Join(opts.TemplatesName, dir)
		}
	}
	return engine.Load(ours, lang, engineOpts)
}

// Render renders the whole Config. Files whose views are those of the last rendering are taken over from it.
func (t *Target) Render(cfg *model.Config) (render.Result, error) {
	r := newRendering(t, cfg)
	r.hosts()
	r.sessionTables()
	r.groupTables()
	r.balances()
	r.certificates()
	r.settings()
	for _, step := range []func() error{
		r.main, r.services, r.answers, r.stickTables, r.maps, r.networks, r.certificateList, r.streams, r.passthroughs,
	} {
		if err := step(); err != nil {
			return render.Result{}, err
		}
	}
	t.printed = r.printed
	render.SortFiles(r.result.Files)
	r.result.Diagnostics.Sort()
	return r.result, nil
}

// rendering is one call of Render.
type rendering struct {
	target  *Target
	cfg     *model.Config
	result  render.Result
	printed map[string]printed
	// sections are the backends that routes lead to, by name.
	sections map[conf.Name]*section
	tables   tables
	canaries canaryNames
}

func newRendering(t *Target, cfg *model.Config) *rendering {
	return &rendering{
		target: t, cfg: cfg,
		printed:  make(map[string]printed, len(cfg.Backends)+16),
		sections: make(map[conf.Name]*section, len(cfg.Backends)+16),
		tables:   newTables(),
		canaries: newCanaryNames(),
	}
}

// text is what a template makes of a view, or what it made of the same view last time.
func (r *rendering) text(set *engine.Set, key, entry string, view any) ([]byte, error) {
	old, ok := r.target.printed[key]
	if !ok || !reflect.DeepEqual(old.view, view) {
		var b bytes.Buffer
		if err := set.Execute(&b, entry, view); err != nil {
			return nil, err
		}
		old = printed{view: view, data: b.Bytes()}
	}
	r.printed[key] = old
	return old.data, nil
}

// print adds a file made by a template.
func (r *rendering) print(set *engine.Set, file, entry string, view any) error {
	data, err := r.text(set, file, entry, view)
	if err == nil {
		r.result.Files = append(r.result.Files, render.File{Path: file, Mode: 0o644, Data: data})
	}
	return err
}

// refuse reports what a part of the Config cannot be expressed as.
func (r *rendering) refuse(code diag.CodeInfo, from model.Origin, format string, args ...any) {
	r.result.Diagnostics.Add(code.At(from.Pos, from.Ref, from.Path, format, args...))
}

// unusable reports a setting that HAProxy does not support as it is written.
func (r *rendering) unusable(code diag.CodeInfo, key, format string, args ...any) {
	r.refuse(code, r.cfg.Global.Origin(key), format, args...)
}
