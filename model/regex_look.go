package model

import "errors"

// maxRegexEffort bounds the work of the analysis itself. Beyond it the bound is coarser, or the pattern is refused.
const maxRegexEffort = 20000

// workOf bounds the work of a pattern.
func workOf(root *regexNode) (work regexWork, effort int, err error) {
	l := &looks{known: map[*regexNode]polynomial{}}
	work, err = l.workOf(root)
	return work, l.total + l.effort, err
}

// looks are the look-aheads of a pattern, whose work is the same wherever a repeat puts them, and the effort that was spent.
type looks struct {
	known map[*regexNode]polynomial
	// effort is bounded, total is what was spent before it was begun anew.
	effort, total int
}

func (l *looks) spend(effort int) error {
	if l.effort += effort; l.effort > maxRegexEffort {
		return errTooIntricate
	}
	return nil
}

func (l *looks) work(n *regexNode) (polynomial, error) {
	if work, ok := l.known[n]; ok {
		return work, nil
	}
	work, err := l.workOf(n)
	l.known[n] = work.any
	return work.any, err
}

func (l *looks) workOf(root *regexNode) (regexWork, error) {
	p := &regexProgram{states: []regexState{{}}, looks: l}
	start, err := p.compile(root, 0)
	if err != nil {
		return regexWork{}, err
	}
	// What reads nothing stands for the place where the search begins.
	begin, err := p.add(regexState{reads: true, next: []int{start}})
	if err != nil {
		return regexWork{}, err
	}
	a := &regexAnalysis{regexProgram: p, follows: make([]follow, len(p.states)), classes: p.representatives()}
	defer func() { l.total += p.visits }()
	for i := range p.states {
		if p.states[i].reads {
			if a.follows[i], err = p.follow(p.states[i].next[0]); err != nil {
				return regexWork{}, err
			}
		}
	}
	w, err := a.run(begin)
	if errors.Is(err, errTooIntricate) {
		a.coarse, l.total, l.effort = true, l.total+l.effort, 0
		w, err = a.run(begin)
	}
	return w, err
}
