package model

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/dlclark/regexp2"
)

// Regular expressions of users run in the proxy with PCRE, which backtracks and can do far more than match. CheckRegex admits the
// part of PCRE that people write in paths and header patterns, which both proxies and [Match] read alike, and which one tenant
// cannot use against others: no named groups (nginx would make variables of them), no back-references, recursion, conditions,
// callouts, verbs or option switches, and no unbounded repeat inside an unbounded repeat.
const (
	maxRegexLength = 1024
	maxRegexRepeat = 1000
	maxRegexDepth  = 32
	maxRegexGroups = 32
	// PCRE takes patterns that it makes less than 64 KiB of. One that is larger would fail the whole configuration.
	maxRegexSize = 48 << 10
	sizeByte     = 8
	sizeClass    = 48
	sizeGroup    = 16
	sizeBranch   = 8
)

// CheckRegex reports the number of capturing groups of a pattern, or why it is refused.
func CheckRegex(pattern string) (groups int, err error) {
	if len(pattern) > maxRegexLength {
		return 0, fmt.Errorf("it has %d bytes, more than %d", len(pattern), maxRegexLength)
	}
	p := regexChecker{text: pattern}
	if _, err := p.body(0); err != nil {
		return 0, err
	}
	if p.at < len(p.text) {
		return 0, p.errorf("a closing parenthesis has no opening one")
	}
	if _, err := compileRegex(pattern); err != nil {
		return 0, fmt.Errorf("it does not compile: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return p.groups, nil
}

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

// compileRegex compiles for matching bytes: every byte of pattern and text is one character, as in PCRE without UTF.
func compileRegex(pattern string) (*regexp2.Regexp, error) {
	return regexp2.Compile(latin1(pattern), regexp2.IgnoreCase)
}

func latin1(s string) string {
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}

// searchAnchored reports whether a pattern matches at the start of a path.
func searchAnchored(pattern, path string) bool {
	re, err := compileRegex("^(?:" + pattern + ")")
	if err != nil {
		return false
	}
	matched, err := re.MatchString(latin1(path))
	return err == nil && matched
}

func isAlphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

func itoa(n int) string { return strconv.Itoa(n) }
