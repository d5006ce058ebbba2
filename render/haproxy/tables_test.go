package haproxy

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate/headgate/render/haproxy/conf"
)

// TestThinOut: the table of whole paths holds what the other one, asked with a slash behind the path, would not answer.
func TestThinOut(t *testing.T) {
	tests := []struct {
		name                string
		exact, prefix, want map[string]conf.Name
	}{
		{"a beginning is found for the path itself", map[string]conf.Name{"h/a": "a"}, map[string]conf.Name{"h/": "root", "h/a/": "a"}, map[string]conf.Name{}},
		{"a whole path of its own stays", map[string]conf.Name{"h/a": "whole"}, map[string]conf.Name{"h/": "root", "h/a/": "a"}, map[string]conf.Name{"h/a": "whole"}},
		{"only what is below counts", nil, map[string]conf.Name{"h/": "root", "h/a/": "a"}, map[string]conf.Name{"h/a": "root"}},
		{"only what is below counts, further down", nil, map[string]conf.Name{"h/": "root", "h/a/": "a", "h/a/b/c/": "c"},
			map[string]conf.Name{"h/a": "root", "h/a/b/c": "a"}},
		{"whole paths without anything below stay", map[string]conf.Name{"h/a": "root"}, map[string]conf.Name{"h/": "root"}, map[string]conf.Name{"h/a": "root"}},
		{"the host itself is no path", nil, map[string]conf.Name{"h/": "root"}, map[string]conf.Name{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tables := newTables()
			maps.Copy(tables.exact, test.exact)
			maps.Copy(tables.prefix, test.prefix)
			full := answersOf(tables, plainly)
			tables.thinOut()
			if diff := cmp.Diff(test.want, tables.exact); diff != "" {
				t.Errorf("whole paths (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(full, answersOf(tables, withSlash)); diff != "" {
				t.Errorf("answers before and after (-before +after):\n%s", diff)
			}
		})
	}
}

// answersOf looks up some paths, first among the whole ones and then among the beginnings.
func answersOf(t tables, beginning func(tables, string) conf.Name) map[string]conf.Name {
	answers := map[string]conf.Name{}
	for _, path := range []string{"h/", "h/a", "h/a/", "h/ab", "h/a/b", "h/a/b/c", "h/a/b/c/", "h/a/b/c/d", "h/a/b/cd", "h/b"} {
		name, found := t.exact[path]
		if !found {
			name = beginning(t, path)
		}
		answers[path] = name
	}
	return answers
}

// plainly is the longest beginning of a path, withSlash that of the path with a slash behind it, as HAProxy is asked for it.
func plainly(t tables, path string) conf.Name { return longestOf(t.prefix, path) }

func withSlash(t tables, path string) conf.Name { return longestOf(t.prefix, path+"/") }

func longestOf(table map[string]conf.Name, path string) conf.Name {
	longest := ""
	for beginning := range table {
		if strings.HasPrefix(path, beginning) && len(beginning) > len(longest) {
			longest = beginning
		}
	}
	return table[longest]
}
