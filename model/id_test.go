package model

import (
	"strings"
	"testing"
)

func TestID(t *testing.T) {
	if got := ID("shop", "web", "80"); got != "shop_web_80" {
		t.Errorf("ID of plain names = %q", got)
	}
	for _, parts := range [][]string{{"a_b", "c"}, {"", "x"}, {"../x"}, {"a b"}, {strings.Repeat("a", 300)}, {"-x"}, {"é"}} {
		if got := ID(parts...); !strings.HasPrefix(got, "h_") || len(got) > 40 {
			t.Errorf("ID(%q) = %q, want a hash", parts, got)
		}
	}
}

// FuzzID looks for two lists of names with one ID.
func FuzzID(f *testing.F) {
	f.Add("a-b", "c", "a", "b-c")
	f.Add("a_b", "c", "a", "b_c")
	f.Add("h", "0", "h_0", "")
	f.Fuzz(func(t *testing.T, a, b, c, d string) {
		if (a != c || b != d) && ID(a, b) == ID(c, d) {
			t.Errorf("ID(%q, %q) = ID(%q, %q) = %q", a, b, c, d, ID(a, b))
		}
		if strings.Trim(ID(a, b), "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") != "" {
			t.Errorf("ID(%q, %q) = %q holds odd bytes", a, b, ID(a, b))
		}
	})
}
