package model

import (
	"fmt"
	"strconv"
	"strings"
)

// regexChecker is a recursive-descent reader of the admitted part of PCRE.
type regexChecker struct {
	text   string
	at     int
	groups int
	// folds says that letters stand for both cases, from here to the end of the group.
	folds bool
	// quoted admits bytes as QuoteRegex writes them.
	quoted bool
}

func (p *regexChecker) errorf(format string, args ...any) error {
	return fmt.Errorf("at offset %d: %s", p.at, fmt.Sprintf(format, args...))
}

func (p *regexChecker) more() bool { return p.at < len(p.text) }

// body reads alternatives up to the end or to the closing parenthesis.
func (p *regexChecker) body(depth int) (*regexNode, error) {
	if depth > maxRegexDepth {
		return nil, p.errorf("groups are nested more than %d deep", maxRegexDepth)
	}
	branch := &regexNode{kind: regexSequence}
	choice := &regexNode{kind: regexChoice, parts: []*regexNode{branch}}
	for p.more() && p.text[p.at] != ')' {
		if p.text[p.at] == '|' {
			p.at++
			branch = &regexNode{kind: regexSequence}
			choice.parts = append(choice.parts, branch)
			continue
		}
		piece, err := p.repeated(depth)
		if err != nil {
			return nil, err
		}
		piece.end = p.at
		branch.parts = append(branch.parts, piece)
	}
	if len(choice.parts) == 1 {
		return branch, nil
	}
	return choice, nil
}

// repeated reads one thing with its quantifier.
func (p *regexChecker) repeated(depth int) (*regexNode, error) {
	start := p.at
	piece, err := p.atom(depth)
	if err != nil {
		return nil, err
	}
	before := p.at
	low, high, err := p.repeat()
	switch {
	case err != nil:
		return nil, err
	case p.at == before:
		return piece, nil
	case isPlace(p.text[start:before]):
		return nil, p.errorf("%s cannot be repeated", p.text[start:before])
	case piece.kind == regexLook:
		return nil, p.errorf("a look-ahead cannot be repeated")
	}
	return &regexNode{kind: regexRepeat, parts: []*regexNode{piece}, low: low, high: high}, nil
}

// isPlace reports whether an atom matches a place, not text. PCRE refuses to repeat it.
func isPlace(atom string) bool {
	switch atom {
	case "^", "$", `\b`, `\B`, "(?i)":
		return true
	}
	return false
}

// atom reads one thing that can be repeated.
func (p *regexChecker) atom(depth int) (*regexNode, error) {
	c := p.text[p.at]
	switch {
	case c < ' ' || c == 0x7f:
		return nil, p.errorf("control character")
	case c == '(':
		return p.group(depth)
	case c == '[':
		set, err := p.class()
		return &regexNode{kind: regexByte, set: set}, err
	case strings.HasPrefix(p.text[p.at:], `\b`), strings.HasPrefix(p.text[p.at:], `\B`):
		p.at += 2
		return &regexNode{kind: regexPlace}, nil
	case c == '\\':
		set, err := p.escape()
		return &regexNode{kind: regexByte, set: p.folded(set)}, err
	case c == '*' || c == '+' || c == '?':
		return nil, p.errorf("%q repeats nothing", c)
	}
	p.at++
	switch c {
	case '^':
		return &regexNode{kind: regexStart}, nil
	case '$':
		return &regexNode{kind: regexPlace}, nil
	case '.':
		return &regexNode{kind: regexByte, set: byteSet{}.inverted()}, nil
	}
	var set byteSet
	set.put(c)
	return &regexNode{kind: regexByte, set: p.folded(set)}, nil
}

func (p *regexChecker) folded(set byteSet) byteSet {
	if p.folds {
		return set.folded()
	}
	return set
}

func (p *regexChecker) group(depth int) (*regexNode, error) {
	p.at++
	node := &regexNode{kind: regexGroup}
	switch rest := p.text[p.at:]; {
	case strings.HasPrefix(rest, "*"):
		return nil, p.errorf("verbs are not admitted")
	case strings.HasPrefix(rest, "?:"):
		p.at += 2
	case strings.HasPrefix(rest, "?="), strings.HasPrefix(rest, "?!"):
		node.kind = regexLook
		p.at += 2
	case strings.HasPrefix(rest, "?i)"):
		p.at += 3
		p.folds = true
		return &regexNode{kind: regexSequence}, nil
	case strings.HasPrefix(rest, "?"):
		return nil, p.errorf("of the groups that begin with (? only (?: (?= (?! and (?i) are admitted")
	default:
		node.captures = true
		if p.groups++; p.groups > maxRegexGroups {
			return nil, p.errorf("more than %d groups", maxRegexGroups)
		}
	}
	folds := p.folds
	inner, err := p.body(depth + 1)
	p.folds = folds
	if err != nil {
		return nil, err
	}
	if !p.more() {
		return nil, p.errorf("a parenthesis is not closed")
	}
	p.at++
	node.parts = []*regexNode{inner}
	return node, nil
}

// repeat reads an optional quantifier; high is -1 if it has no upper bound.
func (p *regexChecker) repeat() (low, high int, err error) {
	if !p.more() {
		return 1, 1, nil
	}
	before := p.at
	switch p.text[p.at] {
	case '*':
		low, high = 0, -1
		p.at++
	case '+':
		low, high = 1, -1
		p.at++
	case '?':
		low, high = 0, 1
		p.at++
	case '{':
		if low, high, err = p.counted(); err != nil {
			return 0, 0, err
		}
	}
	if p.at == before {
		return 1, 1, nil
	}
	if p.more() && p.text[p.at] == '?' {
		p.at++ // lazy
	}
	if p.more() && (strings.IndexByte("*+?", p.text[p.at]) >= 0 || p.text[p.at] == '{' && p.repeatsAgain()) {
		return 0, 0, p.errorf("a repeat of a repeat")
	}
	return low, high, nil
}

// repeatsAgain reports whether the brace that comes next is, or may be taken for, a quantifier.
func (p *regexChecker) repeatsAgain() bool {
	at := p.at
	_, _, err := p.counted()
	return err != nil || p.at > at
}

// counted reads {n}, {n,} or {n,m}; any other brace is a plain character.
func (p *regexChecker) counted() (low, high int, err error) {
	end := strings.IndexByte(p.text[p.at:], '}')
	if end < 0 {
		return 1, 1, nil
	}
	inner := p.text[p.at+1 : p.at+end]
	from, to, ranged := strings.Cut(inner, ",")
	if !isNumber(from) || to != "" && !isNumber(to) {
		if strings.ContainsAny(inner, "0123456789") && strings.Trim(inner, "0123456789, \t") == "" {
			return 0, 0, p.errorf("{%s} is a repeat to some versions of PCRE only; write {n}, {n,} or {n,m}", inner)
		}
		return 1, 1, nil
	}
	for _, n := range []string{from, to} {
		if len(n) > 4 || atoi(n) > maxRegexRepeat {
			return 0, 0, p.errorf("a repeat of more than %d", maxRegexRepeat)
		}
	}
	p.at += end + 1
	switch {
	case !ranged:
		return atoi(from), atoi(from), nil
	case to == "":
		return atoi(from), -1, nil
	}
	return atoi(from), atoi(to), nil
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// atoi reads a short text of digits; an empty one is 0.
func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
