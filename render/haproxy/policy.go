package haproxy

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
)

// authority is the host that a redirect leads to, without port.
func authority() Expr {
	return Variable("authority").Then("lower").Then("regsub", `:[^]:]*\z`, "", "i").Then("regsub", `\.\z`, "", "i")
}

// tlsLocation is where a request goes that has to come over TLS.
func tlsLocation(t *model.TLSRedirect) Format {
	f := Text("https://").Value(authority())
	if t.Port != 0 {
		f = f.Text(":" + strconv.Itoa(t.Port))
	}
	target := Fetch("pathq")
	if !t.KeepSlash {
		target = target.Then("regsub", `/\z`, "", "i")
	}
	return f.Value(target)
}

// oddBytes finds what [url_enc] has encoded and nginx encodes in a path, too; the rest is decoded again.
const oddBytes = `%(?=[01]|2[0235]|3[CEF]|5[CE]|60|7[BCDF]|[89A-F])`

// slashLocation is the path asked for with a slash behind it. A question mark without a query is lost, as in Match.
func slashLocation() Format {
	query := Fetch("pathq").Then("regsub", `^[^?]*(?:\?\z)?`, "", "i")
	path := Variable("path").Then("url_enc").Then("regsub", oddBytes, "%25", "g").Then("url_dec")
	return Format{}.Value(Variable("scheme")).Text("://").Value(authority()).Value(path).Text("/").Value(query)
}

// rewriteOf makes the expressions of a rewrite, or nil.
func rewriteOf(p *policy) *rewriteView {
	if p.rewrite == nil {
		return nil
	}
	pattern := p.match.Path
	if p.match.Kind != model.PathRegex {
		pattern = model.QuoteRegex(pattern)
	}
	v := &rewriteView{Path: substitute(pattern, p.rewrite.Target)}
	if p.rewrite.Prefix != "" {
		v.Prefix = substitute(pattern, p.rewrite.Prefix)
	}
	return v
}

// substitute makes a text of the first place in the path where a pattern matches, or leaves the path as it is. The pattern is searched
// for as PCRE does: the leftmost match, by the order of alternatives.
func substitute(pattern, target string) Expr {
	open, shift := "(?:", 0
	if strings.Contains(target, "$0") {
		open, shift = "(", 1
	}
	whole := fmt.Sprintf(`\A(?s:.*?)%s%s)(?s:.*)\z`, open, pattern)
	return Variable("path").Then("regsub", whole, replacement(target, shift), "i")
}

// rewritable reports whether the groups of a rewrite can be referred to: there are nine, and $0 takes one of them.
func rewritable(w *model.Rewrite) bool {
	for _, s := range []string{w.Target, w.Prefix} {
		if strings.Contains(s, "$0") && strings.Contains(s, "$9") {
			return false
		}
	}
	return true
}

// replacement writes a target in the language of regsub, where a backslash is special and a dollar sign is not.
func replacement(target string, shift int) string {
	var b strings.Builder
	for i := 0; i < len(target); i++ {
		switch c := target[i]; {
		case c == '\\':
			b.WriteString(`\\`)
		case c == '$' && i+1 < len(target) && '0' <= target[i+1] && target[i+1] <= '9':
			i++
			b.WriteByte('\\')
			b.WriteByte(target[i] + byte(shift))
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func compareRefs(a, b diag.Ref) int {
	return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
}
