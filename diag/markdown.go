package diag

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// DocsPage is the page that [WriteDoc] prints, in the project's repository.
const DocsPage = toolURI + "/blob/main/docs/diagnostics.md"

// chapters are the groups of codes, by their thousands.
var chapters = []string{
	1: "1xxx: input", 2: "2xxx: annotations and settings", 3: "3xxx: conflicts and ownership", 4: "4xxx: references",
	5: "5xxx: what the proxy cannot express", 6: "6xxx: the proxy's own check", 7: "7xxx: the running proxy",
}

// WriteDoc prints the reference of all codes as Markdown.
func WriteDoc(w io.Writer) error {
	var b bytes.Buffer
	b.WriteString("# Diagnostics\n\nEvery diagnostic has a code, which stays the same for ever. `headgate explain-code CODE` prints what stands here; " +
		"the severity is that of\nmost diagnostics of the code. This page is printed from the table in package diag.\n")
	chapter := 0
	for _, c := range Codes() {
		if c.Number/1000 != chapter {
			chapter = c.Number / 1000
			fmt.Fprintf(&b, "\n## %s\n", chapters[chapter])
		}
		fmt.Fprintf(&b, "\n### %s\n\n**%s.** %s\n", c.Code, title(c.Severity.String()), c.Doc)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// URL is where the documentation of the code stands.
func (c CodeInfo) URL() string { return fmt.Sprintf("%s#%d-%s", DocsPage, c.Number, c.Slug) }

// FindCode returns the code with a number or a slug, or both as a diagnostic shows them.
func FindCode(text string) (CodeInfo, bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	for _, c := range Codes() {
		if text == fmt.Sprint(c.Number) || text == c.Slug || text == c.String() {
			return c, true
		}
	}
	return CodeInfo{}, false
}

func title(word string) string { return strings.ToUpper(word[:1]) + word[1:] }
