package nginx

import (
	"slices"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/render/nginx/conf"
)

// readFormat reads a log format. One unknown variable would cost nginx the whole configuration, and one that an http-snippet or a module of
// ingress-nginx defined must not cost a log the form that others read it by: it is printed as a dash, as nginx prints what is empty.
func (r *rendering) readFormat(key, text string, allowed func(name string) bool) (conf.Expr, error) {
	format, err := parseFormat(text, allowed)
	if err == nil {
		return format, nil
	}
	replaced, unknown := replaceUnknown(text, allowed)
	if len(unknown) == 0 {
		return format, err
	}
	if format, err = parseFormat(replaced, allowed); err != nil {
		return format, err
	}
	r.refuse(diag.LogVariable, r.cfg.Global.Origin(key), "nginx has no %s here; printed as a dash in each line", strings.Join(unknown, ", "))
	return format, nil
}

// replaceUnknown puts a dash in the place of each variable that is not allowed, and returns these, each once.
func replaceUnknown(text string, allowed func(name string) bool) (string, []string) {
	var b strings.Builder
	var unknown []string
	for text != "" {
		literal, rest, found := strings.Cut(text, "$")
		b.WriteString(literal)
		if !found {
			break
		}
		name, tail, err := conf.CutVariable(rest)
		switch {
		case err != nil:
			name, tail = "", rest
		case allowed(name):
			b.WriteString("${" + name + "}")
			text = tail
			continue
		}
		b.WriteByte('-')
		if name = "$" + name; !slices.Contains(unknown, name) {
			unknown = append(unknown, name)
		}
		text = tail
	}
	return b.String(), unknown
}
