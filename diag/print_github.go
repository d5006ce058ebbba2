package diag

import (
	"fmt"
	"io"
	"strings"
)

var (
	githubText     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func printGitHub(w io.Writer, l List) error {
	var b strings.Builder
	for _, d := range l {
		command := d.Severity.String()
		if d.Severity == Info {
			command = "notice"
		}
		b.WriteString("::" + command + " ")
		if d.Pos.File != "" {
			b.WriteString("file=" + githubProperty.Replace(d.Pos.File) + ",")
		}
		if d.Pos.Line > 0 {
			fmt.Fprintf(&b, "line=%d,", d.Pos.Line)
		}
		if d.Pos.Column > 0 {
			fmt.Fprintf(&b, "col=%d,", d.Pos.Column)
		}
		text := printable(d.subject() + d.Message)
		if d.Hint != "" {
			text += "\nhint: " + printable(d.Hint)
		}
		b.WriteString("title=" + githubProperty.Replace(d.Code.String()) + "::" + githubText.Replace(text) + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
