package reload

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// haproxySection is a section of a configuration, as far as the running process could be told to differ: its servers apart from all
// other lines.
type haproxySection struct {
	kind, name string
	// head is the whole first line, rules are the other lines that are no servers, comments and empty lines left out.
	head    string
	rules   []string
	servers []haproxyServer
}

// haproxyServer is a line of a server.
type haproxyServer struct {
	name, address string
	options       []string
}

// sectionWords begin a section.
var sectionWords = []string{
	"global", "defaults", "frontend", "backend", "listen", "peers", "resolvers", "userlist", "mailers", "cache", "ring", "program", "http-errors",
	"fcgi-app", "log-forward", "crt-store", "traces", "acme", "log-profile",
}

// readHAProxyConfig reads a file. It reads what HAProxy accepts; what it makes of anything else does not matter.
func readHAProxyConfig(data []byte) []haproxySection {
	sections := []haproxySection{{}}
	for line := range bytes.Lines(data) {
		text := string(bytes.TrimSpace(line))
		if text == "" || text[0] == '#' {
			continue
		}
		word, rest, _ := strings.Cut(text, " ")
		if slices.Contains(sectionWords, word) {
			name, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
			sections = append(sections, haproxySection{kind: word, name: name, head: text})
			continue
		}
		s := &sections[len(sections)-1]
		if server, ok := readServer(text); ok && (s.kind == "backend" || s.kind == "listen") {
			s.servers = append(s.servers, server)
		} else {
			s.rules = append(s.rules, text)
		}
	}
	return sections
}

// readServer reads a line of a server; it refuses what the runtime API cannot say in the same words.
func readServer(text string) (haproxyServer, bool) {
	words, ok := splitWords(text)
	if !ok || len(words) < 3 || words[0] != "server" {
		return haproxyServer{}, false
	}
	for _, w := range words {
		if !sayable(w) {
			return haproxyServer{}, false
		}
	}
	return haproxyServer{name: words[1], address: words[2], options: words[3:]}, true
}

// sayable reports whether a word can be part of a command as it is.
func sayable(word string) bool {
	return word != "" && word != "<<" && !strings.ContainsFunc(word, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune("\\;\"'#", r)
	})
}

// wordReader collects the words of a line.
type wordReader struct {
	words []string
	word  []byte
	begun bool
	quote byte
}

// splitWords splits a line the way HAProxy does. It does not know the environment, so it gives up on "$" in double quotes.
func splitWords(line string) (words []string, ok bool) {
	var r wordReader
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && r.quote != '\'':
			b, used, ok := unescape(line[i+1:])
			if !ok {
				return nil, false
			}
			r.add(b)
			i += used
		case r.quote == '"' && c == '$':
			return nil, false
		case r.quote != 0 && c == r.quote:
			r.quote = 0
		case r.quote != 0:
			r.add(c)
		case c == '"' || c == '\'':
			r.quote, r.begun = c, true
		case c == '#':
			i = len(line)
		case c == ' ' || c >= '\t' && c <= '\r':
			r.end()
		default:
			r.add(c)
		}
	}
	r.end()
	return r.words, r.quote == 0
}

func (r *wordReader) add(c byte) { r.word, r.begun = append(r.word, c), true }

func (r *wordReader) end() {
	if r.begun {
		r.words = append(r.words, string(r.word))
	}
	r.word, r.begun = nil, false
}

// unescape reads what stands behind a backslash and tells how long it is.
func unescape(text string) (b byte, used int, ok bool) {
	if text == "" {
		return 0, 0, false
	}
	switch c := text[0]; c {
	case ' ', '\\', '#', '\'', '"':
		return c, 1, true
	case 'x':
		if len(text) < 3 {
			return 0, 0, false
		}
		n, err := strconv.ParseUint(text[1:3], 16, 8)
		return byte(n), 3, err == nil && n != 0
	}
	return 0, 0, false // rare, and nothing that a server needs
}

// option returns the value of an option with one, or the fallback.
func (s *haproxyServer) option(name, fallback string) string {
	if i := slices.Index(s.options, name); i >= 0 && i+1 < len(s.options) {
		return s.options[i+1]
	}
	return fallback
}

// weight is the weight as it is printed; HAProxy's own default is 1.
func (s *haproxyServer) weight() string { return s.option("weight", "1") }

// disabled reports whether the server starts in maintenance.
func (s *haproxyServer) disabled() bool { return slices.Contains(s.options, "disabled") }

// fixed returns the options that a command cannot change afterwards.
func (s *haproxyServer) fixed() []string {
	var rest []string
	for i := 0; i < len(s.options); i++ {
		switch s.options[i] {
		case "weight":
			i++
		case "disabled":
		default:
			rest = append(rest, s.options[i])
		}
	}
	return rest
}

// values returns what stands behind the first word of the rules that begin with it.
func (s *haproxySection) values(word string) []string {
	var values []string
	for _, r := range s.rules {
		if w, rest, _ := strings.Cut(r, " "); w == word {
			values = append(values, strings.TrimSpace(rest))
		}
	}
	return values
}
