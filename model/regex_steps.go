package model

import (
	"errors"
	"slices"
)

// The work of a backtracking matcher is the number of ways in which it can begin to read a text. A pattern is taken apart into states,
// one for each byte or class that it reads; the ways are paths through them. Where states lead back to themselves (a repeat without
// bound), there must be one way only to go round for any text, or the ways double with each byte and the pattern is refused. Then the
// ways that leave a repeat are at most one for each byte of the text, and repeats in a row multiply: the bound is a polynomial, made
// from the end of the pattern to its beginning. What the next byte rules out is not counted: in /[^/]+/[^/]+/x the first repeat can be
// left at one place only.
//
// Where the rest of a pattern can match nothing, as in /a(.*), the search ends at once, so such states cannot make others try again.

var (
	errTooManyStates = errors.New("repeats of repeats make it too large for the proxy")
	errTooManyEmpty  = errors.New("there are too many ways in which parts of it match nothing")
	errTooMuchEffort = errors.New("the other regular expressions of the namespace are too intricate to look at more of them")
	errTooIntricate  = errors.New("it is too intricate to say what it can cost")
	errDoubling      = errors.New("an unbounded repeat can read a text in more than one way, so that the work doubles with each byte of it")
)

const (
	maxRegexStates = 5000
	// maxRegexVisits bounds the work of the analysis itself.
	maxRegexVisits = 20000
	// costOfStart is for ^, which looks back over the host in HAProxy.
	costOfStart = 256
)

// regexState is a place in a pattern.
type regexState struct {
	// reads says that the state reads a byte of set.
	reads bool
	set   byteSet
	next  []int
	// head marks the beginning of an unbounded repeat: next is its body and what comes after it. A round that reads nothing ends it.
	head bool
	// looks is the work of a look-ahead or a place. It may fail.
	looks *polynomial
}

// regexProgram is a pattern as states. State 0 accepts.
type regexProgram struct {
	states []regexState
	visits int
	looks  *looks
}

func (p *regexProgram) add(s regexState) (int, error) {
	if len(p.states) >= maxRegexStates {
		return 0, errTooManyStates
	}
	p.states = append(p.states, s)
	return len(p.states) - 1, nil
}

// compile adds a piece in front of a state. It returns the state that begins it.
func (p *regexProgram) compile(n *regexNode, next int) (int, error) {
	switch n.kind {
	case regexByte:
		return p.add(regexState{reads: true, set: n.set, next: []int{next}})
	case regexPlace:
		return p.addLook(constant(1), next)
	case regexStart:
		return p.addLook(constant(costOfStart), next)
	case regexLook:
		work, err := p.looks.work(n.parts[0])
		if err != nil {
			return 0, err
		}
		return p.addLook(work, next)
	case regexRepeat:
		return p.repeat(n, next)
	case regexChoice:
		return p.choice(n, next)
	case regexGroup:
		inner, err := p.compile(n.parts[0], next)
		if err != nil {
			return 0, err
		}
		return p.add(regexState{next: []int{inner}})
	}
	var err error
	for i := len(n.parts) - 1; i >= 0 && err == nil; i-- {
		next, err = p.compile(n.parts[i], next)
	}
	return next, err
}

func (p *regexProgram) addLook(work polynomial, next int) (int, error) {
	return p.add(regexState{looks: &work, next: []int{next}})
}

func (p *regexProgram) choice(n *regexNode, next int) (int, error) {
	var starts []int
	for _, part := range n.parts {
		start, err := p.compile(part, next)
		if err != nil {
			return 0, err
		}
		starts = append(starts, start)
	}
	return p.add(regexState{next: starts})
}

// repeat writes x{2,4} as xx(x(x)?)?, and x{2,} as xx and a loop.
func (p *regexProgram) repeat(n *regexNode, next int) (int, error) {
	last := next
	if n.high < 0 {
		head, err := p.add(regexState{head: true})
		if err != nil {
			return 0, err
		}
		body, err := p.compile(n.parts[0], head)
		if err != nil {
			return 0, err
		}
		p.states[head].next = []int{body, next}
		last = head
	}
	for i := max(n.low, n.high); i > 0; i-- {
		start, err := p.compile(n.parts[0], last)
		if err != nil {
			return 0, err
		}
		if last = start; i > n.low {
			if last, err = p.add(regexState{next: []int{start, next}}); err != nil {
				return 0, err
			}
		}
	}
	return last, nil
}

// follow is what can come next.
type follow struct {
	// reads are the states that can read the next byte, in order, and ways says in how many ways each is reached. surely are those that
	// are reached without a look-ahead or a place, which may fail.
	reads, surely []int
	ways          map[int]float64
	// steps is the work of trying all of them.
	steps polynomial
	// accepts says that nothing more need come.
	accepts bool
}

// follow finds what can come at a state before the next byte is read.
func (p *regexProgram) follow(state int) (follow, error) {
	f := follow{ways: map[int]float64{}}
	err := p.walk(&f, state, walkState{entered: map[int]bool{}, sure: true})
	return f, err
}

// walkState is what is known on the way: the repeats that were begun since the last byte, and whether nothing could fail.
type walkState struct {
	entered map[int]bool
	sure    bool
}

func (p *regexProgram) walk(f *follow, state int, w walkState) error {
	if p.visits++; p.visits > maxRegexVisits {
		return errTooManyEmpty
	}
	f.steps[0]++
	s := &p.states[state]
	switch {
	case state == 0:
		f.accepts = f.accepts || w.sure
		return nil
	case s.reads:
		if f.ways[state] == 0 {
			f.reads = append(f.reads, state)
		}
		f.ways[state]++
		if w.sure && !slices.Contains(f.surely, state) {
			f.surely = append(f.surely, state)
		}
		return nil
	case s.head:
		return p.walkLoop(f, state, w)
	case s.looks != nil:
		f.steps = f.steps.plus(*s.looks)
		w.sure = false
	}
	for _, next := range s.next {
		if err := p.walk(f, next, w); err != nil {
			return err
		}
	}
	return nil
}

func (p *regexProgram) walkLoop(f *follow, head int, w walkState) error {
	body, after := p.states[head].next[0], p.states[head].next[1]
	if !w.entered[head] {
		w.entered[head] = true
		if err := p.walk(f, body, w); err != nil {
			return err
		}
		delete(w.entered, head)
	}
	return p.walk(f, after, w)
}
