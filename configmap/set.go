package configmap

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/headgate/headgate/diag"
)

// Reference names an object that a value points to.
type Reference struct {
	Namespace, Name string
}

// BufferCount is a value of type [Buffers].
type BufferCount struct {
	Number, Size int64
}

// Set holds the parsed values of one object; it never changes. The methods that give values out say in their second result whether
// there is a valid one: for annotations whether it was written, for settings whether it was written or has a default. Where it is
// false, the first result is the default of the key, or its zero. To ask for a key by the method of another type panics.
type Set struct {
	entries []entry
	table   *table
	prefix  string
	closed  string
}

// entry is one key that the object has, or a setting's default.
type entry struct {
	spec  *Spec
	value any
	// full is the key as written, empty for a default.
	full string
	pos  diag.Pos
	// refused says that the value written could not be used.
	refused bool
	// given says that value counts. A nil value that counts allows nothing.
	given bool
}

// zeros holds, by Type, a value of the Go type that a Set keeps.
var zeros = [...]any{
	Bool: false, Int: int64(0), Float: 0.0, IntOrAuto: int64(0),
	Seconds: time.Duration(0), Duration: time.Duration(0), GoDuration: time.Duration(0), Size: byteSize(0), Buffers: BufferCount{},
	Enum: "", String: "", Text: "", Ciphers: "", Groups: "", List: []string(nil), Words: []string(nil),
	CIDRs: []netip.Prefix(nil), IPs: []netip.Addr(nil), Codes: []int(nil), URL: url.URL{}, Regex: "",
	HeaderName: "", HeaderNames: []string(nil),
	ServiceRef: Reference{}, SecretRef: Reference{}, ConfigMapRef: Reference{}, Snippet: "",
}

func (s Set) find(key Key) (entry, bool) {
	i, ok := slices.BinarySearchFunc(s.entries, key, func(e entry, k Key) int { return strings.Compare(string(e.spec.Key), string(k)) })
	if !ok {
		return entry{}, false
	}
	return s.entries[i], true
}

// get returns the value of a key as a T, else the default as a T. To ask for a key by the wrong method is a mistake in the program that
// would otherwise look like a value that is not there; it panics whatever the input, so that the first test finds it.
func get[T any](s Set, key Key) (T, bool) {
	var v T
	if s.table == nil {
		return v, false
	}
	spec := s.table.byName[string(key)]
	if spec == nil {
		panic("configmap: this kind of object has no key " + string(key))
	}
	if _, ok := zeros[spec.Type].(T); !ok {
		panic("configmap: the type of " + string(key) + " is " + spec.Type.String() + ", it is read by another method")
	}
	if e, ok := s.find(key); ok && e.given {
		if e.value == nil {
			return v, true
		}
		v, ok = e.value.(T)
		return v, ok
	}
	if s.table != nil {
		v, _ = s.table.defaults[key].(T)
	}
	return v, false
}

// Has reports whether there is a valid value: written, or the default of a setting.
func (s Set) Has(key Key) bool {
	e, ok := s.find(key)
	return ok && e.given
}

// Written reports whether the object has the key at all, valid or not.
func (s Set) Written(key Key) bool {
	e, ok := s.find(key)
	return ok && e.full != ""
}

// Refused reports whether the key was written with a value that could not be used.
func (s Set) Refused(key Key) bool {
	e, _ := s.find(key)
	return e.refused
}

// Closed is why every route must answer 503, or empty: a global guard was asked for and cannot be built. Only settings have it;
// for annotations see [Verdict].
func (s Set) Closed() string { return s.closed }

// Pos is the place of a value that was written.
func (s Set) Pos(key Key) diag.Pos {
	e, _ := s.find(key)
	return e.pos
}

// FullKey is the key as the object writes it, prefix and spelling included; for a key that was not written, as it would be written.
func (s Set) FullKey(key Key) string {
	if e, ok := s.find(key); ok && e.full != "" {
		return e.full
	}
	return fullKey(s.prefix, key)
}

// Keys lists what was written and is valid, sorted.
func (s Set) Keys() []Key {
	var keys []Key
	for _, e := range s.entries {
		if e.given && e.full != "" {
			keys = append(keys, e.spec.Key)
		}
	}
	return keys
}

// Bool gives out a value of type Bool.
func (s Set) Bool(key Key) (bool, bool) { return get[bool](s, key) }

// Int gives out a value of type Int or IntOrAuto; auto is 0.
func (s Set) Int(key Key) (int, bool) {
	v, ok := get[int64](s, key)
	return int(v), ok
}

// Float gives out a value of type Float.
func (s Set) Float(key Key) (float64, bool) { return get[float64](s, key) }

// Size gives out a value of type Size, in bytes.
func (s Set) Size(key Key) (int64, bool) {
	v, ok := get[byteSize](s, key)
	return int64(v), ok
}

// Buffers gives out a value of type Buffers.
func (s Set) Buffers(key Key) (BufferCount, bool) { return get[BufferCount](s, key) }

// Duration gives out a value of type Seconds, Duration or GoDuration.
func (s Set) Duration(key Key) (time.Duration, bool) { return get[time.Duration](s, key) }

// Seconds is [Set.Duration] in whole seconds; a part of a second counts as one.
func (s Set) Seconds(key Key) (int, bool) {
	v, ok := s.Duration(key)
	return int((v + time.Second - 1) / time.Second), ok
}

// String gives out a value of type Enum, String, Text, Ciphers, Groups, Regex, HeaderName or Snippet.
func (s Set) String(key Key) (string, bool) { return get[string](s, key) }

// List gives out a copy of a value of type List, Words or HeaderNames.
func (s Set) List(key Key) ([]string, bool) {
	v, ok := get[[]string](s, key)
	return slices.Clone(v), ok
}

// CIDRs gives out a copy of a value of type CIDRs. An empty list with true allows nobody; it comes from [UseNothing].
func (s Set) CIDRs(key Key) ([]netip.Prefix, bool) {
	v, ok := get[[]netip.Prefix](s, key)
	return slices.Clone(v), ok
}

// IPs gives out a copy of a value of type IPs.
func (s Set) IPs(key Key) ([]netip.Addr, bool) {
	v, ok := get[[]netip.Addr](s, key)
	return slices.Clone(v), ok
}

// Codes gives out a copy of a value of type Codes.
func (s Set) Codes(key Key) ([]int, bool) {
	v, ok := get[[]int](s, key)
	return slices.Clone(v), ok
}

// URL gives out a value of type URL. Variables stand in it as they were written.
func (s Set) URL(key Key) (url.URL, bool) { return get[url.URL](s, key) }

// Ref gives out a value of type ServiceRef, SecretRef or ConfigMapRef; a reference without namespace has the namespace of the object.
func (s Set) Ref(key Key) (Reference, bool) { return get[Reference](s, key) }
