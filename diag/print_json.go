package diag

import (
	"encoding/json"
	"io"
)

// The JSON form is an interface to scripts: fields are added, never renamed or removed.
type jsonDiagnostic struct {
	Code     int         `json:"code"`
	Slug     string      `json:"slug"`
	Severity string      `json:"severity"`
	Place    *jsonPlace  `json:"place,omitempty"`
	Object   *jsonObject `json:"object,omitempty"`
	Key      string      `json:"key,omitempty"`
	Message  string      `json:"message"`
	Hint     string      `json:"hint,omitempty"`
}

type jsonPlace struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

type jsonObject struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name,omitempty"`
}

func printJSON(w io.Writer, l List) error {
	all := make([]jsonDiagnostic, len(l))
	for i, d := range l {
		all[i] = jsonDiagnostic{
			Code: d.Code.Number, Slug: d.Code.Slug, Severity: d.Severity.String(), Key: d.Key, Message: d.Message, Hint: d.Hint,
		}
		if !d.Pos.IsZero() {
			all[i].Place = &jsonPlace{File: d.Pos.File, Line: d.Pos.Line, Column: d.Pos.Column}
		}
		if !d.Ref.IsZero() {
			all[i].Object = &jsonObject{Kind: d.Ref.Kind, Namespace: d.Ref.Namespace, Name: d.Ref.Name}
		}
	}
	return encodeJSON(w, all)
}

func encodeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
