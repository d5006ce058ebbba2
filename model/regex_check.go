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
		whole.unbounded = whole.unbounded || piece.unbounded
	}
	whole.separated = whole.separated && pieces > 0
	return whole, nil
}

// repeated reads one thing with its quantifier. It reports whether it matches just one byte.
func (p *regexChecker) repeated(depth int) (piece span, single bool, err error) {
	begin := p.text[p.at]
	if piece, err = p.atom(depth); err != nil {
		return piece, false, err
	}
	before := p.at
	unbounded, err := p.repeat()
	if err != nil {
		return piece, false, err
	}
	if unbounded && piece.unbounded && !piece.separated {
		return piece, false, p.errorf("an unbounded repeat stands inside an unbounded repeat, which can take the proxy minutes to match")
	}
	piece.unbounded = piece.unbounded || unbounded
	return piece, p.at == before && begin != '(', nil
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
		return span{bytes: set}, err
	case c == '\\':
		set, err := p.escape()
		return span{bytes: set}, err
	case c == '*' || c == '+' || c == '?':
		return span{}, p.errorf("%q repeats nothing", c)
	}
	p.at++
	return span{bytes: setOf(c)}, nil
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
	if p.more() && p.text[p.at] == '?' {
		p.at++ // lazy
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
		if len(n) > 4 || atoi(n) > maxRegexRepeat {
			return false, p.errorf("a repeat of more than %d", maxRegexRepeat)
		}
	}
	p.at += end + 1
	return ranged && high == "", nil
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// atoi reads a short text of digits; an empty one is 0.
func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
