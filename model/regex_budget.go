package model

import "fmt"

// What the regular expressions of tenants may cost. A step takes a proxy 1 to 3 ns with PCRE's compiler and up to 20 ns without, so a
// request keeps a thread for some 10 ms, at worst 300 ms. PCRE itself gives up after 10,000,000 steps, or when its stack is full: HAProxy
// would then go on with the next pattern, and a path would escape what its own route says. Within these bounds it never gives up.
const (
	// MaxHostSteps bounds the steps of one request that goes through the patterns of a host. A rewrite goes through its own pattern
	// again, up to twice.
	MaxHostSteps = 5_000_000
	// MinPathLimit is the length of a path, in bytes, up to which the patterns of a host must keep within the bounds. Patterns that
	// cannot are refused.
	MinPathLimit = 256
	// MaxHeaderValue is the longest value of a header that is searched for a pattern, in bytes. A longer one matches none.
	MaxHeaderValue = 1024
	// maxRegexMemory is most of the 32 KiB of stack that PCRE's compiled code has.
	maxRegexMemory = 28_000
	// stepsPerPattern is the cost of a pattern that fails at once.
	stepsPerPattern = 50
)

// RegexBudget adds up what the patterns of one host can cost a request.
type RegexBudget struct {
	beginnings regexBeginning
	memory     memory
}

// regexBeginning is a text with which the patterns of a host begin, as a tree: a path goes down one way only, so patterns that begin
// otherwise cost it next to nothing.
type regexBeginning struct {
	longer map[byte]*regexBeginning
	// patterns is the number of those that begin with the text, own the work of those whose text ends here, all that of a path that
	// comes by.
	patterns float64
	own, all polynomial
}

// Add adds a pattern, or says why the host cannot have it beside those that it has.
func (b *RegexBudget) Add(r *Regex) error {
	before := b.memory
	b.memory = memory{fixed: max(before.fixed, r.memory.fixed), perByte: max(before.perByte, r.memory.perByte)}
	b.beginnings.add(r.work.literal, r.work.any, 1)
	if b.fits(MinPathLimit) {
		return nil
	}
	steps, stack := b.steps(MinPathLimit), b.memory.at(MinPathLimit)
	b.beginnings.add(r.work.literal, r.work.any, -1)
	b.memory = before
	if stack > maxRegexMemory {
		return fmt.Errorf("to match a path of %d bytes could take %.0f bytes of stack, more than %d", MinPathLimit, stack, maxRegexMemory)
	}
	return fmt.Errorf("to match a path of %d bytes could take %.3g steps, more than %d", MinPathLimit, steps, MaxHostSteps)
}

// AddText adds a pattern that is a text.
func (b *RegexBudget) AddText(text string) {
	b.beginnings.add(text, constant(float64(len(text))), 1)
}

// PathLimit is the length of the longest path, in bytes, that keeps within the bounds, 0 if the longest there is does.
func (b *RegexBudget) PathLimit(longest int) int {
	if b.fits(longest) {
		return 0
	}
	const unit = 64
	for n := longest / unit * unit; n > MinPathLimit; n -= unit {
		if b.fits(n) {
			return n
		}
	}
	return MinPathLimit
}

func (b *RegexBudget) fits(n int) bool {
	return b.steps(n) <= MaxHostSteps && b.memory.at(n) <= maxRegexMemory
}

func (b *RegexBudget) steps(n int) float64 {
	return b.beginnings.all.at(n) + stepsPerPattern*b.beginnings.patterns
}

func (m memory) at(n int) float64 { return m.fixed + m.perByte*float64(n) }

func (t *regexBeginning) add(text string, work polynomial, times float64) {
	t.patterns += times
	if text == "" {
		t.own = t.own.plus(work.times(times))
	} else {
		c := lowerByte(text[0])
		if t.longer == nil {
			t.longer = map[byte]*regexBeginning{}
		}
		if t.longer[c] == nil {
			t.longer[c] = &regexBeginning{}
		}
		t.longer[c].add(text[1:], work, times)
	}
	var below polynomial
	for _, l := range t.longer {
		below = below.or(l.all)
	}
	t.all = t.own.plus(below).plus(constant(t.patterns))
}

// HeaderBudget adds up what the patterns of the canaries of one path can cost a request.
type HeaderBudget struct {
	steps float64
}

// Add adds a pattern, or says why the path cannot have it beside those that it has. It is searched for at every place of the value.
func (b *HeaderBudget) Add(r *Regex) error {
	steps := r.work.failed.summed().plus(r.work.any).at(MaxHeaderValue)
	switch {
	case r.memory.at(MaxHeaderValue) > maxRegexMemory:
		return fmt.Errorf("to search a value of %d bytes could take more than %d bytes of stack", MaxHeaderValue, maxRegexMemory)
	case b.steps+steps > MaxHostSteps:
		return fmt.Errorf("to search a value of %d bytes could take %.3g steps, more than %d", MaxHeaderValue, b.steps+steps, MaxHostSteps)
	}
	b.steps += steps
	return nil
}
