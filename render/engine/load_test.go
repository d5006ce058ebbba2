package engine_test

import (
	"bytes"
	"errors"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/headgate/headgate/render/engine"
	"github.com/headgate/headgate/render/nginx/conf"
)

// files makes a file system of names and texts in turn.
func files(texts ...string) fs.FS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(texts); i += 2 {
		fsys[texts[i]] = &fstest.MapFile{Data: []byte(texts[i+1])}
	}
	return fsys
}

var entry = map[string]string{"host": "http"}

func print(t *testing.T, set *engine.Set, view any) string {
	t.Helper()
	var b bytes.Buffer
	if err := set.Execute(&b, "host", view); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestOverride(t *testing.T) {
	stock := files("host.tmpl", `server { {{block "name" .}}server_name {{.}};{{end}} {{template "parts/root" .}} }`, "parts/root.tmpl", `root /stock;`)
	tests := []struct {
		name     string
		override fs.FS
		want     string
	}{
		{"none", nil, "server { server_name a.test; root /stock; }\n"},
		{"other files", files("readme.md", "{{"), "server { server_name a.test; root /stock; }\n"},
		{"a file", files("parts/root.tmpl", "root /user;"), "server { server_name a.test; root /user; }\n"},
		{"a block in a file of any name", files("mine.tmpl", `{{define "name"}}server_name b.test;{{end}}`), "server { server_name b.test; root /stock; }\n"},
		{"a file by a block", files("mine.tmpl", `{{define "parts/root"}}root /user;{{end}}`), "server { server_name a.test; root /user; }\n"},
		{"a block with nothing", files("mine.tmpl", `{{define "name"}}{{end}}`), "server {  root /stock; }\n"},
		{"a block of its own", files("host.tmpl", `{{template "x" .}}{{define "x"}}root /x;{{end}}`, "parts/root.tmpl", "", "n.tmpl", `{{define "name"}}{{end}}`), ""},
		{"an entry that has no use for the stock's blocks", files("host.tmpl", "server { listen 80; }"), "server { listen 80; }\n"},
		{"a mounted ConfigMap, with its second copy", files("..2024/n.tmpl", `{{define "name"}}server_name b.test;{{end}}`, "..data/n.tmpl", "{{", "n.tmpl", `{{define "name"}}server_name b.test;{{end}}`),
			"server { server_name b.test; root /stock; }\n"},
		{"the entry, with the stock's blocks", files("host.tmpl", `server { {{template "parts/root" .}} {{template "name" .}} }`),
			"server { root /stock; server_name a.test; }\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			set, err := engine.Load(stock, conf.Language{}, engine.Options{Entries: entry, Override: test.override, OverrideName: "mine"})
			if test.want == "" {
				if err == nil || !strings.Contains(err.Error(), "mine/parts/root.tmpl:1:1: no template uses") {
					t.Fatalf("the error is %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := print(t, set, conf.Host("a.test")); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestLoadErrors(t *testing.T) {
	const stock = "server {\n    {{template \"x\" .}}\n}\n"
	tests := []struct {
		name string
		text string
		want string
	}{
		{"syntax", "a;\n  {{if}}\n", "mine/x.tmpl:2:3: missing value for if"},
		{"unclosed action", "a;\nb {{", "mine/x.tmpl:2:3: unclosed action"},
		{"unknown function", "a;\n{{env \"HOME\"}}\n", "mine/x.tmpl:2:1: function \"env\" not defined; the functions are and, coalesce, "},
		{"formatting function", `return 200 {{printf "%s" .}};`, `function "printf" not defined`},
		{"clock", `return 200 {{now}};`, `function "now" not defined`},
		{"randomness", `return 200 {{randAlpha 5}};`, `function "randAlpha" not defined`},
		{"unbounded", `return 200 {{repeat 1000000000 "x"}};`, `function "repeat" not defined`},
		{"the engine's own function", `return 200 {{_encode 0 .}};`, `function "_encode" not defined`},
		{"position in the file", "a b;\n\n   return 200 'x {{- .}}';", "mine/x.tmpl:3:18: {{.}}: an action cannot stand inside quotes"},
		{"position of text", "a b;\n   return 200 {{.}}x;", "mine/x.tmpl:2:20: 'x' cannot follow an argument"},
		{"position of text behind trimmed white space", "a b;\n{{- if .}}\n{{- end}}\n\n  \"\"x;", "mine/x.tmpl:5:5: 'x' cannot follow an argument"},
		{"unused block", `{{define "y"}}a;{{end}}b;`, `mine/x.tmpl:1:15: no template uses "y"; the names in use are host, x`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := engine.Load(files("host.tmpl", stock, "x.tmpl", "root /x;"), conf.Language{},
				engine.Options{Entries: entry, Override: files("x.tmpl", test.text), OverrideName: "mine"})
			var load *engine.LoadError
			if !errors.As(err, &load) {
				t.Fatalf("the error is %v", err)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is\n%v\nand should hold\n%s", err, test.want)
			}
		})
	}
}

func TestLoadReportsEveryTemplate(t *testing.T) {
	_, err := engine.Load(files("host.tmpl", `{{template "a" .}}{{template "b" .}}`, "a.tmpl", "x{{.}};", "b.tmpl", "}"), conf.Language{},
		engine.Options{Entries: map[string]string{"host": "http", "missing": ""}})
	for _, want := range []string{"a.tmpl:1:2: ", "b.tmpl:1:1: ", "missing.tmpl: this template is needed"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error %v does not hold %s", err, want)
		}
	}
}

func TestLoadRefusesASecondDefinition(t *testing.T) {
	_, err := engine.Load(files("host.tmpl", `{{template "a" .}}{{define "a"}}a;{{end}}`, "other.tmpl", `{{define "a"}}b;{{end}}`), conf.Language{},
		engine.Options{Entries: entry})
	if err == nil || !strings.Contains(err.Error(), `other.tmpl:1:15: the template "a" is defined a second time, first in host.tmpl`) {
		t.Errorf("the error is %v", err)
	}
}

func TestRecursiveTemplates(t *testing.T) {
	set, err := engine.Load(files("host.tmpl", `{{template "l" .}}{{define "l"}}{{range .}}server { } {{template "l" .}}{{end}}{{end}}`),
		conf.Language{}, engine.Options{Entries: entry})
	if err != nil {
		t.Fatal(err)
	}
	type tree []tree
	if got, want := print(t, set, tree{tree{nil}}), "server { } server { }\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	_, err = engine.Load(files("host.tmpl", `{{template "l" .}}{{define "l"}}{{range .}}location / { {{template "l" .}} }{{end}}{{end}}`),
		conf.Language{}, engine.Options{Entries: entry})
	if err == nil || !strings.Contains(err.Error(), "host.tmpl:1:57: {{template \"l\"}}: it is called in more than 32 contexts") {
		t.Errorf("a template that calls itself one block deeper: %v", err)
	}
}

func TestExecuteErrors(t *testing.T) {
	set, err := engine.Load(files("host.tmpl", "server {\n    return 200 {{.Text}};\n}\n"), conf.Language{}, engine.Options{Entries: entry})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		view any
		want string
	}{
		{"value", map[string]any{"Text": []byte("s3cret")}, "host.tmpl:2:16: {{.Text}} as argument 2 of return: it takes a text or an Expr, not a []uint8"},
		{"missing key", map[string]any{}, `map has no entry for key "Text"`},
		{"missing field", struct{}{}, "can't evaluate field Text"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var b bytes.Buffer
			err := set.Execute(&b, "host", test.view)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v, want %s", err, test.want)
			}
			if b.Len() > 0 {
				t.Errorf("%q was written before the error", b.String())
			}
		})
	}
	if err := set.Execute(&bytes.Buffer{}, "other", nil); err == nil || !strings.Contains(err.Error(), "not an entry") {
		t.Errorf("executing what is no entry: %v", err)
	}
}

func TestExecuteIsSafeForConcurrentUse(t *testing.T) {
	set, err := engine.Load(files("host.tmpl", "server {\n    return 200 {{.}};\n}\n"), conf.Language{}, engine.Options{Entries: entry})
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for _, text := range []string{"a", "b", "c", "d"} {
		group.Go(func() {
			for range 100 {
				if got, want := print(t, set, text), "server {\n    return 200 \""+text+"\";\n}\n"; got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			}
		})
	}
	group.Wait()
}

// The functions of sprig that templates may call give the same result every time and hold nothing of the machine.
func TestFunctions(t *testing.T) {
	tests := []struct{ call, want string }{
		{`default "a" .Empty`, "a"}, {`coalesce .Empty "b"`, "b"}, {`ternary "a" "b" (empty .Empty)`, "a"}, {`join "-" .List`, "x-y"},
		{`first .List`, "x"}, {`last .List`, "y"}, {`lower "A"`, "a"}, {`replace "a" "b" "aa"`, "bb"}, {`trim " a "`, "a"},
		{`trimPrefix "a" "ab"`, "b"}, {`trimSuffix "b" "ab"`, "a"}, {`index (splitList "," "a,b") 1`, "b"},
		{`lower .Host`, "a.test"}, {`trimSuffix ".test" (lower .Host)`, "a"}, {`ternary "a" "b" (hasSuffix ".TEST" .Host)`, "a"},
		{`ternary "a" "b" (and (contains "a" "ab") (hasPrefix "a" "ab") (hasSuffix "b" "ab"))`, "a"},
	}
	for _, test := range tests {
		t.Run(test.call, func(t *testing.T) {
			set, err := engine.Load(files("host.tmpl", "return 200 {{"+test.call+"}};"), conf.Language{}, engine.Options{Entries: entry})
			if err != nil {
				t.Fatal(err)
			}
			view := map[string]any{"Host": conf.Host("A.TEST"), "Empty": "", "List": []string{"x", "y"}}
			if got, want := print(t, set, view), "return 200 \""+test.want+"\";\n"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestFunctionsRefuseOtherValues(t *testing.T) {
	for call, want := range map[string]string{
		`lower .`: "argument 1: it takes a string, not a int", `lower`: "it takes 1 arguments, not 0", `replace "a" "b"`: "it takes 3 arguments, not 2",
	} {
		set, err := engine.Load(files("host.tmpl", "return 200 {{"+call+"}};"), conf.Language{}, engine.Options{Entries: entry})
		if err != nil {
			t.Fatal(err)
		}
		var fault *engine.TemplateError
		if err := set.Execute(&bytes.Buffer{}, "host", 1); !errors.As(err, &fault) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error is %v, want %s", call, err, want)
		}
	}
}
