package configmap

import (
	"go/ast"
	goparser "go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestSupportedSettingsAreRead keeps the table honest: a setting that is said to be supported must be asked for by a function of this package,
// or stand in for an annotation that is supported; for annotations see [TestEveryAnnotationHasItsReach].
func TestSupportedSettingsAreRead(t *testing.T) {
	keys := keyVariables(t)
	read := map[string]bool{}
	for _, s := range Annotations() {
		if s.Obeyed && s.Global != nil {
			read[s.Global.String()] = true
		}
	}
	files, err := filepath.Glob("settings_*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no settings", err)
	}
	for _, file := range append(files, "global.go", "annotations.go") {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for name := range identifiers(t, file) {
			if key, ok := keys[name]; ok {
				read[key] = true
			}
		}
	}
	for _, s := range Settings() {
		if s.Obeyed && !read[s.Key.String()] {
			t.Errorf("%s is said to be supported, but nothing reads it", s.Key)
		}
	}
}

// TestTranslateNamesNoKey: what an annotation or a setting is called is known to its dialect alone.
func TestTranslateNamesNoKey(t *testing.T) {
	keys := keyVariables(t)
	files, err := filepath.Glob("../translate/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("there is no package translate", err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		ast.Inspect(parse(t, file), func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			of, ok := selector.X.(*ast.Ident)
			if ok && of.Name == "configmap" && (keys[selector.Sel.Name] != "" || slices.Contains([]string{"Set", "ParseAnnotations"}, selector.Sel.Name)) {
				t.Errorf("%s names configmap.%s", file, selector.Sel.Name)
			}
			return true
		})
	}
}

// keyVariables maps the names of the variables in keys.go to their keys.
func keyVariables(t *testing.T) map[string]string {
	t.Helper()
	keys := map[string]string{}
	ast.Inspect(parse(t, "keys.go"), func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok {
			text, err := strconv.Unquote(v.Values[0].(*ast.CompositeLit).Elts[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			keys[v.Names[0].Name] = text
		}
		return true
	})
	return keys
}

// identifiers are the names in the bodies of the functions of a file.
func identifiers(t *testing.T, file string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, declaration := range parse(t, file).Decls {
		function, ok := declaration.(*ast.FuncDecl)
		if !ok {
			continue
		}
		ast.Inspect(function.Body, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				found[id.Name] = true
			}
			return true
		})
	}
	return found
}

func parse(t *testing.T, file string) *ast.File {
	t.Helper()
	f, err := goparser.ParseFile(token.NewFileSet(), file, nil, goparser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
