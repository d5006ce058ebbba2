package configmap

import (
	"regexp"
	"slices"
	"strings"
)

// DefaultPrefix stands before the name of an annotation unless the operator chose another one.
const DefaultPrefix = "nginx.ingress.kubernetes.io"

// table is a list of Specs with what is computed from it once. It never changes.
type table struct {
	specs []Spec
	// spellings are the names of specs and their aliases.
	spellings []string
	byName    map[string]*Spec
	patterns  map[string]*regexp.Regexp
	defaults  map[Key]any
}

var (
	annotations = newTable(
		affinityAnnotations, authAnnotations, clientCertificateAnnotations, accessAnnotations, limitAnnotations, backendAnnotations,
		balanceAnnotations, bufferAnnotations, canaryAnnotations, corsAnnotations, errorAnnotations, redirectAnnotations,
		rewriteAnnotations, backendTLSAnnotations, tlsAnnotations, passthroughAnnotations, mirrorAnnotations, firewallAnnotations, observeAnnotations,
		snippetAnnotations, classAnnotations,
	)
	settings = newTable(
		policySettings, headerSettings, forwardedSettings, listenSettings, clientSettings, processSettings, tableSizeSettings,
		logSettings, tlsSettings, redirectSettings, compressionSettings, proxySettings, balanceSettings, accessSettings, authSettings,
		streamSettings, snippetSettings, firewallSettings, tracingSettings, inertSettings,
	)
)

// Annotations returns the declarations of all annotations, sorted by key.
func Annotations() []Spec { return slices.Clone(annotations.specs) }

// Settings returns the declarations of all keys of the global ConfigMap, sorted by key.
func Settings() []Spec { return slices.Clone(settings.specs) }

// newTable joins the groups. The patterns and defaults are the program's own text: a mistake in them is found by any test.
func newTable(groups ...[]Spec) *table {
	t := &table{
		specs:    slices.Concat(groups...),
		byName:   map[string]*Spec{},
		patterns: map[string]*regexp.Regexp{},
		defaults: map[Key]any{},
	}
	slices.SortFunc(t.specs, func(a, b Spec) int { return strings.Compare(a.Key.String(), b.Key.String()) })
	for i := range t.specs {
		t.add(&t.specs[i])
	}
	return t
}

func (t *table) add(spec *Spec) {
	spec.usual = fullKey(DefaultPrefix, spec.Key)
	t.spellings = append(t.spellings, spec.Key.String())
	t.byName[spec.Key.String()] = spec
	for _, alias := range spec.Aliases {
		t.spellings = append(t.spellings, alias.String())
		t.byName[alias.String()] = spec
	}
	if spec.Pattern != "" && t.patterns[spec.Pattern] == nil {
		t.patterns[spec.Pattern] = regexp.MustCompile(`\A(?:` + spec.Pattern + `)\z`)
	}
	if spec.Obeyed && spec.Targets == (Targets{}) {
		spec.Targets = Targets{Nginx: Support{Level: Full}, HAProxy: Support{Level: Full}}
	}
	if spec.Default != "" {
		if value, _, fault := t.read(spec, spec.Default, ""); fault == nil {
			t.defaults[spec.Key] = value
		}
	}
}

// key finds a key by its spelling, today's or an old one; nil if there is none.
func (t *table) key(spelling string) Key {
	spec := t.byName[spelling]
	if spec == nil {
		return nil
	}
	for _, alias := range spec.Aliases {
		if alias.String() == spelling {
			return alias
		}
	}
	return spec.Key
}

// read turns a value into the type of its key. The namespace completes references. On a fault the value is not to be used.
func (t *table) read(spec *Spec, text, namespace string) (any, []note, *fault) {
	text, f := clean(spec.Type, text)
	if f != nil {
		return nil, nil, f
	}
	r := reading{spec: spec, pattern: t.patterns[spec.Pattern], namespace: namespace}
	value, f := readers[spec.Type](&r, text)
	return value, r.notes, f
}
