package conf

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"text/template"

	"github.com/headgate/headgate/render/engine"
)

// Lines is the language of the files that a configuration of HAProxy refers to: maps (a key, a blank, a value), lists of patterns,
// and crt-lists (a certificate, names). They have no quotes at all, so what they cannot hold is refused.
type Lines struct{}

var _ engine.Language = Lines{}

// The contexts of Lines.
const (
	MapContext     = "map"
	ListContext    = "list"
	CrtListContext = "crt-list"
)

// MaxLine keeps a line below the size of HAProxy's buffers: a longer one is cut into two, and the rest becomes an entry of its own.
const MaxLine = 16<<10 - 1

// lineState is a place in a line.
type lineState struct {
	context string
	// field counts the words in front; behind says that the last one is not ended yet.
	field   int
	behind  bool
	comment bool
	// value says that the last word is the one of an action.
	value bool
}

// Start takes "map", "list" or "crt-list".
func (Lines) Start(context string) (engine.State, error) {
	switch context {
	case MapContext, ListContext, CrtListContext:
		return lineState{context: context}, nil
	}
	return nil, fmt.Errorf("%q is no kind of file that HAProxy reads", context)
}

// Text follows literal text.
func (Lines) Text(s engine.State, text string) (engine.State, error) {
	at := s.(lineState)
	for i := range len(text) {
		switch c := text[i]; {
		case c == '\n':
			at = lineState{context: at.context}
		case at.comment:
		case isBlank(c):
			if at.behind {
				at.field, at.behind, at.value = at.field+1, false, false
			}
		case c == '#' && at.field == 0 && !at.behind:
			at.comment = true
		case c < ' ' || c == 0x7f || c == '[' || c == ']':
			return nil, &engine.TextError{Offset: i, Reason: fmt.Sprintf("%q cannot stand in a line of a %s", c, at.context)}
		case at.behind && at.value:
			return nil, &engine.TextError{Offset: i, Reason: "put a blank between an action and what stands behind it"}
		default:
			at.behind = true
		}
	}
	return at, nil
}

// Action accepts an action as a whole word.
func (Lines) Action(s engine.State) (engine.Position, engine.State, error) {
	at := s.(lineState)
	switch {
	case at.comment:
		return linePosition{context: at.context, field: -1}, at, nil
	case at.behind:
		return nil, nil, errors.New("an action has to be a word of its own; put a blank between it and what stands before it")
	case at.context == MapContext && at.field > 1, at.context == ListContext && at.field > 0:
		return nil, nil, fmt.Errorf("a line of a %s has no word %d", at.context, at.field+1)
	}
	p := linePosition{context: at.context, field: at.field}
	at.behind, at.value = true, true
	return p, at, nil
}

// Join accepts only branches that end in the same place.
func (Lines) Join(a, b engine.State) (engine.State, error) {
	if a == b {
		return a, nil
	}
	return nil, errors.New("one has more words than the other")
}

// Context accepts a call where a line can begin.
func (Lines) Context(s engine.State) (string, error) {
	at := s.(lineState)
	if at.field > 0 || at.behind || at.comment {
		return "", errors.New("only where a line can begin")
	}
	return at.context, nil
}

// Funcs returns no functions.
func (Lines) Funcs() template.FuncMap { return nil }

// Format leaves out empty lines and the white space around lines.
func (Lines) Format(dst, src []byte) []byte {
	for line := range bytes.SplitSeq(src, []byte("\n")) {
		if line = bytes.Trim(line, " \t"); len(line) > 0 {
			dst = append(append(dst, line...), '\n')
		}
	}
	return dst
}

// linePosition is a word of a line; field -1 is a comment.
type linePosition struct {
	context string
	field   int
}

// String names the position for messages.
func (p linePosition) String() string {
	switch {
	case p.field < 0:
		return "a comment"
	case p.context == MapContext && p.field == 0:
		return "the key of a map"
	case p.context == MapContext:
		return "the value of a map"
	default:
		return fmt.Sprintf("word %d of a %s", p.field+1, p.context)
	}
}

// Encode prints a value.
func (p linePosition) Encode(dst []byte, value any) ([]byte, error) { //nolint:gocyclo // a case for each type
	switch v := value.(type) {
	case engine.Origin:
		if p.field < 0 {
			return append(dst, v.String()...), nil
		}
	case string:
		if p.context == MapContext && p.field >= 0 {
			return p.appendText(dst, v)
		}
	case Name:
		if p.context == MapContext && p.field >= 0 {
			return append(dst, v...), v.Check()
		}
	case netip.Prefix:
		if p.context == ListContext && v.IsValid() {
			return v.AppendTo(dst), nil
		}
	case File:
		if p.context == CrtListContext && p.field == 0 {
			return append(dst, v...), v.Check()
		}
	case []Host:
		if p.context == CrtListContext && p.field == 1 {
			return appendHosts(dst, v)
		}
	}
	return nil, wrongType(value)
}

// appendText prints a key or a value of a map. Key and value may have half of a line each.
func (p linePosition) appendText(dst []byte, text string) ([]byte, error) {
	switch {
	case text == "":
		return nil, errors.New("it is empty")
	case len(text) > MaxLine/2:
		return nil, fmt.Errorf("it has more than %d bytes, and HAProxy would cut the line in two", MaxLine/2)
	case strings.ContainsFunc(text, isControl):
		return nil, errors.New("a line of a map cannot hold control bytes")
	case p.field == 0 && text[0] == '#':
		return nil, errors.New("a key that begins with # would be a comment")
	case p.field == 0 && strings.IndexByte(text, ' ') >= 0:
		return nil, errors.New("a key cannot hold blanks")
	case text[0] == ' ' || text[len(text)-1] == ' ':
		return nil, errors.New("blanks at the ends of a value are lost")
	}
	return append(dst, text...), nil
}

func appendHosts(dst []byte, hosts []Host) ([]byte, error) {
	for i, h := range hosts {
		if i > 0 {
			dst = append(dst, ' ')
		}
		if err := h.Check(); err != nil {
			return nil, err
		}
		dst = append(dst, h...)
	}
	return dst, nil
}
