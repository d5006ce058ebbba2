package model

import (
	"encoding/binary"
	"slices"
)

// regexSets numbers sets of states, which are reached for certain: not through a look-ahead, which may fail.
type regexSets struct {
	a       *regexAnalysis
	numbers map[string]int
	members [][]int
	steps   map[setStep]int
}

// setStep is a byte read after a set.
type setStep struct {
	set int
	c   byte
}

func newRegexSets(a *regexAnalysis) regexSets {
	return regexSets{a: a, numbers: map[string]int{}, steps: map[setStep]int{}}
}

// single is the set of one state.
func (s *regexSets) single(state int) int { return s.number([]int{state}) }

func (s *regexSets) number(states []int) int {
	key := make([]byte, 0, 2*len(states))
	for _, state := range states {
		key = binary.BigEndian.AppendUint16(key, uint16(state)) //nolint:gosec // there are no more than maxRegexStates
	}
	if n, ok := s.numbers[string(key)]; ok {
		return n
	}
	s.numbers[string(key)] = len(s.members)
	s.members = append(s.members, states)
	return len(s.members) - 1
}

// after is the set of states to which a byte leads from a set.
func (s *regexSets) after(set int, c byte) int {
	if set == anySet {
		return anySet
	}
	step := setStep{set, c}
	if n, ok := s.steps[step]; ok {
		return n
	}
	s.steps[step] = s.next(set, c)
	return s.steps[step]
}

func (s *regexSets) next(set int, c byte) int {
	var states []int
	for _, state := range s.members[set] {
		s.a.looks.effort += len(s.a.follows[state].surely)
		for _, next := range s.a.follows[state].surely {
			switch {
			case !s.a.states[next].set.has(c):
			case s.a.follows[next].accepts:
				return endedSet
			default:
				states = append(states, next)
			}
		}
	}
	slices.Sort(states)
	return s.number(slices.Compact(states))
}

// representatives finds one byte for each kind of bytes that the states of a program tell apart.
func (p *regexProgram) representatives() []byte {
	kinds := []byteSet{byteSet{}.inverted()}
	seen := map[byteSet]bool{}
	for i := range p.states {
		set := p.states[i].set
		if !p.states[i].reads || seen[set] {
			continue
		}
		seen[set] = true
		var split []byteSet
		for _, kind := range kinds {
			for _, part := range []byteSet{kind.and(set), kind.and(set.inverted())} {
				if part != (byteSet{}) {
					split = append(split, part)
				}
			}
		}
		kinds = split
	}
	bytes := make([]byte, len(kinds))
	for i, kind := range kinds {
		bytes[i] = kind.first()
	}
	return bytes
}
