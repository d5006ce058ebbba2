package engine

import (
	"fmt"
	"strings"
)

// LoadError says why a template cannot be used.
type LoadError struct {
	// File, Line and Column are the place, counted from 1. A zero Line means the file as a whole.
	File         string
	Line, Column int
	// Reason says what is wrong and what to write instead.
	Reason string
}

func (e *LoadError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Reason)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Reason)
}

// ValueError says why a value cannot be printed where a template wants it. It never holds the value.
type ValueError struct {
	// Template is the file of the action, Line and Column its place.
	Template     string
	Line, Column int
	// Action is the source of the action, Position what it fills.
	Action, Position string
	Err              error
}

func (e *ValueError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s as %s: %v", e.Template, e.Line, e.Column, e.Action, e.Position, e.Err)
}

// Unwrap returns the reason.
func (e *ValueError) Unwrap() error { return e.Err }

// TemplateError says that a template asks for what its view does not hold: a field that is not there, an element beyond the end, a
// value of another type. No object can be blamed for it.
type TemplateError struct{ Err error }

func (e *TemplateError) Error() string { return e.Err.Error() }

// Unwrap returns the reason.
func (e *TemplateError) Unwrap() error { return e.Err }

// MismatchError is the reason of a [*ValueError] if the template names a value of a type that its position does not take.
type MismatchError struct {
	// Wanted names the types that the position takes, Got that of the value.
	Wanted, Got string
}

func (e *MismatchError) Error() string { return "it takes " + e.Wanted + ", not a " + e.Got }

// source is the text of a template file, for places in messages.
type source struct {
	file, text string
}

// at turns a byte offset into an error at its line and column.
func (s source) at(offset int, format string, args ...any) *LoadError {
	line, column := s.place(offset)
	return &LoadError{File: s.file, Line: line, Column: column, Reason: fmt.Sprintf(format, args...)}
}

func (s source) place(offset int) (line, column int) {
	before := s.text[:min(max(offset, 0), len(s.text))]
	return strings.Count(before, "\n") + 1, len(before) - strings.LastIndexByte(before, '\n')
}
