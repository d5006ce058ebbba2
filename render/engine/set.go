package engine

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
	"text/template"
)

// Set is a collection of checked templates. It is safe for concurrent use.
type Set struct {
	lang      Language
	templates *template.Template
	// entries maps the name of an entry to the name of its copy in templates.
	entries map[string]string
	sites   []site
	buffers sync.Pool
}

// output holds the buffers of one execution.
type output struct {
	raw    bytes.Buffer
	formed []byte
}

// Execute prints an entry template. Nothing is written to w unless the whole template could be printed. A value that cannot stand
// where the template wants it is an error of type [*ValueError]; what is the template's own fault is one of type [*TemplateError].
func (s *Set) Execute(w io.Writer, name string, view any) error {
	copied, ok := s.entries[name]
	if !ok {
		return fmt.Errorf("executing template %s: it is not an entry of this set", name)
	}
	out, _ := s.buffers.Get().(*output)
	if out == nil {
		out = &output{}
	}
	defer s.buffers.Put(out)
	out.raw.Reset()
	if err := s.templates.ExecuteTemplate(&out.raw, copied, view); err != nil {
		var value *ValueError
		var mismatch *MismatchError
		switch {
		case errors.As(err, &mismatch) && errors.As(err, &value):
			return &TemplateError{Err: value}
		case errors.As(err, &value):
			return value
		default:
			return &TemplateError{Err: fmt.Errorf("executing template %s: %w", name, err)}
		}
	}
	out.formed = s.lang.Format(out.formed[:0], out.raw.Bytes())
	if _, err := w.Write(out.formed); err != nil {
		return fmt.Errorf("writing the output of template %s: %w", name, err)
	}
	return nil
}

// encode is the function behind encoderName.
func (s *Set) encode(number int, value any) (string, error) {
	at := &s.sites[number]
	var scratch [256]byte
	out, err := at.position.Encode(scratch[:0], value)
	if err != nil {
		return "", &ValueError{Template: at.file, Line: at.line, Column: at.column, Action: at.action,
			Position: fmt.Sprint(at.position), Err: err}
	}
	return string(out), nil
}
