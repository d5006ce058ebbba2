package nginx

import (
	"bytes"
	"fmt"
	"io/fs"
	"reflect"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render"
	"github.com/headgate/headgate/render/engine"
	"github.com/headgate/headgate/render/nginx/conf"
	"github.com/headgate/headgate/templates"
)

// Options say for which nginx, and with which templates, configuration is printed.
type Options struct {
	// Version is that of the nginx that will read the configuration; [DefaultVersion] if zero.
	Version Version
	// Modules are loaded first: the files of dynamic modules, relative to nginx's prefix or absolute.
	Modules []conf.File
	// StreamModule is the file of the stream module where that is a dynamic one, as Debian's is. It is loaded where it is needed.
	StreamModule conf.File
	// NoStream says that this nginx has no stream module at all: TCP and UDP ports and TLS passthrough are refused.
	NoStream bool
	// SocketDir is the absolute path of a folder for sockets between parts of the configuration; [DefaultSocketDir] if empty.
	SocketDir string
	// Templates, if not nil, holds templates that replace ours; TemplatesName is how messages call it.
	Templates     fs.FS
	TemplatesName string
}

// PIDFile is where nginx notes the number of its master process, relative to its prefix.
const PIDFile conf.File = "run/nginx.pid"

// DefaultSocketDir is the folder for sockets below the default work dir.
const DefaultSocketDir = "/var/lib/headgate/run"

// Target renders configuration for nginx. It is not safe for concurrent use.
type Target struct {
	opts      Options
	templates *engine.Set
	// printed holds the files of the last rendering with the views that they were printed from.
	printed map[string]printed
}

// printed is a file with what it was made of.
type printed struct {
	view any
	file render.File
}

var _ render.Target = (*Target)(nil)

// The entries are the templates that files are made of, with the block around each.
const (
	mainEntry           = "nginx/nginx"
	headersEntry        = "nginx/headers"
	upstreamEntry       = "nginx/upstream"
	hostEntry           = "nginx/host"
	markerEntry         = "nginx/marker"
	markerLogEntry      = "nginx/marker_log"
	portEntry           = "nginx/port"
	streamUpstreamEntry = "nginx/stream_upstream"
	passthroughEntry    = "nginx/passthrough_host"
	limitEntry          = "nginx/limit"
	calendarEntry       = "nginx/calendar"
)

// EntryContexts says of the templates that are printed by themselves in which block what they print stands.
var EntryContexts = map[string]string{
	mainEntry: "", headersEntry: "http", upstreamEntry: "http", hostEntry: "http", markerEntry: "http", markerLogEntry: "", limitEntry: "http", calendarEntry: "http",
	portEntry: "stream", streamUpstreamEntry: "stream", passthroughEntry: "stream/map",
}

// New loads the templates. An error is about a template of the user's.
func New(opts Options) (*Target, error) {
	if opts.Version == (Version{}) {
		opts.Version = DefaultVersion
	}
	if opts.SocketDir == "" {
		opts.SocketDir = DefaultSocketDir
	}
	if opts.Templates != nil {
		if err := templates.CheckVersion(opts.Templates, opts.TemplatesName, "nginx", templates.NginxViews); err != nil {
			return nil, err
		}
	}
	set, err := engine.Load(templates.FS, conf.Language{}, engine.Options{
		Entries:      EntryContexts,
		Override:     opts.Templates,
		OverrideSkip: "haproxy",
		OverrideName: opts.TemplatesName,
	})
	if err != nil {
		return nil, fmt.Errorf("loading the templates for nginx: %w", err)
	}
	return &Target{opts: opts, templates: set}, nil
}

// Adjust returns a target with the same templates and other options. The templates themselves cannot be changed by it.
func (t *Target) Adjust(change func(*Options)) *Target {
	adjusted := &Target{opts: t.opts, templates: t.templates}
	change(&adjusted.opts)
	return adjusted
}

// Render renders the whole Config. Files whose views are those of the last rendering are taken over from it.
func (t *Target) Render(cfg *model.Config) (render.Result, error) {
	r := rendering{
		target: t, cfg: cfg, printed: make(map[string]printed, len(cfg.Servers)+len(cfg.Backends)+4),
		unprinted: map[string]bool{}, traffic: map[*model.Route]*trafficView{},
	}
	r.readLog()
	r.readFronts()
	r.upstreams()
	r.limits()
	if err := r.calendars(); err != nil {
		return render.Result{}, err
	}
	if err := r.hosts(); err != nil {
		return render.Result{}, err
	}
	r.certificates()
	if err := r.main(); err != nil {
		return render.Result{}, err
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
	log     logView
	// unprinted are the files that could not be printed; what needs them answers 503.
	unprinted map[string]bool
	// traffic holds what was made for routes so far.
	traffic map[*model.Route]*trafficView
	fronts  fronts
}

// print adds a file made by a template, or the one of the last rendering if the view is the same.
func (r *rendering) print(path, entry string, view any) error {
	if old, ok := r.target.printed[path]; ok && reflect.DeepEqual(old.view, view) {
		r.add(old)
		return nil
	}
	var b bytes.Buffer
	if err := r.target.templates.Execute(&b, entry, view); err != nil {
		return err
	}
	// The templates cannot break out of an argument; that the whole is a file nginx can read is asked of an independent reader.
	if _, err := conf.Parse(b.Bytes()); err != nil {
		return fmt.Errorf("%s would not be readable: %w", path, err)
	}
	r.add(printed{view: view, file: render.File{Path: path, Mode: 0o644, Data: b.Bytes()}})
	return nil
}

func (r *rendering) add(p printed) {
	r.printed[p.file.Path] = p
	r.result.Files = append(r.result.Files, p.file)
}

// refuse reports what a part of the Config cannot be expressed as.
func (r *rendering) refuse(code diag.CodeInfo, from model.Origin, format string, args ...any) {
	r.result.Diagnostics.Add(code.At(from.Pos, from.Ref, from.Path, format, args...))
}

// unusable reports a setting that nginx does not support as it is written.
func (r *rendering) unusable(key, format string, args ...any) {
	r.refuse(diag.TargetSetting, r.cfg.Global.Origin(key), format, args...)
}

// certificates adds a file for each certificate: chain and key in one, as nginx reads both from it.
func (r *rendering) certificates() {
	for i := range r.cfg.Certificates {
		c := &r.cfg.Certificates[i]
		data := make([]byte, 0, len(c.Chain)+len(c.Key))
		data = append(append(data, c.Chain...), c.Key...)
		r.result.Files = append(r.result.Files, render.File{
			Path: string(certificateFile(c.ID)), Mode: 0o600, Data: data, Sensitive: true, Placeholder: c.Placeholder,
		})
	}
}

func certificateFile(id string) conf.File { return conf.File("certs/" + id + ".pem") }
