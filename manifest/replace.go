package manifest

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"github.com/headgate/headgate/diag"
)

// Replacing returns a copy of the Snapshot in which objects stand in the place of all that have their kind, namespace and name; those of
// names that the Snapshot does not have are added.
func (s *Snapshot) Replacing(objects []Object) *Snapshot {
	if len(objects) == 0 {
		return s
	}
	names := make(map[diag.Ref]bool, len(objects))
	for _, o := range objects {
		names[RefOf(o)] = true
	}
	with := *s
	with.Ingresses = without(s.Ingresses, names)
	with.Classes = without(s.Classes, names)
	with.Services = without(s.Services, names)
	with.Slices = without(s.Slices, names)
	with.Secrets = without(s.Secrets, names)
	with.ConfigMaps = without(s.ConfigMaps, names)
	for _, o := range objects {
		with.add(o)
	}
	sortByName(with.Ingresses)
	sortByName(with.Classes)
	sortByName(with.Services)
	sortByName(with.Secrets)
	sortByName(with.ConfigMaps)
	with.dropServed()
	with.dropMirrored()
	with.index = newIndex(&with)
	return &with
}

// without copies a list and leaves out the objects of some names.
func without[T Object](list []T, names map[diag.Ref]bool) []T {
	return slices.DeleteFunc(slices.Clone(list), func(o T) bool { return names[RefOf(o)] })
}

func sortByName[T Object](list []T) {
	slices.SortStableFunc(list, func(a, b T) int {
		x, y := a.meta(), b.meta()
		return cmp.Or(strings.Compare(x.Namespace, y.Namespace), strings.Compare(x.Name, y.Name))
	})
}

// SameContent reports whether two objects of one kind and name say the same, wherever they were written.
func SameContent(a, b Object) bool {
	if a == b {
		return true
	}
	return reflect.DeepEqual(placeless(a), placeless(b))
}

// placeless copies an object without the places of its fields.
func placeless(o Object) Object {
	switch o := o.(type) {
	case *Ingress:
		c := *o
		c.Meta = o.withoutPlaces()
		return &c
	case *IngressClass:
		c := *o
		c.Meta = o.withoutPlaces()
		return &c
	case *Secret:
		c := *o
		c.Meta = o.withoutPlaces()
		return &c
	case *ConfigMap:
		c := *o
		c.Meta = o.withoutPlaces()
		c.Data = slices.Clone(o.Data)
		for i := range c.Data {
			c.Data[i].Pos = diag.Pos{}
		}
		return &c
	}
	return o
}

func (m Meta) withoutPlaces() Meta {
	m.fields = nil
	m.Annotations = slices.Clone(m.Annotations)
	for i := range m.Annotations {
		m.Annotations[i].Pos = diag.Pos{}
	}
	return m
}

// Keeping returns a copy of the Ingress with only those rules and paths that keep asks for; path is nil for a rule without paths. The
// places of fields are those of the object as a whole. An Ingress of which everything is kept is returned itself.
func (ing *Ingress) Keeping(keep func(host string, path *IngressPath) bool) *Ingress {
	kept := *ing
	kept.Rules = nil
	complete := true
	for _, rule := range ing.Rules {
		paths := slices.DeleteFunc(slices.Clone(rule.Paths), func(p IngressPath) bool { return !keep(rule.Host, &p) })
		if len(paths) < len(rule.Paths) {
			complete = false
		}
		if len(rule.Paths) == 0 && !keep(rule.Host, nil) || len(rule.Paths) > 0 && len(paths) == 0 {
			complete = false
			continue
		}
		rule.Paths = paths
		kept.Rules = append(kept.Rules, rule)
	}
	if complete {
		return ing
	}
	pos := ing.Pos("")
	kept.fields = nil
	if !pos.IsZero() {
		kept.fields = newFields(pos.File, pos.Line, pos.Column)
	}
	return &kept
}
