package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Severity says how much a diagnostic hurts.
type Severity uint8

const (
	// Info is worth knowing and changes nothing: a quirk that was followed, an old form that was converted.
	Info Severity = iota
	// Warning means that something was ignored or replaced by a default, and traffic still does what was most likely meant.
	Warning
	// Error means that something the user asked for does not happen: an object was refused, a route was closed.
	Error
)

func (s Severity) String() string {
	switch s {
	case Info:
		return "info"
	case Warning:
		return "warning"
	default:
		return "error"
	}
}

// ParseSeverity reads "info", "warning" or "error".
func ParseSeverity(s string) (Severity, bool) {
	for _, v := range []Severity{Info, Warning, Error} {
		if v.String() == s {
			return v, true
		}
	}
	return 0, false
}

// Pos is a place in a file. Line and Column count from 1; a zero Line means that only the file is known, an empty File that the
// object did not come from a file.
type Pos struct {
	File   string
	Line   int
	Column int
}

// IsZero reports whether no place is known.
func (p Pos) IsZero() bool { return p == Pos{} }

// String prints file:line:column, without the parts that are not known.
func (p Pos) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	default:
		return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
	}
}

// Ref names a Kubernetes object. The zero Ref names none.
type Ref struct {
	Kind      string
	Namespace string
	Name      string
}

// IsZero reports whether the Ref names no object.
func (r Ref) IsZero() bool { return r == Ref{} }

// String prints "Kind namespace/name", "Kind name" for an object without a namespace, or the Kind of one without a usable name.
func (r Ref) String() string {
	if r.Name == "" {
		return r.Kind
	}
	if r.Namespace == "" {
		return r.Kind + " " + r.Name
	}
	return r.Kind + " " + r.Namespace + "/" + r.Name
}

// Diagnostic is one remark about the user's input.
type Diagnostic struct {
	Code     Code
	Severity Severity
	// Pos is the place in a file, as exact as it is known; zero for live objects.
	Pos Pos
	// Ref is the object that the remark is about, if it is about one.
	Ref Ref
	// Key is the annotation, ConfigMap key or JSON path concerned, without the object: "nginx.ingress.kubernetes.io/ssl-redirect",
	// "spec.rules[0].host".
	Key string
	// Message says what is wrong and what was done about it. Lower case, no full stop. It never holds secret bytes, and foreign
	// text in it is quoted with [Quote].
	Message string
	// Hint, if not empty, says what the user can do.
	Hint string
}

// List is a collection of diagnostics. Its zero value is ready to use.
type List []Diagnostic

// Add appends one diagnostic; the severity is the code's default.
func (l *List) Add(d Diagnostic) { *l = append(*l, d) }

// Worst returns the highest severity in the list, and false if it is empty.
func (l List) Worst() (Severity, bool) {
	if len(l) == 0 {
		return Info, false
	}
	worst := Info
	for _, d := range l {
		worst = max(worst, d.Severity)
	}
	return worst, true
}

// Sort orders the list by place, object, code and text, and drops exact repetitions, so that equal input gives equal output.
func (l *List) Sort() {
	slices.SortStableFunc(*l, compare)
	*l = slices.Compact(*l)
}

func compare(a, b Diagnostic) int {
	return cmp.Or(
		strings.Compare(a.Pos.File, b.Pos.File),
		cmp.Compare(a.Pos.Line, b.Pos.Line),
		cmp.Compare(a.Pos.Column, b.Pos.Column),
		strings.Compare(a.Ref.Kind, b.Ref.Kind),
		strings.Compare(a.Ref.Namespace, b.Ref.Namespace),
		strings.Compare(a.Ref.Name, b.Ref.Name),
		cmp.Compare(a.Code.Number, b.Code.Number),
		strings.Compare(a.Key, b.Key),
		strings.Compare(a.Message, b.Message),
	)
}

// maxQuoted bounds how much foreign text a message repeats.
const maxQuoted = 120

// Quote prints foreign text for a message: quoted, control and non-printing characters escaped, cut to a readable length.
func Quote(s string) string {
	if len(s) <= maxQuoted {
		return fmt.Sprintf("%+q", s)
	}
	return fmt.Sprintf("%+q (%d bytes)", s[:maxQuoted]+"…", len(s))
}
