package engine

import "text/template"

// State is where in the configuration language a piece of text ends. Every value must be comparable with ==; equal states are
// interchangeable.
type State any

// Language knows the grammar of a configuration language: what literal text means, what an action fills and how a value is written
// there. It holds no state of its own, so one value serves all templates.
type Language interface {
	// Start returns the state at the beginning of a template whose output stands in a context, such as "http" or "http/server".
	Start(context string) (State, error)
	// Text follows literal text. An error of type [*TextError] says where in the text.
	Text(s State, text string) (State, error)
	// Action says what an action at s fills, and returns the state after it.
	Action(s State) (Position, State, error)
	// Join merges the states at the ends of two branches. It fails if no single state describes both.
	Join(a, b State) (State, error)
	// Context returns the context of a template that is called at s. It fails where no statement can begin.
	Context(s State) (string, error)
	// Funcs are the functions of this language for templates. They must be pure.
	Funcs() template.FuncMap
	// Format appends the finished output src to dst, laid out evenly. It changes white space between words only.
	Format(dst, src []byte) []byte
}

// Position is what an action fills: an argument of a directive, a whole statement, a place in a comment.
type Position interface {
	// String names the position for messages: "argument 2 of proxy_set_header".
	String() string
	// Encode appends the value as it has to be written at this position. The error says why the value cannot stand there, and never
	// repeats the value.
	Encode(dst []byte, value any) ([]byte, error)
}

// TextError is a fault in the literal text of a template.
type TextError struct {
	// Offset is where in the text, in bytes.
	Offset int
	Reason string
}

func (e *TextError) Error() string { return e.Reason }
