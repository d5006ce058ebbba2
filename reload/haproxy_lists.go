package reload

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // HAProxy shows this fingerprint; nothing rests on it
	"encoding/hex"
	"encoding/pem"
	"regexp"
	"slices"
	"strings"
)

// readList reads the lines of a map or of a list of patterns as the process shows them: blanks around are dropped, and in a map those
// between key and value.
func readList(data []byte, kind string) []string {
	var entries []string
	for line := range bytes.Lines(data) {
		text := strings.Trim(string(line), " \t\r\n")
		if text == "" || line[0] == '#' {
			continue
		}
		if kind == kindMap {
			text = joinEntry(text)
		}
		entries = append(entries, text)
	}
	return entries
}

// joinEntry leaves one blank between key and value.
func joinEntry(text string) string {
	key, value := cutEntry(text)
	return key + " " + value
}

func cutEntry(text string) (key, value string) {
	at := strings.IndexAny(text, " \t")
	if at < 0 {
		return text, ""
	}
	return text[:at], strings.TrimLeft(text[at:], " \t")
}

// The kinds of lists, as commands call them.
const (
	kindMap = "map"
	kindACL = "acl"
)

// unorderedLookup are the look-ups whose answer does not depend on the order of the entries.
var unorderedLookup = map[string]bool{"": true, "_str": true, "_beg": true, "_ip": true}

// ordered reports whether the order of a map's entries can matter: as long as it is not certain that it is only used by look-ups for
// which it does not.
func ordered(path string, config []byte) bool {
	uses := regexp.MustCompile(`map((?:_(?:str|beg|ip|int|dom|dir|end|len|reg|regm|sub|bin))?)(?:_(?:str|int|ip|key))?\('?`+regexp.QuoteMeta(path)+`\b`).
		FindAllSubmatch(config, -1)
	if len(uses) == 0 || len(uses) < bytes.Count(config, []byte(path)) {
		return true
	}
	return slices.ContainsFunc(uses, func(use [][]byte) bool { return !unorderedLookup[string(use[1])] })
}

// crtLine is a line of a crt-list, or one that the process shows.
type crtLine struct {
	file string
	// number is the line's, as the process counts; empty if it is from a file.
	number string
	// rest are the options and names, with single blanks.
	rest string
}

func (l crtLine) text() string { return strings.TrimSpace(l.file + " " + l.rest) }

// names are the host names of the line.
func (l crtLine) names() []string {
	names := l.rest
	if _, behind, found := strings.Cut(l.rest, "]"); found {
		names = behind
	}
	return strings.Fields(names)
}

// readCrtList reads a crt-list.
func readCrtList(data []byte) []crtLine {
	var lines []crtLine
	for line := range bytes.Lines(data) {
		if l, ok := readCrtLine(string(line)); ok {
			lines = append(lines, l)
		}
	}
	return lines
}

func readCrtLine(text string) (crtLine, bool) {
	text, _, _ = strings.Cut(text, "#")
	// HAProxy shows a NUL behind the protocols of alpn.
	text = strings.NewReplacer("[", " [ ", "]", " ] ", "\x00", "").Replace(text)
	words := strings.Fields(text)
	if len(words) == 0 {
		return crtLine{}, false
	}
	rest := strings.Join(words[1:], " ")
	rest = strings.NewReplacer("[ ", "[", " ]", "]").Replace(rest)
	return crtLine{file: words[0], rest: rest}, true
}

// fingerprint returns that of the first certificate of a PEM file, as the process shows it, empty if there is none.
func fingerprint(data []byte) string {
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			return ""
		}
		if block.Type == "CERTIFICATE" {
			sum := sha1.Sum(block.Bytes)
			return strings.ToUpper(hex.EncodeToString(sum[:]))
		}
		data = rest
	}
}
