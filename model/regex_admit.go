package model

import (
	"fmt"
	"strings"
)

// Regular expressions of users run in the proxy with PCRE, which backtracks and can do far more than match. The part of PCRE is admitted
// that people write in paths and header patterns, which both proxies and [Match] read alike, and which one tenant cannot use against
// others: no named groups (nginx would make variables of them), no back-references, recursion, conditions, callouts, verbs or option
// switches, and nothing whose work is not bounded.
const (
	maxRegexLength = 1024
	maxRegexRepeat = 1000
	maxRegexDepth  = 32
	maxRegexGroups = 32
)

// Regex is a pattern that is admitted, and what it can cost.
type Regex struct {
	// Groups is the number of capturing groups.
	Groups int
	work   regexWork
	memory memory
}

// CheckRegex reports the number of capturing groups of a pattern, or why it cannot be read. What it can cost is another matter: see
// [RegexReader].
func CheckRegex(pattern string) (groups int, err error) {
	p := regexChecker{text: pattern, folds: true}
	_, err = p.read()
	return p.groups, err
}

// RegexReader reads patterns. It knows what it has read before, because many patterns end alike. The zero value is ready.
type RegexReader struct {
	// Effort is what reading has cost so far, in steps of the analysis: some 1,000,000 take a second.
	Effort int
	// Limit, if it is not 0, is the Effort from which on only patterns are read that end like one that is known.
	Limit int
	tails map[regexTail]regexCost
}

// regexTail is a pattern without the plain characters that it begins with.
type regexTail struct {
	text  string
	folds bool
}

type regexCost struct {
	work   regexWork
	memory memory
	err    error
}

// Path reads a pattern for paths, which are matched without regard to case, or says why it is refused.
func (r *RegexReader) Path(pattern string) (*Regex, error) {
	regex, err := r.read(&regexChecker{text: pattern, folds: true})
	if err != nil {
		return nil, err
	}
	return regex, new(RegexBudget).Add(regex)
}

// Own reads a pattern that Headgate made itself: it may hold bytes as [QuoteRegex] writes them.
func (r *RegexReader) Own(pattern string) (*Regex, error) {
	return r.read(&regexChecker{text: pattern, folds: true, quoted: true})
}

// Header reads a pattern that the value of a header is searched for, or says why it is refused.
func (r *RegexReader) Header(pattern string) (*Regex, error) {
	regex, err := r.read(&regexChecker{text: pattern})
	if err != nil {
		return nil, err
	}
	return regex, new(HeaderBudget).Add(regex)
}

func (r *RegexReader) read(p *regexChecker) (*Regex, error) {
	folds := p.folds
	root, err := p.read()
	if err != nil {
		return nil, err
	}
	literal, end := root.splitLiteral()
	tail := regexTail{p.text[end:], folds}
	cost, known := r.tails[tail]
	if !known {
		if r.Limit != 0 && r.Effort >= r.Limit {
			return nil, errTooMuchEffort
		}
		var effort int
		cost.work, effort, cost.err = workOf(root)
		r.Effort += effort
		cost.memory = root.memory()
		if r.tails == nil {
			r.tails = map[regexTail]regexCost{}
		}
		r.tails[tail] = cost
	}
	if cost.err != nil {
		return nil, cost.err
	}
	regex := &Regex{Groups: p.groups, work: cost.work, memory: cost.memory}
	regex.work.precede(literal)
	return regex, nil
}

// splitLiteral takes the plain characters off that a pattern begins with. It reports these, in lower case, and where they end.
func (n *regexNode) splitLiteral() (text string, end int) {
	if n.kind != regexSequence {
		return "", 0
	}
	var b strings.Builder
	for len(n.parts) > 0 && n.parts[0].kind == regexByte && n.parts[0].set.single() {
		b.WriteByte(lowerByte(n.parts[0].set.first()))
		end, n.parts = n.parts[0].end, n.parts[1:]
	}
	return b.String(), end
}

// precede puts plain characters in front of what was bounded.
func (w *regexWork) precede(literal string) {
	if literal == "" {
		return
	}
	w.literal = literal + w.literal
	w.any = w.any.plus(constant(float64(len(literal))))
	w.failed = w.failed.or(constant(1)).plus(constant(float64(len(literal))))
}

// read reads the whole pattern.
func (p *regexChecker) read() (*regexNode, error) {
	if len(p.text) > maxRegexLength {
		return nil, fmt.Errorf("it has %d bytes, more than %d", len(p.text), maxRegexLength)
	}
	root, err := p.body(0)
	switch {
	case err != nil:
		return nil, err
	case p.more():
		return nil, p.errorf("a closing parenthesis has no opening one")
	case root.size() > maxRegexSize:
		return nil, errTooManyStates
	}
	if _, err := compileRegex(p.text); err != nil {
		return nil, fmt.Errorf("it does not compile: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return root, nil
}
