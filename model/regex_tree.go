package model

// regexNode is a piece of an admitted pattern.
type regexNode struct {
	kind regexKind
	// set are the bytes of a regexByte.
	set byteSet
	// parts are the pieces of a sequence, the alternatives of a choice, or the one thing inside a group, a look-ahead or a repeat.
	parts []*regexNode
	// low and high are how often a repeat repeats; high is -1 without an upper bound.
	low, high int
	// captures says that a group is numbered.
	captures bool
	// end is where the piece ends in the pattern.
	end int
}

type regexKind uint8

const (
	regexSequence regexKind = iota
	regexChoice
	regexByte
	regexGroup
	// regexPlace matches a place: ^ $ \b \B. regexStart is ^.
	regexPlace
	regexStart
	regexLook
	regexRepeat
)

// PCRE takes patterns that it makes less than 64 KiB of. One that is larger would fail the whole configuration.
const (
	maxRegexSize = 48 << 10
	sizeByte     = 8
	sizeClass    = 48
	sizeGroup    = 16
	sizeBranch   = 8
)

// size is what PCRE makes of a piece, in bytes, and rather more: it copies a group for each of its repeats.
func (n *regexNode) size() int {
	sum := 0
	for _, p := range n.parts {
		sum = min(sum+p.size(), maxRegexSize+1)
	}
	switch n.kind {
	case regexByte:
		return n.set.size()
	case regexChoice:
		sum += sizeBranch * len(n.parts)
	case regexGroup, regexLook:
		sum += sizeGroup
	case regexPlace, regexStart:
		return sizeByte
	case regexRepeat:
		if n.parts[0].kind != regexByte {
			sum *= max(n.low, n.high, 1) + 1
		}
	}
	return min(sum, maxRegexSize+1)
}

func (s byteSet) size() int {
	if s.single() {
		return sizeByte
	}
	return sizeClass
}

// shortest is the length in bytes of the shortest text that a piece matches.
func (n *regexNode) shortest() int {
	switch n.kind {
	case regexByte:
		return 1
	case regexPlace, regexStart, regexLook:
		return 0
	case regexRepeat:
		return min(n.low*n.parts[0].shortest(), maxRegexSize)
	case regexChoice:
		least := n.parts[0].shortest()
		for _, p := range n.parts[1:] {
			least = min(least, p.shortest())
		}
		return least
	}
	sum := 0
	for _, p := range n.parts {
		sum = min(sum+p.shortest(), maxRegexSize)
	}
	return sum
}

// memory is what PCRE's compiled code keeps on its stack to come back to, in bytes: fixed, and perByte of the text. It has 32 KiB, and
// gives up when they are full. The figures are those of PCRE2 10.42 to 10.48, rounded up.
type memory struct {
	fixed, perByte float64
}

const (
	memoryRepeat  = 16
	memoryGroup   = 16
	memoryCapture = 8
	memoryBranch  = 8
)

func (n *regexNode) memory() memory {
	var sum memory
	for _, p := range n.parts {
		m := p.memory()
		if n.kind == regexChoice {
			sum.fixed = max(sum.fixed, m.fixed+memoryBranch)
		} else {
			sum.fixed += m.fixed
		}
		sum.perByte = max(sum.perByte, m.perByte)
	}
	switch n.kind {
	case regexGroup:
		sum.fixed += memoryGroup
		if n.captures {
			sum.fixed += memoryCapture
		}
	case regexRepeat:
		return n.repeatMemory(sum)
	}
	return sum
}

func (n *regexNode) repeatMemory(once memory) memory {
	if n.parts[0].kind == regexByte {
		return memory{fixed: memoryRepeat}
	}
	if n.high < 0 {
		rounds := 1 / float64(max(n.parts[0].shortest(), 1))
		return memory{fixed: once.fixed*float64(n.low) + memoryRepeat, perByte: once.perByte + once.fixed*rounds}
	}
	return memory{fixed: (once.fixed + memoryRepeat) * float64(n.high), perByte: once.perByte}
}
