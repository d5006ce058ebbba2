package diag

import (
	"cmp"
	"fmt"
	"slices"
)

// Code identifies a kind of remark. Number and Slug are stable for ever: scripts filter by them. A retired code stays in the table,
// marked as such, and is never used again.
type Code struct {
	Number int
	Slug   string
}

// String prints "2004 annotation-unknown".
func (c Code) String() string { return fmt.Sprintf("%d %s", c.Number, c.Slug) }

// CodeInfo documents a code.
type CodeInfo struct {
	Code
	// Severity is what a diagnostic of this code has unless the place that reports it knows better.
	Severity Severity
	// Doc is one paragraph: what it means, what Headgate does then, what the user can do.
	Doc string
}

// At starts a diagnostic of this code at a place, with the code's default severity.
func (c CodeInfo) At(pos Pos, ref Ref, key, format string, args ...any) Diagnostic {
	return Diagnostic{Code: c.Code, Severity: c.Severity, Pos: pos, Ref: ref, Key: key, Message: fmt.Sprintf(format, args...)}
}

// table is filled once, by the declarations in codes_*.go, and never changed afterwards.
var table []CodeInfo

func code(number int, slug string, severity Severity, doc string) CodeInfo {
	c := CodeInfo{Code: Code{Number: number, Slug: slug}, Severity: severity, Doc: doc}
	table = append(table, c)
	return c
}

// Codes returns every code with its documentation, by number.
func Codes() []CodeInfo {
	sorted := slices.Clone(table)
	slices.SortFunc(sorted, func(a, b CodeInfo) int { return cmp.Compare(a.Number, b.Number) })
	return sorted
}
