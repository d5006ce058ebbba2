package reload

import (
	"strings"

	"github.com/headgate/headgate/diag"
)

// dialect is how a proxy writes its log.
type dialect struct {
	// product is the proxy's name.
	product string
	// read reads one line. Paths below dir become relative.
	read func(line, dir string) logLine
	// settles reports whether a grave line means that a reload has come to nothing.
	settles func(text string) bool
}

// weight says what a line of a log means for a check or a reload.
type weight uint8

const (
	remark  weight = iota // nothing
	warning               // it goes on, but
	grave                 // why it does not start or reload
)

// logLine is one line of a proxy's log. The lines of others have no weight.
type logLine struct {
	weight weight
	pid    int // 0 if the line does not say
	text   string
	pos    diag.Pos
}

// logLines are lines of a proxy's log.
type logLines []logLine

// readAll reads a text of many lines. What is said twice counts once: nginx writes to stderr, and to the log that is stderr, too.
func (d dialect) readAll(text, dir string) logLines {
	var lines logLines
	seen := map[string]bool{}
	for line := range strings.Lines(text) {
		l := d.read(strings.TrimRight(line, "\r\n"), dir)
		if l.text != "" && !seen[l.text] {
			seen[l.text] = true
			lines = append(lines, l)
		}
	}
	return lines
}

// warnings returns what a proxy warned of.
func (ls logLines) warnings(product string) diag.List {
	var list diag.List
	for _, l := range ls {
		if l.weight == warning {
			list.Add(diag.CheckWarned.At(l.pos, diag.Ref{}, "", "%s warns: %s; the configuration is used as it is", product, l.text))
		}
	}
	return list
}

// refusal makes an error of the lines of a check that did not pass.
func (ls logLines) refusal(generation string, exit error) *CheckError {
	e := &CheckError{Generation: generation, Text: ls.text()}
	for _, l := range ls {
		if l.weight == grave && e.Pos.IsZero() {
			e.Pos = l.pos
		}
	}
	if e.Text == "" {
		e.Text = exit.Error()
	}
	return e
}

// text joins the lines that tell why, or all if there is none.
func (ls logLines) text() string {
	var reasons, all []string
	for _, l := range ls {
		all = append(all, l.text)
		if l.weight == grave {
			reasons = append(reasons, l.text)
		}
	}
	if len(reasons) == 0 {
		reasons = all
	}
	text := strings.Join(reasons, "; ")
	if len(text) > maxCheckText {
		text = strings.ToValidUTF8(text[:maxCheckText], "") + "…"
	}
	return text
}
