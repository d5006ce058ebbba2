package configmap

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// WriteAnnotationsDoc prints the reference of all annotations as Markdown.
func WriteAnnotationsDoc(w io.Writer) error {
	return writeDoc(w, annotations, `# Annotations

Written as `+"`"+DefaultPrefix+`/NAME`+"`"+` unless another prefix is configured. This page is printed from the table in configmap.

A value is trimmed; an empty one is treated as unset. Booleans are what Go's strconv.ParseBool reads, numbers have no unit, sizes
may end in k, m or g. An annotation above the operator's annotations-risk-level gets the whole Ingress rejected, whatever its value.
"As the setting" means that the key of the global ConfigMap gives the default. An annotation that is not supported yet is
reported wherever it is used; one that restricts access closes its routes until then. What restricts nothing
with its value (a list of all addresses, a limit of 0, a Secret with users but no type of authentication) closes nothing.
`)
}

// WriteSettingsDoc prints the reference of all keys of the global ConfigMap as Markdown.
func WriteSettingsDoc(w io.Writer) error {
	err := writeDoc(w, settings, `# The global ConfigMap

Its keys, each with a text as its value. This page is printed from the table in configmap.

A key in another case is used where the exact one is absent. A value that cannot be used leaves its key at the default; a key that restricts
access closes all routes instead. A key that is not supported yet is reported wherever it is used.
`)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "\n## removed\n\nThe documentation of ingress-nginx lists these, and they have no effect there either: %s.\n",
		code(deadSettings))
	return err
}

func writeDoc(w io.Writer, t *table, head string) error {
	var b bytes.Buffer
	b.WriteString(head)
	for _, group := range t.groups() {
		fmt.Fprintf(&b, "\n## %s\n\n| key | type | default | nginx | HAProxy | risk | covers | if invalid | what it does |\n|---|---|---|---|---|---|---|---|---|\n", group)
		for i := range t.specs {
			if t.specs[i].Group == group {
				writeRow(&b, &t.specs[i])
			}
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

func writeRow(b *bytes.Buffer, s *Spec) {
	cells := []string{
		"`" + s.Key.String() + "`", s.typeText(), s.defaultText(), s.status(s.Targets.Nginx), s.status(s.Targets.HAProxy),
		s.Risk.String(), s.Scope.String(), s.invalidText(), s.docText(),
	}
	for _, c := range cells {
		b.WriteString("| " + strings.ReplaceAll(c, "|", `\|`) + " ")
	}
	b.WriteString("|\n")
}

// groups lists the groups by name.
func (t *table) groups() []string {
	seen := map[string]bool{}
	for _, s := range t.specs {
		seen[s.Group] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

func (s *Spec) typeText() string {
	text := s.Type.String()
	if len(s.Values) > 0 {
		text += " of " + code(s.Values)
	}
	if s.Min != 0 || s.Max != 0 {
		text += fmt.Sprintf(", %d to %d", s.Min, s.Max)
	}
	if s.Variables {
		text += ", may hold variables"
	}
	return text
}

func (s *Spec) defaultText() string {
	switch {
	case s.Global != nil:
		return "as the setting `" + s.Global.String() + "`"
	case s.Default != "":
		return "`" + s.Default + "`"
	default:
		return "none"
	}
}

func (s *Spec) status(target Support) string {
	switch {
	case s.Inert != "":
		return "no effect"
	case !s.Obeyed:
		return "not supported yet"
	case target.Reason != "":
		return target.Level.String() + ": " + target.Reason
	default:
		return target.Level.String()
	}
}

func (s *Spec) invalidText() string {
	if s.Scope == ScopeGlobal && s.OnInvalid == CloseRoute {
		return "all routes answer 503"
	}
	if s.OnUnusable == s.OnInvalid || s.OnUnusable == UseDefault && (s.OnInvalid == UseNothing || !s.hasLimits()) {
		return s.OnInvalid.String()
	}
	return s.OnInvalid.String() + "; out of range or incomplete: " + s.OnUnusable.String()
}

// hasLimits reports whether a well-formed value can still be unusable.
func (s *Spec) hasLimits() bool {
	switch s.Type {
	case Int, Seconds, Size, URL, SecretRef, ConfigMapRef, Float, IntOrAuto, Duration, GoDuration, Buffers:
		return true
	default:
		return false
	}
}

func (s *Spec) docText() string {
	text := s.Doc
	if len(s.Aliases) > 0 {
		words := make([]string, len(s.Aliases))
		for i, a := range s.Aliases {
			words[i] = a.String()
		}
		text += " Old spelling: " + code(words) + "."
	}
	if len(s.Needs) > 0 {
		text += " Only with " + codeOr(s.Needs) + "."
	}
	if s.Guards {
		text += " **Restricts access.**"
	}
	if s.Inert != "" {
		text += " No effect: " + s.Inert + "."
	}
	return text
}

func code(words []string) string { return "`" + strings.Join(words, "`, `") + "`" }

func codeOr(keys []Key) string {
	words := make([]string, len(keys))
	for i, k := range keys {
		words[i] = "`" + k.String() + "`"
	}
	return strings.Join(words, " or ")
}
