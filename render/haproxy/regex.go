package haproxy

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/haproxy/conf"
)

// regexHost adds a host with regular expressions. What is matched is the host, a blank and the path.
func (r *rendering) regexHost(s *model.Server) error {
	head := "^" + model.QuoteRegex(site(s)) + `\x20`
	entries := make([]entry, 0, len(s.Routes)+1)
	for i := range s.Routes {
		m := &s.Routes[i].Match
		pattern, err := inMap(m, head)
		if err != nil {
			return err
		}
		entries = append(entries, entry{Key: head + pattern})
		if len(entries[i].Key) > conf.MaxLine/2 {
			return fmt.Errorf("a regular expression is too long")
		}
	}
	for i := range s.Routes {
		entries[i].Value = r.lead(s, &s.Routes[i])
	}
	if last := &s.Routes[len(s.Routes)-1]; last.Match.Path != "/" {
		entries = append(entries, entry{Key: head, Value: r.lead(s, last)})
	}
	r.tables.hosts[site(s)] = byRegex
	if s.PathLimit > 0 {
		r.tables.hosts[site(s)] = conf.Name(strconv.Itoa(s.PathLimit))
	}
	r.tables.regex = append(r.tables.regex, entries...)
	return nil
}

// inMap writes a path condition as a part of a regular expression that stands behind head and in a map, where a key holds no blanks.
func inMap(m *model.PathMatch, head string) (string, error) {
	switch m.Kind {
	case model.PathExact:
		return model.QuoteRegex(m.Path) + `\z`, nil
	case model.PathPrefix:
		if strings.HasSuffix(m.Path, "/") {
			return model.QuoteRegex(m.Path), nil
		}
		return model.QuoteRegex(m.Path) + `(?:/|\z)`, nil
	}
	// A pattern that closes a group of ours would match on other hosts, too.
	if _, err := model.CheckRegex(withoutBytes(m.Path)); err != nil {
		return "", fmt.Errorf("a regular expression is refused: %w", err)
	}
	return "(?i:" + behind(m.Path, head) + ")", nil
}

var escape = regexp.MustCompile(`(?s)\\(?:x[0-9a-f]{2}|.)`)

// withoutBytes puts a letter for each byte that [model.QuoteRegex] wrote as an escape, which users may not write.
func withoutBytes(pattern string) string {
	return escape.ReplaceAllStringFunc(pattern, func(e string) string {
		if len(e) == 4 {
			return "a"
		}
		return e
	})
}

// behind rewrites a pattern so that it means behind head what it means by itself: its "^" is the end of head. Blanks and bytes that a
// map cannot hold are written as escapes.
func behind(pattern, head string) string { //nolint:gocyclo // a case for each construct of the language
	var b strings.Builder
	class := 0 // where in a [class] we are: 0 outside, 1 at its first member, 2 further on
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		switch {
		case c == '\\' && i+1 < len(pattern):
			i++
			if pattern[i] == ' ' {
				b.WriteString(`\x20`)
				break
			}
			b.WriteByte('\\')
			b.WriteByte(pattern[i])
		case c <= ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		case class == 0 && c == '^':
			b.WriteString("(?<=" + head + ")")
		case class == 0 && c == '[':
			b.WriteByte(c)
			class = 1
			if i+1 < len(pattern) && pattern[i+1] == '^' {
				i++
				b.WriteByte('^')
			}
			continue
		case class > 1 && c == ']':
			b.WriteByte(c)
			class = 0
		case class > 0 && strings.HasPrefix(pattern[i:], "[:"):
			end := i + strings.Index(pattern[i:]+":]", ":]") + 2
			b.WriteString(pattern[i:min(end, len(pattern))])
			i = end - 1
		default:
			b.WriteByte(c)
		}
		if class == 1 {
			class = 2
		}
	}
	return b.String()
}
