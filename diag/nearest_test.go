package diag

import "testing"

func TestNearest(t *testing.T) {
	known := []string{"render", "routes", "run", "explain", "proxy-version"}
	for _, tt := range []struct{ name, want string }{
		{"rendr", "render"},
		{"redner", "render"}, // a swap is one mistake
		{"rout", "routes"},
		{"ru", "run"},
		{"proxi-versoin", "proxy-version"},
		{"render", "render"},
		{"frobnicate", ""},
		{"", ""},
		{"x", ""},
	} {
		if got := Nearest(tt.name, known); got != tt.want {
			t.Errorf("Nearest(%q) = %q, want %q", tt.name, got, tt.want)
		}
	}
	if got := DidYouMean("rendr", known); got != `; did you mean "render"?` {
		t.Errorf("DidYouMean gives %q", got)
	}
}

func TestNearestPrefersTheFirstByName(t *testing.T) {
	if a, b := Nearest("abcx", []string{"abcd", "abce"}), Nearest("abcx", []string{"abce", "abcd"}); a != "abcd" || b != "abcd" {
		t.Errorf("got %q and %q, want abcd whatever the order", a, b)
	}
}
