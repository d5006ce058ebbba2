package manifest

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate/headgate/diag"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// cases reads the inputs of testdata/load.
func cases(t testing.TB) []Input {
	t.Helper()
	entries, err := os.ReadDir("testdata/load")
	if err != nil {
		t.Fatal(err)
	}
	var inputs []Input
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ".want" {
			continue
		}
		data, err := os.ReadFile(filepath.Join("testdata", "load", e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		inputs = append(inputs, Input{Name: e.Name(), Data: data})
	}
	if len(inputs) == 0 {
		t.Fatal("there are no cases")
	}
	return inputs
}

// TestLoadGolden compares, for each file of testdata/load, the diagnostics, the objects and the places of all their fields.
func TestLoadGolden(t *testing.T) {
	for _, in := range cases(t) {
		t.Run(in.Name, func(t *testing.T) {
			got := dump(Load([]Input{in}, LoadOptions{}))
			golden := filepath.Join("testdata", "load", in.Name+".want")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("rewrite with go test ./manifest -update (-want +got):\n%s", diff)
			}
			if strings.Contains(got, "PLANTED") || strings.Contains(got, "4242") {
				t.Error("secret content is printed")
			}
		})
	}
}

func dump(objects []Object, diags diag.List) string {
	var b strings.Builder
	for _, d := range diags {
		fmt.Fprintf(&b, "%s (%s)\n", d, d.Key)
		if d.Hint != "" {
			fmt.Fprintf(&b, "    hint: %s\n", d.Hint)
		}
	}
	for _, o := range objects {
		text, err := json.Marshal(o)
		if err != nil {
			return err.Error()
		}
		fmt.Fprintf(&b, "\n%s\n", text)
		f := o.meta().fields
		for at := range f.tree {
			fmt.Fprintf(&b, "    %d:%d %s\n", f.tree[at].line, f.tree[at].column, f.path(int32(at)))
		}
	}
	return b.String()
}

func TestLoadIsDeterministic(t *testing.T) {
	inputs := cases(t)
	want := dump(Load(inputs, LoadOptions{}))
	for range 5 {
		if diff := cmp.Diff(want, dump(Load(inputs, LoadOptions{}))); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestDefaultNamespace(t *testing.T) {
	const text = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: b}}"
	objects, diags := Load([]Input{{Data: []byte(text)}}, LoadOptions{DefaultNamespace: "shop"})
	if len(diags) > 0 || len(objects) != 2 {
		t.Fatalf("%d objects, %v", len(objects), diags)
	}
	if got := []string{objects[0].meta().Namespace, objects[1].meta().Namespace}; !cmp.Equal(got, []string{"shop", "b"}) {
		t.Errorf("namespaces %v", got)
	}
}

func TestLimits(t *testing.T) {
	const good = "\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: good}}\n"
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'j'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c,", c-1), 9), ","))
	}
	merges := "a: &a {x: y}\n"
	for c := 'b'; c < 'j'; c++ {
		merges += fmt.Sprintf("%c: &%c {<<: [%s]}\n", c, c, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c,", c-1), 9), ","))
	}
	tests := []struct {
		name, text string
		limits     Limits
		objects    int
		place      string
		message    string
		code       diag.CodeInfo
	}{
		{"input", good + strings.Repeat("#", 100), Limits{InputBytes: 90}, 0, "f", "more than the 90", diag.InputLimit},
		{"document", "a: " + strings.Repeat("b", 200) + good, Limits{DocumentBytes: 150}, 1, "f:1:1", "more than the 150", diag.InputLimit},
		{"marks", "a: [" + strings.Repeat("b,", 50) + "]" + good, Limits{Marks: 40}, 1, "f:1:1", "more than 40 line ends", diag.InputLimit},
		{"documents", good + good + good, Limits{Documents: 2}, 2, "f:8:1", "more than 2 documents", diag.InputLimit},
		{"depth", "a: " + strings.Repeat("[", 70) + strings.Repeat("]", 70) + good, Limits{}, 1, "f:1:68", "more than 64 deep", diag.InputLimit},
		{"depth in JSON", `{"a": ` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + "}" + good, Limits{}, 1, "f:1:71", "more than 64 deep", diag.InputLimit},
		{"great depth", "a: " + strings.Repeat("[", 20000) + good, Limits{}, 1, "f:1:1", "exceeded max depth", diag.InputSyntax},
		{"aliases", bomb + good, Limits{}, 1, "f:6:8", "stand for more than 100000 values", diag.InputLimit},
		{"merges", merges + good, Limits{}, 1, "f:6:", "stand for more than 100000 values", diag.InputLimit},
		{"circle", "a: &a [*a]" + good, Limits{}, 1, "f:1:8", "contains itself", diag.InputLimit},
		{"merged circle", "apiVersion: v1\nkind: ConfigMap\nmetadata: &a\n  <<: *a" + good, Limits{}, 1, "f:4:7", "contains itself", diag.InputLimit},
		{"aliased items", "a: &a {kind: X, b: [c,c,c]}\nkind: List\nitems: [" + strings.Repeat("*a,", 30) + "]" + good, Limits{Expanded: 100}, 1, "f:3:", "more than 100 values", diag.InputLimit},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			objects, diags := Load([]Input{{Name: "f", Data: []byte(test.text)}}, LoadOptions{Limits: test.limits})
			if len(objects) != test.objects {
				t.Errorf("%d objects, want %d", len(objects), test.objects)
			}
			if len(diags) != 1 {
				t.Fatalf("want one diagnostic: %v", diags)
			}
			if d := diags[0]; d.Code != test.code.Code || !strings.HasPrefix(d.Pos.String(), test.place) || !strings.Contains(d.Message, test.message) {
				t.Errorf("got %s, want %q at %s", d, test.message, test.place)
			}
		})
	}
}
