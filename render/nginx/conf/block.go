package conf

import "github.com/headgate/headgate/render/engine/lex"

// Block is a list of whole statements. It can only be made of what a parser has read, so it cannot end the block that it is printed
// into or leave a quote open. Its zero value prints nothing.
type Block struct {
	text string
}

// ParseBlock reads statements as an operator wrote them and prints them anew.
func ParseBlock(text string) (Block, error) {
	list, err := Parse([]byte(text))
	if err != nil {
		return Block{}, err
	}
	return NewBlock(list), nil
}

// NewBlock prints statements.
func NewBlock(list []Directive) Block { return Block{text: string(appendDirectives(nil, list))} }

// IsEmpty reports whether the block holds no statement.
func (b Block) IsEmpty() bool { return b.text == "" }

// appendDirectives prints one statement a line; the layout is the formatter's work.
func appendDirectives(dst []byte, list []Directive) []byte {
	for i, d := range list {
		if i > 0 {
			dst = append(dst, '\n')
		}
		dst = appendSource(dst, d.Name)
		for _, arg := range d.Args {
			dst = appendSource(append(dst, ' '), arg)
		}
		if d.Block == nil {
			dst = append(dst, ';')
			continue
		}
		dst = append(dst, " {\n"...)
		dst = append(appendDirectives(dst, d.Block), "\n}"...)
	}
	return dst
}

// appendSource prints a word so that nginx reads it as it is; variables in it stay variables.
func appendSource(dst []byte, word string) []byte {
	if isBareSource(word) {
		return append(dst, word...)
	}
	dst = append(dst, '"')
	for i := range len(word) {
		switch c := word[i]; c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}

// isBareSource reports whether a word needs no quotes.
func isBareSource(word string) bool {
	for i := range len(word) {
		c := word[i]
		switch {
		case lex.IsAlnum(c):
		case c == '_', c == '.', c == '/', c == ':', c == '-', c == '$', c == '=', c == '@', c == ',', c == '%', c == '+', c == '&':
		case i > 0 && (c == '*' || c == '~' || c == '?'):
		case c == '(' || c == ')' || c == '!' || c == '*' || c == '~' || c == '^':
		default:
			return false
		}
	}
	return word != ""
}
