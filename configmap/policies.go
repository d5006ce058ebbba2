package configmap

import (
	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/policy"
)

// ReadPolicies reads the annotations of one object into policies, once. What the object does not say comes from opts.Settings, where the
// declaration of the annotation names a setting, else from its default. Whatever is not understood, not allowed or not supported gives a
// diagnostic, and what guards something closes the object if it cannot be built.
func ReadPolicies(meta *manifest.Meta, opts AnnotationOptions) (policy.Ingress, diag.List) {
	set, verdict, diags := ParseAnnotations(meta, opts)
	f := fields{set: set, settings: opts.Settings}
	return policy.Ingress{
		Closed:      closedBy(verdict),
		Affinity:    readAffinity(f),
		Backend:     readBackend(f),
		Balance:     readBalance(f),
		Canary:      readCanary(f),
		Class:       readClass(f),
		Errors:      readErrors(f),
		Limits:      readLimits(f),
		Passthrough: readPassthrough(f),
		Redirect:    readRedirect(f),
		Rewrite:     readRewrite(f),
		Snippets:    readSnippets(f),
		Written:     set.origins(),
	}, diags
}

// closedBy puts a verdict into the reach that it has.
func closedBy(v Verdict) policy.Closed {
	return policy.Closed{
		Whole:  v.Rejected,
		Routes: policy.PerRoute[string]{Value: reason(v.Closed)},
		Hosts:  policy.ForHost(reason(v.HostClosed)),
	}
}

func reason(text string) policy.Value[string] {
	return policy.Value[string]{Origin: policy.Origin{Given: text != ""}, V: text}
}

// fields are what the families of an object are read from.
type fields struct {
	set, settings Set
}

// value reads one annotation, or what holds without it.
func value[T any](f fields, key TypedKey[T]) policy.Value[T] {
	v, given := get(f.set, key)
	if spec := f.set.table.byName[key.name]; !given && spec.Global != nil {
		v, _ = get(f.settings, spec.Global.(TypedKey[T]))
	}
	return policy.Value[T]{Origin: f.set.origin(key.name), V: v}
}

// as turns a value into what it means.
func as[T, U any](v policy.Value[T], meaning func(T) U) policy.Value[U] {
	return policy.Value[U]{Origin: v.Origin, V: meaning(v.V)}
}

func perRoute[T any](f fields, key TypedKey[T]) policy.PerRoute[T] {
	return policy.PerRoute[T]{Value: value(f, key)}
}

func perBackend[T any](f fields, key TypedKey[T]) policy.PerBackend[T] {
	return policy.PerBackend[T]{Value: value(f, key)}
}

func perIngress[T any](f fields, key TypedKey[T]) policy.PerIngress[T] {
	return policy.PerIngress[T]{Value: value(f, key)}
}

// origin says where the value of a key stands.
func (s Set) origin(name string) policy.Origin {
	e, _ := s.named(name)
	full := e.full
	if full == "" {
		full = s.unwritten(name)
	}
	return policy.Origin{Name: name, Key: full, Pos: e.pos, Given: e.given, Refused: e.refused}
}

// unwritten is how a key would be written. Under the usual prefix the texts are made once, not for each object.
func (s Set) unwritten(name string) string {
	if s.prefix == DefaultPrefix {
		return s.table.byName[name].usual
	}
	return fullKey(s.prefix, s.table.byName[name].Key)
}

// origins lists the keys that were written.
func (s Set) origins() []policy.Origin {
	var list []policy.Origin
	for _, e := range s.entries {
		if e.full != "" {
			list = append(list, policy.Origin{Name: e.spec.Key.String(), Key: e.full, Pos: e.pos, Given: e.given, Refused: e.refused})
		}
	}
	return list
}
