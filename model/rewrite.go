package model

import (
	"regexp"
	"strings"

	"github.com/dlclark/regexp2"
)

// Rewrite replaces the path of a request. With a regex route both texts may refer to the groups of the path as $1 to $9, which are
// those of the normalised path. What becomes of the path begins with one slash; see [UnsafePath] for what is refused.
type Rewrite struct {
	// Target is the new path, not encoded. It has no query: a question mark in it is one of the path.
	Target string
	// Prefix, if not empty, is sent as X-Forwarded-Prefix, not encoded. With a group in it, paths with control bytes are refused: a
	// line end would begin another header.
	Prefix string
}

// Redirect sends clients to another URL. The query of the request is kept.
type Redirect struct {
	// Code is the status.
	Code int
	// Scheme is "http", "https", or empty for that of the request.
	Scheme string
	// Host is a host, empty for that of the request. Port is 0 for none.
	Host string
	Port int
	// Path is made like the Target of a Rewrite. It may hold [A-Za-z0-9-._~/:] and references to groups.
	Path string
}

// HasGroups reports whether a text refers to a group of the path.
func HasGroups(text string) bool { return groupReference.MatchString(text) }

var groupReference = regexp.MustCompile(`\$[1-9]`)

// UnsafePath finds in what was made of a path a "." or ".." segment, also such as other servers read as one: with a backslash in place
// of the slash, or with parameters. The route, and what guards it, was chosen by the path as it was; a segment that comes about
// afterwards would lead around that choice. It is a regular expression for PCRE and for package regexp alike.
const UnsafePath = `(?:^|[/\\])\.\.?(?:[/\\;]|\z)`

// UnsafeLocation finds what a redirect cannot lead to: an [UnsafePath], and a path with a question mark, where nginx begins the query.
const UnsafeLocation = UnsafePath + `|\?`

// ControlBytes finds what cannot stand in a header.
const ControlBytes = `[\x00-\x1f\x7f]`

var (
	unsafePath     = regexp.MustCompile(UnsafePath)
	unsafeLocation = regexp.MustCompile(UnsafeLocation)
	controlBytes   = regexp.MustCompile(ControlBytes)
)

// rewritten returns the request target that the rule of the route makes of a request, or false if the request is refused.
func (r *Route) rewritten(req Request, path string) (string, bool) {
	if HasGroups(r.Rewrite.Prefix) && controlBytes.MatchString(path) {
		return "", false
	}
	made := r.expand(r.Rewrite.Target, path)
	if HasGroups(r.Rewrite.Target) && unsafePath.MatchString(made) {
		return "", false
	}
	return escapePath(made) + queryOf(req.Target), true
}

// redirected returns the URL that a route sends a request to, or false if the request is refused.
func (r *Route) redirected(req Request, path string) (string, bool) {
	to := r.Redirect
	scheme, host := to.Scheme, to.Host
	if scheme == "" {
		scheme = req.Scheme
	}
	if host == "" {
		host = canonicalHost(req.Host)
	}
	if to.Port != 0 {
		host += ":" + itoa(to.Port)
	}
	made := r.expand(to.Path, path)
	if HasGroups(to.Path) && unsafeLocation.MatchString(made) {
		return "", false
	}
	return scheme + "://" + host + escapeLocation(made) + queryOf(req.Target), true
}

// expand makes of a normalised path what a text with groups says, with one slash in front. A path in which the pattern of the route
// does not occur stays as it is.
func (r *Route) expand(text, path string) string {
	pattern := r.Match.Path
	if r.Match.Kind != PathRegex {
		pattern = QuoteRegex(pattern)
	}
	re, err := compileRegex(pattern)
	if err != nil {
		return path
	}
	m, err := re.FindStringMatch(wide(path))
	if err != nil || m == nil {
		return path
	}
	return "/" + strings.TrimLeft(expandGroups(text, m), "/")
}

// expandGroups replaces $1 to $9 in a text.
func expandGroups(text string, m *regexp2.Match) string {
	return groupReference.ReplaceAllStringFunc(text, func(reference string) string {
		g := m.GroupByNumber(int(reference[1] - '0'))
		if g == nil {
			return ""
		}
		return narrow(g.String())
	})
}

// escapePath encodes what must not stand in a request target, as nginx does for a path that it has changed.
func escapePath(path string) string { return escape(path, "\"#%<>?\\^`{|}") }

// escapeLocation encodes what nginx encodes in the path of a redirect.
func escapeLocation(path string) string { return escape(path, "\"#%") }

// escape encodes blanks, control bytes, what is not ASCII, and some more.
func escape(path, more string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(path) {
		c := path[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(more, c) >= 0 {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}
