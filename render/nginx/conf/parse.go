package conf

import (
	"errors"
	"fmt"
	"strings"
)

// Directive is a statement of a configuration as nginx reads it: quotes and escapes are resolved.
type Directive struct {
	// Name is the first word; in a block that is a list, such as a map, it is the key.
	Name string
	Args []string
	// Block holds the statements in braces. It is not nil, but may be empty, if there are braces.
	Block []Directive
	// Line is where the statement begins, from 1.
	Line int
}

// maxDepth bounds how deep blocks are nested; nginx needs five levels.
const maxDepth = 32

// Parse reads a configuration, or a part of one that begins and ends between statements, by the rules of nginx's own tokenizer. It
// shares nothing with what prints.
func Parse(data []byte) ([]Directive, error) {
	p := parser{data: data, line: 1}
	list, closed, err := p.statements(0)
	if err == nil && closed {
		err = errors.New(`unexpected "}"`)
	}
	if err != nil {
		return nil, fmt.Errorf("line %d: %w", p.line, err)
	}
	return list, nil
}

// delimiter is what ended a list of words.
type delimiter byte

const (
	atEnd       delimiter = 0
	atSemicolon delimiter = ';'
	atOpen      delimiter = '{'
	atClose     delimiter = '}'
)

type parser struct {
	data []byte
	pos  int
	line int
}

// statements reads until the end of the data or a closing brace.
func (p *parser) statements(depth int) (list []Directive, closed bool, err error) {
	if depth > maxDepth {
		return nil, false, errors.New("the blocks are nested too deep")
	}
	list = []Directive{}
	for {
		words, line, end, err := p.words()
		switch {
		case err != nil:
			return nil, false, err
		case end == atEnd && len(words) > 0:
			return nil, false, errors.New(`the text ends inside a statement; is there a ";" missing?`)
		case end == atEnd || end == atClose:
			return list, end == atClose, nil
		}
		d := Directive{Name: words[0], Args: words[1:], Line: line}
		if end == atOpen {
			var closed bool
			if d.Block, closed, err = p.statements(depth + 1); err != nil {
				return nil, false, err
			}
			if !closed {
				return nil, false, errors.New(`the text ends inside a block; is there a "}" missing?`)
			}
		}
		list = append(list, d)
	}
}

// words reads the words of one statement.
func (p *parser) words() (words []string, line int, end delimiter, err error) {
	for {
		p.skipBlanks()
		if p.pos == len(p.data) {
			return words, line, atEnd, nil
		}
		switch c := p.data[p.pos]; c {
		case ';', '{', '}':
			p.pos++
			if (c == '}') != (len(words) == 0) {
				return nil, 0, atEnd, fmt.Errorf("unexpected %q", c)
			}
			return words, line, delimiter(c), nil
		default:
			if len(words) == 0 {
				line = p.line
			}
			word, err := p.word(c)
			if err != nil {
				return nil, 0, atEnd, err
			}
			words = append(words, word)
		}
	}
}

// skipBlanks skips white space and comments.
func (p *parser) skipBlanks() {
	comment := false
	for ; p.pos < len(p.data); p.pos++ {
		c := p.data[p.pos]
		switch {
		case c == '\n':
			p.line++
			comment = false
		case comment, c == ' ', c == '\t', c == '\r':
		case c == '#':
			comment = true
		default:
			return
		}
	}
}

// word reads the word that begins with first.
func (p *parser) word(first byte) (string, error) {
	if first == '"' || first == '\'' {
		return p.quoted(first)
	}
	start, dollar := p.pos, false
	for p.pos < len(p.data) {
		c := p.data[p.pos]
		switch {
		case c == '{' && dollar:
			p.pos++
			continue
		case c == '\\':
			p.pos++
			p.countLine()
		case c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ';' || c == '{':
			return resolve(p.data[start:p.pos])
		}
		dollar = c == '$'
		p.pos++
	}
	return "", errors.New("the text ends inside a word")
}

// quoted reads a word in quotes, and requires what nginx requires after it.
func (p *parser) quoted(quote byte) (string, error) {
	p.pos++
	start := p.pos
	for ; p.pos < len(p.data) && p.data[p.pos] != quote; p.pos++ {
		if p.data[p.pos] == '\\' {
			p.pos++
		}
		p.countLine()
	}
	if p.pos >= len(p.data) {
		return "", errors.New("the text ends inside quotes")
	}
	text := p.data[start:p.pos]
	p.pos++
	if p.pos < len(p.data) && strings.IndexByte(" \t\r\n;{)", p.data[p.pos]) < 0 {
		return "", fmt.Errorf("unexpected %q after a closing quote", p.data[p.pos])
	}
	return resolve(text)
}

func (p *parser) countLine() {
	if p.pos < len(p.data) && p.data[p.pos] == '\n' {
		p.line++
	}
}

// resolve replaces the escapes of a word.
func resolve(source []byte) (string, error) {
	if len(source) > maxWord {
		return "", fmt.Errorf("a word of more than %d bytes", maxWord)
	}
	var b strings.Builder
	for i := 0; i < len(source); i++ {
		c := source[i]
		if c == 0 {
			return "", errors.New("a NUL byte")
		}
		if c == '\\' && i+1 < len(source) {
			if replaced := strings.IndexByte(`"'\trn`, source[i+1]); replaced >= 0 {
				c = "\"'\\\t\r\n"[replaced]
				i++
			}
		}
		b.WriteByte(c)
	}
	return b.String(), nil
}
