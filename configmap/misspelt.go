package configmap

import (
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
)

// Misspelt lists the annotations that are written now under a name with a slip in it, or a prefix with one, in the place of one that was
// there before under its own name and is there no more. What was asked for is lost then by a slip, not by intention.
func Misspelt(before, now *manifest.Meta, prefix string) []string {
	gone := missingFrom(now, before, prefix)
	var slips []string
	for _, a := range now.Annotations {
		if annotations.declared(a.Key, prefix) == nil && gone[slipOf(a.Key, prefix)] {
			slips = append(slips, a.Key)
		}
	}
	return slips
}

// missingFrom are the declared annotations with a value that an object has and another has not.
func missingFrom(lacking, meta *manifest.Meta, prefix string) map[Key]bool {
	missing := map[Key]bool{}
	for _, a := range meta.Annotations {
		if spec := annotations.declared(a.Key, prefix); spec != nil && strings.Trim(a.Value, blanks) != "" {
			missing[spec.Key] = true
		}
	}
	for _, a := range lacking.Annotations {
		if spec := annotations.declared(a.Key, prefix); spec != nil {
			delete(missing, spec.Key)
		}
	}
	return missing
}

// slipOf is the key that was most likely meant by an annotation that nobody declares; empty if none was.
func slipOf(full, prefix string) Key {
	if prefix == "" {
		prefix = DefaultPrefix
	}
	written, name, found := strings.Cut(full, "/")
	if !found || written != prefix && diag.Nearest(strings.ToLower(written), []string{prefix}) == "" {
		return nil
	}
	m, ok := guess(name)
	spec := annotations.byName[name]
	if spec == nil && ok {
		spec = annotations.byName[nameOf(m.meant)]
	}
	if spec == nil {
		return nil
	}
	return spec.Key
}
