package model

import (
	"fmt"
	"log/slog"
)

// String, GoString, Format, MarshalText and LogValue hide the content, whatever prints it.
func (s Secret) String() string { return fmt.Sprintf("(%d secret bytes)", len(s)) }

// GoString hides the content from %#v.
func (s Secret) GoString() string { return s.String() }

// Format hides the content from every other verb, %x and %q included.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// MarshalText hides the content from encoding/json and its like.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue hides the content from log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
