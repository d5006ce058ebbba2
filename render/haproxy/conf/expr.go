package conf

import (
	"slices"
	"strings"

	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/engine/lex"
)

// Expr is an expression that HAProxy evaluates: a fetch and converters. It is made of names that we write and of arguments, which
// may be of any bytes.
type Expr struct {
	text string
}

// Fetch begins an expression. An argument is literal; the name is not for foreign text.
func Fetch(name Word, args ...string) Expr { return Expr{text: call(name, args)} }

// Variable is an expression that reads a variable of the transaction.
func Variable(name Name) Expr { return Expr{text: "var(txn." + string(name) + ")"} }

// Then sends the value of an expression through a converter.
func (e Expr) Then(converter Word, args ...string) Expr {
	return Expr{text: e.text + "," + call(converter, args)}
}

// String returns the expression as HAProxy reads it.
func (e Expr) String() string { return e.text }

// call writes a name and its arguments.
func call(name Word, args []string) string {
	if len(args) == 0 {
		return string(name)
	}
	quoted := make([]string, len(args))
	for i, arg := range args {
		quoted[i] = quoteArgument(arg)
	}
	return string(name) + "(" + strings.Join(quoted, ",") + ")"
}

// quoteArgument writes an argument of a fetch or converter. This is a level of quotes of its own, below that of words.
func quoteArgument(arg string) string {
	for i := range len(arg) {
		if !lex.IsAlnum(arg[i]) && strings.IndexByte("_.:/-", arg[i]) < 0 {
			return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
		}
	}
	return arg
}

// Replacement writes a target in the language of regsub, where a backslash is special and a dollar sign is not.
func Replacement(target string) string {
	var b strings.Builder
	for i := 0; i < len(target); i++ {
		switch c := target[i]; {
		case c == '\\':
			b.WriteString(`\\`)
		case c == '$' && model.HasGroups(target[i:min(i+2, len(target))]):
			i++
			b.WriteByte('\\')
			b.WriteByte(target[i])
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// Format is a text in which HAProxy evaluates expressions.
type Format struct {
	parts []formatPart
}

// formatPart is an expression, a field of log lines, or else a literal.
type formatPart struct {
	literal string
	expr    Expr
	field   Word
}

// Text begins or ends a Format with a literal.
func Text(literal string) Format { return Format{}.Text(literal) }

// Text appends a literal.
func (f Format) Text(literal string) Format {
	return Format{parts: append(slices.Clip(f.parts), formatPart{literal: literal})}
}

// Value appends the value of an expression.
func (f Format) Value(e Expr) Format {
	return Format{parts: append(slices.Clip(f.parts), formatPart{expr: e})}
}

// Field appends what HAProxy has a name of its own for in log lines: "ST", "{+Q}r".
func (f Format) Field(name Word) Format {
	return Format{parts: append(slices.Clip(f.parts), formatPart{field: name})}
}

// Quoted appends the value of an expression in double quotes, with a backslash before those within, for log lines.
func (f Format) Quoted(e Expr) Format {
	return Format{parts: append(slices.Clip(f.parts), formatPart{expr: e, field: "{+Q,+E}"})}
}

// literals returns the literal bytes, for checks.
func (f Format) literals() string {
	var b strings.Builder
	for _, p := range f.parts {
		b.WriteString(p.literal)
	}
	return b.String()
}

// text returns the format as HAProxy reads it. A percent sign is the only special byte of a literal.
func (f Format) text() string {
	var b strings.Builder
	for _, p := range f.parts {
		switch {
		case p.expr.text != "":
			b.WriteString("%" + string(p.field) + "[" + p.expr.text + "]")
		case p.field != "":
			b.WriteString("%" + string(p.field))
		default:
			b.WriteString(strings.ReplaceAll(p.literal, "%", "%%"))
		}
	}
	return b.String()
}
