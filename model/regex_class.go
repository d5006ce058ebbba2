package model

import (
	"slices"
	"strings"
)

// byteSet is a set of bytes. Letters are always in it in both cases, because patterns are matched without regard to case.
type byteSet [4]uint64

func (s *byteSet) put(c byte) { s[c>>6] |= 1 << (c & 63) }

func (s *byteSet) add(other byteSet) {
	for i := range s {
		s[i] |= other[i]
	}
}

func (s *byteSet) addRange(low, high byte) {
	for c := int(low); c <= int(high); c++ {
		s.put(byte(c))
	}
}

// meets reports whether the sets have a byte in common.
func (s byteSet) meets(other byteSet) bool {
	for i := range s {
		if s[i]&other[i] != 0 {
			return true
		}
	}
	return false
}

func (s byteSet) inverted() byteSet {
	for i := range s {
		s[i] = ^s[i]
	}
	return s
}

// folded adds the other case of every letter.
func (s byteSet) folded() byteSet {
	// Letters are bits 1 to 26 of each half of the second word.
	const upper = 0x07fffffe
	letters := (s[1] | s[1]>>32) & upper
	s[1] |= letters | letters<<32
	return s
}

// setOf is what a character stands for outside brackets.
func setOf(c byte) byteSet {
	var s byteSet
	switch c {
	case '.':
		return s.inverted()
	case '^', '$':
		return s
	}
	s.put(c)
	return s.folded()
}

// class reads [...].
func (p *regexChecker) class() (byteSet, error) {
	var set byteSet
	p.at++
	negated := p.more() && p.text[p.at] == '^'
	if negated {
		p.at++
	}
	for first := true; p.more(); first = false {
		if p.text[p.at] == ']' && !first {
			p.at++
			if set = set.folded(); negated {
				set = set.inverted()
			}
			return set, nil
		}
		member, err := p.member()
		if err != nil {
			return set, err
		}
		set.add(member)
	}
	return set, p.errorf("a bracket is not closed")
}

// member reads one entry of a class: a character, a range, an escape or a named class.
func (p *regexChecker) member() (byteSet, error) {
	var set byteSet
	switch c := p.text[p.at]; {
	case c < ' ' || c == 0x7f:
		return set, p.errorf("control character")
	case strings.HasPrefix(p.text[p.at:], `\B`):
		return set, p.errorf(`\B in a bracket`)
	case c == '\\':
		many := p.at+1 < len(p.text) && strings.IndexByte("dDsSwW", p.text[p.at+1]) >= 0
		set, err := p.escape()
		if err == nil && many {
			err = p.refuseRange()
		}
		return set, err
	case c == '[' && p.at+1 < len(p.text) && strings.IndexByte(":.=", p.text[p.at+1]) >= 0:
		return p.posixClass()
	default:
		return p.characters()
	}
}

// characters reads a character of a class, or a range of them.
func (p *regexChecker) characters() (byteSet, error) {
	var set byteSet
	low := p.text[p.at]
	p.at++
	set.put(low)
	if p.at+1 < len(p.text) && p.text[p.at] == '-' && p.text[p.at+1] != ']' {
		high := p.text[p.at+1]
		if high == '\\' || high == '[' || high < low {
			return set, p.errorf("an odd range in a bracket")
		}
		set.addRange(low, high)
		p.at += 2
	}
	return set, nil
}

// posixClass reads [:alpha:] and its like; for the cost of matching it counts as any byte.
func (p *regexChecker) posixClass() (byteSet, error) {
	var none byteSet
	rest := p.text[p.at+1:]
	end := strings.Index(rest[1:], ":]") + 1
	if rest[0] != ':' || end < 2 || !slices.Contains(posixClasses, rest[1:end]) {
		return none, p.errorf("an odd character class in a bracket")
	}
	p.at += end + 3
	return none.inverted(), p.refuseRange()
}

var posixClasses = []string{
	"alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word", "xdigit",
}

// refuseRange refuses a range that begins with a set of characters.
func (p *regexChecker) refuseRange() error {
	if rest := p.text[p.at:]; len(rest) > 1 && rest[0] == '-' && rest[1] != ']' {
		return p.errorf("an odd range in a bracket")
	}
	return nil
}

// escape reads a backslash and what belongs to it.
func (p *regexChecker) escape() (byteSet, error) {
	var set byteSet
	if p.at+1 == len(p.text) {
		return set, p.errorf("a backslash at the end")
	}
	c := p.text[p.at+1]
	if isAlphanumeric(c) && !strings.ContainsRune("dDsSwWbBtnrfv", rune(c)) {
		return set, p.errorf(`the escape \%c is not admitted`, c)
	}
	if c < ' ' || c >= 0x7f {
		return set, p.errorf("control character")
	}
	p.at += 2
	switch c {
	case 'd':
		set.addRange('0', '9')
	case 'w':
		set.addRange('0', '9')
		set.addRange('a', 'z')
		set.put('_')
	case 's', 't', 'n', 'r', 'f', 'v':
		set.addRange('\t', '\r')
		set.put(' ')
	case 'D', 'W', 'S':
		return set.inverted(), nil
	case 'b', 'B':
	default:
		set.put(c)
	}
	return set.folded(), nil
}
