package headgate_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// module is the prefix of our own packages.
const module = "github.com/headgate/headgate/"

// layers are the rooms from the ground up. A package imports only from lower layers, or from packages of its own room.
var layers = []map[string]bool{
	{"diag": true},
	{"manifest": true, "model": true, "policy": true},
	{"configmap": true},
	{"translate": true},
	{"render": true, "templates": true, "retain": true},
	{"watch": true, "reload": true},
	{"cmd": true},
}

// The layers that must not know the machine.
const firstPure, lastPure = 1, 4

// listed is what `go list` says of a package.
type listed struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
	Deps       []string
	Standard   bool
}

// listPackages asks the go command about all packages of the module and all that they need.
func listPackages(t *testing.T) map[string]listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", "-json=ImportPath,Dir,GoFiles,Imports,Deps,Standard", "./...").Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %s", exit.Stderr)
		}
		t.Fatalf("go list: %v", err)
	}
	packages := map[string]listed{}
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatalf("reading what go list says: %v", err)
		}
		packages[p.ImportPath] = p
	}
}

// room is the top-level folder of one of our packages, "" for all others.
func room(importPath string) string {
	inside, ours := strings.CutPrefix(importPath, module)
	if !ours {
		return ""
	}
	first, _, _ := strings.Cut(inside, "/")
	return first
}

func layerOf(room string) int {
	return slices.IndexFunc(layers, func(l map[string]bool) bool { return l[room] })
}

func TestLayers(t *testing.T) {
	packages := listPackages(t)
	checked := 0
	for _, p := range packages {
		from := room(p.ImportPath)
		if from == "" || from == "hack" {
			continue
		}
		layer := layerOf(from)
		if layer < 0 {
			t.Errorf("%s is in no layer: a new top-level folder needs a reason in DESIGN.md and a place in this test", p.ImportPath)
			continue
		}
		checked++
		for _, imported := range p.Imports {
			to := room(imported)
			switch {
			case to == "" || to == from:
			case to == "hack":
				t.Errorf("%s imports %s, which is for tests", p.ImportPath, imported)
			case layerOf(to) >= layer && (from != "render" || to != "templates"):
				t.Errorf("%s (layer %d) imports %s (layer %d); imports go down only", p.ImportPath, layer, imported, layerOf(to))
			}
		}
	}
	if checked < len(layers) {
		t.Errorf("only %d packages were looked at", checked)
	}
}

// TestPureLayers holds what layers 1 to 4 import by themselves. What the standard library and sprig need behind our back is their
// business; what we may call ourselves is ours.
func TestPureLayers(t *testing.T) {
	forbidden := []string{"os", "os/*", "net", "net/http", "net/http/*", "log", "log/syslog", "math/rand", "math/rand/v2", "crypto/rand", "syscall", "plugin"}
	for _, p := range listPackages(t) {
		layer := layerOf(room(p.ImportPath))
		if layer < firstPure || layer > lastPure {
			continue
		}
		for _, imported := range p.Imports {
			for _, pattern := range forbidden {
				if ok, _ := path.Match(pattern, imported); ok {
					t.Errorf("%s imports %s; layers %d to %d are pure", p.ImportPath, imported, firstPure, lastPure)
				}
			}
		}
	}
}

// TestPureLayersHaveNoClock finds calls of the clock by their names: package time itself is allowed, for durations.
func TestPureLayersHaveNoClock(t *testing.T) {
	clock := []string{"Now", "Since", "Until", "After", "AfterFunc", "Tick", "Sleep", "NewTimer", "NewTicker"}
	files := 0
	for _, p := range listPackages(t) {
		layer := layerOf(room(p.ImportPath))
		if layer < firstPure || layer > lastPure {
			continue
		}
		for _, name := range p.GoFiles {
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files++
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if of, ok := call.X.(*ast.Ident); ok && of.Name == "time" && slices.Contains(clock, call.Sel.Name) {
					t.Errorf("%s: time.%s in layer %d; layers %d to %d have no clock", set.Position(call.Pos()), call.Sel.Name, layer, firstPure, lastPure)
				}
				return true
			})
		}
	}
	if files < 10 {
		t.Errorf("only %d files were looked at", files)
	}
}

// TestHeavyImports keeps big libraries out of the rooms that can do without them, even by way of others.
func TestHeavyImports(t *testing.T) {
	rules := []struct {
		library string
		rooms   []string
	}{
		{"k8s.io/", []string{"watch", "cmd", "hack"}},
		{"github.com/spf13/cobra", []string{"cmd"}},
		{"github.com/spf13/viper", []string{"cmd"}},
		{"github.com/prometheus/client_golang", []string{"cmd"}},
		{"github.com/fsnotify/", []string{"watch", "cmd", "hack"}},
		{"github.com/Masterminds/sprig", []string{"render", "cmd", "hack"}},
	}
	for _, p := range listPackages(t) {
		from := room(p.ImportPath)
		if from == "" {
			continue
		}
		for _, rule := range rules {
			needs := slices.ContainsFunc(p.Deps, func(dep string) bool { return strings.HasPrefix(dep, rule.library) })
			if needs && !slices.Contains(rule.rooms, from) {
				t.Errorf("%s needs %s, which belongs to %v", p.ImportPath, rule.library, rule.rooms)
			}
		}
	}
}

// TestDiagNeedsStandardLibraryOnly holds the ground floor.
func TestDiagNeedsStandardLibraryOnly(t *testing.T) {
	packages := listPackages(t)
	diag, found := packages[module+"diag"]
	if !found {
		t.Fatal("there is no package diag")
	}
	for _, dep := range diag.Deps {
		if !packages[dep].Standard {
			t.Errorf("diag needs %s", dep)
		}
	}
}
