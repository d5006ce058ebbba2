package templates_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// module is the prefix of our own packages.
const module = "github.com/headgate/headgate/"

// source knows the Go packages that views come from: their types, and what is written above these.
type source struct {
	exports map[string]string
	imports types.Importer
	fset    *token.FileSet
	// docs are comments by "package.Type" and "package.Type.Field".
	docs map[string]string
	read map[string]bool
}

// readSource asks the go command where compiled packages are, because type-checking all that a renderer needs would take long.
func readSource(t *testing.T, packages ...string) *source {
	t.Helper()
	args := append([]string{"list", "-export", "-deps", "-json=ImportPath,Export"}, packages...)
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	s := &source{exports: map[string]string{}, fset: token.NewFileSet(), docs: map[string]string{}, read: map[string]bool{}}
	decoder := json.NewDecoder(bytes.NewReader(out))
	for {
		var p struct{ ImportPath, Export string }
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		s.exports[p.ImportPath] = p.Export
	}
	s.imports = importer.ForCompiler(s.fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(s.exports[path]) })
	return s
}

// files parses a package without its tests.
func (s *source) files(t *testing.T, path string) []*ast.File {
	t.Helper()
	dir := filepath.Join("..", strings.TrimPrefix(path, module))
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(s.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// doc is the comment of a type, or of a field of it.
func (s *source) doc(t *testing.T, named *types.Named, field string) string {
	t.Helper()
	pkg := named.Obj().Pkg()
	if pkg == nil || !strings.HasPrefix(pkg.Path(), module) {
		return ""
	}
	if !s.read[pkg.Path()] {
		s.read[pkg.Path()] = true
		for _, file := range s.files(t, pkg.Path()) {
			s.readDocs(pkg.Path(), file)
		}
	}
	key := pkg.Path() + "." + named.Obj().Name()
	if field != "" {
		key += "." + field
	}
	return s.docs[key]
}

func (s *source) readDocs(pkg string, file *ast.File) {
	for _, decl := range file.Decls {
		general, ok := decl.(*ast.GenDecl)
		if !ok || general.Tok != token.TYPE {
			continue
		}
		for _, spec := range general.Specs {
			named := spec.(*ast.TypeSpec)
			key := pkg + "." + named.Name.Name
			s.docs[key] = oneLine(general.Doc, named.Doc)
			fields, ok := named.Type.(*ast.StructType)
			if !ok {
				continue
			}
			for _, field := range fields.Fields.List {
				for _, name := range field.Names {
					s.docs[key+"."+name.Name] = oneLine(field.Doc, field.Comment)
				}
			}
		}
	}
}

// oneLine is the first of several comments that says something, as one line.
func oneLine(groups ...*ast.CommentGroup) string {
	for _, g := range groups {
		if text := strings.Join(strings.Fields(g.Text()), " "); text != "" {
			return text
		}
	}
	return ""
}

// views finds what a renderer gives to its entry templates: the calls that hand on the name of one, and behind it a view. The view of
// a call that computes the name stands under "".
func (s *source) views(t *testing.T, path string, entries map[string]bool) map[string]types.Type {
	t.Helper()
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	files := s.files(t, path)
	config := types.Config{Importer: s.imports}
	if _, err := config.Check(path, s.fset, files, info); err != nil {
		t.Fatal(err)
	}
	found := map[string]types.Type{}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 3 || !prints(call) {
				return true
			}
			view := info.Types[call.Args[len(call.Args)-1]].Type
			name := info.Types[call.Args[len(call.Args)-2]].Value
			if types.IsInterface(view) {
				return true
			}
			if name == nil {
				found[""] = view
			} else if entries[constant.StringVal(name)] {
				found[constant.StringVal(name)] = view
			}
			return true
		})
	}
	return found
}

// prints reports whether a call is one that takes a template and its view last. Those that only hand on what they were given see an
// interface and tell nothing.
func prints(call *ast.CallExpr) bool {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	return ok && (selector.Sel.Name == "print" || selector.Sel.Name == "text" || selector.Sel.Name == "Execute")
}
