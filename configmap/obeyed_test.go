package configmap

import (
	"go/ast"
	goparser "go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestSupportedSettingsAreRead keeps the table honest: a setting that is said to be supported must be asked for by translate, by this package
// where it rules over annotations, or stand in for an annotation that is supported; for annotations see [TestEveryAnnotationHasItsReach].
func TestSupportedSettingsAreRead(t *testing.T) {
	keys := keyConstants(t)
	read := map[string]bool{}
	for _, s := range Annotations() {
		if s.Obeyed && s.Global != nil {
			read[s.Global.String()] = true
		}
	}
	files, err := filepath.Glob("../translate/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("there is no package translate", err)
	}
	for _, file := range append(files, "annotations.go") {
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
			t.Errorf("%s is said to be obeyed, but nothing reads it", s.Key)
		}
	}
}

// keyConstants maps the names of the variables in keys.go to their keys.
func keyConstants(t *testing.T) map[string]string {
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

func identifiers(t *testing.T, file string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	ast.Inspect(parse(t, file), func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			found[id.Name] = true
		}
		return true
	})
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
