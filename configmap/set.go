package configmap

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/policy"
)

// Reference names an object that a value points to.
type Reference = policy.Reference

// BufferCount is a value of type [Buffers].
type BufferCount struct {
	Number, Size int64
}

// Set holds the parsed values of one object; it never changes. The methods that give values out say in their second result whether
// there is a valid one: for annotations whether it was written, for settings whether it was written or has a default. Where it is
// false, the first result is the default of the key, or its zero. A key of another type does not compile.
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
	Bool: false, Int: 0, Float: 0.0, IntOrAuto: 0,
	Seconds: time.Duration(0), Duration: time.Duration(0), GoDuration: time.Duration(0), Size: int64(0), Buffers: BufferCount{},
	Enum: "", String: "", Text: "", Ciphers: "", Groups: "", List: []string(nil), Words: []string(nil),
	CIDRs: []netip.Prefix(nil), IPs: []netip.Addr(nil), Codes: []int(nil), URL: url.URL{}, Regex: "",
	HeaderName: "", HeaderNames: []string(nil),
	ServiceRef: Reference{}, SecretRef: Reference{}, ConfigMapRef: Reference{}, Snippet: "",
}

func (s Set) find(key Key) (entry, bool) { return s.named(key.String()) }

// named is find without a Key: nothing has to be put behind the interface.
func (s Set) named(name string) (entry, bool) {
	i, ok := slices.BinarySearchFunc(s.entries, name, func(e entry, name string) int { return strings.Compare(e.spec.Key.String(), name) })
	if !ok {
		return entry{}, false
	}
	return s.entries[i], true
}

// get returns the value of a key, else its default. What a value is kept as is the type of its key: [TestEveryKeyHasItsType].
func get[T any](s Set, key TypedKey[T]) (T, bool) {
	var v T
	if s.table == nil {
		return v, false
	}
	if e, ok := s.named(key.name); ok && e.given {
		if e.value == nil {
			return v, true
		}
		v, ok = e.value.(T)
		return v, ok
	}
	v, _ = s.table.defaults[key].(T)
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

// Bool gives out a switch.
func (s Set) Bool(key BoolKey) (bool, bool) { return get(s, key) }

// Int gives out a number; auto is 0.
func (s Set) Int(key IntKey) (int, bool) { return get(s, key) }

// Float gives out a number with a fraction.
func (s Set) Float(key FloatKey) (float64, bool) { return get(s, key) }

// Size gives out a size, in bytes.
func (s Set) Size(key SizeKey) (int64, bool) { return get(s, key) }

// Buffers gives out a number of buffers and their size.
func (s Set) Buffers(key BuffersKey) (BufferCount, bool) { return get(s, key) }

// Duration gives out a time.
func (s Set) Duration(key DurationKey) (time.Duration, bool) { return get(s, key) }

// Seconds is [Set.Duration] in whole seconds; a part of a second counts as one.
func (s Set) Seconds(key DurationKey) (int, bool) {
	v, ok := get(s, key)
	return int((v + time.Second - 1) / time.Second), ok
}

// String gives out a word or a text.
func (s Set) String(key StringKey) (string, bool) { return get(s, key) }

// List gives out a copy of a list of words.
func (s Set) List(key ListKey) ([]string, bool) {
	v, ok := get(s, key)
	return slices.Clone(v), ok
}

// CIDRs gives out a copy of a list of addresses and prefixes. An empty list with true allows nobody; it comes from [UseNothing].
func (s Set) CIDRs(key CIDRsKey) ([]netip.Prefix, bool) {
	v, ok := get(s, key)
	return slices.Clone(v), ok
}

// IPs gives out a copy of a list of addresses.
func (s Set) IPs(key IPsKey) ([]netip.Addr, bool) {
	v, ok := get(s, key)
	return slices.Clone(v), ok
}

// Codes gives out a copy of a list of status codes.
func (s Set) Codes(key CodesKey) ([]int, bool) {
	v, ok := get(s, key)
	return slices.Clone(v), ok
}

// URL gives out an absolute URL. Variables stand in it as they were written.
func (s Set) URL(key URLKey) (url.URL, bool) { return get(s, key) }

// Ref gives out the name of an object; a reference without namespace has the namespace of the object that it stands in.
func (s Set) Ref(key RefKey) (Reference, bool) { return get(s, key) }
