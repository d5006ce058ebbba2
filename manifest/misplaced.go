package manifest

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/headgate/headgate/diag"
)

// compareShape speaks of fields that the object's kind does not have. The API server drops them without a word unless it is asked to be
// strict, and what was meant by them never happens. It returns the paths of those of which it can be said what was meant.
func (d *document) compareShape(root *yaml.Node, ref diag.Ref, s shape) (misspelt []string) {
	c := comparison{document: d, ref: ref, whole: s, misspelt: &misspelt}
	c.compare(root, s, "")
	if ref.Kind == kindIngress {
		c.findLabels(root)
	}
	return misspelt
}

// comparison is one object on its way through its shape.
type comparison struct {
	*document
	ref   diag.Ref
	whole shape
	// misspelt are the paths of fields of which it can be said what was meant.
	misspelt *[]string
}

// say adds a diagnostic, and notes the path of a field if the diagnostic says what was meant.
func (c comparison) say(d diag.Diagnostic) {
	if d.Hint != "" {
		*c.misspelt = append(*c.misspelt, d.Key)
	}
	c.diags.Add(d)
}

// compare looks at a mapping, or at each mapping of a list. The path is that of the mapping.
func (c comparison) compare(n *yaml.Node, s shape, path string) {
	n = resolve(n)
	if n == nil || s == nil {
		return
	}
	if n.Kind == yaml.SequenceNode {
		for _, item := range n.Content {
			c.compare(item, s, path)
		}
		return
	}
	if n.Kind != yaml.MappingNode {
		return
	}
	for _, e := range entries(n) {
		key := resolve(e.key)
		if key.Kind != yaml.ScalarNode {
			continue
		}
		if inner, known := s[key.Value]; known {
			c.compare(e.value, inner, join(path, key.Value))
			continue
		}
		c.unknown(e, s, path)
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// unknown speaks of one field. Of kinds other than Ingress only what is near a known field is worth a word: they are mostly about
// things that Headgate does not look at.
func (c comparison) unknown(e entry, s shape, path string) {
	name := resolve(e.key).Value
	if isAnnotations(name) && resolve(e.value).Kind == yaml.MappingNode {
		c.annotationsIn(e, path)
		return
	}
	if isOldBackend(name) && strings.HasSuffix(strings.ToLower(path), "backend") {
		return // the missing service says it already
	}
	hint := c.hint(name, s, path)
	if hint == "" && c.ref.Kind != kindIngress || strings.HasPrefix(name, "x-") {
		return
	}
	d := diag.FieldUnknown.At(c.pos(e.key), c.ref, join(path, name), "%s is not a field of %s; it has no effect", diag.Quote(name), place(c.ref.Kind, path))
	d.Hint = hint
	c.say(d)
}

// place names a mapping of an object.
func place(kind, path string) string {
	if path == "" {
		return kind
	}
	return kind + " " + path
}

func isAnnotations(name string) bool {
	return strings.EqualFold(name, "annotations") || diag.Nearest(strings.ToLower(name), []string{"annotations"}) != ""
}

// annotationsIn speaks of annotations that stand where nobody reads them. What they were to guard is open, so that this is an error; the
// object is used all the same, as the API server uses it.
func (c comparison) annotationsIn(e entry, path string) {
	at := join(path, resolve(e.key).Value)
	where := "under " + at
	if path == "" {
		where = "at the top of the object"
	}
	d := diag.AnnotationsMisplaced.At(c.pos(e.key), c.ref, at, "annotations stand %s, where they have no effect", where)
	d.Hint = "they belong under metadata.annotations"
	c.say(d)
}

func isOldBackend(name string) bool { return name == "serviceName" || name == "servicePort" }

// hint says what was most likely meant: a field of the same mapping, or one of the same name at another level.
func (c comparison) hint(name string, s shape, path string) string {
	switch {
	case isOldBackend(name):
		return oldBackendHint
	case name == "backend" && path == "spec":
		return "did you mean defaultBackend?"
	}
	known := slices.Sorted(maps.Keys(s))
	for _, k := range known {
		if strings.EqualFold(k, name) || strings.TrimSuffix(k, "s") == strings.TrimSuffix(name, "s") {
			return "did you mean " + k + "?"
		}
	}
	if places := c.whole.places(name, ""); len(places) == 1 {
		return name + " belongs under " + places[0]
	}
	if near := diag.Nearest(name, known); near != "" && len(name) > 3 {
		return "did you mean " + near + "?"
	}
	return ""
}

// places lists the mappings that have a field of a name, sorted.
func (s shape) places(name, path string) []string {
	var found []string
	for _, field := range slices.Sorted(maps.Keys(s)) {
		if field == name && path != "" {
			found = append(found, path)
		}
		found = append(found, s[field].places(name, join(path, field))...)
	}
	return found
}

// findLabels speaks of labels that were meant to be annotations.
func (c comparison) findLabels(root *yaml.Node) {
	for _, e := range mappingAt(root, "metadata", "labels") {
		key := resolve(e.key).Value
		prefix, _, found := strings.Cut(key, "/")
		if !found || !strings.HasSuffix(prefix, "ingress.kubernetes.io") {
			continue
		}
		d := diag.AnnotationsMisplaced.At(c.pos(e.key), c.ref, "metadata.labels", "%s is a label, which has no effect", diag.Quote(key))
		d.Hint = "it belongs under metadata.annotations"
		c.say(d)
	}
}

// mappingAt returns the entries of a mapping inside others, none if there is no such mapping.
func mappingAt(n *yaml.Node, path ...string) []entry {
	for _, name := range path {
		if n = resolve(n); n == nil || n.Kind != yaml.MappingNode {
			return nil
		}
		n = lookUp(n, name)
	}
	if n = resolve(n); n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	return entries(n)
}

// misspeltKind speaks of a kind that is ours but for a slip. The group has to be the right one: other projects have kinds of their own.
func (d *document) misspeltKind(n *yaml.Node, t typeName) {
	var kinds []string
	for _, f := range forms {
		if f.version == t.version {
			kinds = append(kinds, f.kind)
		}
	}
	for _, k := range kinds {
		if strings.EqualFold(k, t.kind) || oneSlip(t.kind, k) {
			problem := diag.KindMisspelt.At(d.pos(n), diag.Ref{}, "kind", "there is no kind %s in %s; the document is passed over", diag.Quote(t.kind), t.version)
			problem.Hint = "did you mean " + k + "?"
			d.diags.Add(problem)
			return
		}
	}
}

// missingKind speaks of a document without a kind. One with an apiVersion that is ours, or a field that is kind but for a slip, was meant to be
// an object; anything else may be values or settings of other programs.
func (d *document) missingKind(root *yaml.Node, version string) {
	for _, e := range entries(root) {
		if key := resolve(e.key).Value; version != "" && strings.EqualFold(key, "kind") {
			problem := diag.KindMisspelt.At(d.pos(e.key), diag.Ref{}, "kind", "the document has %s and no kind; it is passed over", diag.Quote(key))
			problem.Hint = "write kind"
			d.diags.Add(problem)
			return
		}
	}
	if slices.ContainsFunc(forms, func(f form) bool { return f.version == version && version != "v1" }) {
		d.diags.Add(diag.KindMisspelt.At(d.pos(root), diag.Ref{}, "kind", "the document is of %s and has no kind; it is passed over", version))
		return
	}
	d.report(diag.KindMissing, root, "the document has no kind; it is passed over")
}

// oneSlip reports whether a word is another one but for a letter or two. A word that goes on, as ServiceAccount, is one of its own.
func oneSlip(word, known string) bool {
	difference := len(word) - len(known)
	return -2 <= difference && difference <= 2 && diag.Nearest(word, []string{known}) != ""
}
