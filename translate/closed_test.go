package translate

import (
	"regexp"
	"testing"

	"github.com/headgate/headgate/model"
)

// TestClosedPatternsFindWhatRefusedOnesWould compares the pattern of a closed place with the refused one, as Go's engine reads that.
func TestClosedPatternsFindWhatRefusedOnesWould(t *testing.T) {
	patterns := []string{
		"/(a+)+$", "/admin/(a+)+", "/(?P<lang>en|de)/x", "/x(a*)*/end", "/(a|b)+(c+)+/z?", "/ab?(c+)+", "/a{0,1}(b+)+", "^/in(a+)+", "/[|](a+)+",
		"/a(b+)+|/other", "/(admin|root)(a+)+$", "/[a-z]+(a+)+$", "/([^/]+)+$", "/x?(.*)(.*)(.*)(.*)q", "/é(a+)+", "/(a+)+[)]x",
	}
	paths := []string{"/", "/aaa", "/admin/aa", "/en/x", "/de/x/y", "/xaa/end", "/x/end", "/abcc/", "/acc/z", "/a", "/ab", "/abc", "/acc", "/b", "/bb", "/ina",
		"/|aa", "/other", "/abb", "/éa", "/a)x", "/q\n/end", "/xa\n/end"}
	found := 0
	for _, p := range patterns {
		closed := closedPattern(p)
		if _, err := model.CheckRegex(closed); err != nil && isASCII(closed) && closed[0] == '/' && p != "/é(a+)+" {
			t.Errorf("%s is closed by %s, which is refused: %v", p, closed, err)
		}
		refused, closing := regexp.MustCompile("(?i)^(?:"+p+")"), regexp.MustCompile("(?i)^(?:"+closed+")")
		for _, path := range paths {
			if !refused.MatchString(path) {
				continue
			}
			found++
			if p != "/é(a+)+" && !closing.MatchString(path) {
				t.Errorf("%s finds %q, and %s, which closes it, does not", p, path, closed)
			}
		}
	}
	if found < 15 {
		t.Errorf("only %d matches were compared", found)
	}
}

func TestClosedPath(t *testing.T) {
	for path, want := range map[string]string{
		"admin": "/admin", "^/admin": "/admin", "/line\n": "/line", "/a\tb": "/a", "": "", "\n": "",
	} {
		got, ok := closedPath(path)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q, %t; want %q", path, got, ok, want)
		}
	}
}

// TestRefusedPatternsWithoutLiteralsCloseNoMoreThanTheyCould: of the paths that others serve, only what the refused pattern could have found.
func TestRefusedPatternsWithoutLiteralsCloseNoMoreThanTheyCould(t *testing.T) {
	for pattern, want := range map[string]string{
		"/(a+)+$":                   "/a+$",
		"/(admin|root)(a+)+$":       "/(?:admin|root)a+$",
		"/([^/]+)+$":                "/[^/]+$",
		"/(?P<lang>en|de)/x":        "/(?:en|de)/x",
		`/(?<name>[a-z]+)/\k<name>`: `/[\s\S]+`,
		"/(?>admin|root)/secret":    "/(?:admin|root)/secret",
		"/[a-z]++/x":                "/[a-z]+/x",
		"/admin(":                   "/admin",
		"/(?<=x)y":                  `/[\s\S]*y`,
	} {
		if got := closedPattern(pattern); got != want {
			t.Errorf("%s is closed by %s, want %s", pattern, got, want)
		}
	}
}
