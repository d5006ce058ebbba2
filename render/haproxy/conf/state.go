package conf

import (
	"errors"
	"fmt"
	"strings"

	"github.com/headgate/headgate/render/engine/lex"
)

const (
	// gapWord stands in state.words for words that may be there or not.
	gapWord = "\x02"
	// maxWords is how many words a line may have; HAProxy refuses the whole configuration otherwise.
	maxWords = 64
)

// state is a place in a configuration file. It is comparable, as the engine requires, so lists are kept as strings.
type state struct {
	// words are the finished words of the line, each with lex.WordEnd behind it; number is the largest number that there can be.
	words  string
	number int
	lex    lex.Place
	// word is what is known of the unfinished word.
	word string
	// escaped means that the last byte was a backslash.
	escaped bool
}

func (s state) betweenWords() bool { return s.lex == lex.Between || s.lex == lex.AfterWord }

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

// closed ends an unfinished word, on the condition that a blank follows, which lex.AfterWord checks.
func (s state) closed() state {
	if s.lex == lex.InWord && !s.escaped {
		s.finish()
		s.lex = lex.AfterWord
	}
	return s
}

// finish appends the word to the words.
func (s *state) finish() {
	s.words += s.word + lex.WordEnd
	s.number++
	s.word, s.lex = "", lex.Between
}

// counted counts the word of an action.
func (s *state) counted() error {
	if s.number++; s.number > maxWords {
		return errors.New("a line of more than 64 words cannot be read by HAProxy; put lists into files")
	}
	return nil
}

// lexer follows template text byte by byte, by the rules of parse_line. It is stricter in three things that no template needs: no
// environment in double quotes, no backslash at the end of a line, no control bytes.
type lexer struct {
	state
}

func (l *lexer) next(c byte) error {
	if c < ' ' && c != '\n' && c != '\t' || c == 0x7f {
		return errors.New("control bytes cannot stand in a configuration")
	}
	switch l.lex {
	case lex.InComment:
		if c == '\n' {
			l.endLine()
		}
		return nil
	case lex.InWord, lex.InDouble, lex.InSingle:
		return l.inside(c)
	case lex.AfterWord:
		if !isBlank(c) && c != '\n' {
			return fmt.Errorf("%q cannot follow a word directly; put a blank between them", c)
		}
	}
	return l.start(c)
}

// start reads a byte where a word can begin.
func (l *lexer) start(c byte) error {
	switch {
	case isBlank(c):
		l.lex = lex.Between
	case c == '\n':
		l.endLine()
	case c == '#':
		l.lex = lex.InComment
	default:
		l.lex = lex.InWord
		return l.inside(c)
	}
	return nil
}

// endLine forgets the words of the line.
func (l *lexer) endLine() { l.state = state{} }

// inside reads a byte of a word. Quotes may stand anywhere in it.
func (l *lexer) inside(c byte) error {
	switch {
	case c == '\n' && (l.lex != lex.InWord || l.escaped):
		return errors.New(`a line cannot end inside quotes or behind a backslash; write \n for a line end in a value`)
	case l.escaped:
		l.escaped = false
		l.word += `\` + string([]byte{c})
		return nil
	case c == '\\' && l.lex != lex.InSingle:
		l.escaped = true
		return nil
	case l.lex == lex.InDouble && c == '$':
		return errors.New("a dollar sign in double quotes reads the environment; use single quotes")
	case l.quotes(c):
		return nil
	case l.lex == lex.InWord && (isBlank(c) || c == '\n' || c == '#'):
		l.finish()
		if l.number > maxWords {
			return errors.New("a line of more than 64 words cannot be read by HAProxy; put lists into files")
		}
		return l.start(c)
	}
	l.word += string([]byte{c})
	return nil
}

// quotes opens and closes quotes.
func (l *lexer) quotes(c byte) bool {
	switch {
	case c == '"' && l.lex == lex.InWord:
		l.lex = lex.InDouble
	case c == '\'' && l.lex == lex.InWord:
		l.lex = lex.InSingle
	case c == '"' && l.lex == lex.InDouble, c == '\'' && l.lex == lex.InSingle:
		l.lex = lex.InWord
	default:
		return false
	}
	return true
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }
