package translate

import (
	"net/netip"
	"strings"

	"github.com/headgate/headgate/configmap"
	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
)

// hostHint says what was most likely meant by a host that cannot be one, or "".
func hostHint(host string) string {
	switch {
	case strings.Contains(host, "{{"):
		return "the document looks like a template; give the output of helm template instead"
	case host == "*":
		return "leave the host out for all hosts"
	}
	name := host
	if _, rest, found := strings.Cut(name, "://"); found {
		name = rest
	}
	name, _, _ = strings.Cut(name, "/")
	name, _, _ = strings.Cut(name, ":")
	name = strings.ToLower(strings.Trim(strings.TrimSuffix(name, "."), " \t"))
	switch _, err := netip.ParseAddr(name); {
	case err == nil:
		return "write a name; requests by address are served by an Ingress without a host"
	case name != host && validHost(name):
		return "write " + name + " alone: a host has no scheme, port, path or dot at its end"
	case strings.Contains(name, "_"):
		return "the API server takes no underscore in a host"
	case strings.HasPrefix(name, "."):
		return "write *" + name + " for the names below it"
	}
	return ""
}

// reportHost says that a host cannot be one.
func (t *translator) reportHost(ing *ingress, i int) {
	host, at := ing.Rules[i].Host, rulePath(i)+".host"
	d := diag.HostInvalid.At(ing.Pos(at), ing.Ref(), at, "%s is not a DNS name, nor one with a leading *. ; the rule is ignored", diag.Quote(host))
	d.Hint = hostHint(host)
	t.diags.Add(d)
}

// reportNoClass says that an Ingress names no class, and where it tried to.
func (t *translator) reportNoClass(ing *manifest.Ingress) {
	d := diag.ClassNone.At(ing.Pos("spec.ingressClassName"), ing.Ref(), "spec.ingressClassName", "the Ingress names no class; it is not taken")
	d.Hint = "write ingressClassName under spec, or use --watch-ingress-without-class"
	for _, a := range ing.Annotations {
		_, name, _ := strings.Cut(a.Key, "/")
		if name == "" {
			name = a.Key
		}
		if name = strings.NewReplacer(".", "", "-", "", "_", "").Replace(strings.ToLower(name)); name == "ingressclass" || name == "ingressclassname" || name == "class" {
			d.Message = "the annotation " + a.Key + " names no class; the Ingress is not taken"
			d.Hint = "write spec.ingressClassName: " + a.Value
		}
	}
	t.diags.Add(d)
}

// reportElsewhere speaks of annotations of Ingresses on Services.
func (t *translator) reportElsewhere() {
	for _, svc := range t.snap.Services {
		t.diags = append(t.diags, configmap.Elsewhere(&svc.Meta, t.settings.AnnotationsPrefix)...)
	}
}
