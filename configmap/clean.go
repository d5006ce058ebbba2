package configmap

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// What a value may weigh, in bytes, before anything else is looked at. A short one, and an item of a list, fits into one word of a
// proxy's configuration even if each of its bytes needs an escape.
const (
	maxShort = 2000
	maxLong  = 128 << 10
)

// blanks are the only characters that are trimmed.
const blanks = " \t\r\n"

// fault says why a value cannot be used.
type fault struct {
	reason string
	hint   string
	// unusable marks a well-formed value that is out of range or incomplete.
	unusable bool
}

// hintFor is the hint for a value that has the fault.
func (f *fault) hintFor(w written) string {
	if f.hint != "" || w.spec.Secret {
		return f.hint
	}
	return w.spec.hint(w.text)
}

func malformed(format string, args ...any) *fault {
	return &fault{reason: fmt.Sprintf(format, args...)}
}

func unusable(format string, args ...any) *fault {
	return &fault{reason: fmt.Sprintf(format, args...), unusable: true}
}

// clean refuses what no value may hold and trims each line. Only types that may have several lines keep line breaks; in lists they
// count as blanks.
func clean(t Type, text string) (string, *fault) {
	if limit := sizeLimit(t); len(text) > limit {
		return "", malformed("is %d bytes long, the limit is %d", len(text), limit)
	}
	if !utf8.ValidString(text) {
		return "", malformed("is not valid UTF-8")
	}
	text = trimLines(text)
	for _, r := range text {
		if r == '\t' || r == '\n' && hasLines(t) {
			continue
		}
		if forbidden(r) {
			return "", malformed("holds the character %U, which is not allowed", r)
		}
	}
	if t == Snippet || t == Text {
		return text, nil
	}
	return strings.Map(breakToBlank, text), nil
}

func breakToBlank(r rune) rune {
	if r == '\n' || r == '\t' {
		return ' '
	}
	return r
}

func sizeLimit(t Type) int {
	if hasLines(t) {
		return maxLong
	}
	return maxShort
}

func hasLines(t Type) bool {
	switch t {
	case Text, Snippet, List, Words, CIDRs, IPs, Codes, HeaderNames:
		return true
	default:
		return false
	}
}

func trimLines(text string) string {
	text = strings.Trim(text, blanks)
	if !strings.Contains(text, "\n") {
		return text
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.Trim(line, blanks)
	}
	return strings.Join(lines, "\n")
}

// forbidden finds control characters, line and paragraph separators, byte order marks and what turns the direction of writing: they
// make a reviewed text look other than it is.
func forbidden(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r <= 0x9f:
		return true
	case r == 0x061c, r == 0x200e, r == 0x200f, r == 0xfeff:
		return true
	case r >= 0x2028 && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return true
	default:
		return false
	}
}
