package manifest

import (
	"fmt"
	"log/slog"
)

// String says how long the content is.
func (b Bytes) String() string { return fmt.Sprintf("(%d secret bytes)", len(b)) }

// GoString hides the content from %#v.
func (b Bytes) GoString() string { return b.String() }

// Format hides the content from every other verb, %x and %q included.
func (b Bytes) Format(f fmt.State, _ rune) { fmt.Fprint(f, b.String()) }

// MarshalText hides the content from encoding/json and its like.
func (b Bytes) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// LogValue hides the content from log/slog.
func (b Bytes) LogValue() slog.Value { return slog.StringValue(b.String()) }
