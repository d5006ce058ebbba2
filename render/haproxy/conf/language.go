package conf

import (
	"errors"
	"fmt"
	"strings"
	"text/template"

	"github.com/headgate/headgate/render/engine"
	"github.com/headgate/headgate/render/engine/lex"
)

// Language is HAProxy's configuration language for the template engine. A template knows no sections: what the words of a line mean
// is told by its first words.
type Language struct{}

var _ engine.Language = Language{}

// Start takes the one context that there is: the beginning of a line.
func (Language) Start(context string) (engine.State, error) {
	if context != "" {
		return nil, fmt.Errorf("%q is no context of a configuration of HAProxy", context)
	}
	return state{}, nil
}

// Text follows literal text by the rules of HAProxy's line parser.
func (Language) Text(s engine.State, text string) (engine.State, error) {
	l := lexer{state: s.(state)}
	for i := range len(text) {
		if err := l.next(text[i]); err != nil {
			return nil, &engine.TextError{Offset: i, Reason: err.Error()}
		}
	}
	return l.state, nil
}

// Action accepts an action where a whole word, or the text of a comment, can stand.
func (Language) Action(s engine.State) (engine.Position, engine.State, error) {
	at := s.(state)
	if at.lex == lex.InComment {
		return position{kind: kindComment, name: "a comment"}, at, nil
	}
	if err := at.lex.CheckAction("a word"); err != nil {
		return nil, nil, err
	}
	p, err := positionAt(at)
	if err != nil {
		return nil, nil, err
	}
	at.words += lex.ValueWord + lex.WordEnd
	at.lex = lex.AfterWord
	if err := at.counted(); err != nil {
		return nil, nil, err
	}
	return p, at, nil
}

// Join merges two places in the same line into one of which only the common words in front are known.
func (Language) Join(a, b engine.State) (engine.State, error) {
	x, y := a.(state).closed(), b.(state).closed()
	switch {
	case x == y:
		return x, nil
	case !x.betweenWords() || !y.betweenWords():
		return nil, errors.New("one inside quotes, an escape or a comment, the other one not")
	case x.words == "" || y.words == "":
		return nil, errors.New("one at the end of a line, one inside a line")
	case x.first() != y.first():
		return nil, errors.New("in two different statements")
	}
	joined := x
	joined.lex = max(x.lex, y.lex)
	joined.words = lex.CommonWords(x.words, y.words) + gapWord + lex.WordEnd
	joined.number = max(x.number, y.number)
	return joined, nil
}

// Context accepts a call where a line can begin.
func (Language) Context(s engine.State) (string, error) {
	if at := s.(state); at.lex != lex.Between || at.words != "" {
		return "", errors.New("only where a line can begin")
	}
	return "", nil
}

// Funcs returns no functions.
func (Language) Funcs() template.FuncMap { return nil }

// position is one kind of word in one place.
type position struct {
	kind kind
	// name is how messages call it.
	name string
	// left is how many words may still stand on the line.
	left int
}

// String names the position for messages.
func (p position) String() string { return p.name }

// positionAt finds out what an action fills at the beginning of a word.
func positionAt(s state) (engine.Position, error) {
	words := s.split()
	if len(words) == 0 {
		return nil, errors.New("a line cannot begin with an action; its first word says what the others mean")
	}
	k, err := kindAt(words)
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("word %d of %s", len(words)+1, strings.Join(words[:min(len(words), 2)], " "))
	return position{kind: k, name: strings.ReplaceAll(name, lex.ValueWord, "…"), left: maxWords - s.number}, nil
}
