package model

import (
	"fmt"
	"strconv"
	"strings"
)

// regexChecker is a recursive-descent reader of the admitted part of PCRE.
type regexChecker struct {
	text   string
	at     int
	groups int
}

// span is what a piece of a pattern can match, as far as it matters for the cost of matching.
type span struct {
	// bytes are all bytes that can occur in what it matches.
	bytes byteSet
	// size is what PCRE makes of it, in bytes, and rather more: it copies a group for each of its repeats.
	size int
	// unbounded says that a repeat without an upper bound is in it.
	unbounded bool
	// separated says that what it matches begins with a byte that occurs in it just once: then there is one way only to cut a text
	// into such pieces, and repeating it without bound costs no more than reading the text.
	separated bool
}

func (p *regexChecker) errorf(format string, args ...any) error {
	return fmt.Errorf("at offset %d: %s", p.at, fmt.Sprintf(format, args...))
}

func (p *regexChecker) more() bool { return p.at < len(p.text) }

// body reads alternatives up to the end or to the closing parenthesis.
func (p *regexChecker) body(depth int) (span, error) {
	var whole span
	if depth > maxRegexDepth {
		return whole, p.errorf("groups are nested more than %d deep", maxRegexDepth)
	}
	separator, pieces := byteSet{}, 0
	for p.more() && p.text[p.at] != ')' {
		if p.text[p.at] == '|' {
			p.at++
			whole.size += sizeBranch
			pieces = -1 << 30 // alternatives may begin alike
			continue
		}
		piece, single, err := p.repeated(depth)
		if err != nil {
			return whole, err
		}
		switch pieces++; {
		case pieces == 1 && single:
			separator, whole.separated = piece.bytes, true
		case piece.bytes.meets(separator):
			whole.separated = false
		}
		whole.bytes.add(piece.bytes)
		if whole.size += piece.size; whole.size > maxRegexSize {
			return whole, p.errorf("repeats of repeats make it too large for the proxy")
		}
		whole.unbounded = whole.unbounded || piece.unbounded
	}
	whole.separated = whole.separated && pieces > 0
	return whole, nil
}

// repeated reads one thing with its quantifier. It reports whether it matches just one byte.
func (p *regexChecker) repeated(depth int) (piece span, single bool, err error) {
	begin, start := p.text[p.at], p.at
	if piece, err = p.atom(depth); err != nil {
		return piece, false, err
	}
	before := p.at
	unbounded, times, err := p.repeat()
	switch {
	case err != nil:
		return piece, false, err
	case p.at > before && isPlace(p.text[start:before]):
		return piece, false, p.errorf("%s cannot be repeated", p.text[start:before])
	case begin == '(':
		piece.size = (piece.size + sizeGroup) * times
	}
	if unbounded && piece.unbounded && !piece.separated {
		return piece, false, p.errorf("an unbounded repeat stands inside an unbounded repeat, which can take the proxy minutes to match")
	}
	piece.unbounded = piece.unbounded || unbounded
	return piece, p.at == before && begin != '(', nil
}

// isPlace reports whether an atom matches a place, not text. PCRE refuses to repeat it.
func isPlace(atom string) bool {
	switch atom {
	case "^", "$", `\b`, `\B`, "(?i)":
		return true
	}
	return false
}

// atom reads one thing that can be repeated.
func (p *regexChecker) atom(depth int) (span, error) {
	c := p.text[p.at]
	switch {
	case c < ' ' || c == 0x7f:
		return span{}, p.errorf("control character")
	case c == '(':
		return p.group(depth)
	case c == '[':
		set, err := p.class()
		return span{bytes: set, size: sizeClass}, err
	case c == '\\':
		set, err := p.escape()
		return span{bytes: set, size: sizeByte}, err
	case c == '*' || c == '+' || c == '?':
		return span{}, p.errorf("%q repeats nothing", c)
	}
	p.at++
	return span{bytes: setOf(c), size: sizeByte}, nil
}

func (p *regexChecker) group(depth int) (span, error) {
	p.at++
	switch rest := p.text[p.at:]; {
	case strings.HasPrefix(rest, "*"):
		return span{}, p.errorf("verbs are not admitted")
	case strings.HasPrefix(rest, "?:"), strings.HasPrefix(rest, "?="), strings.HasPrefix(rest, "?!"):
		p.at += 2
	case strings.HasPrefix(rest, "?i)"):
		p.at += 3 // paths are matched without regard to case anyway
		return span{}, nil
	case strings.HasPrefix(rest, "?"):
		return span{}, p.errorf("of the groups that begin with (? only (?: (?= (?! and (?i) are admitted")
	default:
		if p.groups++; p.groups > maxRegexGroups {
			return span{}, p.errorf("more than %d groups", maxRegexGroups)
		}
	}
	inner, err := p.body(depth + 1)
	if err != nil {
		return span{}, err
	}
	if !p.more() {
		return span{}, p.errorf("a parenthesis is not closed")
	}
	p.at++
	return inner, nil
}

// repeat reads an optional quantifier. It reports whether it has no upper bound, and how many copies of a group it stands for.
func (p *regexChecker) repeat() (unbounded bool, times int, err error) {
	if !p.more() {
		return false, 1, nil
	}
	times = 1
	switch p.text[p.at] {
	case '*', '+':
		unbounded, times = true, 2
		p.at++
	case '?':
		p.at++
	case '{':
		if unbounded, times, err = p.counted(); err != nil {
			return false, 0, err
		}
	default:
		return false, 1, nil
	}
	if p.more() && p.text[p.at] == '?' {
		p.at++ // lazy
	}
	if p.more() && (strings.IndexByte("*+?", p.text[p.at]) >= 0 || p.text[p.at] == '{' && p.repeatsAgain()) {
		return false, 0, p.errorf("a repeat of a repeat")
	}
	return unbounded, times, nil
}

// repeatsAgain reports whether the brace that comes next is, or may be taken for, a quantifier.
func (p *regexChecker) repeatsAgain() bool {
	at := p.at
	_, _, err := p.counted()
	return err != nil || p.at > at
}

// counted reads {n}, {n,} or {n,m}; any other brace is a plain character.
func (p *regexChecker) counted() (unbounded bool, times int, err error) {
	end := strings.IndexByte(p.text[p.at:], '}')
	if end < 0 {
		return false, 1, nil
	}
	inner := p.text[p.at+1 : p.at+end]
	low, high, ranged := strings.Cut(inner, ",")
	if !isNumber(low) || high != "" && !isNumber(high) {
		if strings.ContainsAny(inner, "0123456789") && strings.Trim(inner, "0123456789, \t") == "" {
			return false, 0, p.errorf("{%s} is a repeat to some versions of PCRE only; write {n}, {n,} or {n,m}", inner)
		}
		return false, 1, nil
	}
	for _, n := range []string{low, high} {
		if len(n) > 4 || atoi(n) > maxRegexRepeat {
			return false, 0, p.errorf("a repeat of more than %d", maxRegexRepeat)
		}
	}
	p.at += end + 1
	return ranged && high == "", max(atoi(low), atoi(high)) + 1, nil
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// atoi reads a short text of digits; an empty one is 0.
func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
