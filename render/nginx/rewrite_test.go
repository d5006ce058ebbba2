package nginx

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/engine"
	"github.com/headgate/headgate/render/nginx/conf"
)

func TestGroupsAreNamed(t *testing.T) {
	tests := []struct{ pattern, text, wantPattern, wantText string }{
		{"/a/(.*)", "/$1html", "/a/(?<group_1>.*)", "/${group_1}html"},
		{"/a/(.*)", "/$10", "/a/(?<group_1>.*)", "/${group_1}0"},
		{"/(a)(?:b)(c)", "/$2$2", "/(a)(?:b)(?<group_2>c)", "/$group_2$group_2"},
		{`/\((a)[(](?!x)([^](]\(?)`, "$1$2", `/\((?<group_1>a)[(](?!x)(?<group_2>[^](]\(?)`, "$group_1$group_2"},
		{"/[](]([[:alpha:](]+)", "$1", "/[](](?<group_1>[[:alpha:](]+)", "$group_1"},
		{`/[\](](a)`, "$1", `/[\](](?<group_1>a)`, "$group_1"},
		{"/((a)(b))", "$3$1", "/(?<group_1>(a)(?<group_3>b))", "$group_3$group_1"},
		{"/(a)", "/x$2y", "/(a)", "/xy"},
		{"/plain", "/x", "/plain", "/x"},
		{"/(a)", "/$0$x$$1$", "/(?<group_1>a)", `"/${dollar}0${dollar}x${dollar}$group_1${dollar}"`},
	}
	for _, test := range tests {
		t.Run(test.pattern+" "+test.text, func(t *testing.T) {
			pattern, text := named(test.pattern, test.text)
			if got := asArgument(t, text); pattern != test.wantPattern || got != test.wantText {
				t.Errorf("got %s, %s, want %s, %s", pattern, got, test.wantPattern, test.wantText)
			}
		})
	}
}

// asArgument is an expression as a template prints it.
func asArgument(t *testing.T, e conf.Expr) string {
	t.Helper()
	set, err := engine.Load(fstest.MapFS{"x.tmpl": {Data: []byte("set $x {{.}};")}}, conf.Language{}, engine.Options{Entries: map[string]string{"x": "http/server"}})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := set.Execute(&b, "x", e); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(strings.TrimPrefix(b.String(), "set $x "), ";\n")
}

// What the model admits to know about groups is what is named.
func FuzzGroupsAreNamed(f *testing.F) {
	for _, pattern := range []string{"/a/(.*)", "/((a)[](](?:b))", `/\((x)`, "/[[:alpha:](](a)", "/[^]()](a)(b)(c)", "(?i)(a)(?=b)(?!(c))"} {
		f.Add(pattern)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		groups, err := model.CheckRegex(pattern)
		if err != nil {
			return
		}
		if got := len(groupStarts(pattern)); got != groups {
			t.Errorf("%q has %d groups, and %d were found", pattern, groups, got)
		}
	})
}

// Parts that cannot be printed are refused instead of being printed as something else.
func TestRedirectsThatAreRefused(t *testing.T) {
	for _, to := range []model.Redirect{
		{Code: 301, Host: "a.test"}, {Code: 302, Host: "a.test", Path: "/%41"}, {Code: 302, Host: "a.test", Path: "/a?b=$1"},
		{Code: 302, Host: "a.test", Path: "/a b"},
	} {
		route := model.Route{Match: model.PathMatch{Kind: model.PathRegex, Path: "/(.*)"}, Redirect: &to}
		if v, err := elsewhere(&route); err == nil {
			t.Errorf("%+v is printed as %+v", to, v)
		}
	}
}
