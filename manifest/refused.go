package manifest

import (
	"slices"
	"strconv"

	"github.com/headgate/headgate/diag"
)

// kindRefused is the kind under which a refused Ingress is handed on: it must not be taken for the Ingress itself, of which there may be a
// former version.
const kindRefused = "RefusedIngress"

// RefusedIngress is what could be read of an Ingress that is refused because of an error in it. Its hosts and paths are known all the same,
// and what must not be served there can be kept from other paths.
type RefusedIngress struct {
	Meta
	// Ingress holds the rules whose host, and the paths whose text could be read. Nothing else of it is to be relied upon.
	Ingress *Ingress
}

// newRefused makes a RefusedIngress; it is nil if the object has no name or age, or no place that could be read.
func newRefused(ing *Ingress, diags diag.List) *RefusedIngress {
	wrong := func(path string) bool {
		return slices.ContainsFunc(diags, func(d diag.Diagnostic) bool { return d.Severity == diag.Error && d.Key == path })
	}
	if ing.Namespace == "" || ing.Name == "" || wrong("metadata.creationTimestamp") {
		return nil
	}
	known := *ing
	known.Rules = nil
	for i, rule := range ing.Rules {
		at := "spec.rules[" + strconv.Itoa(i) + "]"
		if wrong(at) || wrong(at+".host") {
			continue
		}
		all := rule.Paths
		rule.Paths = nil
		for j, p := range all {
			if path := at + ".http.paths[" + strconv.Itoa(j) + "]"; !wrong(path+".path") && (p.Path != "" || !wrong(path)) {
				rule.Paths = append(rule.Paths, p)
			}
		}
		known.Rules = append(known.Rules, rule)
	}
	if len(known.Rules) == 0 && (len(ing.Rules) > 0 || known.DefaultBackend == nil) {
		return nil
	}
	refused := &RefusedIngress{Meta: known.Meta, Ingress: &known}
	refused.Kind = kindRefused
	return refused
}

// onlyDuplicates reports whether nothing worse is said of an object than that keys stand twice in it: its places can be read then.
func onlyDuplicates(diags diag.List) bool {
	return !slices.ContainsFunc(diags, func(d diag.Diagnostic) bool { return d.Severity == diag.Error && d.Code != diag.KeyDuplicate.Code })
}
