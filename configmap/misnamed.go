package configmap

import (
	"slices"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
)

// misnaming is a name that people write, and what they most likely mean by it. Which names occur is taken from public manifests, from
// what ingress-nginx had once, and from the documentation of other controllers.
type misnaming struct {
	// name may end in * and stands for all names that begin so.
	name string
	// meant is the annotation, or else the setting, to write instead; value is the value that it takes then, if that is always the same.
	meant Key
	value string
	// advice says more about it, or what to do where nothing can be written instead.
	advice string
	// guards says that the name promised protection, where no key that guards is meant.
	guards bool
	// unsure marks a guess by spelling.
	unsure bool
}

// find returns the entry of a list for a name; an exact one comes before one with a star.
func find(list []misnaming, name string) (misnaming, bool) {
	var best misnaming
	for _, m := range list {
		stem, open := strings.CutSuffix(m.name, "*")
		switch {
		case m.name == name:
			return m, true
		case open && strings.HasPrefix(name, stem) && len(m.name) > len(best.name):
			best = m
		}
	}
	return best, best.name != ""
}

// guess finds out what was most likely meant by a name of an annotation that nobody declares.
func guess(name string) (misnaming, bool) {
	lower := strings.ReplaceAll(strings.ToLower(name), "_", "-")
	if m, ok := find(misnamedAnnotations, lower); ok {
		return m, true
	}
	if annotations.byName[lower] != nil {
		return misnaming{meant: annotations.key(lower), unsure: true}, true
	}
	if settings.byName[lower] != nil {
		return misnaming{meant: settings.key(lower), advice: "there is only a setting of this name, which holds for all hosts"}, true
	}
	if near := diag.Nearest(lower, annotations.spellings); near != "" {
		return misnaming{meant: annotations.key(near), unsure: true}, true
	}
	return misnaming{}, false
}

// guessSetting is guess for a key of the global ConfigMap.
func guessSetting(name string) (misnaming, bool) {
	lower := strings.ReplaceAll(strings.ToLower(name), "_", "-")
	if m, ok := find(misnamedSettings, lower); ok {
		return m, true
	}
	if settings.byName[lower] != nil {
		return misnaming{meant: settings.key(lower), unsure: true}, true
	}
	if annotations.byName[lower] != nil {
		return misnaming{meant: annotations.key(lower), advice: "there is only an annotation of this name"}, true
	}
	if near := diag.Nearest(lower, settings.spellings); near != "" {
		return misnaming{meant: settings.key(near), unsure: true}, true
	}
	return misnaming{}, false
}

// protects reports whether the name promised protection that is now missing. A value that switches something off promises none.
func (m misnaming) protects(value string) bool {
	if slices.Contains(offWords, strings.ToLower(strings.Trim(value, blanks))) {
		return false
	}
	spec := annotations.byName[nameOf(m.meant)]
	if spec == nil {
		spec = settings.byName[nameOf(m.meant)]
	}
	return m.guards || spec != nil && spec.Guards
}

// offWords are values that ask for nothing.
var offWords = []string{"", "false", "off", "0", "no", "none", "disabled", "inactive"}

// hint says what to write on an Ingress.
func (m misnaming) hint(prefix string) string {
	if m.meant == nil {
		return m.advice
	}
	text := "write " + fullKey(prefix, m.meant)
	switch {
	case m.unsure:
		return "did you mean " + fullKey(prefix, m.meant) + "?"
	case annotations.byName[nameOf(m.meant)] == nil:
		text = "write " + m.meant.String() + " into the global ConfigMap"
	}
	return joinAdvice(m.withValue(text), m.advice)
}

// settingHint says what to write into the global ConfigMap.
func (m misnaming) settingHint() string {
	if m.meant == nil {
		return m.advice
	}
	text := "write " + m.meant.String()
	switch {
	case m.unsure:
		return "did you mean " + m.meant.String() + "?"
	case settings.byName[nameOf(m.meant)] == nil:
		text = "write the annotation " + m.meant.String() + " on the Ingresses that need it"
	}
	return joinAdvice(m.withValue(text), m.advice)
}

func (m misnaming) withValue(text string) string {
	if m.value == "" {
		return text
	}
	return text + ": " + diag.Quote(m.value)
}

func joinAdvice(text, advice string) string {
	if advice == "" {
		return text
	}
	return text + "; " + advice
}

// unknown reports a name under the prefix that no annotation has.
func (p *annotationParser) unknown(a manifest.Annotation, name string) {
	if slices.Contains(retired, name) {
		p.diags.Add(diag.AnnotationInert.At(a.Pos, p.ref, a.Key, "was removed from ingress-nginx long ago; it has no effect"))
		return
	}
	d := diag.AnnotationUnknown.At(a.Pos, p.ref, a.Key, "is not an annotation that Headgate knows; it has no effect")
	m, _ := guess(name)
	p.addMisnamed(d, m, a)
}

// addMisnamed completes what is said of a name that has no effect: the hint, and how much the mistake matters. Where what was meant
// is written as well, nothing is missing.
func (p *annotationParser) addMisnamed(d diag.Diagnostic, m misnaming, a manifest.Annotation) {
	d.Hint = m.hint(p.opts.Prefix)
	written, ok := p.meantKey(m)
	switch {
	case ok && m.unsure:
	case ok:
		d.Severity, d.Hint = diag.Info, written+" is there as well and counts; this one can be removed"
	case m.protects(a.Value):
		d.Severity = diag.Error
		d.Message += ": what it was meant to guard is open"
	}
	p.diags.Add(d)
}

// meantKey is how the object writes what was meant, if it does.
func (p *annotationParser) meantKey(m misnaming) (string, bool) {
	spec := p.table.byName[nameOf(m.meant)]
	if spec == nil {
		return "", false
	}
	for _, key := range append([]Key{spec.Key}, spec.Aliases...) {
		full := fullKey(p.opts.Prefix, key)
		if _, ok := p.meta.Annotation(full); ok {
			return full, true
		}
	}
	return "", false
}
