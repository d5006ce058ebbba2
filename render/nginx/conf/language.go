package conf

import (
	"errors"
	"fmt"
	"strings"
	"text/template"

	"github.com/headgate/headgate/render/engine"
	"github.com/headgate/headgate/render/engine/lex"
)

// Language is nginx's configuration language for the template engine.
type Language struct{}

var _ engine.Language = Language{}

// Start takes the names of the blocks around the output, outermost first: "", "http", "http/server".
func (Language) Start(context string) (engine.State, error) {
	return state{path: context, base: context}, nil
}

// Text follows literal text by the rules of nginx's tokenizer.
func (Language) Text(s engine.State, text string) (engine.State, error) {
	l := lexer{state: s.(state)}
	for i := range len(text) {
		if err := l.next(text[i]); err != nil {
			return nil, &engine.TextError{Offset: i, Reason: err.Error()}
		}
	}
	return l.state, nil
}

// Action accepts an action where a whole argument, a statement or the text of a comment can stand.
func (Language) Action(s engine.State) (engine.Position, engine.State, error) {
	at := s.(state)
	if at.lex == lex.InComment {
		return position{kind: kindComment, name: "a comment"}, at, nil
	}
	if err := at.lex.CheckAction("an argument"); err != nil {
		return nil, nil, err
	}
	pos, err := positionAt(at)
	if err != nil {
		return nil, nil, err
	}
	if pos.kind == kindStatement {
		at.lex = lex.AfterBlock
		return pos, at, nil
	}
	at.words += lex.ValueWord + lex.WordEnd
	at.lex = lex.AfterWord
	return pos, at, nil
}

// Join merges two places in the same statement into one of which only the common words are known.
func (Language) Join(a, b engine.State) (engine.State, error) {
	x, y := a.(state).closed(), b.(state).closed()
	switch {
	case x == y:
		return x, nil
	case x.path != y.path:
		return nil, fmt.Errorf("one in %s, one in %s", blockName(x.path), blockName(y.path))
	case !x.betweenWords() || !y.betweenWords():
		return nil, errors.New("one inside quotes, an escape or a comment, the other one not")
	case x.fresh() || y.fresh():
		return nil, errors.New("one behind a whole statement, one inside a statement")
	case x.first() != y.first():
		return nil, errors.New("in two different directives")
	}
	joined := x
	joined.lex = max(x.lex, y.lex)
	joined.words = lex.CommonWords(x.words, y.words)
	joined.open = x.open || y.open || x.words != y.words
	return joined, nil
}

// Context accepts a call where a directive can begin.
func (Language) Context(s engine.State) (string, error) {
	at := s.(state)
	if !at.betweenWords() || !at.fresh() {
		return "", errors.New("only where a directive can begin")
	}
	return at.path, nil
}

// Funcs returns param, which makes an argument of the form key=value.
func (Language) Funcs() template.FuncMap {
	return template.FuncMap{"param": func(key string, value any) Param { return Param{Key: key, Value: value} }}
}

func blockName(path string) string {
	if path == "" {
		return "the top of the file"
	}
	return fmt.Sprintf("%q", path)
}

// position is one kind of argument in one place.
type position struct {
	kind kind
	// name is how messages call it.
	name string
	// list says that a slice may print several arguments here.
	list bool
	// params are the key=value arguments that may stand here.
	params map[string]kind
}

// String names the position for messages.
func (p position) String() string { return p.name }

// positionAt finds out what an action fills at the beginning of a word.
func positionAt(s state) (position, error) {
	parent := s.path[strings.LastIndexByte(s.path, '/')+1:]
	words := s.split()
	if len(words) == 0 {
		return position{kind: entryKind(parent), name: "a statement in " + blockName(s.path)}, nil
	}
	spec, known := lookup(s.path, parent, words[0])
	if !known {
		return position{}, fmt.Errorf("the directive %q is not known, so nobody can tell what its arguments mean", words[0])
	}
	k, list := spec.at(words, s.open)
	if k == kindNone {
		return position{}, fmt.Errorf("nothing can be printed as argument %d of %s", len(words), words[0])
	}
	return position{kind: k, name: fmt.Sprintf("argument %d of %s", len(words), wordName(words[0])), list: list, params: spec.params}, nil
}

func wordName(word string) string {
	if word == lex.ValueWord {
		return "an entry"
	}
	return word
}
