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
//	ingress.yaml:14:7: error[3002 host-invalid]: Ingress shop/web: …
//	ingress.yaml:14:7: error[2001 annotation-invalid]: Ingress shop/web: nginx.ingress.kubernetes.io/ssl-redirect: …
//	error[3002 host-invalid]: Ingress shop/web: spec.rules[0].host: …
//
// The last form is for live objects, which have no place in a file.
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

// subject is what stands in front of the message: the object, and what the message is about if no line leads to it. Of an annotation
// or setting the line tells the value only, so they are always named.
func (d Diagnostic) subject() string {
	s := ""
	if !d.Ref.IsZero() {
		s = d.Ref.String() + ": "
	}
	if d.Key != "" && (d.Pos.Line == 0 || d.aboutSetting()) {
		s += d.Key + ": "
	}
	return s
}

// aboutSetting reports whether the Key is that of an annotation, a setting or a flag, not a JSON path, which the line stands for.
func (d Diagnostic) aboutSetting() bool {
	isPath := strings.HasPrefix(d.Key, "spec") || strings.HasPrefix(d.Key, "metadata") || strings.HasPrefix(d.Key, "data[")
	return d.Code.Number > 2000 && !isPath
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
