package translate

import (
	"regexp"
	"slices"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
)

// What is refused keeps its place, closed: if a path simply went away, its requests would come to a wider path that may lack what was
// to guard them, or to a wildcard host.

// isClosed reports whether the entry only keeps a place.
func (e *entry) isClosed() bool { return e.closed != "" }

// close makes the entry a closed one.
func (e *entry) close(reason string) {
	if e.closed == "" {
		e.closed = reason
	}
	e.service, e.backend, e.branches = nil, "", nil
}

// yieldsTo reports whether an entry gives its place to another one that wants just that: an implicit "/" to any, a closed one to one of
// the same namespace that can be served.
func (e *entry) yieldsTo(other *entry) bool {
	return e.implicit || e.isClosed() && !other.isClosed() && e.ing.Namespace == other.ing.Namespace
}

// isMisread reports whether the path was most likely meant as a regular expression, but the annotation that says so cannot be read.
func (e *entry) isMisread() bool {
	return e.ing != nil && !e.implicit && !e.isRegex() && !isLiteral(e.path) &&
		(e.ing.policy.Rewrite.Regex.Refused || e.ing.policy.Rewrite.Target.Refused)
}

// closeMisread closes such a path: compared as it is written it would match nothing, and its requests would come to a wider path. On a
// host with regular expressions it is one like all others.
func (t *translator) closeMisread(s *server, e *entry) {
	path, said := e.path, e.isClosed()
	reason := "its " + e.ing.policy.Rewrite.Regex.Name + " or " + e.ing.policy.Rewrite.Target.Name + " cannot be used"
	outcome := "answers 503"
	switch {
	case slices.ContainsFunc(s.entries, (*entry).isRegex):
		e.close(reason)
	case !s.closePlain(e, reason):
		outcome = "is ignored"
	}
	if !said {
		t.report(diag.RegexRefused, &e.ing.Meta, e.from.Path+".path", "the path %s looks like a regular expression, and %s; it %s",
			diag.Quote(path), reason, outcome)
	}
}

// closedPath is the place of a path that cannot be one: the part in front of what is wrong with it. It reports false if nothing is left
// but the root, which is more than the path ever meant.
func closedPath(path string) (string, bool) {
	path = strings.TrimPrefix(path, "^")
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	if i := strings.IndexFunc(path, isControl); i >= 0 {
		path = path[:i]
	}
	if len(path) > maxPath {
		path = path[:max(strings.LastIndexByte(path[:maxPath], '/'), 0)]
	}
	return path, path != "" && path != "/"
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// namedGroup begins a group with a name, in all three spellings.
var namedGroup = regexp.MustCompile(`\(\?(?:P?<[A-Za-z_][A-Za-z0-9_]*>|'[A-Za-z_][A-Za-z0-9_]*')`)

// What is read otherwise than in the part of PCRE that is admitted, and what finds at least as much there: atomic groups and possessive
// repeats give nothing back, and what a back-reference repeats may be anything.
var (
	backReference = regexp.MustCompile(`\\(?:[1-9]|k<\w+>|k'\w+'|k\{\w+\}|g\{?-?\w+\}?)`)
	possessive    = regexp.MustCompile(`([^\\][*+?}])\+`)
)

// strictly writes a pattern in the part of PCRE that is admitted, such that it finds at least as much.
func strictly(pattern string) string {
	pattern = namedGroup.ReplaceAllLiteralString(pattern, "(")
	pattern = strings.ReplaceAll(pattern, "(?>", "(?:")
	pattern = backReference.ReplaceAllLiteralString(pattern, `(?:[\s\S]*)`)
	return possessive.ReplaceAllString(pattern, "$1")
}

// closedPattern is a pattern for all that a refused regular expression could have found, and for as little else as can be said cheaply:
// with its repeats made into one, or, where it cannot be read, what stands literally at its beginning and at its end.
func closedPattern(pattern string) string {
	pattern = strings.TrimPrefix(pattern, "^")
	plain := strictly(pattern)
	if cover, ok := model.CoverRegex(plain); ok && strings.HasPrefix(plain, "/") {
		return cover
	}
	closed := model.QuoteRegex(literalPrefix(pattern))
	if !strings.HasPrefix(closed, "/") {
		closed = "/"
	}
	if suffix := literalSuffix(pattern); suffix != "" {
		return closed + `[\s\S]*` + model.QuoteRegex(suffix)
	}
	return closed
}

// regexSpecial are the characters that mean something in a regular expression.
const regexSpecial = `\^$.[]()*+?{}|`

// isLiteral reports whether a path means the same with and without use-regex, but for case and end.
func isLiteral(path string) bool { return !strings.ContainsAny(path, regexSpecial) }

// literalPrefix is what everything that a pattern finds begins with.
func literalPrefix(pattern string) string {
	end := strings.IndexAny(pattern, regexSpecial)
	switch {
	case end < 0:
		return pattern
	case hasAlternatives(pattern):
		return ""
	case strings.ContainsAny(pattern[end:end+1], "*?{") && end > 0:
		end-- // the last character may be missing
	}
	return pattern[:end]
}

// everythingBelow is what stands behind the literal beginning of a pattern that finds a path and all below it.
var everythingBelow = regexp.MustCompile(`^\??(?:\((?:\?:)?/\|\$\))?(?:\(?/?\.[*+]\)?\??)?\$?$`)

// plainPlace is the place that a pattern takes on a host without regular expressions, as a prefix of whole elements, and whether it is
// just that place; otherwise the pattern finds only some paths below it.
func plainPlace(pattern string) (place string, exact bool) {
	pattern = strings.TrimPrefix(pattern, "^")
	literal := literalPrefix(pattern)
	if exact = everythingBelow.MatchString(pattern[len(literal):]) || everythingBelow.MatchString(strings.TrimPrefix(pattern[len(literal):], "/")); !exact {
		literal = literal[:strings.LastIndexByte(literal, '/')+1]
	}
	return strings.TrimSuffix(literal, "/"), exact
}

// literalSuffix is what everything that a pattern finds holds at its end, after a group, a class or a repeat.
func literalSuffix(pattern string) string {
	pattern = strings.TrimSuffix(pattern, "$")
	end := strings.LastIndexAny(pattern, regexSpecial)
	if end < 0 || !strings.ContainsAny(pattern[end:end+1], ")]*+?}.") || hasAlternatives(pattern) || !isBalanced(pattern) {
		return ""
	}
	return pattern[end+1:]
}

// isBalanced reports whether brackets and parentheses of a pattern close what they open, read simply: an escaped one makes it doubtful.
func isBalanced(pattern string) bool {
	if strings.Contains(pattern, `\`) {
		return false
	}
	return strings.Count(pattern, "(") == strings.Count(pattern, ")") && strings.Count(pattern, "[") == strings.Count(pattern, "]")
}

// closePattern is the pattern of the closed place of a refused regular expression, empty if there is none to keep: a guest closes nothing
// but what its path names, and a path that is served just there is not closed.
func (p *pattern) closePattern(others []pattern) string {
	text := closedPattern(p.text)
	if text == "/" && p.guest {
		return ""
	}
	if slices.ContainsFunc(others, func(o pattern) bool { return o.entry != p.entry && o.text == text && !o.isClosed() }) {
		return ""
	}
	return text
}
