package manifest

import (
	"go.yaml.in/yaml/v3"

	"github.com/headgate/headgate/diag"
)

// objectReader reads one object: it remembers where its fields are, and reports what is wrong with them.
type objectReader struct {
	document *document
	root     value
	meta     Meta
	fields   *fields
	diags    diag.List
	// refused is set by the first error.
	refused bool
	// tolerant is set while errors cost the entry that they are about, not the object.
	tolerant bool
}

func newObjectReader(d *document, root *yaml.Node, t typeName) *objectReader {
	r := &objectReader{document: d, meta: Meta{Kind: t.kind}}
	pos := d.pos(root)
	r.fields = newFields(pos.File, pos.Line, pos.Column)
	r.root = value{r: r, node: root}
	return r
}

// report adds a diagnostic about a value, and says what becomes of it.
func (r *objectReader) report(code diag.CodeInfo, v value, format string, args ...any) {
	d := code.At(r.fields.pos(v.at), r.meta.Ref(), r.fields.path(v.at), format, args...)
	r.add(d)
}

// reportNode is report for what is no field.
func (r *objectReader) reportNode(code diag.CodeInfo, n *yaml.Node, format string, args ...any) {
	r.add(code.At(r.document.pos(n), r.meta.Ref(), "", format, args...))
}

func (r *objectReader) add(d diag.Diagnostic) {
	if d.Severity == diag.Error {
		if r.tolerant {
			d.Message += "; the entry is ignored"
		} else {
			d.Message += "; the " + r.meta.Kind + " is refused"
			r.refused = true
		}
	}
	r.diags.Add(d)
}

// value is a field of the object that is being read, or an element of a list. Its node is nil if the field is absent or null.
type value struct {
	r    *objectReader
	node *yaml.Node
	// at is the field in the index of fields.
	at int32
	// unindexed values share the place of the value that they are in, to save memory where there are thousands.
	unindexed bool
}

func (v value) present() bool { return v.node != nil }

// child returns a field of a mapping.
func (v value) child(name string) value {
	if v.node == nil {
		return v
	}
	return v.as(name, name)
}

// as returns a field of a mapping under the name that it has in the newest form of the object.
func (v value) as(newName, oldName string) value {
	if v.node == nil {
		return v
	}
	n := lookUp(v.node, oldName)
	if at := v.r.fields.child(v.at, field{name: newName}); at != 0 && n != nil && !v.unindexed {
		return value{r: v.r, node: dropNull(resolve(n)), at: at}
	}
	return v.enter(field{name: newName}, n)
}

// enter makes a value of a node and remembers its place.
func (v value) enter(f field, n *yaml.Node) value {
	if n == nil {
		return value{r: v.r, at: v.at, unindexed: v.unindexed}
	}
	entered := value{r: v.r, node: dropNull(resolve(n)), at: v.at, unindexed: v.unindexed}
	if !v.unindexed {
		pos := v.r.document.pos(n)
		f.line, f.column = int32(pos.Line), int32(pos.Column)
		entered.at = v.r.fields.add(v.at, f)
	}
	return entered
}

// dropNull makes a null an absent node.
func dropNull(n *yaml.Node) *yaml.Node {
	if isNull(n) {
		return nil
	}
	return n
}

// mapping returns a field that is a mapping, or an absent value.
func (v value) mapping(name string) value { return v.child(name).expectMapping() }

func (v value) expectMapping() value { return v.expect(yaml.MappingNode, "a mapping") }

// requiredMapping returns a field that must be there and be a mapping.
func (v value) requiredMapping(name string) value {
	c := v.child(name)
	if v.present() && !c.present() {
		v.missing(name)
	}
	return c.expectMapping()
}

// expect makes a value of another kind an absent one.
func (v value) expect(kind yaml.Kind, wanted string) value {
	if v.node != nil && v.node.Kind != kind {
		v.r.report(diag.FieldType, v, "the value is %s, not %s", describe(v.node), wanted)
		v.node = nil
	}
	return v
}

// items returns the elements of a list.
func (v value) items(name string) []value {
	list := v.child(name).expect(yaml.SequenceNode, "a list")
	if list.node == nil {
		return nil
	}
	items := make([]value, len(list.node.Content))
	for i, n := range list.node.Content {
		items[i] = list.enter(field{index: int32(i)}, n)
	}
	return items
}

// mappings returns the elements of a list of mappings; others are reported.
func (v value) mappings(name string) []value {
	items := v.items(name)
	for i, item := range items {
		items[i] = item.expectMapping()
	}
	return items
}

// texts returns the elements of a list of texts.
func (v value) texts(name string) []value {
	items := v.items(name)
	for i, item := range items {
		items[i] = item.expectText()
	}
	return items
}
