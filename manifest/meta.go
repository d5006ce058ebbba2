package manifest

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/headgate/headgate/diag"
)

// readName reads what the object is called, so that later diagnostics can say it. A name that is not valid is not shown as a name.
func (r *objectReader) readName(s scope) {
	meta := r.root.requiredMapping("metadata")
	if s == namespaced {
		namespace := meta.child("namespace").expectText()
		r.meta.Namespace = namespace.check(checkLabel)
		if namespace.text() == "" {
			r.meta.Namespace = r.document.opts.DefaultNamespace
		}
	}
	rule := checkSubdomain
	if r.meta.Kind == kindService {
		rule = checkLabel
	}
	r.meta.Name = meta.required("name", rule)
}

// readMeta reads the rest of the metadata.
func (r *objectReader) readMeta() {
	meta := r.root.mapping("metadata")
	r.meta.UID = meta.string("uid")
	if created := meta.child("creationTimestamp").expectText(); created.present() {
		t, err := time.Parse(time.RFC3339, created.text())
		if err != nil {
			r.report(diag.FieldInvalid, created, "%s is not a time (RFC 3339)", diag.Quote(created.text()))
		}
		r.meta.Created = t
	}
	r.meta.Annotations = r.readAnnotations(meta.mapping("annotations"))
}

func (r *objectReader) readAnnotations(v value) []Annotation {
	if !v.present() {
		return nil
	}
	var annotations []Annotation
	size := 0
	for _, e := range entries(v.node) {
		key := resolve(e.key).Value
		size += len(key)
		if problem := checkAnnotationKey(key); problem != "" {
			r.reportNode(diag.FieldInvalid, e.key, "%s %s", diag.Quote(key), problem)
			continue
		}
		entered := v.enter(field{name: key}, e.value)
		text, ok := r.dataText(entered, "annotation", key)
		if !ok && entered.node != nil && entered.node.Kind == yaml.ScalarNode {
			text, ok = entered.node.Value, true // the object is refused; what it was meant to say is of use all the same
		}
		if !ok {
			continue
		}
		size += len(text)
		annotations = append(annotations, Annotation{Key: key, Value: text, Pos: r.fields.pos(entered.at)})
	}
	if size > maxAnnotationSize {
		r.report(diag.FieldInvalid, v, "the annotations have %d bytes, more than the %d that the API server takes", size, maxAnnotationSize)
	}
	slices.SortFunc(annotations, func(a, b Annotation) int { return strings.Compare(a.Key, b.Key) })
	return annotations
}

// dataText reads a value of a mapping from text to text. Nothing is as good as empty text.
func (r *objectReader) dataText(v value, what, key string) (string, bool) {
	if v.node == nil {
		return "", true
	}
	if v.node.Kind == yaml.ScalarNode && tagOf(v.node) == tagText {
		return v.node.Value, true
	}
	code, advice := diag.ValueUnquoted, ": quote it"
	if v.node.Kind != yaml.ScalarNode {
		code, advice = diag.FieldType, ""
	}
	r.add(code.At(r.fields.pos(v.at), r.meta.Ref(), key, "the value of the %s %s is %s, not text%s", what, diag.Quote(key), describe(v.node), advice))
	return "", false
}
