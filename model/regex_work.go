package model

import "slices"

// regexWork bounds the steps of a matcher that tries a pattern at one place of a text.
type regexWork struct {
	// failed bounds a search that finds nothing, any every search.
	failed, any polynomial
	// literal is what everything begins with that the pattern matches, in lower case, as far as it can be seen.
	literal string
}

// regexSpot is a state that has just read its byte, with all states that the same text can have led to from where the search began:
// if that search is to fail, none of them may be one that can end the pattern. Without a set (anySet) nothing is known of others.
type regexSpot struct {
	set, state int
}

const (
	anySet = -1
	// endedSet stands for sets with a state that can end the pattern.
	endedSet = -2
)

// spotWork is the bound for what comes after a spot. any is there for those without a set.
type spotWork struct {
	failed, any polynomial
	component   int
	index, low  int
}

// regexAnalysis goes over the spots of a program, those that come last first.
type regexAnalysis struct {
	*regexProgram
	// follows are what can come after each state that reads a byte.
	follows []follow
	// classes are bytes that stand for all bytes: what is true of one is true of all that no state tells from it.
	classes []byte
	sets    regexSets
	work    map[regexSpot]*spotWork
	stack   []regexSpot
	// components counts those that are finished.
	components int
	// coarse says that there are too many sets to go by them.
	coarse bool
}

// run does the analysis.
func (a *regexAnalysis) run(begin int) (regexWork, error) {
	a.work, a.sets, a.stack = map[regexSpot]*spotWork{}, newRegexSets(a), nil
	if err := a.visit(regexSpot{anySet, begin}); err != nil {
		return regexWork{}, err
	}
	failed, err := a.failure(begin)
	return regexWork{failed: failed, any: a.work[regexSpot{anySet, begin}].any, literal: a.literal(begin)}, err
}

// failure bounds a search that begins at a state and fails.
func (a *regexAnalysis) failure(state int) (polynomial, error) {
	spot := regexSpot{anySet, state}
	if !a.coarse {
		spot.set = a.sets.single(state)
	}
	if a.work[spot] == nil {
		if err := a.visit(spot); err != nil {
			return polynomial{}, err
		}
	}
	return a.work[spot].failed, nil
}

// visit is Tarjan's algorithm: it finishes the spots of a component (those that lead to each other) after all that they lead to.
func (a *regexAnalysis) visit(spot regexSpot) error {
	w := &spotWork{component: -1, index: len(a.work), low: len(a.work)}
	a.work[spot] = w
	a.stack = append(a.stack, spot)
	for _, c := range a.classes {
		set := a.sets.after(spot.set, c)
		if err := a.looks.spend(len(a.follows[spot.state].reads) + 1); err != nil {
			return err
		}
		if set == endedSet {
			continue
		}
		for _, next := range a.follows[spot.state].reads {
			if !a.states[next].set.has(c) {
				continue
			}
			known := a.work[regexSpot{set, next}]
			if known == nil {
				if err := a.visit(regexSpot{set, next}); err != nil {
					return err
				}
				known = a.work[regexSpot{set, next}]
			}
			if known.component < 0 {
				w.low = min(w.low, known.low)
			}
		}
	}
	if w.low < w.index {
		return nil
	}
	return a.finish(spot)
}

// finish bounds the work of the component that was begun with a spot.
func (a *regexAnalysis) finish(spot regexSpot) error {
	at := slices.Index(a.stack, spot)
	members := slices.Clone(a.stack[at:])
	a.stack = a.stack[:at]
	for _, m := range members {
		a.work[m].component = a.components
	}
	a.components++
	b := componentWork{}
	for _, m := range members {
		b.end = b.end.or(a.follows[m.state].steps)
		for _, c := range a.classes {
			if err := b.add(a, m, c); err != nil {
				return err
			}
		}
	}
	for _, m := range members {
		w := a.work[m]
		w.failed = b.end
		w.any = b.end.or(b.best)
		if b.loops {
			w.failed = b.way.summed().plus(b.end)
			w.any = b.way.summed().plus(b.end.or(b.best))
		}
	}
	return nil
}

// componentWork is put together from the spots of a component and the bytes that can come.
type componentWork struct {
	// loops says that the component can be gone round. way bounds what one byte of it costs, end the last one, best one with which the
	// whole search ends.
	way, end, best polynomial
	loops          bool
}

func (b *componentWork) add(a *regexAnalysis, spot regexSpot, c byte) error {
	set := a.sets.after(spot.set, c)
	if set == endedSet {
		return nil
	}
	f := &a.follows[spot.state]
	leave, stay := f.steps, 0.0
	var ends []polynomial
	for _, next := range f.reads {
		if !a.states[next].set.has(c) {
			continue
		}
		w := a.work[regexSpot{set, next}]
		if w.component == a.work[spot].component {
			stay += f.ways[next]
			continue
		}
		failed, err := a.leaving(regexSpot{set, next}, w)
		if err != nil {
			return err
		}
		leave = leave.plus(failed.times(f.ways[next]))
		ends = append(ends, w.any.minus(failed))
	}
	switch {
	case stay > 1:
		return errDoubling
	case stay > 0:
		b.way, b.loops = b.way.or(leave), true
	default:
		b.end = b.end.or(leave)
	}
	for _, e := range ends {
		b.best = b.best.or(leave.plus(e))
	}
	return nil
}

// leaving bounds the failure of a way out of a component. What can end the pattern does not fail.
func (a *regexAnalysis) leaving(spot regexSpot, w *spotWork) (polynomial, error) {
	switch {
	case spot.set != anySet:
		return w.failed, nil
	case a.follows[spot.state].accepts:
		return polynomial{}, nil
	}
	return a.failure(spot.state)
}

// maxLiteralSteps is the most that a byte of a literal may cost: a look-ahead costs more.
const maxLiteralSteps = 8

// literal is the text, in lower case, that everything begins with that a pattern matches, as far as it can be seen.
func (a *regexAnalysis) literal(state int) string {
	var text []byte
	for {
		f := a.follows[state]
		if len(f.reads) != 1 || f.accepts || f.steps.at(1) > maxLiteralSteps {
			return string(text)
		}
		next := f.reads[0]
		set := a.states[next].set
		if f.ways[next] > 1 || !set.single() || slices.Contains(a.follows[next].reads, next) {
			return string(text)
		}
		text = append(text, lowerByte(set.first()))
		if state = next; len(text) > maxRegexLength {
			return string(text)
		}
	}
}

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
