package model

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// matcher is a backtracking matcher as PCRE's interpreter is one. It counts what it tries.
type matcher struct {
	text  string
	steps int
}

// match reports whether a piece matches at a place of the text, and what then comes.
func (m *matcher) match(n *regexNode, at int, then func(int) bool) bool {
	if n.kind != regexSequence && n.kind != regexRepeat {
		m.steps++
	}
	switch n.kind {
	case regexByte:
		return at < len(m.text) && n.set.has(m.text[at]) && then(at+1)
	case regexStart:
		return at == 0 && then(at)
	case regexPlace:
		return at == len(m.text) && then(at)
	case regexChoice:
		for _, p := range n.parts {
			if m.match(p, at, then) {
				return true
			}
		}
		return false
	case regexLook:
		return m.match(n.parts[0], at, func(int) bool { return true }) && then(at)
	case regexRepeat:
		return m.repeat(n, at, 0, then)
	}
	return m.sequence(n.parts, at, then)
}

func (m *matcher) sequence(parts []*regexNode, at int, then func(int) bool) bool {
	if len(parts) == 0 {
		return then(at)
	}
	return m.match(parts[0], at, func(next int) bool { return m.sequence(parts[1:], next, then) })
}

// repeat is greedy. A round that reads nothing is the last.
func (m *matcher) repeat(n *regexNode, at, round int, then func(int) bool) bool {
	if round >= n.low && (n.high < 0 || round < n.high) {
		m.steps++
	}
	if n.high < 0 || round < n.high {
		if m.match(n.parts[0], at, func(next int) bool {
			if next == at && round >= n.low {
				return then(next)
			}
			return m.repeat(n, next, round+1, then)
		}) {
			return true
		}
	}
	return round >= n.low && then(at)
}

// randomPattern makes a pattern that is likely to be slow: few letters, many repeats.
func randomPattern(r *rand.Rand, depth int) string {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	var b strings.Builder
	for range 1 + r.IntN(4) {
		switch k := r.IntN(10); {
		case k < 5 || depth == 0:
			b.WriteString(pick("a", "b", "/", ".", "[ab]", "[^/]", "[^b]", "a", "b", `\w`))
		case k < 6:
			b.WriteString("(?" + pick("=", "!") + randomPattern(r, depth-1) + ")")
			continue
		case k < 8:
			b.WriteString("(" + randomPattern(r, depth-1) + "|" + randomPattern(r, depth-1) + ")")
		default:
			b.WriteString("(" + randomPattern(r, depth-1) + ")")
		}
		b.WriteString(pick("", "", "", "*", "+", "?", "*?", "{0,3}", "{2}", "{1,2}", "{2,}"))
	}
	return b.String() + pick("", "", "$", "x")
}

// randomText makes a text of what patterns look for: random at first, then the same again and again.
func randomText(r *rand.Rand, length int) string {
	period := make([]byte, 1+r.IntN(5))
	for i := range period {
		period[i] = "aab/bA"[r.IntN(6)]
	}
	text := strings.Repeat(string(period), length/len(period)+1)[:length]
	for range r.IntN(3) {
		at := r.IntN(length)
		text = text[:at] + string("ab/x!"[r.IntN(5)]) + text[at+1:]
	}
	return text
}

// checkSteps fails if a pattern takes more steps for a text than its bound.
func checkSteps(t *testing.T, pattern, text string) (steps int) {
	t.Helper()
	regex, err := new(RegexReader).Path(pattern)
	if err != nil {
		return 0
	}
	p := regexChecker{text: pattern, folds: true}
	root, err := p.read()
	if err != nil {
		t.Fatal(err)
	}
	m := matcher{text: text}
	found := m.match(root, 0, func(int) bool { m.steps++; return true })
	if bound := regex.work.any.at(len(text)); float64(m.steps) > bound {
		t.Errorf("%q on %q takes %d steps, more than %.0f", pattern, text, m.steps, bound)
	}
	if bound := regex.work.failed.at(len(text)); !found && float64(m.steps) > bound {
		t.Errorf("%q on %q fails in %d steps, more than %.0f", pattern, text, m.steps, bound)
	}
	return m.steps
}

func TestRegexWorkIsBounded(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	admitted, slow := 0, 0
	for range 6000 {
		pattern := randomPattern(r, 2)
		if _, err := new(RegexReader).Path(pattern); err != nil {
			continue
		}
		admitted++
		for range 3 {
			if checkSteps(t, pattern, randomText(r, 60)) > 2000 {
				slow++
			}
		}
	}
	t.Logf("%d patterns are admitted, %d searches took more than 2000 steps for 60 bytes", admitted, slow)
	if admitted < 2000 || slow == 0 {
		t.Error("the patterns do not try the bound")
	}
}

// The bound holds for texts that were bred to be slow, and is not far from them.
func TestRegexWorkIsBoundedForBredTexts(t *testing.T) {
	for pattern, share := range map[string]float64{
		"(.*)/a/(.*)/b$": 0.03, ".*.*x$": 0.4, "(/[^/]+)*$": 0.3, "(a|b)*x": 0.3, "(.*a){2}x": 0.05, "[ab]{1,20}[ab]{1,20}x": 0.2, "(.*)-(.*)x": 0.05,
	} {
		r := rand.New(rand.NewPCG(5, 6))
		best := randomText(r, 100)
		worst := checkSteps(t, pattern, best)
		for range 300 {
			text := []byte(best)
			if r.IntN(4) == 0 {
				text = []byte(randomText(r, 100))
			}
			for range 1 + r.IntN(3) {
				text[r.IntN(len(text))] = "ab/x!-cd"[r.IntN(8)]
			}
			if steps := checkSteps(t, pattern, string(text)); steps > worst {
				worst, best = steps, string(text)
			}
		}
		regex, err := new(RegexReader).Path(pattern)
		if err != nil {
			t.Fatal(err)
		}
		if bound := regex.work.any.at(len(best)); float64(worst) < share*bound {
			t.Errorf("%s takes %d steps at most, the bound is %.0f", pattern, worst, bound)
		}
	}
}

func FuzzRegexWork(f *testing.F) {
	f.Add("/(.*)/foo/(.*)/bar", "/foo/foo/foo/foo/")
	f.Add("(a|b)*[ab]{0,3}$", "abababababx")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) < 60 && 0 < len(text) && len(text) < 60 {
			checkSteps(t, pattern, text)
		}
	})
}
