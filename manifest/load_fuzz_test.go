package manifest

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/headgate/headgate/diag"
)

// FuzzLoad holds whatever text to this: no panic, bounded time, and every place inside the text.
func FuzzLoad(f *testing.F) {
	for _, in := range cases(f) {
		f.Add(in.Data)
	}
	f.Add([]byte("a: &a [*a, *a]\n---\n<<: [{kind: List}, {items: [{<<: {kind: Secret, apiVersion: v1}}]}]"))
	f.Add([]byte("kind: Service\napiVersion: v1\u2028metadata:\u0085  name: a\rspec: {}"))
	limits := Limits{InputBytes: 1 << 16, Expanded: 1000}
	f.Fuzz(func(t *testing.T, data []byte) {
		begin := time.Now()
		objects, diags := Load([]Input{{Name: "f", Data: data}}, LoadOptions{Limits: limits})
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("reading %d bytes took %s", len(data), took)
		}
		lengths := columns(data)
		for _, d := range diags {
			if d.Pos.Line != 0 || d.Code != diag.InputLimit.Code {
				checkInside(t, lengths, d.Pos)
			}
			_ = d.String()
		}
		for _, o := range objects {
			for at := range o.meta().fields.tree {
				checkInside(t, lengths, o.meta().fields.pos(int32(at)))
				checkLookup(t, o.meta(), int32(at))
			}
		}
		s, _ := NewSnapshot(objects)
		_ = fmt.Sprintf("%+v", s)
	})
}

// columns returns the greatest column of each line: one behind its last character.
func columns(data []byte) []int {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	var lengths []int
	for {
		n := lineLength(data)
		lengths = append(lengths, 1+len(bytes.Runes(data[:n])))
		if n == len(data) && (n == 0 || breakLength(data[n-1:]) == 0) {
			return lengths
		}
		data = data[n:]
	}
}

func checkInside(t *testing.T, lengths []int, pos diag.Pos) {
	t.Helper()
	if pos.Line < 1 || pos.Line > len(lengths) || pos.Column < 1 || pos.Column > lengths[pos.Line-1] {
		t.Errorf("the place %s is outside of the text (%v)", pos, lengths)
	}
}

// checkLookup holds that the path of a field leads to a place of that path.
func checkLookup(t *testing.T, m *Meta, at int32) {
	t.Helper()
	path := m.fields.path(at)
	got := m.Pos(path)
	for other := range m.fields.tree {
		if m.fields.path(int32(other)) == path && m.fields.pos(int32(other)) == got {
			return
		}
	}
	t.Errorf("%q leads to %s, its field is at %s", path, got, m.fields.pos(at))
}
