package conf

import (
	"errors"
	"fmt"
	"strings"

	"github.com/headgate/headgate/render/engine/lex"
)

// state is a place in a configuration file. It is comparable, as the engine requires, so lists are kept as strings.
type state struct {
	// path holds the names of the blocks around, base those of them that the template may not close.
	path, base string
	// words are the finished words of the statement, each with lex.WordEnd behind it.
	words string
	// open says that further words may follow those in words: how many, depends on the values.
	open bool
	lex  lex.Place
	// word is what is known of the unfinished word.
	word string
	// escaped and dollar mean that the last byte was a backslash or a dollar sign.
	escaped, dollar bool
}

// fresh reports whether no word of a statement has been read.
func (s state) fresh() bool { return s.words == "" && !s.open }

func (s state) betweenWords() bool { return s.lex <= lex.AfterWord }

func (s state) first() string {
	first, _, _ := strings.Cut(s.words, lex.WordEnd)
	return first
}

func (s state) split() []string {
	if s.words == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s.words, lex.WordEnd), lex.WordEnd)
}

// closed ends an unfinished word, on the condition that white space follows, which lex.AfterWord checks.
func (s state) closed() state {
	if s.lex == lex.InWord && !s.escaped {
		s.finish()
	}
	return s
}

// finish appends the word to the words.
func (s *state) finish() {
	s.words += s.word + lex.WordEnd
	s.word, s.lex, s.dollar = "", lex.AfterWord, false
}

// lexer follows template text byte by byte, by the rules of ngx_conf_read_token. It is stricter in three things that no template
// needs and that would make the layout of the output part of its meaning: no line ends inside quotes, no backslash before white
// space, white space before every opening brace.
type lexer struct {
	state
}

func (l *lexer) next(c byte) error {
	if c == 0 || c == lex.ValueWord[0] {
		return errors.New("control bytes cannot stand in a configuration")
	}
	switch l.lex {
	case lex.InComment:
		if c == '\n' {
			l.lex = lex.Between
		}
		return nil
	case lex.InWord, lex.InDouble, lex.InSingle:
		return l.inside(c)
	case lex.AfterWord:
		return l.behind(c)
	case lex.AfterBlock:
		return l.behindBlock(c)
	default:
		return l.start(c)
	}
}

// behind reads the byte after a closing quote or an action.
func (l *lexer) behind(c byte) error {
	switch {
	case isSpace(c):
		l.lex = lex.Between
		return nil
	case c == ';':
		return l.start(c)
	case c == ')' && l.first() == "if":
		l.lex = lex.Between
		return l.start(c)
	default:
		return fmt.Errorf("%q cannot follow an argument directly; put a blank between them", c)
	}
}

// behindBlock reads the byte after whole statements.
func (l *lexer) behindBlock(c byte) error {
	switch c {
	case ' ', '\t', '\r':
		return nil
	case '\n', '}':
		l.lex = lex.Between
		return l.start(c)
	default:
		return errors.New("this action prints whole statements, so its line has to end here")
	}
}

// start reads a byte where a word can begin.
func (l *lexer) start(c byte) error {
	switch c {
	case ' ', '\t', '\r', '\n':
	case ';', '{':
		return l.end(c)
	case '}':
		return l.leave()
	case '#':
		l.lex = lex.InComment
	case '"':
		l.lex = lex.InDouble
	case '\'':
		l.lex = lex.InSingle
	default:
		l.lex = lex.InWord
		return l.inside(c)
	}
	return nil
}

// inside reads a byte of a word.
func (l *lexer) inside(c byte) error {
	switch {
	case c == '\n' && l.lex != lex.InWord:
		return errors.New(`a line cannot end inside quotes; write \n for a line end in a value`)
	case l.escaped:
		return l.unescape(c)
	case c == '{' && l.dollar:
		l.word += "{"
		return nil
	case c == '\\':
		l.escaped, l.dollar = true, false
		return nil
	case l.ends(c):
		l.finish()
		return l.behindWord(c)
	}
	l.dollar = c == '$'
	l.word += string([]byte{c})
	return nil
}

// ends reports whether c ends the word.
func (l *lexer) ends(c byte) bool {
	switch l.lex {
	case lex.InDouble:
		return c == '"'
	case lex.InSingle:
		return c == '\''
	default:
		return isSpace(c) || c == ';' || c == '{'
	}
}

// behindWord reads the byte that ended a word: a quote is part of it, anything else is not.
func (l *lexer) behindWord(c byte) error {
	if c == '"' || c == '\'' {
		return nil
	}
	return l.behind(c)
}

// unescape reads the byte after a backslash.
func (l *lexer) unescape(c byte) error {
	l.escaped = false
	switch c {
	case '"', '\'', '\\':
	case 't':
		c = '\t'
	case 'r':
		c = '\r'
	case 'n':
		c = '\n'
	case ' ', '\t', '\r', '\n':
		return errors.New("a backslash before white space is lost on readers; put the argument in quotes")
	default:
		l.word += `\`
	}
	l.word += string([]byte{c})
	return nil
}

// end ends a statement, or opens the block of one.
func (l *lexer) end(c byte) error {
	if l.fresh() {
		return fmt.Errorf("unexpected %q where a directive can begin", c)
	}
	if c == '{' {
		l.path = strings.TrimPrefix(l.path+"/"+l.first(), "/")
	}
	l.words, l.open, l.lex = "", false, lex.Between
	return nil
}

// leave closes a block.
func (l *lexer) leave() error {
	switch {
	case !l.fresh():
		return errors.New(`unexpected "}" inside a statement; is there a ";" missing?`)
	case l.path == l.base:
		return errors.New("this closes a block that the template did not open")
	}
	l.path = l.path[:max(strings.LastIndexByte(l.path, '/'), 0)]
	return nil
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
