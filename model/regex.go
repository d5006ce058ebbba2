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
)

// CheckRegex reports the number of capturing groups of a pattern, or why it is refused.
func CheckRegex(pattern string) (groups int, err error) {
	if len(pattern) > maxRegexLength {
		return 0, fmt.Errorf("it has %d bytes, more than %d", len(pattern), maxRegexLength)
	}
	p := regexChecker{text: pattern}
	if _, err := p.alternatives(0); err != nil {
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
		if c <= ' ' || c >= 0x7f || c == '%' || c == '?' || c == '#' {
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

// regexChecker is a recursive-descent reader of the admitted part of PCRE.
type regexChecker struct {
	text   string
	at     int
	groups int
}

func (p *regexChecker) errorf(format string, args ...any) error {
	return fmt.Errorf("at offset %d: %s", p.at, fmt.Sprintf(format, args...))
}

func (p *regexChecker) more() bool { return p.at < len(p.text) }

// alternatives reads up to the end or to the closing parenthesis, and reports whether an unbounded repeat is in what it read.
func (p *regexChecker) alternatives(depth int) (unbounded bool, err error) {
	if depth > maxRegexDepth {
		return false, p.errorf("groups are nested more than %d deep", maxRegexDepth)
	}
	for p.more() && p.text[p.at] != ')' {
		if p.text[p.at] == '|' {
			p.at++
			continue
		}
		inner, err := p.atom(depth)
		if err != nil {
			return false, err
		}
		repeated, err := p.repeat()
		if err != nil {
			return false, err
		}
		if inner && repeated {
			return false, p.errorf("an unbounded repeat stands inside an unbounded repeat, which can take the proxy minutes to match")
		}
		unbounded = unbounded || inner || repeated
	}
	return unbounded, nil
}

// atom reads one thing that can be repeated.
func (p *regexChecker) atom(depth int) (unbounded bool, err error) {
	c := p.text[p.at]
	switch {
	case c < ' ' || c == 0x7f:
		return false, p.errorf("control character")
	case c == '(':
		return p.group(depth)
	case c == '[':
		return false, p.class()
	case c == '\\':
		return false, p.escape()
	case c == '*' || c == '+' || c == '?':
		return false, p.errorf("%q repeats nothing", c)
	}
	p.at++
	return false, nil
}

func (p *regexChecker) group(depth int) (unbounded bool, err error) {
	p.at++
	switch rest := p.text[p.at:]; {
	case strings.HasPrefix(rest, "*"):
		return false, p.errorf("verbs are not admitted")
	case strings.HasPrefix(rest, "?:"), strings.HasPrefix(rest, "?="), strings.HasPrefix(rest, "?!"):
		p.at += 2
	case strings.HasPrefix(rest, "?i)"):
		p.at += 3 // paths are matched without regard to case anyway
		return false, nil
	case strings.HasPrefix(rest, "?"):
		return false, p.errorf("of the groups that begin with (? only (?: (?= (?! and a leading (?i) are admitted")
	default:
		if p.groups++; p.groups > maxRegexGroups {
			return false, p.errorf("more than %d groups", maxRegexGroups)
		}
	}
	if unbounded, err = p.alternatives(depth + 1); err != nil {
		return false, err
	}
	if !p.more() {
		return false, p.errorf("a parenthesis is not closed")
	}
	p.at++
	return unbounded, nil
}

// class reads [...].
func (p *regexChecker) class() error {
	p.at++
	if p.more() && p.text[p.at] == '^' {
		p.at++
	}
	for first := true; p.more(); first = false {
		switch c := p.text[p.at]; {
		case c == ']' && !first:
			p.at++
			return nil
		case c < ' ' || c == 0x7f:
			return p.errorf("control character")
		case c == '\\':
			if err := p.escape(); err != nil {
				return err
			}
			continue
		case c == '[' && strings.ContainsAny(p.text[p.at+1:min(p.at+2, len(p.text))], ":.="):
			if err := p.posixClass(); err != nil {
				return err
			}
			continue
		}
		p.at++
	}
	return p.errorf("a bracket is not closed")
}

// posixClass reads [:alpha:] and its like.
func (p *regexChecker) posixClass() error {
	end := strings.Index(p.text[p.at:], ":]")
	if p.text[p.at+1] != ':' || end < 0 || strings.Trim(p.text[p.at+2:p.at+end], "abcdefghijklmnopqrstuvwxyz") != "" {
		return p.errorf("an odd character class in a bracket")
	}
	p.at += end + 2
	return nil
}

// escape reads a backslash and what belongs to it.
func (p *regexChecker) escape() error {
	if p.at+1 == len(p.text) {
		return p.errorf("a backslash at the end")
	}
	c := p.text[p.at+1]
	if isAlphanumeric(c) && !strings.ContainsRune("dDsSwWbBtnrfv", rune(c)) {
		return p.errorf(`the escape \%c is not admitted`, c)
	}
	if c < ' ' || c >= 0x7f {
		return p.errorf("control character")
	}
	p.at += 2
	return nil
}

// repeat reads an optional quantifier and reports whether it has no upper bound.
func (p *regexChecker) repeat() (unbounded bool, err error) {
	if !p.more() {
		return false, nil
	}
	switch p.text[p.at] {
	case '*', '+':
		unbounded = true
		p.at++
	case '?':
		p.at++
	case '{':
		if unbounded, err = p.counted(); err != nil {
			return false, err
		}
	default:
		return false, nil
	}
	if p.more() && (p.text[p.at] == '?' || p.text[p.at] == '+') {
		p.at++
	}
	if p.more() && strings.IndexByte("*+?", p.text[p.at]) >= 0 {
		return false, p.errorf("a repeat of a repeat")
	}
	return unbounded, nil
}

// counted reads {n}, {n,} or {n,m}; any other brace is a plain character.
func (p *regexChecker) counted() (unbounded bool, err error) {
	end := strings.IndexByte(p.text[p.at:], '}')
	if end < 0 {
		return false, nil
	}
	low, high, ranged := strings.Cut(p.text[p.at+1:p.at+end], ",")
	if !isNumber(low) || high != "" && !isNumber(high) {
		return false, nil
	}
	for _, n := range []string{low, high} {
		if len(n) > 4 || len(n) > 0 && atoi(n) > maxRegexRepeat {
			return false, p.errorf("a repeat of more than %d", maxRegexRepeat)
		}
	}
	p.at += end + 1
	return ranged && high == "", nil
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
