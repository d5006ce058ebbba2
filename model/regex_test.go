package model

import (
	"strings"
	"testing"
)

func TestCheckRegexAdmits(t *testing.T) {
	for pattern, groups := range map[string]int{
		"/foo":                          0,
		"/something(/|$)(.*)":           2,
		"/api/v[0-9]+/x":                0,
		"/(?:a|b)/([^/]+)":              1,
		"/(?!admin)[a-z]+":              0,
		"/a(/[^/]+)*":                   1,
		"/a(-[a-z0-9]+)*/":              1,
		`/x(\.[a-z]+)+$`:                1,
		"/(a+)?":                        1,
		"/((ab)*c)":                     2,
		"/v[0-9]{1,3}":                  0,
		"/{g}":                          0,
		`/[\w-]+\.php`:                  0,
		"/[[:alpha:]]+":                 0,
		"/[]x]":                         0,
		"/x*?y+?":                       0,
		"/(?i)x":                        0,
		"/caf\xc3\xa9":                  0,
		"/" + strings.Repeat("a", 1000): 0,
	} {
		got, err := CheckRegex(pattern)
		if err != nil || got != groups {
			t.Errorf("CheckRegex(%q) = %d, %v; want %d groups", pattern, got, err, groups)
		}
	}
}

func TestCheckRegexRefuses(t *testing.T) {
	for pattern, reason := range map[string]string{
		"/(":                            "not closed",
		"/)":                            "no opening one",
		"/[a":                           "not closed",
		`/a\`:                           "backslash at the end",
		"/(?<name>x)":                   "groups that begin with (?",
		"/(?P<name>x)":                  "groups that begin with (?",
		"/(?#c)":                        "groups that begin with (?",
		"/(?R)":                         "groups that begin with (?",
		"/(*COMMIT)":                    "verbs",
		`/(a)\1`:                        "escape",
		`/\x41`:                         "escape",
		`/\Qx\E`:                        "escape",
		"/(a+)+":                        "unbounded repeat",
		"/(a*)*b":                       "unbounded repeat",
		"/((a|b)+c*)+":                  "unbounded repeat",
		"/(a.?b*)*":                     "unbounded repeat",
		"/(/[^x]+)*":                    "unbounded repeat",
		"/(/[^/]+|x+)*":                 "unbounded repeat",
		"/(A[a-z]+)*":                   "unbounded repeat",
		"/(a?[b]+)*":                    "unbounded repeat",
		"/([^/]+){2,}":                  "unbounded repeat",
		"/a**":                          "repeat",
		"/*x":                           "",
		"/+*":                           "repeat of a repeat",
		"/y++":                          "repeat of a repeat",
		"/x{1001}":                      "more than 1000",
		"/[z-a]":                        "odd range",
		`/[\d-z]`:                       "odd range",
		"/[[:digit:]-z]":                "odd range",
		"/[[:nothing:]]":                "odd character class",
		`/[\B]`:                         `\B in a bracket`,
		"/a^*":                          "cannot be repeated",
		"/a$?":                          "cannot be repeated",
		`/\b{2}`:                        "cannot be repeated",
		"/(?i)+":                        "cannot be repeated",
		"/a{2}{,3}":                     "repeat of a repeat",
		"/a{2}{3}":                      "repeat of a repeat",
		"/a{,3}":                        "some versions of PCRE",
		"/a{ 1, 3}":                     "some versions of PCRE",
		"/((a{250}){250}){250}":         "too large",
		"/(([a-z]{9}){99}){99}":         "too large",
		"/[[.x.]]":                      "odd character class",
		"/a\nb":                         "control character",
		"/" + strings.Repeat("(?:", 40): "nested",
		"/" + strings.Repeat("(a)", 40): "more than 32 groups",
		"/" + strings.Repeat("a", 2000): "more than 1024",
	} {
		_, err := CheckRegex(pattern)
		if reason == "" {
			if err != nil {
				t.Errorf("CheckRegex(%q): %v", pattern, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("CheckRegex(%q) = %v; want an error about %q", pattern, err, reason)
		}
	}
}

func FuzzCheckRegex(f *testing.F) {
	for _, seed := range []string{"/a(/[^/]+)*", `/[\w-]+\.php`, "/(?!x)(a|b){2,3}?", "/[[:alpha:]]", "/(", "/[]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		if _, err := CheckRegex(pattern); err != nil {
			return
		}
		if _, err := compileRegex("^(?:" + pattern + ")"); err != nil {
			t.Errorf("%q is admitted but does not compile anchored: %v", pattern, err)
		}
	})
}

func FuzzQuoteRegex(f *testing.F) {
	for _, seed := range []string{"/a.b", "/(x)", "/é", "/a b", `/\Q`, "/$^", "\x00"} {
		f.Add(seed, "/other")
	}
	f.Fuzz(func(t *testing.T, text, other string) {
		re, err := compileRegex("^(?:" + QuoteRegex(text) + ")$")
		if err != nil {
			t.Fatalf("QuoteRegex(%q) does not compile: %v", text, err)
		}
		if ok, _ := re.MatchString(latin1(text)); !ok {
			t.Errorf("QuoteRegex(%q) does not match its own text", text)
		}
		if ok, _ := re.MatchString(latin1(other)); ok && !strings.EqualFold(latin1(other), latin1(text)) && other != text+"\n" {
			t.Errorf("QuoteRegex(%q) matches %q", text, other)
		}
	})
}

func TestByteSetFolds(t *testing.T) {
	for _, c := range []byte{'a', 'A', 'z', 'Z', 'm'} {
		var s byteSet
		s.put(c)
		for other := range 256 {
			var o byteSet
			o.put(byte(other))
			want := strings.EqualFold(string(rune(c)), string(rune(other))) && other < 0x80
			if got := s.folded().meets(o); got != want {
				t.Errorf("folded %q meets %q = %v", c, rune(other), got)
			}
		}
	}
}
