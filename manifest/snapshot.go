package manifest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/headgate/headgate/diag"
)

// Object is one of *Ingress, *RefusedIngress, *IngressClass, *Service, *EndpointSlice, *Endpoints, *Secret and *ConfigMap.
type Object interface {
	meta() *Meta
}

func (m *Meta) meta() *Meta { return m }

// RefOf names an object.
func RefOf(o Object) diag.Ref { return o.meta().Ref() }

// Snapshot is all that Headgate knows of the cluster at one moment. It is immutable; its slices are sorted by namespace and name and
// must not be changed by those who read them.
type Snapshot struct {
	Ingresses  []*Ingress
	Classes    []*IngressClass
	Services   []*Service
	Slices     []*EndpointSlice
	Secrets    []*Secret
	ConfigMaps []*ConfigMap
	// Refused are Ingresses with an error in them, of which there is no version that could be read: their places are known.
	Refused []*Ingress
	// ClassesUnreadable says that the source may not list IngressClasses; of spec.ingressClassName only the name counts then.
	ClassesUnreadable bool

	// Resolved holds the targets of ExternalName Services, sorted by name. A name that is not in it has not been asked for.
	Resolved []ResolvedName

	// Lost are objects that the source had, sorted by name, and that are not there for another reason than that somebody deleted them.
	Lost []LostObject

	// refusals holds the objects that the input has and that could not be used, and where the first error about each stands.
	refusals map[diag.Ref]diag.Pos

	index index
}

// LostObject is an object that is missing without having been deleted.
type LostObject struct {
	Ref diag.Ref
	// Cause says in words why it is missing.
	Cause string
}

// ResolvedName is what DNS said about the target of an ExternalName Service. Sources that can ask DNS add these; the pure rooms never ask.
type ResolvedName struct {
	Name string
	// Addresses are IP addresses, sorted; empty if the name has none.
	Addresses []string
}

// Option adds to a Snapshot what is not an object.
type Option func(*Snapshot)

// WithResolved adds the answers of DNS for the targets of ExternalName Services.
func WithResolved(names []ResolvedName) Option {
	return func(s *Snapshot) {
		s.Resolved = slices.SortedFunc(slices.Values(names), func(a, b ResolvedName) int { return strings.Compare(a.Name, b.Name) })
	}
}

// WithClassesUnreadable says that the source may not list IngressClasses.
func WithClassesUnreadable() Option {
	return func(s *Snapshot) { s.ClassesUnreadable = true }
}

// WithLost adds what is missing without having been deleted.
func WithLost(lost []LostObject) Option {
	return func(s *Snapshot) {
		s.Lost = slices.SortedFunc(slices.Values(lost), func(a, b LostObject) int { return compareRefs(a.Ref, b.Ref) })
	}
}

// WithRefusals makes the objects known that were in the input and could not be used: those that remarks of reading it have errors about.
func WithRefusals(remarks diag.List) Option {
	sorted := slices.Clone(remarks)
	sorted.Sort()
	return func(s *Snapshot) {
		s.refusals = map[diag.Ref]diag.Pos{}
		for _, d := range sorted {
			if _, known := s.refusals[d.Ref]; !known && d.Severity == diag.Error && d.Ref.Name != "" {
				s.refusals[d.Ref] = d.Pos
			}
		}
	}
}

// RefusedAt reports whether an object that the Snapshot does not hold was in the input and was refused, and where the reason stands.
func (s *Snapshot) RefusedAt(ref diag.Ref) (diag.Pos, bool) {
	pos, ok := s.refusals[ref]
	return pos, ok
}

// NewSnapshot sorts the objects, leaves one of each name and makes the look-ups. The result does not depend on the order of the
// objects: where two have the same kind, namespace and name, the one created first counts, or else the one whose place is the smaller.
func NewSnapshot(objects []Object, opts ...Option) (*Snapshot, diag.List) {
	sorted := slices.Clone(objects)
	slices.SortFunc(sorted, compareObjects)
	s := &Snapshot{}
	var diags diag.List
	var last *Meta
	for _, o := range sorted {
		m := o.meta()
		if last != nil && m.Ref() == last.Ref() {
			reportRepeated(&diags, m, last)
			continue
		}
		last = m
		s.add(o)
	}
	s.dropServed()
	for _, opt := range opts {
		opt(s)
	}
	s.dropMirrored()
	s.index = newIndex(s)
	return s, diags
}

func (s *Snapshot) add(o Object) {
	switch o := o.(type) {
	case *Ingress:
		s.Ingresses = append(s.Ingresses, o)
	case *RefusedIngress:
		s.Refused = append(s.Refused, o.Ingress)
	case *IngressClass:
		s.Classes = append(s.Classes, o)
	case *Service:
		s.Services = append(s.Services, o)
	case *EndpointSlice:
		s.Slices = append(s.Slices, o)
	case *Endpoints:
		s.Slices = append(s.Slices, o.Slices...)
	case *Secret:
		s.Secrets = append(s.Secrets, o)
	case *ConfigMap:
		s.ConfigMaps = append(s.ConfigMaps, o)
	}
}

// dropServed leaves out refused Ingresses of which there is another version.
func (s *Snapshot) dropServed() {
	if len(s.Refused) == 0 {
		return
	}
	served := make(map[diag.Ref]bool, len(s.Ingresses))
	for _, ing := range s.Ingresses {
		served[ing.Ref()] = true
	}
	s.Refused = slices.DeleteFunc(slices.Clone(s.Refused), func(ing *Ingress) bool { return served[ing.Ref()] })
}

// dropMirrored leaves out what an Endpoints object says about a Service that has EndpointSlices of its own: in a cluster the two
// mirror each other, and a dump holds both. It then sorts the slices.
func (s *Snapshot) dropMirrored() {
	own := make(map[name]bool)
	for _, slice := range s.Slices {
		if slice.Kind != kindEndpoints {
			own[name{slice.Namespace, slice.Service}] = true
		}
	}
	s.Slices = slices.DeleteFunc(s.Slices, func(slice *EndpointSlice) bool {
		return slice.Kind == kindEndpoints && own[name{slice.Namespace, slice.Service}]
	})
	slices.SortStableFunc(s.Slices, func(a, b *EndpointSlice) int {
		return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name), strings.Compare(a.Kind, b.Kind))
	})
}

func compareRefs(a, b diag.Ref) int {
	return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
}

func compareObjects(a, b Object) int {
	x, y := a.meta(), b.meta()
	if byName := compareRefs(x.Ref(), y.Ref()); byName != 0 {
		return byName
	}
	return cmp.Or(compareAge(x, y), comparePos(x.Pos(""), y.Pos("")), strings.Compare(x.UID, y.UID))
}

// compareAge puts the older object first, and one whose age is not known last.
func compareAge(a, b *Meta) int {
	if a.Created.IsZero() != b.Created.IsZero() {
		if a.Created.IsZero() {
			return 1
		}
		return -1
	}
	return a.Created.Compare(b.Created)
}

func comparePos(a, b diag.Pos) int {
	return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
}

// reportRepeated says that an object loses against another of its name, unless the same place was merely read twice.
func reportRepeated(diags *diag.List, lost, kept *Meta) {
	pos, keptPos := lost.Pos(""), kept.Pos("")
	if pos == keptPos {
		return
	}
	d := diag.ObjectRepeated.At(pos, lost.Ref(), "", "there is another object of this kind and name at %s, which counts; this one is ignored", keptPos)
	d.Hint = "remove one of the two; kubectl apply would let the later one replace the earlier one"
	diags.Add(d)
}
