package configmap

import (
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
)

// Elsewhere speaks of annotations of Ingresses on an object of another kind, where nobody reads them.
func Elsewhere(meta *manifest.Meta, prefix string) diag.List {
	var diags diag.List
	for _, a := range meta.Annotations {
		name, found := strings.CutPrefix(a.Key, prefix+"/")
		spec := annotations.byName[name]
		if !found || spec == nil {
			continue
		}
		d := diag.AnnotationElsewhere.At(a.Pos, meta.Ref(), a.Key, "has an effect on an Ingress only, and none on a %s", meta.Kind)
		d.Hint = "write it on the Ingresses that lead there"
		if (misnaming{meant: spec.Key}).protects(a.Value) {
			d.Severity = diag.Error
			d.Message += ": what it was meant to guard is open"
		}
		diags.Add(d)
	}
	return diags
}
