package manifest

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/headgate/headgate/diag"
)

// document is what the objects of one document share.
type document struct {
	*loader
	file string
	// offset is how many lines of the file come before line 1 of the nodes.
	offset int
}

func (d *document) pos(n *yaml.Node) diag.Pos {
	return diag.Pos{File: d.file, Line: d.offset + n.Line, Column: n.Column}
}

func (d *document) report(code diag.CodeInfo, n *yaml.Node, format string, args ...any) {
	d.diags.Add(code.At(d.pos(n), diag.Ref{}, "", format, args...))
}

// read reads a value as an object or as a List of objects. The type is what a typed List gives its items.
func (d *document) read(n *yaml.Node, inherited typeName) {
	root := resolve(n)
	if isNull(root) {
		return
	}
	if root.Kind != yaml.MappingNode {
		d.report(diag.DocumentShape, n, "%s is not a Kubernetes object; it is passed over", describe(root))
		return
	}
	version, versionOK := d.header(root, "apiVersion", inherited.version)
	kind, kindOK := d.header(root, "kind", inherited.kind)
	switch {
	case !versionOK || !kindOK:
	case kind == "":
		d.missingKind(root, version)
	case kind != listSuffix && isKnown(kind):
		d.readObject(root, typeName{version: version, kind: kind})
	case strings.HasSuffix(kind, listSuffix):
		d.readList(root, typeName{version: version, kind: strings.TrimSuffix(kind, listSuffix)})
	default:
		d.misspeltKind(root, typeName{version: version, kind: kind})
	}
}

// header reads apiVersion or kind.
func (d *document) header(root *yaml.Node, key, inherited string) (string, bool) {
	n := resolve(lookUp(root, key))
	if isNull(n) {
		return inherited, true
	}
	if n.Kind != yaml.ScalarNode || tagOf(n) != tagText {
		d.report(diag.DocumentShape, n, "%s is %s, not text; the document is passed over", key, describe(n))
		return "", false
	}
	return n.Value, true
}

// listSuffix ends the kinds of Lists.
const listSuffix = "List"

// readList reads the items of a List. Those of a typed List need not repeat their kind.
func (d *document) readList(root *yaml.Node, t typeName) {
	items := lookUp(root, "items")
	list := resolve(items)
	if isNull(list) {
		return
	}
	if list.Kind != yaml.SequenceNode {
		if t.kind == "" || isKnown(t.kind) {
			d.report(diag.DocumentShape, items, "items is %s, not a list; it is passed over", describe(list))
		}
		return
	}
	if t.kind == "" {
		t.version = ""
	}
	for _, n := range list.Content {
		d.read(n, t)
	}
}

// readObject reads an object of a known kind.
func (d *document) readObject(root *yaml.Node, t typeName) {
	form, ok := d.formOf(root, t)
	if !ok {
		return
	}
	r := newObjectReader(d, root, t)
	o := r.read(root, form)
	if r.refused {
		// What else is said of a refused object tells of use that is not made of it.
		r.diags = slices.DeleteFunc(r.diags, func(d diag.Diagnostic) bool { return d.Severity < diag.Error })
		if ing, ok := o.(*Ingress); ok {
			if places := newRefused(ing, r.diags); places != nil {
				d.objects = append(d.objects, places)
			}
		}
	} else {
		d.objects = append(d.objects, o)
	}
	d.diags = append(d.diags, r.diags...)
	misspelt := d.compareShape(root, r.meta.Ref(), form.shape)
	if ing, ok := o.(*Ingress); ok && !r.refused {
		ing.Misspelt = misspelt
	}
}

// read reads the object in its form. The result counts only if the object is not refused.
func (r *objectReader) read(root *yaml.Node, f form) Object {
	r.readName(f.scope)
	if r.inspect(root); r.refused && !onlyDuplicates(r.diags) {
		return nil
	}
	r.readMeta()
	o := f.read(r)
	r.fields.tree = slices.Clip(r.fields.tree)
	o.meta().fields = r.fields
	if f.old {
		r.report(diag.VersionOld, r.root.child("apiVersion"), "%s is an old form of %s; it is converted", f.version, f.kind)
	}
	return o
}
