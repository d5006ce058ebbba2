package manifest

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/headgate/headgate/diag"
)

// expectText makes a value that is no text an absent one.
func (v value) expectText() value {
	if v.node == nil {
		return v
	}
	if v.node.Kind == yaml.ScalarNode && tagOf(v.node) == tagText {
		return v
	}
	d := diag.FieldType.At(v.r.fields.pos(v.at), v.r.meta.Ref(), v.r.fields.path(v.at), "the value is %s, not text", describe(v.node))
	if v.node.Kind == yaml.ScalarNode {
		d.Hint = "put the value in quotes; without them kubectl reads y, n, yes, no, on and off as truth values, too"
	}
	v.r.add(d)
	v.node = nil
	return v
}

// text returns the content of a value of which expectText holds.
func (v value) text() string {
	if v.node == nil {
		return ""
	}
	return v.node.Value
}

// string returns a field that is text; empty if it is absent.
func (v value) string(name string) string { return v.child(name).expectText().text() }

// checked returns a field that is text and holds to a rule, or is empty or absent.
func (v value) checked(name string, check func(string) string) string {
	return v.child(name).expectText().check(check)
}

// check returns the text, or reports that it does not hold to a rule. An empty one is left to those who require it.
func (v value) check(rule func(string) string) string {
	s := v.text()
	if s == "" {
		return ""
	}
	if problem := rule(s); problem != "" {
		d := diag.FieldInvalid.At(v.r.fields.pos(v.at), v.r.meta.Ref(), v.r.fields.path(v.at), "%s %s", diag.Quote(s), problem)
		d.Hint = valueHint(s, problem)
		v.r.add(d)
		return ""
	}
	return s
}

// valueHint recognises the commonest ways to get a value wrong.
func valueHint(s, problem string) string {
	if strings.Contains(s, "{{") {
		return templateHint
	}
	_, words, listed := strings.Cut(problem, "is not one of ")
	for word := range strings.SplitSeq(words, ", ") {
		if listed && strings.EqualFold(word, s) {
			return "write " + word + ": upper and lower case matter here"
		}
	}
	if _, err := strconv.ParseUint(s, 10, 16); err == nil {
		return "write it as number: " + s + ", without quotes"
	}
	return ""
}

// required returns a field that must be there and hold to a rule.
func (v value) required(name string, check func(string) string) string {
	c := v.child(name)
	text := c.expectText()
	if v.present() && (!c.present() || text.present() && text.text() == "") {
		v.missing(name)
	}
	return text.check(check)
}

func (v value) missing(name string) {
	v.r.report(diag.FieldMissing, v, "%s is missing", name)
}

// integer returns a field that is a whole number within bounds; 0 if it is absent.
func (v value) integer(name string, low, high int32) int32 {
	return v.child(name).expectInteger(low, high)
}

func (v value) expectInteger(low, high int32) int32 {
	if v.node == nil {
		return 0
	}
	if v.node.Kind != yaml.ScalarNode || tagOf(v.node) != tagInteger {
		v.r.report(diag.FieldType, v, "the value is %s, not a whole number", describe(v.node))
		return 0
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(v.node.Value, "_", ""), 0, 64)
	if err != nil || n < int64(low) || n > int64(high) {
		v.r.report(diag.FieldInvalid, v, "%s is not a number from %d to %d", diag.Quote(v.node.Value), low, high)
		return 0
	}
	return int32(n)
}

// truth returns a field that is a truth value.
func (v value) truth(name string, absent bool) bool {
	c := v.child(name)
	if c.node == nil {
		return absent
	}
	if c.node.Kind != yaml.ScalarNode || tagOf(c.node) != tagTruth {
		v.r.report(diag.FieldType, c, "the value is %s, not true or false", describe(c.node))
		return absent
	}
	if b, old := truths[c.node.Value]; old {
		return b
	}
	b, err := strconv.ParseBool(strings.ToLower(c.node.Value))
	if err != nil {
		v.r.report(diag.FieldInvalid, c, "%s is not true or false", diag.Quote(c.node.Value))
	}
	return b
}

// port reads a value that is a port number or a port name.
func (v value) port() Port {
	if v.node == nil {
		return Port{}
	}
	if v.node.Kind == yaml.ScalarNode && tagOf(v.node) == tagText {
		return Port{Name: v.check(checkPortName)}
	}
	return Port{Number: v.expectInteger(1, maxPort)}
}

// oneOf returns a rule for fields that have one of a few values.
func oneOf(allowed ...string) func(string) string {
	return func(s string) string {
		if slices.Contains(allowed, s) {
			return ""
		}
		return "is not one of " + strings.Join(allowed, ", ")
	}
}
