package manifest

import (
	"go.yaml.in/yaml/v3"
)

// The tags of plain data.
const (
	tagText    = "!!str"
	tagInteger = "!!int"
	tagFloat   = "!!float"
	tagTruth   = "!!bool"
	tagNull    = "!!null"
	tagTime    = "!!timestamp"
	tagMerge   = "!!merge"
	tagMapping = "!!map"
	tagList    = "!!seq"
)

// truths are what kubectl, which reads YAML 1.1, takes for true and false beyond those words themselves. Where it matters that a
// value is text, they are not.
var truths = map[string]bool{
	"y": true, "Y": true, "yes": true, "Yes": true, "YES": true, "on": true, "On": true, "ON": true,
	"n": false, "N": false, "no": false, "No": false, "NO": false, "off": false, "Off": false, "OFF": false,
}

// tagOf is the type of a scalar as kubectl reads it.
func tagOf(n *yaml.Node) string {
	switch tag := n.ShortTag(); tag {
	case tagTime, tagMerge:
		return tagText
	case tagText:
		if _, truth := truths[n.Value]; truth && n.Style == 0 {
			return tagTruth
		}
		return tag
	default:
		return tag
	}
}

// describe names the type of a value for a message. It never shows the value, which may be secret.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch tagOf(n) {
	case tagText:
		return "text"
	case tagInteger, tagFloat:
		return "a number"
	case tagTruth:
		return "a truth value"
	case tagNull:
		return "empty"
	default:
		return "of a type of its own"
	}
}

// resolve follows an alias.
func resolve(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool {
	return n == nil || n.Kind == yaml.ScalarNode && n.ShortTag() == tagNull
}

// lookUp finds the value of a key in a mapping; what is written in it comes before what is merged into it by <<.
func lookUp(mapping *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if k := resolve(mapping.Content[i]); k.Kind == yaml.ScalarNode && k.Value == key && !isMerge(k) {
			return mapping.Content[i+1]
		}
	}
	for _, source := range merged(mapping) {
		if n := lookUp(source, key); n != nil {
			return n
		}
	}
	return nil
}

// isMerge reports whether a key is the <<, unquoted, that merges another mapping in.
func isMerge(key *yaml.Node) bool { return key.Kind == yaml.ScalarNode && key.ShortTag() == tagMerge }

// merged returns the mappings that are merged into a mapping.
func merged(mapping *yaml.Node) []*yaml.Node {
	var sources []*yaml.Node
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if !isMerge(mapping.Content[i]) {
			continue
		}
		source := resolve(mapping.Content[i+1])
		candidates := []*yaml.Node{source}
		if source.Kind == yaml.SequenceNode {
			candidates = source.Content
		}
		for _, c := range candidates {
			if c = resolve(c); c.Kind == yaml.MappingNode {
				sources = append(sources, c)
			}
		}
	}
	return sources
}

// entry is a key of a mapping and its value.
type entry struct{ key, value *yaml.Node }

// entries returns what is written in a mapping, then what is merged into it.
func entries(mapping *yaml.Node) []entry {
	var all []entry
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if !isMerge(mapping.Content[i]) {
			all = append(all, entry{mapping.Content[i], mapping.Content[i+1]})
		}
	}
	sources := merged(mapping)
	if len(sources) == 0 {
		return all
	}
	seen := make(map[string]bool, len(all))
	for _, e := range all {
		seen[resolve(e.key).Value] = true
	}
	for _, source := range sources {
		for _, e := range entries(source) {
			if key := resolve(e.key).Value; !seen[key] {
				seen[key] = true
				all = append(all, e)
			}
		}
	}
	return all
}
