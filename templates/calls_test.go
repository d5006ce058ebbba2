package templates_test

import (
	"go/types"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"text/template/parse"
)

// calls finds out what each template gets, by following the types of views through the actions of the templates above it.
type calls struct {
	trees map[string]*parse.Tree
	// files are the files that templates are defined in.
	files map[string]string
	// gets is the type of each template's dot. A template that several views reach has several.
	gets map[string]map[string]types.Type
	// callers are the templates that call one.
	callers map[string]map[string]bool
	// uses are the lines that a field appears in, by "Type.Field".
	uses map[string][]string
}

// nothing is the dot of a template that is called without one.
var nothing types.Type = types.Typ[types.UntypedNil]

func readCalls(t *testing.T, fsys fs.FS) *calls {
	t.Helper()
	c := &calls{
		trees: map[string]*parse.Tree{}, files: map[string]string{}, gets: map[string]map[string]types.Type{}, callers: map[string]map[string]bool{}, uses: map[string][]string{},
	}
	err := fs.WalkDir(fsys, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(fsys, file)
		if err != nil {
			return err
		}
		tree, trees := parse.New(strings.TrimSuffix(file, ".tmpl")), map[string]*parse.Tree{}
		tree.Mode = parse.SkipFuncCheck
		if _, err := tree.Parse(string(text), "", "", trees); err != nil {
			return err
		}
		for name, tree := range trees {
			// A file that only defines blocks leaves an empty template under its own name.
			if !parse.IsEmptyTree(tree.Root) || name != strings.TrimSuffix(file, ".tmpl") {
				c.trees[name], c.files[name] = tree, file
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, tree := range c.trees {
		c.noteCallers(name, tree.Root)
	}
	return c
}

func (c *calls) noteCallers(name string, list *parse.ListNode) {
	walk(list, func(n parse.Node) {
		if call, ok := n.(*parse.TemplateNode); ok {
			if c.callers[call.Name] == nil {
				c.callers[call.Name] = map[string]bool{}
			}
			c.callers[call.Name][name] = true
		}
	})
}

func walk(list *parse.ListNode, visit func(parse.Node)) {
	if list == nil {
		return
	}
	for _, n := range list.Nodes {
		visit(n)
		if b := branchOf(n); b != nil {
			walk(b.List, visit)
			walk(b.ElseList, visit)
		}
	}
}

func branchOf(n parse.Node) *parse.BranchNode {
	switch n := n.(type) {
	case *parse.IfNode:
		return &n.BranchNode
	case *parse.WithNode:
		return &n.BranchNode
	case *parse.RangeNode:
		return &n.BranchNode
	default:
		return nil
	}
}

// entries are the templates that no other calls.
func (c *calls) entries() map[string]bool {
	found := map[string]bool{}
	for name := range c.trees {
		if len(c.callers[name]) == 0 {
			found[name] = true
		}
	}
	return found
}

// enter follows a template with a view.
func (c *calls) enter(name string, dot types.Type) {
	if dot == nil || c.trees[name] == nil {
		return
	}
	if c.gets[name] == nil {
		c.gets[name] = map[string]types.Type{}
	}
	if c.gets[name][dot.String()] != nil {
		return
	}
	c.gets[name][dot.String()] = dot
	f := follower{calls: c, vars: map[string]types.Type{"$": dot}}
	f.list(c.trees[name].Root, dot)
}

// missing are the templates that no view was seen to reach.
func (c *calls) missing() []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(c.trees)) {
		if len(c.gets[name]) == 0 {
			names = append(names, name)
		}
	}
	return names
}

// follower follows the actions of one template.
type follower struct {
	*calls
	vars map[string]types.Type
	// line is what stands in front of an action on its line.
	line string
}

func (f *follower) list(list *parse.ListNode, dot types.Type) {
	if list == nil {
		return
	}
	for _, n := range list.Nodes {
		switch n := n.(type) {
		case *parse.TextNode:
			f.text(string(n.Text))
		case *parse.TemplateNode:
			f.call(n, dot)
		case *parse.ActionNode:
			f.pipe(n.Pipe, dot)
			f.use(n.Pipe, dot, f.line+"…")
			f.line += "… "
		case *parse.IfNode:
			f.use(n.Pipe, dot, firstLine(n.List))
			f.pipe(n.Pipe, dot)
			f.list(n.List, dot)
			f.list(n.ElseList, dot)
		case *parse.WithNode:
			inner := f.pipe(n.Pipe, dot)
			f.use(n.Pipe, dot, firstLine(n.List))
			f.list(n.List, inner)
			f.list(n.ElseList, dot)
		case *parse.RangeNode:
			f.use(n.Pipe, dot, firstLine(n.List))
			f.list(n.List, f.element(n.Pipe, dot))
			f.list(n.ElseList, dot)
		}
	}
}

func (f *follower) call(n *parse.TemplateNode, dot types.Type) {
	if n.Pipe == nil {
		f.enter(n.Name, nothing)
		return
	}
	f.use(n.Pipe, dot, "template "+n.Name)
	f.enter(n.Name, f.pipe(n.Pipe, dot))
}

// text keeps the statement that the text ends in.
func (f *follower) text(text string) {
	if i := strings.LastIndexAny(text, "\n;{}"); i >= 0 {
		f.line, text = "", text[i+1:]
	}
	f.line = strings.TrimLeft(strings.TrimSuffix(f.line, " ")+text, " \t")
}

// use notes where a field appears.
func (f *follower) use(pipe *parse.PipeNode, dot types.Type, where string) {
	if len(pipe.Cmds) != 1 || len(pipe.Cmds[0].Args) != 1 || strings.Trim(where, "… ") == "" {
		return
	}
	field, ok := pipe.Cmds[0].Args[0].(*parse.FieldNode)
	if !ok {
		return
	}
	owner := fieldOf(dot, field.Ident[:len(field.Ident)-1])
	if owner == nil {
		return
	}
	key := strings.TrimPrefix(typeName(owner), "*") + "." + field.Ident[len(field.Ident)-1]
	if !slices.Contains(f.uses[key], where) {
		f.uses[key] = append(f.uses[key], where)
	}
}

// firstLine is the first line of text in a list, which tells what a condition is about.
func firstLine(list *parse.ListNode) string {
	for _, n := range list.Nodes {
		switch n := n.(type) {
		case *parse.TextNode:
			line, _, ended := strings.Cut(strings.TrimLeft(string(n.Text), "; \n\t"), "\n")
			if line = strings.TrimRight(line, " ;{"); line == "" {
				continue
			}
			if !ended && n != list.Nodes[len(list.Nodes)-1] {
				line += " …"
			}
			return strings.ReplaceAll(line, "  ", " ")
		case *parse.TemplateNode:
			return "template " + n.Name
		default:
			return ""
		}
	}
	return ""
}

// element is what a range sets the dot to.
func (f *follower) element(pipe *parse.PipeNode, dot types.Type) types.Type {
	var element types.Type
	if t := f.command(pipe, dot); t != nil {
		switch u := t.Underlying().(type) {
		case *types.Slice:
			element = u.Elem()
		case *types.Map:
			element = u.Elem()
		}
	}
	if n := len(pipe.Decl); n > 0 {
		f.vars[pipe.Decl[n-1].Ident[0]] = element
	}
	return element
}

func (f *follower) pipe(pipe *parse.PipeNode, dot types.Type) types.Type {
	t := f.command(pipe, dot)
	if pipe != nil && len(pipe.Decl) == 1 {
		f.vars[pipe.Decl[0].Ident[0]] = t
	}
	return t
}

// command is the type of a plain field, variable or dot; nil for what functions make.
func (f *follower) command(pipe *parse.PipeNode, dot types.Type) types.Type {
	if pipe == nil || len(pipe.Cmds) != 1 || len(pipe.Cmds[0].Args) != 1 {
		return nil
	}
	switch n := pipe.Cmds[0].Args[0].(type) {
	case *parse.DotNode:
		return dot
	case *parse.FieldNode:
		return fieldOf(dot, n.Ident)
	case *parse.VariableNode:
		return fieldOf(f.vars[n.Ident[0]], n.Ident[1:])
	default:
		return nil
	}
}

func fieldOf(t types.Type, names []string) types.Type {
	for _, name := range names {
		if t == nil {
			return nil
		}
		object, _, _ := types.LookupFieldOrMethod(t, true, nil, name)
		if object == nil {
			return nil
		}
		t = object.Type()
	}
	return t
}
