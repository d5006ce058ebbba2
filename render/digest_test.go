package render

import (
	"net/netip"
	"testing"
)

type sample struct {
	text    string
	number  int64
	flag    bool
	parts   []string
	table   map[string]int
	pointer *sample
	dynamic any
	prefix  netip.Prefix
}

type label string

func TestDigestTellsValuesApart(t *testing.T) {
	prefix := netip.MustParsePrefix
	seen := map[string]int{}
	for i, v := range []any{
		nil, "", "a", label("a"), 0, 1, -1, true, false, 1.5, [2]string{"a", "b"}, []string{"a", "b"}, []string{"ab"}, []string{"a", "", "b"},
		&sample{}, sample{text: "a"}, sample{text: "1"}, sample{number: 1}, sample{flag: true}, sample{text: "a", number: 1},
		sample{parts: []string{"a"}}, sample{parts: []string{"a", "a"}}, sample{parts: []string{"", "a"}}, sample{parts: []string{""}},
		sample{table: map[string]int{"a": 1, "b": 2}}, sample{table: map[string]int{"a": 2, "b": 1}}, sample{table: map[string]int{"a": 0}},
		sample{pointer: &sample{}}, sample{pointer: &sample{text: "a"}}, sample{pointer: &sample{pointer: &sample{text: "a"}}},
		sample{dynamic: "a"}, sample{dynamic: label("a")}, sample{dynamic: 0}, sample{dynamic: int64(0)}, sample{dynamic: (*sample)(nil)},
		sample{prefix: prefix("10.0.0.0/8")}, sample{prefix: prefix("10.0.0.0/9")}, sample{prefix: prefix("::/8")}, sample{prefix: prefix("::ffff:10.0.0.0/104")},
	} {
		// A digest says nothing about the outermost type; all others stand in fields.
		d := Digest(struct{ v any }{v})
		if j, ok := seen[d]; ok {
			t.Errorf("the values %d and %d have the same digest", i, j)
		}
		seen[d] = i
		if len(d) != 16 {
			t.Errorf("the digest of value %d is %q", i, d)
		}
	}
}

// TestDigestStays: digests are names in configurations that run already.
func TestDigestStays(t *testing.T) {
	one := sample{text: "a", parts: []string{"b"}, table: map[string]int{"x": 1, "y": 2, "z": 3}, pointer: &sample{number: 7}}
	two := one
	two.parts, two.pointer = []string{"b"}, &sample{number: 7, parts: []string{}, table: map[string]int{}}
	const want = "75e4e9e51755bae2"
	for range 20 {
		for i, v := range []any{one, two} {
			if got := Digest(v); got != want {
				t.Fatalf("value %d: %s, not %s", i, got, want)
			}
		}
	}
	grown := struct {
		text  string
		added []string
	}{text: "a"}
	if Digest(grown) != Digest(struct{ text string }{"a"}) {
		t.Error("a field that is empty changes the digest")
	}
}

func TestDigestRefusesFunctions(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a function has a digest")
		}
	}()
	Digest(struct{ f func() }{func() {}})
}
