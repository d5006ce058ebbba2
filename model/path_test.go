package model

import (
	"strings"
	"testing"
)

func TestNormalizePath(t *testing.T) {
	for target, want := range map[string]string{
		"/":              "/",
		"/a/b?x=/../y":   "/a/b",
		"/a#frag":        "/a",
		"//a///b/":       "/a/b/",
		"/a/./b/.":       "/a/b/",
		"/a/../b":        "/b",
		"/a/b/..":        "/a/",
		"/a/..":          "/",
		"/%2e%2E/":       "",
		"/a/%2e%2e/b":    "/b",
		"/a%2Fb":         "/a/b",
		"/a%2F..%2Fb":    "/b",
		"/%25":           "/%",
		"/%2525":         "/%25",
		"/%3Fx":          "/?x",
		"/%23":           "/#",
		"/...":           "/...",
		"/a..b/.c":       "/a..b/.c",
		"/a+b":           "/a+b",
		"/..":            "",
		"/a/../../b":     "",
		"/%":             "",
		"/%4":            "",
		"/%zz":           "",
		"/%00":           "",
		"*":              "",
		"":               "",
		"http://a.test/": "",
		"/caf%C3%A9":     "/café",
		"/a\x00b":        "",
	} {
		got, ok := NormalizePath(target)
		if got != want || ok != (want != "") {
			t.Errorf("NormalizePath(%q) = %q, %v; want %q", target, got, ok, want)
		}
	}
}

func FuzzNormalizePath(f *testing.F) {
	for _, seed := range []string{"/a/../b", "/%2e%2e/x", "//", "/.", "/a%2f..", "/%"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, target string) {
		path, ok := NormalizePath(target)
		if !ok {
			return
		}
		if !strings.HasPrefix(path, "/") || strings.Contains(path, "//") || strings.Contains(path+"/", "/./") || strings.Contains(path+"/", "/../") {
			t.Errorf("NormalizePath(%q) = %q is not normal", target, path)
		}
		again, ok := resolveSegments(path)
		if !ok || again != path {
			t.Errorf("normalising %q again gives %q", path, again)
		}
	})
}
