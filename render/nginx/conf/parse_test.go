package conf

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParse(t *testing.T) {
	tests := []struct {
		name, text string
		want       []Directive
	}{
		{"nothing", " \n# a; b\n", []Directive{}},
		{"words", "a b\n c;", []Directive{{Name: "a", Args: []string{"b", "c"}}}},
		{"quotes", `a "b ;{}#'" 'c"' "" d'e;`, []Directive{{Name: "a", Args: []string{"b ;{}#'", `c"`, "", "d'e"}}}},
		{"escapes", `a \" \' \\ \t \n \r \x41 \; b\ c "\"\$";`,
			[]Directive{{Name: "a", Args: []string{`"`, "'", `\`, "\t", "\n", "\r", `\x41`, `\;`, `b\ c`, `"\$`}}}},
		{"variable in braces", `a ${b}c ${;`, []Directive{{Name: "a", Args: []string{"${b}c", "${"}}}},
		{"brace behind a variable", `a $d{ }`, []Directive{{Name: "a", Args: []string{"$d"}, Block: []Directive{}}}},
		{"comment sign inside a word", "a b#c; # d\ne;", []Directive{{Name: "a", Args: []string{"b#c"}}, {Name: "e", Args: []string{}}}},
		{"closing brace inside a word", "a b};", []Directive{{Name: "a", Args: []string{"b}"}}}},
		{"block", "a { b { } c d; }", []Directive{{Name: "a", Args: []string{}, Block: []Directive{
			{Name: "b", Args: []string{}, Block: []Directive{}}, {Name: "c", Args: []string{"d"}}}}}},
		{"parenthesis behind a quote", `if ($a = "b c") { }`, []Directive{{Name: "if", Args: []string{"($a", "=", "b c", ")"}, Block: []Directive{}}}},
		{"text behind a quote", `a "b"c;`, nil},
		{"no semicolon", "a b", nil},
		{"no semicolon before a brace", "a { b }", nil},
		{"open block", "a { b;", nil},
		{"brace too much", "a; }", nil},
		{"only a semicolon", ";", nil},
		{"block without a name", "{ }", nil},
		{"open quotes", `a "b;`, nil},
		{"escape at the end", `a b\`, nil},
		{"NUL", "a \x00;", nil},
		{"word too long", "a " + strings.Repeat("b", maxWord+1) + ";", nil},
		{"longest word", "a " + strings.Repeat("b", maxWord) + ";", []Directive{{Name: "a", Args: []string{strings.Repeat("b", maxWord)}}}},
		{"too deep", strings.Repeat("a { ", maxDepth+2), nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Parse([]byte(test.text))
			if test.want == nil {
				if err == nil {
					t.Errorf("%q was read as %v", test.text, got)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, cmpopts.IgnoreFields(Directive{}, "Line")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseCountsLines(t *testing.T) {
	list, err := Parse([]byte("# x\na \"b\nc\";\n\nd\n{ e\\\nf; }"))
	if err != nil {
		t.Fatal(err)
	}
	got := []int{list[0].Line, list[1].Line, list[1].Block[0].Line}
	if diff := cmp.Diff([]int{2, 5, 6}, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if _, err := Parse([]byte("a;\nb \"\n\"c;")); err == nil || !strings.HasPrefix(err.Error(), "line 3: ") {
		t.Errorf("the error %v does not say line 3", err)
	}
}

func TestParseBlock(t *testing.T) {
	block, err := ParseBlock("add_header  A 'b c' ; location ~ \\.php$ { return 200 \"a\nb\";\n # x\n} if ($a ~ \"x\") { }")
	if err != nil {
		t.Fatal(err)
	}
	got, err := execute(t, "http/server", "{{.}}\n", block)
	const want = `add_header A "b c";
location ~ "\\.php$" {
    return 200 "a\nb";
}
if ($a ~ x ) {
}
`
	if err != nil || got != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	for _, text := range []string{"}", "a", "a; } b {", `a "`, "a { "} {
		if _, err := ParseBlock(text); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
	if empty, err := ParseBlock(" # nothing\n"); err != nil || !empty.IsEmpty() {
		t.Errorf("a comment made the block %q, %v", empty.text, err)
	}
}

// Whatever can be read is printed so that the same is read again, and the layout changes no word.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"a b;", `a "b\\\"" 'c';`, "a { b ${c}d; }", "a\\ b \\\n;", "a \"b\n\n  c\";", "# x\n a { b; } # y", `if ($a = "x)") { }`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		want, err := Parse([]byte(text))
		if err != nil {
			return
		}
		printed := appendDirectives(nil, want)
		for _, source := range [][]byte{printed, Language{}.Format(nil, printed)} {
			got, err := Parse(source)
			if err != nil && longest(want) {
				return
			}
			if err != nil {
				t.Fatalf("%q was printed as %q: %v", text, source, err)
			}
			if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Directive{}, "Line")); diff != "" {
				t.Fatalf("%q was printed as %q (-want +got):\n%s", text, source, diff)
			}
		}
	})
}

// longest reports whether a word may become too long by its escapes.
func longest(list []Directive) bool {
	for _, d := range list {
		if len(d.Name)*2 > maxWord || longest(d.Block) {
			return true
		}
		for _, arg := range d.Args {
			if len(arg)*2 > maxWord {
				return true
			}
		}
	}
	return false
}

// FuzzLiteral prints hostile values at every kind of position, reads the result and compares the arguments.
func FuzzLiteral(f *testing.F) {
	for _, seed := range hostile {
		f.Add(seed)
	}
	set, err := load(f, "http", literalTemplate)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var b strings.Builder
		view := literalView{Text: text, Path: Path("/" + text), Plain: Literal("x" + text)}
		if err := set.Execute(&b, "x", view); err != nil {
			if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) || len(text) > maxWord/10 || text == "" {
				return
			}
			t.Fatalf("%q: %v", text, err)
		}
		got, err := Parse([]byte(b.String()))
		if err != nil {
			t.Fatalf("%q was printed as %s: %v", text, b.String(), err)
		}
		if diff := cmp.Diff(view.want(), got, cmpopts.IgnoreFields(Directive{}, "Line")); diff != "" {
			t.Fatalf("%q was printed as %s (-want +got):\n%s", text, b.String(), diff)
		}
	})
}

// literalView is what literalTemplate prints.
type literalView struct {
	Text  string
	Path  Path
	Plain Expr
}

const literalTemplate = `
map {{.Text}} $b {
    {{.Text}} {{.Text}};
    default {{.Plain}};
}
server {
    location = {{.Path}} {
        add_header X {{.Text}} always;
        proxy_set_header X {{.Plain}};
        ssl_ciphers {{.Text}};
        error_page 404 {{.Path}};
    }
    {{if .Text}}if ($http_x = {{.Text}}) { return 200 {{.Text}}; }{{end}}
}
`

func (v literalView) want() []Directive {
	evaluatedText := strings.ReplaceAll(v.Text, "$", "${dollar}")
	evaluatedPath := strings.ReplaceAll(string(v.Path), "$", "${dollar}")
	one := func(name string, args ...string) Directive { return Directive{Name: name, Args: args} }
	return []Directive{
		{Name: "map", Args: []string{evaluatedText, "$b"}, Block: []Directive{
			one(`\`+v.Text, evaluatedText), one("default", "x"+evaluatedText),
		}},
		{Name: "server", Args: []string{}, Block: []Directive{
			{Name: "location", Args: []string{"=", string(v.Path)}, Block: []Directive{
				one("add_header", "X", evaluatedText, "always"),
				one("proxy_set_header", "X", "x"+evaluatedText),
				one("ssl_ciphers", v.Text),
				one("error_page", "404", evaluatedPath),
			}},
			{Name: "if", Args: []string{"($http_x", "=", evaluatedText, ")"}, Block: []Directive{one("return", "200", evaluatedText)}},
		}},
	}
}

// hostile are texts that have a meaning somewhere in nginx's language.
var hostile = []string{
	"a", "a b", `a"b`, `a'b`, `\`, `\\`, `\"`, `a\`, `\n`, `\t\r`, "$", "$a", "${a}", "$$", `\$`, ";", "{", "}", "a;b", "a{b", "#a", "a #b", "~a", "~*a",
	"=a", "^~a", "@a", "!a", "-f", "(a", "a)", "off", "on", "default", "include", "hostnames", "volatile", "unix:a", "http://a", "?a", "*",
	"ä", "\xff\xfe", "\u2028", "%0a", "%", "$request_uri$", `";} server {`, "'; return 500; '", `\x41`, "${", "$}", "$;", "${dollar}", "{{.}}",
	"a\nb", "a\r\nb", "\t", " ", " a ", "\x00", "\x01", "\x7f",
}
