package conf

import (
	"bytes"
	"strings"
)

// indentation is what the statements of a section have in front.
const indentation = "    "

// sections are the words that begin a section.
var sections = map[string]bool{
	"global": true, "defaults": true, "frontend": true, "backend": true, "listen": true, "userlist": true, "peers": true,
	"resolvers": true, "cache": true, "ring": true, "http-errors": true, "program": true, "mailers": true, "fcgi-app": true,
}

// Format lays out a finished configuration: sections apart by an empty line, their statements indented, nothing at the ends of lines,
// no other empty lines. A comment belongs to what follows it.
func (Language) Format(dst, src []byte) []byte {
	f := formatter{dst: dst, begin: len(dst)}
	for line := range bytes.SplitSeq(src, []byte("\n")) {
		f.line(bytes.TrimSpace(line))
	}
	f.flush("")
	return f.dst
}

type formatter struct {
	dst []byte
	// begin is where the output starts in dst.
	begin    int
	comments [][]byte
}

func (f *formatter) line(line []byte) {
	switch {
	case len(line) == 0:
	case line[0] == '#':
		f.comments = append(f.comments, line)
	default:
		first, _, _ := strings.Cut(string(line), " ")
		prefix := indentation
		if sections[first] {
			prefix = ""
			if len(f.dst) > f.begin {
				f.dst = append(f.dst, '\n')
			}
		}
		f.flush(prefix)
		f.dst = append(append(append(f.dst, prefix...), line...), '\n')
	}
}

// flush prints the comments in front of a line.
func (f *formatter) flush(prefix string) {
	for _, comment := range f.comments {
		f.dst = append(append(append(f.dst, prefix...), comment...), '\n')
	}
	f.comments = f.comments[:0]
}
