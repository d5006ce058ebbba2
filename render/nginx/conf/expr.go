package conf

import (
	"errors"
	"fmt"
	"strings"

	"github.com/headgate/headgate/render/engine/lex"
)

// Expr is a text with variables, made of parts that are known to be one or the other. Its zero value is the empty text.
type Expr struct {
	parts []part
}

// part is a literal text or, if variable is set, the name of a variable.
type part struct {
	text     string
	variable bool
}

// Literal is a text without variables: a dollar sign in it is a dollar sign.
func Literal(text string) Expr { return Expr{parts: []part{{text: text}}} }

// Variable is the value of one variable, named without the dollar sign. The name is ours or nginx's, never a user's; it is checked
// when it is printed. The digits 1 to 9 name the groups of the regular expression that was matched last.
func Variable(name Name) Expr { return Expr{parts: []part{{text: string(name), variable: true}}} }

// Concat puts expressions together.
func Concat(exprs ...Expr) Expr {
	var all Expr
	for _, e := range exprs {
		all.parts = append(all.parts, e.parts...)
	}
	return all
}

// ParseExpr reads a text with variables as nginx would, "$name" or "${name}", and refuses every variable that allowed does not know:
// nginx refuses a whole configuration because of one variable that does not exist. [IsVariable] knows nginx's own.
func ParseExpr(text string, allowed func(name string) bool) (Expr, error) {
	var e Expr
	for text != "" {
		literal, rest, found := strings.Cut(text, "$")
		if literal != "" {
			e.parts = append(e.parts, part{text: literal})
		}
		if !found {
			break
		}
		name, rest, err := CutVariable(rest)
		if err != nil {
			return Expr{}, err
		}
		if !allowed(name) {
			return Expr{}, fmt.Errorf("the variable $%s is not known or not allowed here", name)
		}
		e.parts = append(e.parts, part{text: name, variable: true})
		text = rest
	}
	return e, nil
}

// CutVariable takes the name of a variable off the front of a text. Only one digit names a group.
func CutVariable(s string) (name, rest string, err error) {
	if inner, ok := strings.CutPrefix(s, "{"); ok {
		name, rest, ok = strings.Cut(inner, "}")
		switch {
		case !ok || !IsVariableName(name):
			return "", "", errors.New("after ${ has to come the name of a variable and a closing brace")
		case isGroupByte(name[0]):
			return "", "", errors.New("a group cannot be written in braces, and no variable begins with a digit")
		}
		return name, rest, nil
	}
	n := 0
	for n < len(s) && isVariableByte(s[n]) {
		n++
	}
	if n > 0 && isGroupByte(s[0]) {
		n = 1
	}
	if n == 0 {
		return "", "", errors.New("after $ has to come the name of a variable")
	}
	return s[:n], s[n:], nil
}

// IsVariableName reports whether a text can be the name of a variable, known or not.
func IsVariableName(name string) bool {
	for i := range len(name) {
		if !isVariableByte(name[i]) {
			return false
		}
	}
	return name != ""
}

func isVariableByte(c byte) bool { return lex.IsAlnum(c) || c == '_' }

// isGroupByte reports whether a byte behind a dollar sign is the number of a group.
func isGroupByte(c byte) bool { return c >= '1' && c <= '9' }

// appendExpr prints an expression as one argument, without quotes if it needs none.
func appendExpr(dst []byte, e Expr) ([]byte, error) {
	start := len(dst)
	dst = append(dst, '"')
	bare := true
	for i, p := range e.parts {
		var err error
		if p.variable {
			dst, err = appendReference(dst, p.text, e.parts[i+1:])
		} else {
			bare = bare && isBare(p.text)
			dst, err = appendEscaped(dst, p.text, evaluated)
		}
		if err != nil {
			return nil, err
		}
	}
	if bare && len(dst) > start+1 {
		return append(dst[:start], dst[start+1:]...), nil
	}
	return append(dst, '"'), nil
}

// appendReference prints a variable, in braces if what follows would be read as part of its name. The number of a group is one digit
// and never in braces: ${1} would be a variable of that name, which does not exist, and fail the whole configuration.
func appendReference(dst []byte, name string, following []part) ([]byte, error) {
	switch {
	case !IsVariableName(name):
		return nil, errors.New("the name of a variable is made of letters, digits and _")
	case isGroupByte(name[0]) && len(name) == 1:
		return append(dst, '$', name[0]), nil
	case name[0] >= '0' && name[0] <= '9':
		return nil, errors.New("no variable begins with a digit; groups have the numbers 1 to 9")
	}
	for _, p := range following {
		if p.variable {
			break
		}
		if p.text == "" {
			continue
		}
		if isVariableByte(p.text[0]) {
			return append(append(append(dst, "${"...), name...), '}'), nil
		}
		break
	}
	return append(append(dst, '$'), name...), nil
}

func isBare(s string) bool {
	for i := range len(s) {
		if !lex.IsAlnum(s[i]) && strings.IndexByte("_./:-", s[i]) < 0 {
			return false
		}
	}
	return true
}

// constant returns the text in front of the first variable.
func (e Expr) constant() string {
	var b strings.Builder
	for _, p := range e.parts {
		if p.variable {
			break
		}
		b.WriteString(p.text)
	}
	return b.String()
}

// literals returns all that is not a variable.
func (e Expr) literals() string {
	var b strings.Builder
	for _, p := range e.parts {
		if !p.variable {
			b.WriteString(p.text)
		}
	}
	return b.String()
}

// checkPlain refuses control bytes in the literal parts.
func (e Expr) checkPlain() error { return checkPlain(e.literals()) }

// Expand returns the text with the values of its variables.
func (e Expr) Expand(value func(name Name) string) string {
	var b strings.Builder
	for _, p := range e.parts {
		if p.variable {
			b.WriteString(value(Name(p.text)))
		} else {
			b.WriteString(p.text)
		}
	}
	return b.String()
}

// Regex is a regular expression (PCRE) that is printed as it is. Its zero value is not usable.
type Regex struct {
	pattern string
	fold    bool
}

// NewRegex takes a pattern that is matched with regard to case.
func NewRegex(pattern string) (Regex, error) {
	if pattern == "" {
		return Regex{}, errors.New("the pattern is empty")
	}
	if err := checkPlain(pattern); err != nil {
		return Regex{}, err
	}
	return Regex{pattern: pattern}, nil
}

// OwnRegex takes a pattern of ours as it is, one that is not empty and has no control bytes. Foreign text in it was checked before, or
// comes from [LiteralRegex].
func OwnRegex(pattern string) Regex { return Regex{pattern: pattern} }

// Pattern returns the expression as text.
func (r Regex) Pattern() string { return r.pattern }

// Fold returns the expression matched without regard to case. It matters where the expression stands among literals, as the key of a
// map; elsewhere the template says it.
func (r Regex) Fold() Regex { return Regex{pattern: r.pattern, fold: true} }

// LiteralRegex returns the pattern, not anchored, that matches a text exactly, whatever its bytes.
func LiteralRegex(text string) string {
	const hex = "0123456789abcdef"
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; lex.IsAlnum(c) {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'\\', 'x', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}
