package engine

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/template/parse"
)

// encoderName is the function that the checker appends to every printing action. It is no name that a template can call, because the
// parser does not know it.
const encoderName = "_encode"

// site is a printing action that was accepted.
type site struct {
	position     Position
	file, action string
	line, column int
}

// maxContexts bounds the copies of one template. A template that calls itself one block deeper would have no end of them.
const maxContexts = 32

// checker derives a copy of every template for each context that it is called in, as html/template does, and finds out what the
// actions of the copy fill.
type checker struct {
	lang    Language
	trees   map[string]*definition
	derived map[string]*parse.Tree
	// replaced says that templates of the user's may stand in the place of others.
	replaced bool
	// used counts the contexts of each template.
	used  map[string]int
	sites []site
	errs  []error
}

// enter derives an entry template and returns the name of the copy.
func (c *checker) enter(name, context string) string {
	if c.trees[name] == nil {
		c.errs = append(c.errs, &LoadError{File: name + suffix, Reason: "this template is needed but does not exist"})
		return ""
	}
	return c.derive(name, context)
}

// derive checks a template in a context, once, and returns the name of the copy for that context. Because a template has to end
// where it began, a recursive call needs no result of its own.
func (c *checker) derive(name, context string) string {
	key := name + "$" + context
	if c.derived[key] != nil {
		return key
	}
	c.used[name]++
	def := c.trees[name]
	tree := def.tree.Copy()
	c.derived[key] = tree
	start, err := c.lang.Start(context)
	if err != nil {
		c.errs = append(c.errs, &LoadError{File: def.source.file, Reason: err.Error()})
		return key
	}
	w := &walker{checker: c, source: def.source, actions: map[*parse.ActionNode]Position{}, calls: map[*parse.TemplateNode]string{}}
	end, err := w.list(start, tree.Root)
	if err == nil {
		err = w.ends(context, end, tree.Root)
	}
	if err != nil {
		c.errs = append(c.errs, err)
		return key
	}
	w.apply()
	return key
}

// refuseUnused finds templates that no entry reaches: mostly a mistyped name, which would otherwise be without effect in silence.
// Where single templates are replaced, those that the new ones have no use for are fine.
func (c *checker) refuseUnused() {
	for _, name := range slices.Sorted(maps.Keys(c.trees)) {
		def := c.trees[name]
		if c.used[name] > 0 || c.replaced && !def.overrides {
			continue
		}
		c.errs = append(c.errs, def.source.at(int(def.tree.Root.Position()),
			"no template uses %q; the names in use are %s", name, strings.Join(slices.Sorted(maps.Keys(c.used)), ", ")))
	}
}

// walker follows one copy of one template. Loops are followed more than once; what it finds is written into the tree at the end.
type walker struct {
	*checker
	source  source
	actions map[*parse.ActionNode]Position
	calls   map[*parse.TemplateNode]string
}

// list follows nodes in order.
func (w *walker) list(s State, list *parse.ListNode) (State, error) {
	if list == nil {
		return s, nil
	}
	for _, node := range list.Nodes {
		var err error
		if s, err = w.node(s, node); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (w *walker) node(s State, node parse.Node) (State, error) {
	switch n := node.(type) {
	case *parse.TextNode:
		return w.text(s, n)
	case *parse.ActionNode:
		return w.action(s, n)
	case *parse.IfNode:
		return w.branch(s, &n.BranchNode)
	case *parse.WithNode:
		return w.branch(s, &n.BranchNode)
	case *parse.RangeNode:
		return w.loop(s, &n.BranchNode)
	case *parse.TemplateNode:
		return w.call(s, n)
	default:
		return nil, w.source.at(int(node.Position()), "%s is not supported; compute the list in the view", node)
	}
}

func (w *walker) text(s State, n *parse.TextNode) (State, error) {
	next, err := w.lang.Text(s, string(n.Text))
	if err == nil {
		return next, nil
	}
	offset := 0
	var inText *TextError
	if errors.As(err, &inText) {
		offset = inText.Offset
	}
	return nil, w.source.at(int(n.Pos)+offset, "%v", err)
}

func (w *walker) action(s State, n *parse.ActionNode) (State, error) {
	if len(n.Pipe.Decl) > 0 {
		return s, nil
	}
	position, next, err := w.lang.Action(s)
	if err != nil {
		return nil, w.source.at(w.begin(n), "%s: %v", n, err)
	}
	w.actions[n] = position
	return next, nil
}

// begin finds the opening braces of an action; its own position is behind them.
func (w *walker) begin(n parse.Node) int {
	pos := int(n.Position())
	if i := strings.LastIndex(w.source.text[:min(pos, len(w.source.text))], "{{"); i >= 0 {
		return i
	}
	return pos
}

func (w *walker) branch(s State, n *parse.BranchNode) (State, error) {
	then, err := w.list(s, n.List)
	if err != nil {
		return nil, err
	}
	otherwise, err := w.list(s, n.ElseList)
	if err != nil {
		return nil, err
	}
	return w.join(n, then, otherwise)
}

// maxPasses bounds the search for the state at the head of a loop. Joining only loses knowledge, so two passes are the rule.
const maxPasses = 5

// loop looks for a state that holds before the first and before every further pass of a range, and follows the body from there.
func (w *walker) loop(s State, n *parse.BranchNode) (State, error) {
	head := s
	for range maxPasses {
		end, err := w.list(head, n.List)
		if err != nil {
			return nil, err
		}
		joined, err := w.join(n, head, end)
		if err != nil {
			return nil, err
		}
		if joined == head {
			return w.afterLoop(s, end, n)
		}
		head = joined
	}
	return nil, w.source.at(w.begin(n), "the body of this range ends in a different place each time")
}

// afterLoop joins the end of the body with what happens when the range is empty.
func (w *walker) afterLoop(s, end State, n *parse.BranchNode) (State, error) {
	empty, err := w.list(s, n.ElseList)
	if err != nil {
		return nil, err
	}
	return w.join(n, empty, end)
}

func (w *walker) join(n *parse.BranchNode, a, b State) (State, error) {
	if a == b {
		return a, nil
	}
	joined, err := w.lang.Join(a, b)
	if err != nil {
		return nil, w.source.at(w.begin(n), "the branches of this %s end in different places: %v", keyword(n), err)
	}
	return joined, nil
}

func keyword(n *parse.BranchNode) string {
	switch n.NodeType {
	case parse.NodeRange:
		return "range"
	case parse.NodeWith:
		return "with"
	default:
		return "if"
	}
}

func (w *walker) call(s State, n *parse.TemplateNode) (State, error) {
	context, err := w.lang.Context(s)
	if err != nil {
		return nil, w.source.at(w.begin(n), "{{template %q}}: %v", n.Name, err)
	}
	if w.trees[n.Name] == nil {
		return nil, w.source.at(w.begin(n), "{{template %q}}: there is no template of this name", n.Name)
	}
	if w.used[n.Name] > maxContexts {
		return nil, w.source.at(w.begin(n), "{{template %q}}: it is called in more than %d contexts; does it call itself inside a block?", n.Name, maxContexts)
	}
	w.calls[n] = w.derive(n.Name, context)
	return s, nil
}

// ends makes sure that a template leaves the language where it found it.
func (w *walker) ends(context string, end State, root *parse.ListNode) error {
	at := int(root.Position())
	if len(root.Nodes) > 0 {
		at = int(root.Nodes[len(root.Nodes)-1].Position())
	}
	got, err := w.lang.Context(end)
	if err != nil {
		return w.source.at(at, "the template ends in the middle of a statement: %v", err)
	}
	if got != context {
		return w.source.at(at, "the template begins in %q and ends in %q; close every block that it opens", context, got)
	}
	return nil
}

// apply directs the calls to the copies for their contexts and appends the encoders to the actions.
func (w *walker) apply() {
	for n, name := range w.calls {
		n.Name = name
	}
	for _, n := range slices.SortedFunc(maps.Keys(w.actions), func(a, b *parse.ActionNode) int { return int(a.Pos) - int(b.Pos) }) {
		line, column := w.source.place(w.begin(n))
		w.sites = append(w.sites, site{position: w.actions[n], file: w.source.file, action: n.String(), line: line, column: column})
		number := len(w.sites) - 1
		text := strconv.Itoa(number)
		n.Pipe.Cmds = append(n.Pipe.Cmds, &parse.CommandNode{NodeType: parse.NodeCommand, Pos: n.Pos, Args: []parse.Node{
			parse.NewIdentifier(encoderName).SetPos(n.Pos),
			&parse.NumberNode{NodeType: parse.NodeNumber, Pos: n.Pos, IsInt: true, Int64: int64(number), Text: text},
		}})
	}
}
