package conf

import (
	"strings"
	"testing"
)

// readExpr reads a text as nginx's ngx_http_script_compile does, which knows nothing about what we print: a digit behind the dollar sign
// is a group, "{" begins a name that "}" ends, and else letters, digits and _ are a name. Groups come out as "<1>", variables as "<name>".
func readExpr(text string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '$' {
			b.WriteByte(text[i])
			continue
		}
		if i++; i == len(text) {
			return "", false
		}
		if text[i] >= '1' && text[i] <= '9' {
			b.WriteString("<" + text[i:i+1] + ">")
			continue
		}
		bracket := text[i] == '{'
		if bracket {
			i++
		}
		start := i
		for i < len(text) && (text[i] >= 'a' && text[i] <= 'z' || text[i] >= 'A' && text[i] <= 'Z' || text[i] >= '0' && text[i] <= '9' || text[i] == '_') {
			i++
		}
		name := text[start:i]
		if bracket {
			if i == len(text) || text[i] != '}' {
				return "", false
			}
			i++
		}
		// A name that begins with a digit is none of a variable that exists.
		if name == "" || name[0] >= '0' && name[0] <= '9' {
			return "", false
		}
		b.WriteString("<" + name + ">")
		i--
	}
	return b.String(), true
}

// What a user writes with variables is printed as what nginx would have read in it, or refused.
func FuzzExpr(f *testing.F) {
	for _, text := range []string{
		"/$1html", "/v$1beta", "$10", "$1$2", "${1}html", "${host}html", "$host$1", "$0", "$", "a$", "$$1", "${", "${}", "${host", "$1{host}", "$host{1}", "$dollar",
		`"$host"`, `\$1`, "$1\\", "{$host}", "$hostß", "$1_", "~$1", "a\n$1",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := ParseExpr(text, func(string) bool { return true })
		meant, valid := readExpr(text)
		if err != nil {
			if valid {
				t.Errorf("%q is refused (%v), and nginx reads it as %q", text, err, meant)
			}
			return
		}
		printed, err := position{kind: kindText}.Encode(nil, e)
		if err != nil {
			return // zero bytes, $0, too long
		}
		parsed, err := Parse(append(append([]byte("x "), printed...), ';'))
		if err != nil || len(parsed) != 1 || len(parsed[0].Args) != 1 {
			t.Fatalf("%q is printed as %s, which is read as %v, %v", text, printed, parsed, err)
		}
		if got, ok := readExpr(parsed[0].Args[0]); !ok || !valid || got != meant {
			t.Errorf("%q is printed as %s and read as %q, not as %q", text, printed, got, meant)
		}
	})
}
