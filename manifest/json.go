package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/headgate/headgate/diag"
)

// jsonReader makes YAML nodes of JSON. The YAML parser cannot do it: it refuses surrogate pairs, and JSON documents need no marks
// between them.
type jsonReader struct {
	decoder *json.Decoder
	at      *cursor
	depth   int
}

// errDepth says that a value is nested too deeply.
var errDepth = errors.New("nested too deeply")

// parseJSON reads all values of a text. It returns those before the error, if any.
func parseJSON(text []byte, depth int) ([]*yaml.Node, *parseError) {
	r := &jsonReader{decoder: json.NewDecoder(bytes.NewReader(text)), at: newCursor(text), depth: depth}
	r.decoder.UseNumber()
	var roots []*yaml.Node
	for {
		root, err := r.value(0)
		if errors.Is(err, io.EOF) {
			return roots, nil
		}
		if err != nil {
			return roots, r.failure(err)
		}
		roots = append(roots, root)
	}
}

func (r *jsonReader) failure(err error) *parseError {
	code, problem := diag.InputSyntax, "not JSON: "+err.Error()
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, errDepth):
		code, problem = diag.InputLimit, fmt.Sprintf("the document is nested more than %d deep", r.depth)
	case errors.Is(err, io.ErrUnexpectedEOF):
		r.at.moveTo(len(r.at.text))
		problem = "not JSON: the text ends too early"
	case errors.As(err, &syntax):
		r.at.moveTo(int(syntax.Offset) - 1)
	}
	return &parseError{code: code, line: r.at.line, column: r.at.column, problem: problem}
}

// next reads a token and leaves the cursor at its beginning.
func (r *jsonReader) next() (json.Token, error) {
	offset := int(r.decoder.InputOffset())
	for offset < len(r.at.text) && strings.IndexByte(" \t\r\n,:", r.at.text[offset]) >= 0 {
		offset++
	}
	r.at.moveTo(offset)
	return r.decoder.Token()
}

func (r *jsonReader) value(depth int) (*yaml.Node, error) {
	token, err := r.next()
	if err != nil {
		if depth > 0 && errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	n := &yaml.Node{Kind: yaml.ScalarNode, Line: r.at.line, Column: r.at.column}
	switch t := token.(type) {
	case json.Delim:
		return n, r.fill(n, t, depth+1)
	case string:
		n.Tag, n.Value, n.Style = tagText, t, yaml.DoubleQuotedStyle
	case json.Number:
		n.Tag, n.Value = tagInteger, t.String()
		if strings.ContainsAny(n.Value, ".eE") {
			n.Tag = tagFloat
		}
	case bool:
		n.Tag, n.Value = tagTruth, fmt.Sprint(t)
	default:
		n.Tag, n.Value = tagNull, "null"
	}
	return n, nil
}

// fill reads the content of an object or array up to its closing bracket. The limit of the depth is that of [beyond], which counts
// what is inside the outermost value.
func (r *jsonReader) fill(n *yaml.Node, open json.Delim, depth int) error {
	if depth > r.depth+1 {
		return errDepth
	}
	n.Kind, n.Tag = yaml.SequenceNode, tagList
	if open == '{' {
		n.Kind, n.Tag = yaml.MappingNode, tagMapping
	}
	for r.decoder.More() {
		child, err := r.value(depth)
		if err != nil {
			return err
		}
		n.Content = append(n.Content, child)
	}
	_, err := r.next()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return err
}
