package model

import (
	"math/bits"
	"regexp"
	"strconv"
	"strings"
)

// byteSet is a set of bytes.
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

func (s byteSet) and(other byteSet) byteSet {
	for i := range s {
		s[i] &= other[i]
	}
	return s
}

func (s byteSet) has(c byte) bool { return s[c>>6]&(1<<(c&63)) != 0 }

// first is the lowest byte of a set that is not empty.
func (s byteSet) first() byte {
	for i, word := range s {
		if word != 0 {
			return byte(i*64 + bits.TrailingZeros64(word))
		}
	}
	return 0
}

// single reports whether a set holds one byte, or both cases of one letter.
func (s byteSet) single() bool {
	var one byteSet
	one.put(s.first())
	return s != byteSet{} && (s == one || s == one.folded())
}

// class reads [...].
func (p *regexChecker) class() (byteSet, error) {
	var set byteSet
	p.at++
	if p.more() && strings.IndexByte(":.=", p.text[p.at]) >= 0 {
		return set, p.errorf("a bracket that begins with %q", p.text[p.at]) // PCRE may take it for a named class that stands alone
	}
	negated := p.more() && p.text[p.at] == '^'
	if negated {
		p.at++
	}
	for first := true; p.more(); first = false {
		if p.text[p.at] == ']' && !first {
			p.at++
			if set = p.folded(set); negated {
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

// posixClass reads [:alpha:] and its like.
func (p *regexChecker) posixClass() (byteSet, error) {
	rest := p.text[p.at+1:]
	end := strings.Index(rest[1:], ":]") + 1
	if rest[0] != ':' || end < 2 {
		return byteSet{}, p.errorf("an odd character class in a bracket")
	}
	ranges, known := posixClasses[rest[1:end]]
	if !known {
		return byteSet{}, p.errorf("an odd character class in a bracket")
	}
	p.at += end + 3
	var set byteSet
	for i := 0; i < len(ranges); i += 2 {
		set.addRange(ranges[i], ranges[i+1])
	}
	return set, p.refuseRange()
}

// posixClasses are ranges of bytes, by their first and last ones.
var posixClasses = map[string]string{
	"alnum": "09AZaz", "alpha": "AZaz", "ascii": "\x00\x7f", "blank": "\t\t  ", "cntrl": "\x00\x1f\x7f\x7f", "digit": "09", "graph": "!~",
	"lower": "az", "print": " ~", "punct": "!/:@[`{~", "space": "\t\r  ", "upper": "AZ", "word": "09AZaz__", "xdigit": "09AFaf",
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
	if p.quoted && quotedByte.MatchString(p.text[p.at:]) {
		set.put(parseHex(p.text[p.at+2 : p.at+4]))
		p.at += 4
		return set, nil
	}
	if isAlphanumeric(c) && !strings.ContainsRune("dDsSwWbBtnrf", rune(c)) {
		return set, p.errorf(`the escape \%c is not admitted`, c)
	}
	if c < ' ' || c >= 0x7f {
		return set, p.errorf("control character")
	}
	p.at += 2
	if !isAlphanumeric(c) {
		set.put(c)
		return set, nil
	}
	ranges := escapes[c|0x20]
	for i := 0; i < len(ranges); i += 2 {
		set.addRange(ranges[i], ranges[i+1])
	}
	if c == 'D' || c == 'W' || c == 'S' {
		return set.inverted(), nil
	}
	return set, nil
}

// quotedByte is a byte as QuoteRegex writes it.
var quotedByte = regexp.MustCompile(`^\\x[0-9a-f]{2}`)

func parseHex(digits string) byte {
	n, _ := strconv.ParseUint(digits, 16, 8) // the digits were looked at
	return byte(n)
}

// escapes are what a letter behind a backslash stands for, as ranges of bytes; \b does so in brackets only.
var escapes = map[byte]string{
	'd': "09", 'w': "09AZaz__", 's': "\t\r  ", 'b': "\b\b", 't': "\t\t", 'n': "\n\n", 'r': "\r\r", 'f': "\f\f",
}
