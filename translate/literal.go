package translate

import (
	"strings"

	"github.com/headgate/headgate/diag"
)

// reportLiteral speaks of a path that was most likely meant as a regular expression, on a host where paths are compared as they are.
func (t *translator) reportLiteral(e *entry) {
	if e.ing == nil || e.implicit || !looksLikeRegex(e.path) {
		return
	}
	at := e.from.Path + ".path"
	d := diag.PathLiteral.At(e.ing.Pos(at), e.ing.Ref(), at, "the path %s looks like a regular expression and is compared letter by letter", diag.Quote(e.path))
	d.Hint = "write the annotation " + e.ing.policy.Rewrite.Regex.Key + `: "true"`
	if plain, ok := strings.CutSuffix(e.path, "*"); ok && !looksLikeRegex(plain) && strings.HasSuffix(plain, "/") {
		d.Hint = "write " + cutSlash(plain) + ` with pathType: Prefix, which covers everything below it`
	}
	t.diags.Add(d)
}

func cutSlash(path string) string {
	if path == "/" {
		return path
	}
	return strings.TrimSuffix(path, "/")
}

// looksLikeRegex reports whether a path holds what stands for something else in a regular expression and in hardly any real path. Dots,
// plus signs, dollar signs and parentheses alone are common in paths (/v1.2, /a+b, /$metadata, /Items(1)).
func looksLikeRegex(path string) bool {
	return strings.ContainsAny(path, `[]{}^|\*?`) || strings.Contains(path, ".+") || strings.HasSuffix(path, "$")
}
