package configmap

import (
	"net/netip"
	"net/url"
	"time"
)

// Key names an annotation, without its prefix, or a key of the global ConfigMap. Where the two share a name they share the Key. What is
// behind it is a [TypedKey]: a Set gives out a value only to those who ask with a key of its type.
type Key interface {
	// String is the name.
	String() string
	// admits reports whether values of a type are what the key gives out.
	admits(Type) bool
}

// TypedKey is a Key whose values are given out as a T.
type TypedKey[T any] struct{ name string }

// These are the kinds of keys.
type (
	// BoolKey is for switches.
	BoolKey = TypedKey[bool]
	// IntKey is for Int and IntOrAuto; auto is 0.
	IntKey = TypedKey[int]
	// FloatKey is for numbers with a fraction.
	FloatKey = TypedKey[float64]
	// SizeKey is for sizes, in bytes.
	SizeKey = TypedKey[int64]
	// BuffersKey is for a number of buffers and their size.
	BuffersKey = TypedKey[BufferCount]
	// DurationKey is for Seconds, Duration and GoDuration.
	DurationKey = TypedKey[time.Duration]
	// StringKey is for Enum, String, Text, Ciphers, Groups, Regex, HeaderName and Snippet.
	StringKey = TypedKey[string]
	// ListKey is for List, Words and HeaderNames.
	ListKey = TypedKey[[]string]
	// CIDRsKey is for lists of addresses and prefixes.
	CIDRsKey = TypedKey[[]netip.Prefix]
	// IPsKey is for lists of addresses.
	IPsKey = TypedKey[[]netip.Addr]
	// CodesKey is for lists of status codes.
	CodesKey = TypedKey[[]int]
	// URLKey is for URLs.
	URLKey = TypedKey[url.URL]
	// RefKey is for ServiceRef, SecretRef and ConfigMapRef.
	RefKey = TypedKey[Reference]
)

// String is the name.
func (k TypedKey[T]) String() string { return k.name }

func (k TypedKey[T]) admits(t Type) bool {
	_, ok := zeros[t].(T)
	return ok
}

// nameOf is the name of a key, empty for none.
func nameOf(key Key) string {
	if key == nil {
		return ""
	}
	return key.String()
}
