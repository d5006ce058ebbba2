package configmap

import (
	"slices"
	"strings"

	"github.com/headgate/headgate/diag"
)

// parser gathers the entries of a Set and what there is to say about them.
type parser struct {
	table *table
	ref   diag.Ref
	found []entry
	diags diag.List
}

// written is one key as an object has it.
type written struct {
	spec      *Spec
	full      string
	text      string
	pos       diag.Pos
	namespace string
}

// isEmpty reports whether nothing is written, in a list not a single item. An allow-list of commas alone is not taken for none: it may have
// been meant to let nobody in.
func (w written) isEmpty() bool {
	fill := blanks
	if w.spec.isCommaList() && w.spec.Idle != IdleOpen {
		fill += ","
	}
	return strings.Trim(w.text, fill) == ""
}

// quoted is the value for a message.
func (w written) quoted() string {
	if w.spec.Secret {
		return "the value"
	}
	return diag.Quote(w.text)
}

// asksNothing reports whether a switch of a guard that cannot be read was plainly meant to be off, as off where false is to be written:
// nothing is lost then that the default would not be.
func (w written) asksNothing() bool {
	switch {
	case !w.spec.Guards:
		return false
	case w.spec.Type != Bool && !slices.Contains(w.spec.Values, "off"):
		return false
	case w.spec.Default != "" && !slices.Contains(offWords, w.spec.Default):
		return false
	}
	return !w.isEmpty() && slices.Contains(offWords, strings.ToLower(strings.Trim(w.text, blanks)))
}

// outcome is what came of reading a value: a value, an empty text that counts as not written, or a fault.
type outcome struct {
	value any
	empty bool
	fault *fault
}

// read reads one value, keeps it, and reports what is odd about it. Faults are left to the caller, who knows what they cost.
func (p *parser) read(w written) outcome {
	e := entry{spec: w.spec, full: w.full, pos: w.pos}
	if w.isEmpty() {
		return p.readEmpty(w, e)
	}
	value, notes, f := p.table.read(w.spec, w.text, w.namespace)
	for _, n := range notes {
		p.note(w, n)
	}
	e.value, e.given, e.refused = value, f == nil, f != nil
	if f != nil {
		e.value = nil
		e.given = cost(w.spec, f) == UseNothing
	}
	p.keep(e)
	return outcome{value: value, fault: f}
}

func (p *parser) readEmpty(w written, e entry) outcome {
	if w.spec.EmptyInvalid {
		e.refused = true
		p.keep(e)
		return outcome{fault: malformed("is empty")}
	}
	p.keep(e)
	p.diags.Add(diag.ValueEmpty.At(w.pos, p.ref, w.full, "is empty; treated as unset"))
	return outcome{empty: true}
}

func cost(spec *Spec, f *fault) OnInvalid {
	if f.unusable {
		return spec.OnUnusable
	}
	return spec.OnInvalid
}

func (p *parser) keep(e entry) { p.found = append(p.found, e) }

func (p *parser) note(w written, n note) {
	if !n.skipped {
		p.diags.Add(diag.ValueSpelling.At(w.pos, p.ref, w.full, "%s %s", w.quoted(), n.text))
		return
	}
	d := diag.ItemSkipped.At(w.pos, p.ref, w.full, "the item %s; it is passed over, the others hold", n.text)
	if w.spec.Guards {
		d.Severity = diag.Error
	}
	p.diags.Add(d)
}

func (p *parser) sorted() []entry {
	slices.SortStableFunc(p.found, func(a, b entry) int { return strings.Compare(a.spec.Key.String(), b.spec.Key.String()) })
	return p.found
}
