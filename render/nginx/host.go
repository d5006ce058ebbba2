package nginx

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/engine"
	"github.com/headgate/headgate/render/nginx/conf"
)

// hostView is what the template of a host prints.
type hostView struct {
	// Origin is an engine.Origin, or nil if no object named the host.
	Origin any
	Listen []listenView
	// Wildcard hosts have a Pattern, all others a Name.
	Wildcard bool
	Name     conf.Host
	Pattern  conf.Regex
	// Certificate is empty if the host shows what the catch-all host shows.
	Certificate conf.File
	// RejectHandshake refuses handshakes.
	RejectHandshake bool
	// Traffic is what routes need to choose between backends and to give out cookies.
	Traffic []*trafficView
	// TLSRedirect is set if it holds for all locations alike.
	TLSRedirect *redirectView
	Locations   []locationView
	// Refuses says that locations send requests to the one that answers 400.
	Refuses bool
	// TooLong is nil or a Regex that matches the paths that no location is tried on.
	TooLong any
}

// listenView is one listen directive.
type listenView struct {
	// Address is a netip.AddrPort or a Socket.
	Address                   any
	TLS, HTTP2, ProxyProtocol bool
	Default, ReusePort        bool
}

// redirectView is a redirect of plain HTTP to https.
type redirectView struct {
	Code      int
	Target    conf.Expr
	KeepSlash bool
}

// hosts prints a file for each host. A host that cannot be printed is replaced by one that refuses everything. An error means that the
// templates cannot print even that: without its hosts a configuration must not reach a proxy.
func (r *rendering) hosts() error {
	for i := range r.cfg.Servers {
		s := &r.cfg.Servers[i]
		if err := r.printHost(s); err != nil {
			r.refuse(blame(err), s.From, "the host cannot be printed (%v); it answers 503", err)
			if err := r.closedHost(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// blame is the code for what could not be printed.
func blame(err error) diag.CodeInfo {
	if fault := (*engine.TemplateError)(nil); errors.As(err, &fault) {
		return diag.TemplateFault
	}
	return diag.RenderRefused
}

// printHost prints one host. Whatever goes wrong in it, even a fault of ours, costs this host alone.
func (r *rendering) printHost(s *model.Server) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("internal fault: %v", fault)
		}
	}()
	view, err := r.host(s)
	if err != nil {
		return err
	}
	return r.print(hostFile(s.Host), hostEntry, view)
}

// closedHost prints a host whose every path answers 503. Its error is about the templates.
func (r *rendering) closedHost(s *model.Server) error {
	closed := *s
	closed.Regex = false
	closed.Routes = []model.Route{{Match: model.PathMatch{Kind: model.PathPrefix, Path: "/"}, Closed: "it cannot be printed"}}
	err := r.printHost(&closed)
	if err != nil && blame(err) == diag.RenderRefused {
		r.refuse(diag.RenderRefused, s.From, "not even a closed host can be printed (%v); it is left out", err)
		return nil
	}
	return err
}

func (r *rendering) host(s *model.Server) (hostView, error) {
	view := hostView{
		Listen:      r.listen(s.Host == ""),
		Certificate: r.certificate(s),
	}
	if !s.From.Ref.IsZero() {
		view.Origin = engine.NewOrigin(s.From.Ref, diag.Pos{})
	}
	if s.PathLimit > 0 {
		view.TooLong = longerThan(s.PathLimit)
	}
	view.RejectHandshake = s.Host == "" && r.cfg.Global.TLS.RejectUnknown
	if err := view.setName(s.Host); err != nil {
		return view, err
	}
	var err error
	if view.Locations, err = r.locations(s); err != nil {
		return view, err
	}
	for i := range s.Routes {
		if t := r.traffic[&s.Routes[i]]; t != nil && len(t.Maps) > 0 {
			view.Traffic = append(view.Traffic, t)
		}
	}
	for i := range view.Locations {
		view.Refuses = view.Refuses || view.Locations[i].refuses()
	}
	view.hoistRedirect(s)
	return view, nil
}

// certificate returns the file that a host names. A host that shows the certificate of the catch-all host names none: nginx then goes on
// with the catch-all host's context, whereas reading the same certificate for each of many hosts would be most of the time that a reload
// takes. If the catch-all host shows none, nginx wants one of every other host.
func (r *rendering) certificate(s *model.Server) conf.File {
	rejects := r.cfg.Global.TLS.RejectUnknown
	switch catchAll := &r.cfg.Servers[0]; {
	case s.Host == "" && rejects:
		return ""
	case s.Host != "" && !rejects && s.Certificate == catchAll.Certificate:
		return ""
	}
	return certificateFile(s.Certificate)
}

// longerThan matches texts of more bytes.
func longerThan(bytes int) conf.Regex { return conf.OwnRegex(fmt.Sprintf("^(?s:.{%d})", bytes+1)) }

// setName names the server. A wildcard of an Ingress stands for one label, nginx's own for any number of them, hence the regex.
func (v *hostView) setName(host string) error {
	rest, wildcard := strings.CutPrefix(host, "*.")
	switch {
	case host == "":
		v.Name = "_"
	case wildcard:
		pattern, err := conf.NewRegex(`^[\w-]+\.` + strings.ReplaceAll(rest, ".", `\.`) + "$")
		v.Wildcard, v.Pattern = true, pattern
		return err
	default:
		v.Name = conf.Host(host)
	}
	return v.Name.Check()
}

// hoistRedirect moves a redirect to https that all locations share to the host: each condition in a location costs nginx as much
// memory as another location. It stays where it is if something comes before it: a closed location has none, and a path is redirected to
// its slash first.
func (v *hostView) hoistRedirect(s *model.Server) {
	if slices.ContainsFunc(s.Routes, func(r model.Route) bool { return r.SlashRedirect }) {
		return
	}
	first := v.Locations[0].TLSRedirect
	if first == nil {
		return
	}
	for i := range v.Locations {
		if !reflect.DeepEqual(v.Locations[i].TLSRedirect, first) {
			return
		}
	}
	v.TLSRedirect = first
	for i := range v.Locations {
		v.Locations[i].TLSRedirect = nil
	}
}

// listen returns the listen directives of a host. Options of the socket are said once, by the catch-all host.
func (r *rendering) listen(catchAll bool) []listenView {
	l := &r.cfg.Global.Listen
	views := r.listensOn(r.fronts.http, l.HTTPPort, httpSocket)
	plain := len(views)
	views = append(views, r.listensOn(r.fronts.https, l.HTTPSPort, httpsSocket)...)
	for i := range views {
		v := &views[i]
		v.TLS = i >= plain
		v.HTTP2 = v.TLS && l.HTTP2 && !hasHTTP2Directive(r.target.opts.Version)
		v.Default = catchAll
		v.ReusePort = v.ReusePort && catchAll
	}
	return views
}

// hostFile is the file of a host. No host begins with "_", so the names of the special ones cannot be those of others.
func hostFile(host string) string {
	rest, wildcard := strings.CutPrefix(host, "*.")
	switch {
	case host == "":
		return "hosts/_default.conf"
	case wildcard:
		return "hosts/_wildcard." + model.ID(rest) + ".conf"
	default:
		return "hosts/" + model.ID(host) + ".conf"
	}
}
