package diag

import (
	"fmt"
	"io"
	"slices"
)

// Format is a way to print diagnostics.
type Format string

const (
	// Text is one line a diagnostic, for people, as compilers print it; a hint follows on a line of its own.
	Text Format = "text"
	// JSON is one array of objects.
	JSON Format = "json"
	// SARIF is version 2.1.0 of the interchange format of static analysis.
	SARIF Format = "sarif"
	// GitHub is workflow commands, which GitHub shows at the lines of a pull request.
	GitHub Format = "github"
)

// Formats returns all formats.
func Formats() []Format { return []Format{Text, JSON, SARIF, GitHub} }

// ParseFormat reads the name of a format.
func ParseFormat(s string) (Format, bool) {
	f := Format(s)
	return f, slices.Contains(Formats(), f)
}

// Print writes the diagnostics, sorted. An empty list gives an empty array of JSON, a SARIF log without results, or nothing.
func Print(w io.Writer, format Format, l List) error {
	l = slices.Clone(l)
	l.Sort()
	var err error
	switch format {
	case Text:
		err = printText(w, l)
	case JSON:
		err = printJSON(w, l)
	case SARIF:
		err = printSARIF(w, l)
	case GitHub:
		err = printGitHub(w, l)
	default:
		return fmt.Errorf("printing diagnostics: unknown format %q", string(format))
	}
	if err != nil {
		return fmt.Errorf("printing diagnostics: %w", err)
	}
	return nil
}
