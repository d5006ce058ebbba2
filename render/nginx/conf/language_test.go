package conf

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/render/engine"
)

// load makes a set of one template in a context.
func load(t testing.TB, context, text string) (*engine.Set, error) {
	t.Helper()
	return engine.Load(fstestMap(text), Language{}, engine.Options{Entries: map[string]string{"x": context}})
}

// fstestMap holds one template.
func fstestMap(text string) fstest.MapFS { return fstest.MapFS{"x.tmpl": {Data: []byte(text)}} }

// execute loads and executes one template in a context.
func execute(t testing.TB, context, text string, view any) (string, error) {
	t.Helper()
	set, err := load(t, context, text)
	if err != nil {
		t.Fatalf("loading %s: %v", text, err)
	}
	var b bytes.Buffer
	err = set.Execute(&b, "x", view)
	return b.String(), err
}

func TestTemplatesThatAreRefused(t *testing.T) {
	tests := []struct {
		name, text, want string
	}{
		{"in double quotes", `return 200 "{{.}}";`, "x.tmpl:1:13: {{.}}: an action cannot stand inside quotes"},
		{"in single quotes", `return 200 'a {{.}}';`, "cannot stand inside quotes"},
		{"behind text", `return 200 foo{{.}};`, "put a blank between it and what stands before it"},
		{"behind a variable", `return 200 $host{{.}};`, "put a blank"},
		{"behind a dollar sign", `return 200 ${{.}};`, "put a blank"},
		{"inside braces of a variable", `return 200 ${ {{- .}}};`, "put a blank"},
		{"behind a backslash", `return 200 \{{.}};`, "put a blank"},
		{"behind a quoted word", `return 200 "a"{{.}};`, "put a blank"},
		{"before text", `return 200 {{.}}foo;`, "x.tmpl:1:17: 'f' cannot follow an argument directly"},
		{"before a quote", `return 200 {{.}}"";`, "cannot follow an argument directly"},
		{"before a brace", `location {{.}}{ }`, "cannot follow an argument directly"},
		{"before a closing parenthesis", `return 200 {{.}});`, "cannot follow an argument directly"},
		{"beside another action", `return 200 {{.}}{{.}};`, "put a blank"},
		{"key and value glued", `limit_req zone={{.}};`, "put a blank"},
		{"as the name of a directive", "{{.}} on;", "x.tmpl:1:7: this action prints whole statements"},
		{"as the name of a directive, glued", "proxy_{{.}} on;", "put a blank"},
		{"directive that is not known", `frobnicate {{.}};`, `"frobnicate" is not known`},
		{"argument too many", `proxy_pass http://a {{.}};`, "nothing can be printed as argument 2 of proxy_pass"},
		{"modifier of a location", `location {{.}} {{.}} { }`, "argument 2 of location"},
		{"left side of a condition, glued", `if ({{.}} = 1) { }`, "put a blank"},
		{"operator of a condition", `if ($a {{.}} 1) { }`, "nothing can be printed as argument 2 of if"},
		{"file test of a condition", `if (-f {{.}}) { }`, "nothing can be printed as argument 2 of if"},
		{"branches with and without a statement's end", `return 200{{if .}};{{end}}`, "branches of this if end in different places"},
		{"branch opens a block", `{{if .}}location / { {{end}} }`, "one in"},
		{"branch opens quotes", `return 200 {{if .}}"{{end}}";`, "inside quotes"},
		{"branch begins a comment", "{{if .}}# {{end}}return 200;", "a comment"},
		{"branches of two directives", "{{if .}}root{{else}}alias{{end}} {{.}};", "two different directives"},
		{"loop opens blocks", `{{range .}}location / { {{end}}`, "end in different places"},
		{"loop of half statements", `{{range .}}return {{end}};`, "end in different places"},
		{"argument that depends on the branch", `return{{if .}} 200{{end}} {{.}};`, "argument"},
		{"template inside a statement", `return {{template "x" .}};`, "only where a directive can begin"},
		{"template in a comment", `# {{template "x" .}}`, "only where a directive can begin"},
		{"template that does not exist", `{{template "y" .}}`, "no template of this name"},
		{"block closed too early", `}`, "closes a block that the template did not open"},
		{"block left open", `location / {`, `begins in "http/server" and ends in "http/server/location"`},
		{"statement left open", `return 200`, "ends in the middle of a statement"},
		{"comment left open", `# abc`, "ends in the middle of a statement"},
		{"quotes left open", `return 200 "`, "ends in the middle of a statement"},
		{"line end in quotes", "return 200 \"a\nb\";", "a line cannot end inside quotes"},
		{"escaped blank", `return 200 a\ b;`, "a backslash before white space"},
		{"empty statement", `;`, `unexpected ';'`},
		{"missing semicolon", "location / { return 200 }", `is there a ";" missing?`},
		{"NUL", "return \x00;", "control bytes"},
		{"break", `{{range .}}{{break}}{{end}}`, "{{break}} is not supported"},
		{"continue", `{{range .}}{{continue}}{{end}}`, "{{continue}} is not supported"},
		{"two definitions", `{{define "a"}}root a;{{end}}{{define "a"}}root b;{{end}}`, "multiple definition"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := load(t, "http/server", test.text)
			if err == nil {
				t.Fatalf("%s was accepted", test.text)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: the error is\n%v\nand should hold\n%s", test.text, err, test.want)
			}
		})
	}
}

func TestTemplatesThatPrint(t *testing.T) {
	origin := engine.NewOrigin(diag.Ref{Kind: "Ingress", Namespace: "shop", Name: "web"}, diag.Pos{File: "shop.yaml", Line: 14})
	tests := []struct {
		name, context, text string
		view                any
		want                string
	}{
		{"loop of arguments", "http/server", `server_name{{range .}} {{.}}{{end}};`, []Host{"a.test", "*.b.test"}, "server_name a.test *.b.test;\n"},
		{"list of arguments", "http/server", `server_name {{.}};`, []Host{"a.test", "*.b.test"}, "server_name a.test *.b.test;\n"},
		{"optional words", "http/server", `listen {{.}}{{if .}} ssl{{end}}{{if not .}} http2{{end}};`, 443, "listen 443 ssl;\n"},
		{"optional words before the blank", "http/server", `listen 80{{if .}} ssl{{end}};`, 443, "listen 80 ssl;\n"},
		{"alternative heads", "http/server", `location {{if .}}= {{.}}{{else}}/{{end}} { }`, Path("/a b"), "location = \"/a b\" { }\n"},
		{"condition", "http/server", `if ($http_x = {{.}}) { return 403; }`, `x)"`, "if ($http_x = \"x)\\\"\") { return 403; }\n"},
		{"spaced condition", "http/server", `if ( {{.}} = 1 ) { return 403; }`, Name("v_1"), "if ( $v_1 = 1 ) { return 403; }\n"},
		{"else", "http", "{{range .}}root a;{{else}}root b;{{end}}", []int{}, "root b;\n"},
		{"with", "http/server", `{{with .}}return 200 {{.}};{{end}}`, "a", "return 200 \"a\";\n"},
		{"variable", "http/server", `{{$x := .}}return 200 {{$x}};`, "a", "return 200 \"a\";\n"},
		{"function", "http/server", `return 200 {{. | trimPrefix "x" | lower}};`, "xA", "return 200 \"a\";\n"},
		{"parameters", "http/server", `limit_req {{param "zone" .}} {{param "burst" 5}} nodelay;`, Name("z"), "limit_req zone=z burst=5 nodelay;\n"},
		{"entries of a map", "http", "map $a $b {\ndefault {{.}};\n{{.}} {{.}};\n}", "x", "map $a $b {\n    default \"x\";\n    \"\\\\x\" \"x\";\n}\n"},
		{"error page", "http/server", `error_page{{range .}} {{.}}{{end}} = @e;`, []int{404, 503}, "error_page 404 503 = @e;\n"},
		{"comment", "http", "# {{.}}\n", origin, "# Ingress shop/web (shop.yaml:14)\n"},
		{"layout", "http/server", "\n\n\n  location / {  \n\n\n\troot  /a;\n\n\n\n\n# x \nroot\n/b\n;\n\n\n}\n\n\n", nil,
			"location / {\n    root  /a;\n\n    # x\n    root\n        /b\n        ;\n}\n"},
		{"carriage returns", "http/server", "root /a;\r\nroot /b;\r\n", nil, "root /a;\nroot /b;\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := execute(t, test.context, test.text, test.view)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
		})
	}
}

// A template is checked for every context that it is called in: the same text means another thing in an upstream and in a server.
func TestTemplatesDependOnTheirContext(t *testing.T) {
	const text = `{{define "line"}}server {{.}};
{{end}}upstream a { {{template "line" .}} }`
	got, err := execute(t, "http", text, HostPort{Host: "a.test", Port: 80})
	if want := "upstream a { server a.test:80;\n}\n"; err != nil || got != want {
		t.Errorf("in an upstream: %q, %v; want %q", got, err, want)
	}
	if _, err := load(t, "http/server", strings.Replace(text, "upstream a", "location /", 1)); err == nil {
		t.Error("the head of a server block was accepted with an argument")
	}
}
