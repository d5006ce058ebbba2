package nginx

import (
	"slices"

	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/nginx/conf"
)

// logView is what the template of the access log prints.
type logView struct {
	Access bool
	Path   conf.File
	Escape conf.Word
	Format conf.Expr
	// Variables are those of routes that the format shows. They are declared with an empty value, which locations replace.
	Variables []conf.Name
}

// logVariable is a variable with the value that it has in a location, a text or an Expr.
type logVariable struct {
	Name  conf.Name
	Value any
}

// canaryInLog is the variable that shows the backend of a canary.
const canaryInLog conf.Name = "proxy_alternative_upstream_name"

// logFile is where an access log goes: what started nginx collects it.
func logFile(to model.LogTarget) conf.File {
	if to == model.Stderr {
		return "/dev/stderr"
	}
	return "/dev/stdout"
}

// combinedFormat is nginx's own format, for when the operator's cannot be used.
const combinedFormat = `$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"`

// routeVariables are the variables of ingress-nginx that tell log lines which route a request took.
var routeVariables = []string{
	"proxy_upstream_name", "proxy_alternative_upstream_name", "namespace", "ingress_name", "service_name", "service_port", "location_path",
}

// requestVariables are further variables that our templates define, under the names that ingress-nginx gave them.
var requestVariables = []string{
	"best_http_host", "pass_access_scheme", "pass_port", "pass_server_port", "redirect_host", "req_id", "the_real_ip",
}

// readLog makes the access log. A variable that nginx does not know would cost the whole configuration, so the format is checked here.
func (r *rendering) readLog() {
	l := &r.cfg.Global.Log
	r.log = logView{Access: l.Access, Path: logFile(l.AccessTo), Escape: conf.Word(l.Escape)}
	used := map[string]bool{}
	allowed := func(name string) bool {
		used[name] = true
		return conf.IsVariable(name) || slices.Contains(requestVariables, name) || slices.Contains(routeVariables, name)
	}
	format, err := r.readFormat("log-format-upstream", l.Format, allowed)
	if err != nil {
		r.unusable("log-format-upstream", "the log format cannot be used (%v); nginx's combined format is used instead", err)
		format, _ = conf.ParseExpr(combinedFormat, conf.IsVariable)
		clear(used)
	}
	r.log.Format = format
	for _, name := range routeVariables {
		if used[name] && l.Access {
			r.log.Variables = append(r.log.Variables, conf.Name(name))
		}
	}
}

// parseFormat reads a log format. Of one that is too long nginx could not read the file.
func parseFormat(text string, allowed func(name string) bool) (conf.Expr, error) {
	format, err := conf.ParseExpr(text, allowed)
	if err != nil {
		return format, err
	}
	return format, conf.CheckText(format)
}

// nameInLog is what ingress-nginx calls a backend.
func nameInLog(b *model.Backend) string { return b.Namespace + "-" + b.Service + "-" + b.Port }

// logVariables are the values of a route for the variables that the log shows.
func (r *rendering) logVariables(route *model.Route, backend *model.Backend) []logVariable {
	var list []logVariable
	for _, name := range r.log.Variables {
		value := ""
		switch name {
		case "proxy_upstream_name":
			value = nameInLog(backend)
		case "namespace":
			value = route.Source.Namespace
		case "ingress_name":
			value = route.Source.Ingress
		case "service_name":
			value = route.Source.Service
		case "service_port":
			value = route.Source.Port
		case "location_path":
			value = route.Source.Path
		}
		if value != "" {
			list = append(list, logVariable{Name: name, Value: value})
		}
	}
	return list
}
