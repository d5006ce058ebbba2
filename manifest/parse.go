package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/headgate/headgate/diag"
)

// templateHint is for documents that hold template actions.
const templateHint = "the document looks like a template; give the output of helm template instead"

// parseError says what is wrong with the text of a document.
type parseError struct {
	code diag.CodeInfo
	// line and column count from 1 in the chunk.
	line, column int
	problem      string
}

func (e *parseError) diagnostic(file string, c chunk) diag.Diagnostic {
	pos := diag.Pos{File: file, Line: c.line + e.line, Column: e.column}
	d := e.code.At(pos, diag.Ref{}, "", "%s; the document is passed over", e.problem)
	if bytes.Contains(c.text, []byte("{{")) {
		d.Hint = templateHint
	}
	return d
}

// parse reads a chunk as JSON if it looks like it, as YAML otherwise. It returns what could be read before the error, if any.
func parse(c chunk, depth int) ([]*yaml.Node, *parseError) {
	if err := checkText(c.text); err != nil {
		return nil, err
	}
	text := bytes.TrimSpace(c.text)
	if len(text) == 0 || text[0] != '{' {
		return parseYAML(c.text)
	}
	roots, jsonErr := parseJSON(c.text, depth)
	if jsonErr == nil || jsonErr.code.Code == diag.InputLimit.Code {
		return roots, jsonErr
	}
	// A flow mapping of YAML begins like JSON.
	if flow, err := parseYAML(c.text); err == nil || len(roots) == 0 && !looksLikeJSON(text) {
		return flow, err
	}
	return roots, jsonErr
}

func looksLikeJSON(text []byte) bool {
	return bytes.HasPrefix(bytes.TrimSpace(text[1:]), []byte(`"`))
}

// checkText finds bytes that no manifest can hold, which the YAML parser would report without a place.
func checkText(text []byte) *parseError {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		problem := ""
		switch {
		case r == utf8.RuneError && size <= 1:
			problem = "the text is not UTF-8 (byte 0x" + strconv.FormatUint(uint64(text[i]), 16) + ")"
		case r < 0x20 && r != '\t' && r != '\n' && r != '\r', 0x7f <= r && r < 0xa0 && r != 0x85, r == 0xfffe, r == 0xffff:
			problem = fmt.Sprintf("the text holds the control character %U", r)
		case r == 0xfeff:
			problem = "the text holds a byte order mark that is not at its beginning"
		}
		if problem != "" {
			at := newCursor(text)
			at.moveTo(i)
			return &parseError{code: diag.InputSyntax, line: at.line, column: at.column, problem: problem}
		}
		i += size
	}
	return nil
}

// parseYAML reads all documents of a text.
func parseYAML(text []byte) (roots []*yaml.Node, failure *parseError) {
	// The parser panics on some inputs instead of returning an error. It must not take the other inputs along.
	defer func() {
		if r := recover(); r != nil {
			failure = newYAMLError(text, "the YAML parser gave up")
		}
	}()
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var root yaml.Node
		err := decoder.Decode(&root)
		if errors.Is(err, io.EOF) {
			return roots, nil
		}
		if err != nil {
			return roots, newYAMLError(text, err.Error())
		}
		if root.Kind == yaml.DocumentNode && len(root.Content) == 1 {
			roots = append(roots, root.Content[0])
		}
	}
}

var (
	yamlLine   = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)
	yamlAnchor = regexp.MustCompile(`unknown anchor '([^']*)'`)
)

// newYAMLError finds the place that the parser means. It names the line only; the column is that of the first character.
func newYAMLError(text []byte, message string) *parseError {
	found := yamlLine.FindStringSubmatch(message)
	e := &parseError{code: diag.InputSyntax, problem: "not YAML: " + strings.TrimPrefix(message, found[0])}
	if anchor := yamlAnchor.FindStringSubmatch(message); anchor != nil {
		at := newCursor(text)
		at.moveTo(max(0, bytes.Index(text, []byte("*"+anchor[1]))))
		e.line, e.column = at.line, at.column
		return e
	}
	line, _ := strconv.Atoi(found[1])
	e.line, e.column = firstCharacter(text, line)
	if strings.Contains(message, "cannot start any token") && indentedByTab(text, e.line) {
		e.problem = "not YAML: a tab stands where only blanks may indent"
	}
	return e
}

// indentedByTab reports whether a line begins with blanks of which one is a tab.
func indentedByTab(text []byte, line int) bool {
	for n := 1; n < line && len(text) > 0; n++ {
		text = text[lineLength(text):]
	}
	indent := text[:len(text)-len(bytes.TrimLeft(text, " \t"))]
	return bytes.IndexByte(indent, '\t') >= 0
}

// firstCharacter is the place of the first character of a line that is not blank, or of the nearest such line before it.
func firstCharacter(text []byte, line int) (int, int) {
	foundLine, foundColumn := 1, 1
	for n := 1; len(text) > 0 && (n <= line || n == 1); n++ {
		length := lineLength(text)
		content := text[:length]
		if trimmed := bytes.TrimLeft(content, " \t"); len(bytes.TrimSpace(trimmed)) > 0 {
			foundLine, foundColumn = n, 1+len(content)-len(trimmed)
		}
		text = text[length:]
	}
	return foundLine, foundColumn
}
