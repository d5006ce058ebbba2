package manifest

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/headgate/headgate/diag"
)

// beyond finds where a document is too deep, or where its aliases have expanded to too much. What passes can be walked with all
// aliases followed, and looked up in with all merges, at a bounded price.
func beyond(root *yaml.Node, limits Limits) (*yaml.Node, string) {
	m := &measure{limits: limits}
	return m.walk(root, root, 0)
}

type measure struct {
	limits Limits
	// expanded counts the values that aliases stand for.
	expanded int
	aliases  int
}

// walk visits a value; written is where it, or the alias that it was reached by, stands.
func (m *measure) walk(n, written *yaml.Node, depth int) (*yaml.Node, string) {
	if depth > m.limits.Depth {
		return written, fmt.Sprintf("the document is nested more than %d deep, or an alias contains itself", m.limits.Depth)
	}
	if n.Kind == yaml.AliasNode {
		m.aliases++
		defer func() { m.aliases-- }()
		return m.walk(n.Alias, written, depth)
	}
	if m.aliases > 0 {
		if m.expanded++; m.expanded > m.limits.Expanded {
			return written, fmt.Sprintf("the aliases of the document stand for more than %d values", m.limits.Expanded)
		}
	}
	for _, child := range n.Content {
		at := child
		if m.aliases > 0 {
			at = written
		}
		if found, problem := m.walk(child, at, depth+1); found != nil {
			return found, problem
		}
	}
	return nil, ""
}

// inspect reports keys that stand twice and tags of other types anywhere in the object, and refuses it then.
func (r *objectReader) inspect(n *yaml.Node) {
	n = resolve(n)
	switch tag := n.ShortTag(); tag {
	case tagText, tagInteger, tagFloat, tagTruth, tagNull, tagTime, tagMerge, tagMapping, tagList:
	default:
		r.reportNode(diag.TagCustom, n, "the tag %s is not one of plain data", diag.Quote(tag))
	}
	if n.Kind == yaml.MappingNode {
		r.inspectKeys(n)
	}
	for _, child := range n.Content {
		r.inspect(child)
	}
}

// maxPairwise is up to how many keys comparing each with each is cheaper than a map.
const maxPairwise = 16

func (r *objectReader) inspectKeys(mapping *yaml.Node) {
	count := len(mapping.Content) / 2
	var seen map[string]bool
	if count > maxPairwise {
		seen = make(map[string]bool, count)
	}
	for i := range count {
		key := resolve(mapping.Content[2*i])
		if key.Kind != yaml.ScalarNode {
			r.reportKey(mapping.Content[2*i])
			continue
		}
		if repeated(mapping, i, seen) {
			r.reportNode(diag.KeyDuplicate, mapping.Content[2*i], "the key %s stands twice in the same mapping", diag.Quote(key.Value))
		}
	}
}

// reportKey reports a key that is no scalar. A mapping as key is what YAML makes of {{ … }}.
func (r *objectReader) reportKey(n *yaml.Node) {
	key := resolve(n)
	d := diag.FieldType.At(r.document.pos(n), r.meta.Ref(), "", "the key is %s, not text", describe(key))
	if key.Kind == yaml.MappingNode {
		d.Hint = templateHint
	}
	r.add(d)
}

// repeated reports whether the key of an index stands before it, too. It looks into seen, or, if that is nil, at the keys before.
func repeated(mapping *yaml.Node, index int, seen map[string]bool) bool {
	key := resolve(mapping.Content[2*index]).Value
	if seen != nil {
		found := seen[key]
		seen[key] = true
		return found
	}
	for i := range index {
		if before := resolve(mapping.Content[2*i]); before.Kind == yaml.ScalarNode && before.Value == key {
			return true
		}
	}
	return false
}
