package conf

// indentation is one level of it.
const indentation = "    "

// Format lays out a finished configuration: indented by depth, nothing at the ends of lines, at most one empty line, none at the
// edges of a block or of the file. Words never hold a line end, because the printing functions and the lexer see to it, so every line
// begins and ends between words.
func (Language) Format(dst, src []byte) []byte {
	f := formatter{dst: dst, begin: len(dst)}
	for len(src) > 0 {
		end := 0
		for end < len(src) && src[end] != '\n' {
			end++
		}
		f.line(trimBlanks(src[:end]))
		src = src[min(end+1, len(src)):]
	}
	return f.dst
}

type formatter struct {
	dst []byte
	// begin is where the output starts in dst.
	begin int
	depth int
	// blank means that an empty line is due before the next statement, opened that the last line opened a block, unfinished that a
	// statement goes on.
	blank, opened, unfinished bool
}

// line prints one line without its white space.
func (f *formatter) line(line []byte) {
	if len(line) == 0 {
		f.blank = true
		return
	}
	s := scan(line)
	if f.blank && !f.opened && line[0] != '}' && len(f.dst) > f.begin {
		f.dst = append(f.dst, '\n')
	}
	depth := f.depth + s.lowest
	if f.unfinished && line[0] != '{' && line[0] != '#' {
		depth++
	}
	for range depth {
		f.dst = append(f.dst, indentation...)
	}
	f.dst = append(append(f.dst, line...), '\n')
	f.depth = max(f.depth+s.change, 0)
	f.blank, f.opened = false, s.opens
	f.unfinished = s.unfinished || f.unfinished && s.last == 0
}

// shape is what a line does to the depth.
type shape struct {
	// lowest is the depth at the braces that the line begins with, change that at its end.
	lowest, change int
	// last is the last byte that is not in a comment.
	last              byte
	opens, unfinished bool
}

// scan follows the words of a line.
func scan(line []byte) shape {
	var s shape
	var quote byte
	word, dollar := false, false
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case c == '\\':
			i++
			word, s.last = true, c
		case quote != 0:
			if c == quote {
				quote, word = 0, false
			}
		case isSpace(c):
			word = false
			continue
		case word && (c != '{' || dollar) && c != ';':
		case c == '#':
			s.finish()
			return s
		case c == '"', c == '\'':
			quote = c
		case c == '{':
			s.change++
			word = false
		case c == '}':
			s.change--
			s.lowest = min(s.lowest, s.change)
		default:
			word = c != ';'
		}
		dollar = c == '$'
		if quote == 0 || c == quote {
			s.last = c
		}
	}
	s.finish()
	return s
}

// finish draws the conclusions from the last byte.
func (s *shape) finish() {
	s.opens = s.last == '{'
	s.unfinished = s.last != 0 && s.last != '{' && s.last != '}' && s.last != ';'
}

func trimBlanks(line []byte) []byte {
	for len(line) > 0 && isSpace(line[0]) {
		line = line[1:]
	}
	for len(line) > 0 && isSpace(line[len(line)-1]) {
		line = line[:len(line)-1]
	}
	return line
}
