package model

import (
	"fmt"
	"strconv"
	"strings"
)

// QuoteRegex returns a pattern that matches the text and nothing else.
func QuoteRegex(text string) string {
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		switch {
		case c == '/' || c == '-' || c == '_' || c == '~' || isAlphanumeric(c):
			b.WriteByte(c)
		case c > ' ' && c < 0x7f:
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, `\x%02x`, c)
		}
	}
	return b.String()
}

// searchAnchored reports whether a pattern matches at the start of a path.
func searchAnchored(pattern, path string) bool {
	re, err := compileRegex("^(?:" + pattern + ")")
	if err != nil {
		return false
	}
	matched, err := re.MatchString(wide(path))
	return err == nil && matched
}

func isAlphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

func itoa(n int) string { return strconv.Itoa(n) }
