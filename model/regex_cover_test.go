package model

import "testing"

func TestCoverRegex(t *testing.T) {
	for pattern, want := range map[string]string{
		"/(a+)+$":                  "/a+$",
		"/(a*)*$":                  "/a*$",
		"/(admin|root)(a+)+$":      "/(?:admin|root)a+$",
		"/([^/]+)+$":               `/[^/]+$`,
		"/x/(.*)/(.*)/(.*)/y$":     `/x/[\s\S]+/y$`,
		"/(?=a)b(a|aa)+":           "/ba+",
		"/[0-9](b+|c)*end":         "/[0-9][bc]*end",
		"/a(b+)+|/other$":          "(?:/ab+|/other$)",
		"/a{2,3}":                  "/a+",
		`/\.(a+)+`:                 `/\.a+`,
		`/(\w+\s?)*!`:              `/[\s\S]*\!`,
		"/(unclosed":               "",
		`/((a+)+/(b+)+|c)\/d`:      `/[/a-c]+/d`,
		`/((a|b)(?!x)(c|d))(a+)+$`: `/(?:a|b)(?:c|d)a+$`,
	} {
		got, ok := CoverRegex(pattern)
		if got != want || ok != (want != "") {
			t.Errorf("%s is covered by %s, want %s", pattern, got, want)
		}
		if regex, err := new(RegexReader).Own(got); ok && (err != nil || new(RegexBudget).Add(regex) != nil) {
			t.Errorf("%s, which covers %s, is refused: %v", got, pattern, err)
		}
	}
}

// FuzzCoverRegex: what a pattern finds, its cover finds.
func FuzzCoverRegex(f *testing.F) {
	for _, pattern := range []string{"/(a+)+$", "/(a|b)*c|d", "()*0", `\W`, `[^a-f]{2}`, "/a?b{0,2}(?=c)", "/[^/]+(x|y+)z$", `/\w\.\d+`, "/(?!a).+"} {
		f.Add(pattern, "/aaab")
	}
	f.Fuzz(func(t *testing.T, pattern, path string) {
		if len(pattern) > 40 || len(path) > 12 {
			t.Skip()
		}
		cover, ok := CoverRegex(pattern)
		if !ok {
			t.Skip()
		}
		if _, err := new(RegexReader).Path(pattern); err != nil {
			t.Skip() // to search for it could take long
		}
		if searchAnchored("(?i)"+pattern, path) && !searchAnchored("(?i)"+cover, path) {
			t.Errorf("%q finds %q, its cover %q does not", pattern, path, cover)
		}
	})
}
