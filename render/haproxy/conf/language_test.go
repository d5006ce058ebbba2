package conf

import (
	"net/netip"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/render/engine"
)

// execute prints one template in a language.
func execute(lang engine.Language, context, text string, view any) (string, error) {
	set, err := loadText(lang, context, text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = set.Execute(&b, "t", view)
	return b.String(), err
}

// loadText loads one template.
func loadText(lang engine.Language, context, text string) (*engine.Set, error) {
	return engine.Load(fstest.MapFS{"t.tmpl": {Data: []byte(text)}}, lang, engine.Options{Entries: map[string]string{"t": context}})
}

func TestTemplatesThatAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"{{.}} x\n":                                      "a line cannot begin with an action",
		"nosuch {{.}}\n":                                 `"nosuch" is not known`,
		"timeout connect{{.}}\n":                         "word of its own",
		"timeout connect {{.}}s\n":                       "cannot follow a word directly",
		"timeout connect \"{{.}}\"\n":                    "inside quotes",
		"timeout connect '{{.}}'\n":                      "inside quotes",
		"timeout connect 5s {{.}}\n":                     "nothing can be printed",
		"log-format \"$HOME\"\n":                         "reads the environment",
		"log-format \"${HOME}\"\n":                       "reads the environment",
		"log-format 'a\nb'\n":                            "a line cannot end inside quotes",
		"log-format a\\\n":                               "a line cannot end inside quotes or behind",
		"log-format \x01\n":                              "control bytes",
		"timeout {{if .}}connect{{else}}server\n{{end}}": "end in different places",
		"{{if .}}retries{{else}}maxconn{{end}} 1\n":      "in two different statements",
		"{{if .}}# x{{else}}retries 1{{end}}\n":          "inside quotes, an escape or a comment",
		"http-request return string":                     "in the middle of a statement",
		"log a" + strings.Repeat(" b", 64) + "\n":        "more than 64 words",
		"log a{{range .}} {{.}}{{end}}\n":                "",
		"http-request return if { path {{.}} -m {{end}}": "",
	} {
		if _, err := execute(Language{}, "", text, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestTemplatesThatPrint(t *testing.T) {
	for _, tt := range []struct {
		text string
		view any
		want string
	}{
		{"timeout connect {{.}}\n", Time(5), "    timeout connect 5s\n"},
		{"backend {{.}} from http\n", Name("a_b-1:x"), "backend a_b-1:x from http\n"},
		{"server {{.N}} {{.A}}{{if .T}} ssl verify none{{end}} weight {{.W}}\n",
			map[string]any{"N": Name("a"), "A": netip.MustParseAddrPort("[2001:db8::1]:80"), "T": true, "W": 3},
			"    server a [2001:db8::1]:80 ssl verify none weight 3\n"},
		{"http-request set-header {{.N}} {{.V}} if { path {{.P}} }\n", map[string]any{"N": Header("X-A"), "V": "50 % 'of' $5", "P": Name("p")},
			`    http-request set-header X-A 50\x20%%\x20\'of\'\x20\x245 if { path p }` + "\n"},
		{"http-request set-header X {{.}}\n", Text("a b").Value(Fetch("str", "it's, ok)")),
			`    http-request set-header X "a b%[str('it'\\''s, ok)')]"` + "\n"},
		{"http-request set-path {{.}}\n", Text(`/a\b$`), `    http-request set-path '/a\b$'` + "\n"},
		{"acl {{.A}} {{.E}} -m reg -- {{.P}}\n", map[string]any{"A": Name("x"), "E": Variable("path"), "P": `^/a(/|$)#`},
			`    acl x var(txn.path) -m reg -- '^/a(/|$)#'` + "\n"},
		{"http-request return status {{.}} string x # {{.}}\n", 404, ""},
		{"global\nretry-on {{.}}\n\n\n# c\nfrontend f\n# d\nmode http\n", []Word{"a", "500"}, "global\n    retry-on a 500\n\n# c\nfrontend f\n    # d\n    mode http\n"},
		{"# {{.}}\nbackend b\n", engine.NewOrigin(diag.Ref{Kind: "Ingress", Namespace: "a", Name: "b\nglobal"}, diag.Pos{}), "# Ingress a/b?global\nbackend b\n"},
		{"use_backend {{.}} if TRUE\n", Format{}.Value(Variable("route")), "    use_backend %[var(txn.route)] if TRUE\n"},
		{"user {{.N}} password {{.P}}\n", map[string]any{"N": "a b", "P": "$5$x/y"}, "    user 'a b' password '$5$x/y'\n"},
	} {
		got, err := execute(Language{}, "", tt.text, tt.view)
		if tt.want == "" {
			if err == nil {
				t.Errorf("%q printed %q", tt.text, got)
			}
			continue
		}
		if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
			t.Errorf("%q: %v (-want +got):\n%s", tt.text, err, diff)
		}
	}
}

// Values that cannot stand somewhere fail the execution, name the place and do not tell the value.
func TestValuesThatAreRefused(t *testing.T) {
	for _, tt := range []struct {
		text  string
		value any
		want  string
	}{
		{"timeout connect {{.}}\n", "5s;secret", "plain text cannot stand here"},
		{"timeout connect {{.}}\n", Time(-1), "time cannot stand here"},
		{"retries {{.}}\n", -1, "number cannot stand here"},
		{"retries {{.}}\n", 1.5, "type float64"},
		{"backend {{.}}\n", Name("a b"), "byte 2"},
		{"backend {{.}}\n", Name(""), "empty"},
		{"backend {{.}}\n", "secret", "plain text"},
		{"server a {{.}}\n", "unix@secret", "plain text"},
		{"server a {{.}}\n", netip.AddrPort{}, "address cannot"},
		{"http-request set-header {{.}} x\n", Header("a:b"), "byte 2"},
		{"http-request set-header {{.}} x\n", "secret", "plain text"},
		{"http-request set-header X {{.}}\n", "a\r\nsecret: 1", "control bytes"},
		{"http-request set-header X {{.}}\n", "", "empty word"},
		{"http-request set-header X {{.}}\n", "a\x00secret", "control bytes"},
		{"http-request return string {{.}}\n", "a\x00secret", "zero byte"},
		{"http-request return string {{.}}\n", Fetch("env", "HOME"), "type conf.Expr"},
		{"http-request return string {{.}}\n", Format{}.Value(Fetch("env", "HOME")), "expressions cannot stand"},
		{"http-request set-var(txn.a) {{.}}\n", "str(secret)", "plain text"},
		{"http-request set-var(txn.a) {{.}}\n", Expr{}, "type conf.Expr"},
		{"http-request return status 200 if { path {{.}} }\n", "secret", "plain text"},
		{"http-request return errorfile {{.}}\n", File("../secret"), `".."`},
		{"http-request return errorfile {{.}}\n", File("-secret"), "dash"},
		{"retry-on {{.}}\n", make([]Word, 64), "64"},
		{"retry-on {{.}}\n", []Word{}, "list is empty"},
		{"timeout connect {{.}}\n", []Word{"a"}, "only one word"},
		{"http-request return string {{.}}\n", strings.Repeat("a", maxWord+1), "more than"},
		{"# {{.}}\n", "secret", "plain text"},
	} {
		got, err := execute(Language{}, "", tt.text, tt.value)
		if err == nil {
			t.Errorf("%q printed %q", tt.text, got)
			continue
		}
		if text := err.Error(); !strings.Contains(text, tt.want) || !strings.Contains(text, "t.tmpl:1:") || strings.Contains(text, "secret") {
			t.Errorf("%q: %v, want %q", tt.text, err, tt.want)
		}
	}
}

func TestLines(t *testing.T) {
	const pair = "{{range .}}\n{{.K}} {{.V}}\n{{end}}\n"
	type row struct {
		K string
		V any
	}
	for _, tt := range []struct {
		context, text string
		view          any
		want          string
	}{
		{MapContext, pair, []row{{"a.test/b", Name("c")}, {"^a\\x20", "two words"}}, "a.test/b c\n^a\\x20 two words\n"},
		{ListContext, "# ours\n{{.}}\n", netip.MustParsePrefix("10.0.0.0/8"), "# ours\n10.0.0.0/8\n"},
		{CrtListContext, "certs/x.pem {{.}}\n", []Host{"a.test", "*.b.test"}, "certs/x.pem a.test *.b.test\n"},
		{CrtListContext, "{{.}} !*\n", File("certs/x.pem"), "certs/x.pem !*\n"},
	} {
		got, err := execute(Lines{}, tt.context, tt.text, tt.view)
		if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
			t.Errorf("%q: %v (-want +got):\n%s", tt.text, err, diff)
		}
	}
}

func TestLinesThatAreRefused(t *testing.T) {
	for _, tt := range []struct {
		context, text string
		value         any
		want          string
	}{
		{MapContext, "{{.}} x\n", "", "empty"},
		{MapContext, "{{.}} x\n", "a b", "blanks"},
		{MapContext, "{{.}} x\n", "#a", "comment"},
		{MapContext, "{{.}} x\n", "a\nb", "control"},
		{MapContext, "{{.}} x\n", "a\tb", "control"},
		{MapContext, "{{.}} x\n", strings.Repeat("a", 8<<10), "cut the line"},
		{MapContext, "x {{.}}\n", "a\nb", "control"},
		{MapContext, "x {{.}}\n", " a", "blanks"},
		{MapContext, "x {{.}}\n", strings.Repeat("a", 8<<10), "cut the line"},
		{MapContext, "x y {{.}}\n", "a", "no word 3"},
		{MapContext, "x{{.}}\n", "a", "word of its own"},
		{MapContext, "{{.}}x\n", "a", "put a blank"},
		{MapContext, "{{if .}}x{{end}} y\n", "a", "more words"},
		{ListContext, "{{.}}\n", "10.0.0.0/8", "type string"},
		{ListContext, "{{.}}\n", netip.Prefix{}, "type netip.Prefix"},
		{CrtListContext, "{{.}}\n", File("a b"), "byte 2"},
		{CrtListContext, "x {{.}}\n", []Host{"!a"}, "byte 1"},
		{CrtListContext, "x [verify none] a\n", nil, "cannot stand"},
		{"nosuch", "", nil, "no kind of file"},
	} {
		got, err := execute(Lines{}, tt.context, tt.text, tt.value)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s %q: %q, %v, want %q", tt.context, tt.text, got, err, tt.want)
		}
	}
}
