package templates_test

import (
	"fmt"
	"go/types"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/headgate/headgate/templates"
)

// language is a folder of templates with the renderer that gives them their views.
type language struct {
	// dir is the folder below the templates, proxy the name in headings.
	dir, proxy, renderer string
	fsys                 fs.FS
	// prefix stands before the names of templates that are known by their path.
	prefix string
}

func languages(t *testing.T) []language {
	t.Helper()
	sub := func(dir string) fs.FS {
		fsys, err := fs.Sub(templates.HAProxy, dir)
		if err != nil {
			t.Fatal(err)
		}
		return fsys
	}
	return []language{
		{dir: "nginx", proxy: "nginx", renderer: module + "render/nginx", fsys: templates.FS},
		{dir: "haproxy/conf", proxy: "HAProxy", renderer: module + "render/haproxy", fsys: sub("haproxy/conf"), prefix: "haproxy/conf/"},
		{dir: "haproxy/lists", proxy: "HAProxy", renderer: module + "render/haproxy", fsys: sub("haproxy/lists"), prefix: "haproxy/lists/"},
	}
}

// reference is what is known of the templates of one folder.
type reference struct {
	language
	calls *calls
	// views are the structs that the templates reach, types the other types of fields; both by name.
	views, types map[string]*types.Named
}

func readReference(t *testing.T, s *source, l language) *reference {
	t.Helper()
	r := &reference{language: l, calls: readCalls(t, l.fsys), views: map[string]*types.Named{}, types: map[string]*types.Named{}}
	entries := r.calls.entries()
	given := s.views(t, l.renderer, entries)
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		view := given[name]
		if view == nil && l.dir == "haproxy/lists" {
			view = given[""]
		}
		r.calls.enter(name, view)
		r.collect(view)
	}
	if names := r.calls.missing(); len(names) > 0 {
		t.Errorf("%s: nobody knows what these templates get: %s", l.dir, strings.Join(names, ", "))
	}
	for _, gets := range r.calls.gets {
		for _, view := range gets {
			r.collect(view)
		}
	}
	return r
}

// collect notes the named types that a type is made of.
func (r *reference) collect(t types.Type) {
	switch t := t.(type) {
	case *types.Pointer:
		r.collect(t.Elem())
	case *types.Slice:
		r.collect(t.Elem())
	case *types.Map:
		r.collect(t.Key())
		r.collect(t.Elem())
	case *types.Named:
		r.collectNamed(t)
	}
}

func (r *reference) collectNamed(named *types.Named) {
	pkg := named.Obj().Pkg()
	if pkg == nil || !strings.HasPrefix(pkg.Path(), module) {
		return
	}
	name := typeName(named)
	structure, ok := named.Underlying().(*types.Struct)
	if !ok || len(exported(structure)) == 0 {
		r.types[name] = named
		return
	}
	if r.views[name] != nil {
		return
	}
	r.views[name] = named
	for _, field := range exported(structure) {
		r.collect(field.Type())
	}
}

// exported are the fields that templates can name, those of embedded structs among them.
func exported(s *types.Struct) []*types.Var {
	var fields []*types.Var
	for field := range s.Fields() {
		if embedded, ok := field.Type().Underlying().(*types.Struct); ok && field.Embedded() {
			fields = append(fields, exported(embedded)...)
		} else if field.Exported() {
			fields = append(fields, field)
		}
	}
	return fields
}

// typeName is a type as the page calls it: without the package, which templates never name.
func typeName(t types.Type) string {
	if t == nothing {
		return "nothing"
	}
	return types.TypeString(t, func(*types.Package) string { return "" })
}

// members are the lines of the golden list: one for each field of each view.
func (r *reference) members() []string {
	var lines []string
	for name, named := range r.views {
		for _, field := range exported(named.Underlying().(*types.Struct)) {
			lines = append(lines, fmt.Sprintf("%s.%s %s", name, field.Name(), typeName(field.Type())))
		}
	}
	for name, gets := range r.calls.gets {
		for _, view := range gets {
			lines = append(lines, fmt.Sprintf("template %s%s gets %s", r.prefix, name, typeName(view)))
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// write prints the page's part for one folder.
func (r *reference) write(t *testing.T, s *source, b *strings.Builder) {
	t.Helper()
	fmt.Fprintf(b, "\n## %s: `%s`\n\n| template | file | called by | gets |\n|---|---|---|---|\n", r.proxy, r.dir)
	for _, name := range slices.Sorted(maps.Keys(r.calls.trees)) {
		callers := "Headgate"
		if by := slices.Sorted(maps.Keys(r.calls.callers[name])); len(by) > 0 {
			callers = "`" + strings.Join(by, "`, `") + "`"
		}
		var gets []string
		for _, view := range r.calls.gets[name] {
			gets = append(gets, "`"+typeName(view)+"`")
		}
		slices.Sort(gets)
		fmt.Fprintf(b, "| `%s` | %s%s | %s | %s |\n", name, r.prefix, r.calls.files[name], callers, strings.Join(slices.Compact(gets), " or "))
	}
	for _, name := range slices.Sorted(maps.Keys(r.views)) {
		r.writeView(t, s, r.views[name], b)
	}
	fmt.Fprintf(b, "\n### Types of values in `%s`\n\n| type | meaning |\n|---|---|\n", r.dir)
	for _, name := range slices.Sorted(maps.Keys(r.types)) {
		fmt.Fprintf(b, "| `%s` | %s |\n", name, cell(s.doc(t, r.types[name], "")))
	}
}

func (r *reference) writeView(t *testing.T, s *source, named *types.Named, b *strings.Builder) {
	t.Helper()
	fmt.Fprintf(b, "\n### `%s` in `%s`\n\n%s\n\n| field | type | meaning |\n|---|---|---|\n", typeName(named), r.dir, cell(s.doc(t, named, "")))
	for _, field := range exported(named.Underlying().(*types.Struct)) {
		meaning := r.meaning(t, s, named, field)
		if meaning == "" {
			t.Errorf("%s: nobody knows what %s.%s means; write a comment above it", r.dir, typeName(named), field.Name())
		}
		fmt.Fprintf(b, "| `%s` | `%s` | %s |\n", field.Name(), typeName(field.Type()), cell(meaning))
	}
}

// meaning is what a field's comment says, or else what the templates make of it.
func (r *reference) meaning(t *testing.T, s *source, named *types.Named, field *types.Var) string {
	t.Helper()
	if doc := s.doc(t, named, field.Name()); doc != "" {
		return doc
	}
	if other := mention(t, s, named, field.Name()); other != "" {
		return other
	}
	if uses := r.calls.uses[typeName(named)+"."+field.Name()]; len(uses) > 0 {
		return "for `" + strings.Join(uses[:min(len(uses), 3)], "`, `") + "`"
	}
	if name := strings.TrimLeft(typeName(field.Type()), "*[]"); r.views[name] != nil || r.types[name] != nil {
		return "see `" + name + "`"
	}
	return ""
}

// mention is for a field whose meaning stands in the comment of a field before it.
func mention(t *testing.T, s *source, named *types.Named, name string) string {
	t.Helper()
	word := regexp.MustCompile(`\b` + name + `\b`)
	for _, field := range exported(named.Underlying().(*types.Struct)) {
		if word.MatchString(s.doc(t, named, field.Name())) {
			return "see `" + field.Name() + "`"
		}
	}
	return ""
}

// cell makes text that can stand in a table: references of Go's comments become code.
func cell(text string) string {
	text = regexp.MustCompile(`\[\*?([A-Za-z.]+)\]`).ReplaceAllString(text, "`$1`")
	return strings.ReplaceAll(text, "|", `\|`)
}
