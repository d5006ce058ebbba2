package manifest

import (
	"strconv"
	"strings"

	"github.com/headgate/headgate/diag"
)

// fields knows where the fields of one object were written. It is a tree in one slice, so that ten thousand objects cost neither a
// path string nor an allocation per field; the root is the object itself.
type fields struct {
	file string
	tree []field
}

// field is a node of the tree. The links are indexes; 0, which is the root, ends a chain.
type field struct {
	// name is empty for an element of a list, which index then counts.
	name                        string
	index                       int32
	line, column                int32
	parent, firstChild, sibling int32
}

func newFields(file string, line, column int) *fields {
	return &fields{file: file, tree: []field{{line: int32(line), column: int32(column)}}}
}

// add hangs a field under a parent and returns its index.
func (f *fields) add(parent int32, child field) int32 {
	at := int32(len(f.tree))
	child.parent, child.sibling = parent, f.tree[parent].firstChild
	f.tree[parent].firstChild = at
	f.tree = append(f.tree, child)
	return at
}

func (f *fields) pos(at int32) diag.Pos {
	n := f.tree[at]
	return diag.Pos{File: f.file, Line: int(n.line), Column: int(n.column)}
}

// path prints the JSON path of a field; the root has none.
func (f *fields) path(at int32) string {
	if at == 0 {
		return ""
	}
	n := f.tree[at]
	return joinPath(f.path(n.parent), n)
}

func joinPath(parent string, n field) string {
	switch {
	case n.name == "":
		return parent + "[" + strconv.Itoa(int(n.index)) + "]"
	case !isPlainName(n.name):
		return parent + "[" + strconv.Quote(n.name) + "]"
	case parent == "":
		return n.name
	default:
		return parent + "." + n.name
	}
}

// isPlainName reports whether a key needs no brackets in a path.
func isPlainName(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isLetter(c) && !isDigit(c) && c != '_' && c != '-' {
			return false
		}
	}
	return s != ""
}

// lookup finds the place of a path, or of the nearest enclosing field that was written.
func (f *fields) lookup(path string) diag.Pos {
	if f == nil {
		return diag.Pos{}
	}
	at := int32(0)
	for path != "" {
		step, rest, ok := cutStep(path)
		if !ok {
			break
		}
		child := f.child(at, step)
		if child == 0 {
			break
		}
		at, path = child, rest
	}
	return f.pos(at)
}

func (f *fields) child(parent int32, step field) int32 {
	// The elements of a list were added in a row, the last one of them comes first in the chain.
	if last := f.tree[parent].firstChild; step.name == "" && step.index >= 0 {
		at := last - (f.tree[last].index - step.index)
		if at > 0 && at <= last && f.tree[at].parent == parent && f.tree[at].name == "" && f.tree[at].index == step.index {
			return at
		}
	}
	for at := f.tree[parent].firstChild; at != 0; at = f.tree[at].sibling {
		if f.tree[at].name == step.name && f.tree[at].index == step.index {
			return at
		}
	}
	return 0
}

// cutStep takes the first step off a JSON path: name, [3] or ["quoted"].
func cutStep(path string) (step field, rest string, ok bool) {
	path = strings.TrimPrefix(path, ".")
	if !strings.HasPrefix(path, "[") {
		end := strings.IndexAny(path, ".[")
		if end < 0 {
			end = len(path)
		}
		return field{name: path[:end]}, path[end:], end > 0
	}
	path = path[1:]
	if quoted, err := strconv.QuotedPrefix(path); err == nil {
		name, err := strconv.Unquote(quoted)
		rest, closed := strings.CutPrefix(path[len(quoted):], "]")
		return field{name: name}, rest, err == nil && closed
	}
	number, rest, closed := strings.Cut(path, "]")
	index, err := strconv.ParseInt(number, 10, 32)
	return field{index: int32(index)}, rest, err == nil && closed
}
