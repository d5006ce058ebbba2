package model

import "strings"

// CoverRegex returns a pattern that is cheap and finds all that another one finds, and more: what stands between the first and the last
// repeat becomes one repeat of all the characters that may stand there. It reports false if the pattern cannot be read.
func CoverRegex(pattern string) (cover string, ok bool) {
	p := regexChecker{text: pattern, folds: true}
	root, err := p.read()
	if err != nil {
		return "", false
	}
	var b strings.Builder
	if strings.HasSuffix(pattern, "$") {
		root.coverToEnd(&b)
	} else {
		root.cover(&b)
	}
	return b.String(), true
}

// cover prints a piece.
func (n *regexNode) cover(b *strings.Builder) {
	switch n.kind {
	case regexByte:
		b.WriteString(n.set.text())
	case regexGroup:
		n.parts[0].cover(b)
	case regexChoice:
		n.coverChoice(b, (*regexNode).cover)
	case regexRepeat:
		n.coverRow(b)
	case regexSequence:
		n.coverSequence(b)
	}
}

// coverToEnd prints a pattern whose text ends in a dollar sign. It is an anchor if what it belongs to, the last alternative, ends in a
// place.
func (n *regexNode) coverToEnd(b *strings.Builder) {
	switch n.kind {
	case regexChoice:
		n.coverChoice(b, (*regexNode).coverToEnd)
	case regexSequence:
		n.coverSequence(b)
		if k := len(n.parts); k > 0 && n.parts[k-1].kind == regexPlace {
			b.WriteByte('$')
		}
	default:
		n.cover(b)
	}
}

// coverChoice prints alternatives, the last one by a function.
func (n *regexNode) coverChoice(b *strings.Builder, last func(*regexNode, *strings.Builder)) {
	b.WriteString("(?:")
	for i, p := range n.parts {
		if i == len(n.parts)-1 {
			last(p, b)
			break
		}
		p.cover(b)
		b.WriteByte('|')
	}
	b.WriteByte(')')
}

func (n *regexNode) coverSequence(b *strings.Builder) {
	first, last := 0, len(n.parts)
	for first < len(n.parts) && !n.parts[first].repeats() {
		n.parts[first].cover(b)
		first++
	}
	for last > first && !n.parts[last-1].repeats() {
		last--
	}
	if first < last {
		(&regexNode{kind: regexSequence, parts: n.parts[first:last]}).coverRow(b)
	}
	for _, p := range n.parts[last:] {
		p.cover(b)
	}
}

// coverRow prints a repeat of all the characters of a piece.
func (n *regexNode) coverRow(b *strings.Builder) {
	set := n.bytes()
	if set == (byteSet{}) {
		return
	}
	b.WriteString(set.text())
	if n.mayBeEmpty() {
		b.WriteByte('*')
	} else {
		b.WriteByte('+')
	}
}

// repeats reports whether a piece holds a repeat.
func (n *regexNode) repeats() bool {
	if n.kind == regexRepeat {
		return true
	}
	for _, p := range n.parts {
		if n.kind != regexLook && p.repeats() {
			return true
		}
	}
	return false
}

// bytes are all the characters that a piece can find.
func (n *regexNode) bytes() byteSet {
	set := n.set
	for _, p := range n.parts {
		if n.kind != regexLook {
			set.add(p.bytes())
		}
	}
	return set
}

// mayBeEmpty reports whether a piece can find nothing.
func (n *regexNode) mayBeEmpty() bool {
	switch n.kind {
	case regexByte:
		return false
	case regexChoice:
		for _, p := range n.parts {
			if p.mayBeEmpty() {
				return true
			}
		}
		return false
	case regexRepeat:
		return n.low == 0 || n.parts[0].mayBeEmpty()
	case regexLook:
		return true
	}
	for _, p := range n.parts {
		if !p.mayBeEmpty() {
			return false
		}
	}
	return true
}

// text is a class of the characters of a set, or of more where a class of printable ones, or of all but some, cannot say it.
func (s byteSet) text() string {
	if s.single() {
		return QuoteRegex(string([]byte{lowerByte(s.first())}))
	}
	if inside, ok := s.printable(); ok {
		return "[" + inside + "]"
	}
	if outside, ok := s.inverted().printable(); ok && outside != "" {
		return "[^" + outside + "]"
	}
	return `[\s\S]`
}

// printable lists the characters of a set for a class that is compared without regard to case. It reports false if some are not printable
// ASCII.
func (s byteSet) printable() (list string, ok bool) {
	var b strings.Builder
	for c := 0; c < 256; c++ {
		char := byte(c)
		switch end := s.runFrom(char); {
		case !s.has(char), char != lowerByte(char) && s.has(lowerByte(char)):
		case char <= ' ' || char >= 0x7f:
			return "", false
		case end > char+1:
			b.WriteString(string([]byte{char, '-', end}))
			c = int(end)
		case isAlphanumeric(char) || strings.IndexByte("/_~", char) >= 0:
			b.WriteByte(char)
		default:
			b.WriteByte('\\')
			b.WriteByte(char)
		}
	}
	return b.String(), true
}

// runFrom is the last of the letters or digits that follow on one another in a set, from one on.
func (s byteSet) runFrom(c byte) byte {
	for isAlphanumeric(c) && isAlphanumeric(c+1) && s.has(c) && s.has(c+1) {
		c++
	}
	return c
}
