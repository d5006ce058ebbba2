package diag

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

func printText(w io.Writer, l List) error {
	var b strings.Builder
	for _, d := range l {
		b.WriteString(d.String())
		b.WriteByte('\n')
		if d.Hint != "" {
			b.WriteString("    hint: " + printable(d.Hint) + "\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// String prints the diagnostic on one line, without the hint:
//
//	ingress.yaml:14:7: error[2001 annotation-invalid]: Ingress shop/web: …
//	error[2001 annotation-invalid]: Ingress shop/web: spec.rules[0].host: …
//
// The second form is for live objects, which have no place in a file.
func (d Diagnostic) String() string {
	var b strings.Builder
	if pos := d.Pos.String(); pos != "" {
		b.WriteString(pos + ": ")
	}
	fmt.Fprintf(&b, "%s[%s]: ", d.Severity, d.Code)
	b.WriteString(d.subject())
	b.WriteString(d.Message)
	return printable(b.String())
}

// subject is what stands in front of the message: the object and, if no line leads to it, the field.
func (d Diagnostic) subject() string {
	s := ""
	if !d.Ref.IsZero() {
		s = d.Ref.String() + ": "
	}
	if d.Pos.Line == 0 && d.Key != "" {
		s += d.Key + ": "
	}
	return s
}

// printable escapes what could break a line or drive a terminal: file names and object names are foreign text as well.
func printable(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strconv.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRune(r)
		b.WriteString(quoted[1 : len(quoted)-1])
	}
	return b.String()
}
