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

// rewrite returns the request target that the rule makes of a normalised path, encoded for sending. A path in which the pattern of
// the route does not occur stays as it is.
func (r *Route) rewrite(path string) string {
	pattern := r.Match.Path
	if r.Match.Kind != PathRegex {
		pattern = QuoteRegex(pattern)
	}
	re, err := compileRegex(pattern)
	if err != nil {
		return path
	}
	m, err := re.FindStringMatch(latin1(path))
	if err != nil || m == nil {
		return escapePath(path)
	}
	return escapePath(expandGroups(r.Rewrite.Target, m))
}

// expandGroups replaces $1 to $9 in a target.
func expandGroups(target string, m *regexp2.Match) string {
	var b strings.Builder
	for i := 0; i < len(target); i++ {
		if target[i] != '$' || i+1 == len(target) || target[i+1] < '0' || target[i+1] > '9' {
			b.WriteByte(target[i])
			continue
		}
		i++
		if g := m.GroupByNumber(int(target[i] - '0')); g != nil {
			for _, c := range g.String() {
				b.WriteByte(byte(c))
			}
		}
	}
	return b.String()
}

// escapePath encodes what must not stand in a request target, as nginx does for a path that it has changed.
func escapePath(path string) string {
	var b strings.Builder
	for i := range len(path) {
		c := path[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"#%<>?\\^`{|}", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

func isAlphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

func itoa(n int) string { return strconv.Itoa(n) }
