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

// What people write must go on working, with paths of any length.
func TestUsualPatternsAreAdmittedWithoutLimit(t *testing.T) {
	var reader RegexReader
	for _, pattern := range []string{
		"/", "/$", "/(.*)", "/.*/api", "/vale/?(.*)", "/thyme(/.*)?", "/api(/|$)(.*)", `/\+\+api\+\+(.*)`, "/fern.html(.*)", "/(.*)/@@images(.*)",
		"/x(?!/admin|/api(/|$))(.*)", "/(onyx|glade|shale)/thyme/?(.*)", "/[^/]+/[^/]+/.*", "/api/(.+)/v(.*)", `.*\.(js|css|png)$`,
		`/.*\.(?:js|css|png)$`, "/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/(.*)", `/(\w+)(/\w+)?/?$`, "/(?!.*admin)(.*)", "/(?=.*a)(?=.*b)x",
		"/v[0-9]+/(.*)", "/(api|v1|v2)(/.*)?/(get|post)(.*)", "/([^/]+)/([^/]+)/([^/]+)/([^/]+)$", "/[a-z0-9]([-a-z0-9]*[a-z0-9])?/(.*)", "/(.+)$",
		"/path/(?:a|b|c)/[0-9]{1,6}(/.*)?$", `/[\w-]+\.php(/|$)`, "/.+", "/.*", "/$|/home|/about", "/(?i)x(/|$)(.*)", "/([a-z]{2})(?:-[a-z]{2})?/(.*)",
	} {
		regex, err := reader.Path(pattern)
		if err != nil {
			t.Errorf("%s is refused: %v", pattern, err)
			continue
		}
		var host RegexBudget
		for range 10 {
			if err := host.Add(regex); err != nil {
				t.Errorf("ten of %s are refused: %v", pattern, err)
			}
		}
		if limit := host.PathLimit(32 << 10); limit != 0 && limit < 16<<10 {
			t.Errorf("ten of %s are tried on paths up to %d bytes only", pattern, limit)
		}
	}
}

func TestCostlyPatternsAreLimitedOrRefused(t *testing.T) {
	var reader RegexReader
	for pattern, reason := range map[string]string{
		"/(.*)/foo/(.*)/bar": "", "/a(/[^/]+)*$": "", "/(a|b)*x": "", "/([a-z]+-)*[a-z]+": "", "/.*.*x": "", "/((?!ab).)*$": "",
		"/(a+)+$": "more than one way", "/(a*)*b": "more than one way", "/((a|b)+c*)+$": "more than one way", "/(a|a)*[xy]{0,7}$": "more than one way",
		"/(a|ab)*x": "more than one way", "/(a?b?)*x": "", "/(/[^/]+|x+)*y": "more than one way", "/([^/]+){2,}y": "more than one way",
		"/(a+){1,30}b": "steps", "/(.*a){20}": "steps", "/.*.*.*.*x": "steps", "/" + strings.Repeat("a?", 24) + strings.Repeat("a", 24): "steps",
		"/(|a){30}x": "steps", "/(|){20}x": "match nothing", "/(a{1,9}){1,9}b": "steps", "/((((((a|b)(c)?)*)(d)?)*(e)?)*(f|g))*$": "",
		"/[a-z]{1,1000}[a-z]{1,1000}[a-z]{1,1000}x": "",
	} {
		regex, err := reader.Path(pattern)
		if reason != "" {
			if err == nil || !strings.Contains(err.Error(), reason) {
				t.Errorf("%s: %v; want an error about %q", pattern, err, reason)
			}
			continue
		}
		if err != nil {
			continue
		}
		var host RegexBudget
		if err := host.Add(regex); err != nil {
			t.Fatal(err)
		}
		if limit := host.PathLimit(32 << 10); limit < MinPathLimit || limit > 4096 {
			t.Errorf("%s is tried on paths of %d bytes", pattern, limit)
		}
	}
}

func TestHostsKeepWithinTheirBudget(t *testing.T) {
	var reader RegexReader
	regex, err := reader.Path("/(.*)/foo/(.*)/bar")
	if err != nil {
		t.Fatal(err)
	}
	plain, err := reader.Path("/shop(/|$)(.*)")
	if err != nil {
		t.Fatal(err)
	}
	var host RegexBudget
	for range 1000 {
		if err := host.Add(plain); err != nil {
			t.Fatalf("a host has no place for many cheap ones: %v", err)
		}
	}
	taken := 0
	for host.Add(regex) == nil {
		if taken++; taken > 1000 {
			t.Fatal("a host takes any number of costly patterns")
		}
	}
	if host.Add(regex) == nil || taken < 3 {
		t.Error("what was refused is admitted later, or the budget is too small")
	}
	if steps := host.steps(MinPathLimit); steps > MaxHostSteps {
		t.Errorf("the host may cost %.0f steps", steps)
	}
}

func TestCheckRegexRefuses(t *testing.T) {
	for pattern, reason := range map[string]string{
		"/(":                            "not closed",
		"/)":                            "no opening one",
		"/[a":                           "not closed",
		`/a\`:                           "backslash at the end",
		"/[:alpha:]":                    "a bracket that begins with ':'",
		"/v[.a.]":                       "a bracket that begins with '.'",
		"/[=a=]":                        "a bracket that begins with '='",
		`/\v`:                           "escape",
		"/(?<name>x)":                   "groups that begin with (?",
		"/(?P<name>x)":                  "groups that begin with (?",
		"/(?#c)":                        "groups that begin with (?",
		"/(?R)":                         "groups that begin with (?",
		"/(*COMMIT)":                    "verbs",
		`/(a)\1`:                        "escape",
		`/\x41`:                         "escape",
		`/\Qx\E`:                        "escape",
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
		if ok, _ := re.MatchString(wide(text)); !ok {
			t.Errorf("QuoteRegex(%q) does not match its own text", text)
		}
		if ok, _ := re.MatchString(wide(other)); ok && !strings.EqualFold(wide(other), wide(text)) && other != text+"\n" {
			t.Errorf("QuoteRegex(%q) matches %q", text, other)
		}
	})
}

func TestByteSetFolds(t *testing.T) {
	for _, c := range []byte{'a', 'A', 'z', 'Z', 'm'} {
		var s byteSet
		s.put(c)
		for other := range 256 {
			want := strings.EqualFold(string(rune(c)), string(rune(other))) && other < 0x80
			if got := s.folded().has(byte(other)); got != want {
				t.Errorf("folded %q has %q = %v", c, rune(other), got)
			}
		}
	}
}
