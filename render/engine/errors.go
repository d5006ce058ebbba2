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
