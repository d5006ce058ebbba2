package manifest

import (
	"bytes"
	"fmt"
	"iter"
	"unicode/utf8"

	"github.com/headgate/headgate/diag"
)

// chunk is the text of one document, from its --- line, if it has one, to the line before the next.
type chunk struct {
	text []byte
	// line is how many lines of the input come before the text.
	line int
}

// split cuts an input at its document marks. They can stand nowhere else in YAML than at the beginning of a line, not even in quotes,
// so that a broken document cannot swallow the next one.
func split(data []byte) iter.Seq[chunk] {
	return func(yield func(chunk) bool) {
		data = bytes.TrimPrefix(data, []byte("\ufeff"))
		current := chunk{}
		begin, line := 0, 0
		for at := 0; at < len(data); line++ {
			next := at + lineLength(data[at:])
			text := data[at:next]
			cut := at
			if isMark(text, "...") {
				cut = next
			}
			if cut > begin && (isMark(text, "---") || cut == next) {
				current.text = data[begin:cut]
				if !yield(current) {
					return
				}
				begin, current = cut, chunk{line: line}
				if cut == next {
					current.line++
				}
			}
			at = next
		}
		current.text = data[begin:]
		yield(current)
	}
}

// isMark reports whether a line is a document mark, alone or followed by a blank and more.
func isMark(line []byte, mark string) bool {
	rest, ok := bytes.CutPrefix(line, []byte(mark))
	return ok && (len(rest) == 0 || bytes.ContainsRune([]byte(" \t\r\n"), rune(rest[0])) || breakLength(rest) > 0)
}

// lineLength is the length of the first line, its break included.
func lineLength(data []byte) int {
	for i := range data {
		if n := breakLength(data[i:]); n > 0 {
			return i + n
		}
	}
	return len(data)
}

// breakLength is the length of the line break at the beginning of the text, 0 if there is none. The breaks are those of YAML 1.1,
// which the parser counts lines by: CR LF, CR, LF, NEL, LS and PS.
func breakLength(data []byte) int {
	switch {
	case data[0] == '\n':
		return 1
	case data[0] == '\r':
		if len(data) > 1 && data[1] == '\n' {
			return 2
		}
		return 1
	case data[0] == 0xC2 && len(data) > 1 && data[1] == 0x85:
		return 2
	case data[0] == 0xE2 && len(data) > 2 && data[1] == 0x80 && data[2]&^1 == 0xA8:
		return 3
	}
	return 0
}

// start is the place of the first line.
func (c chunk) start(file string) diag.Pos { return diag.Pos{File: file, Line: c.line + 1, Column: 1} }

// blank reports whether the text holds nothing but marks, comments and YAML directives, as Helm prints it for templates that are off.
func (c chunk) blank() bool {
	for text := c.text; len(text) > 0; {
		n := lineLength(text)
		line := bytes.TrimSpace(text[:n])
		for _, mark := range []string{"---", "..."} {
			if isMark(text[:n], mark) {
				line = bytes.TrimSpace(line[len(mark):])
			}
		}
		if len(line) > 0 && line[0] != '#' && line[0] != '%' {
			return false
		}
		text = text[n:]
	}
	return true
}

// exceeds says which limit the text is beyond, if any.
func (c chunk) exceeds(limits Limits) string {
	if len(c.text) > limits.DocumentBytes {
		return fmt.Sprintf("has %d bytes, more than the %d that are read", len(c.text), limits.DocumentBytes)
	}
	marks := bytes.Count(c.text, []byte(",")) + bytes.Count(c.text, []byte(":")) + bytes.Count(c.text, []byte("\n"))
	if marks > limits.Marks {
		return fmt.Sprintf("has more than %d line ends, commas and colons", limits.Marks)
	}
	return ""
}

// cursor follows a text forward and counts lines and columns from 1.
type cursor struct {
	text                 []byte
	offset, line, column int
}

func newCursor(text []byte) *cursor { return &cursor{text: text, line: 1, column: 1} }

// moveTo goes forward to an offset, or to the end of the text if that comes first.
func (c *cursor) moveTo(offset int) {
	for c.offset < min(offset, len(c.text)) {
		if n := breakLength(c.text[c.offset:]); n > 0 {
			c.offset += n
			c.line++
			c.column = 1
			continue
		}
		_, size := utf8.DecodeRune(c.text[c.offset:])
		c.offset += size
		c.column++
	}
}
