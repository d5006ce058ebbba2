package templates_test

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/headgate/headgate/render/engine"
	"github.com/headgate/headgate/templates"
)

var update = flag.Bool("update", false, "rewrite docs/template-views.md and the lists of fields in testdata")

const pageHead = `# What templates get

Made from the source of the renderers by ` + "`go test ./templates -update`" + `; [templates.md](templates.md) says how to use it. Versions of the
views: nginx ` + templates.NginxViews + `, HAProxy ` + templates.HAProxyViews + `.

A template that Headgate calls makes a file, or a part of one; all others are called by the templates named. ` + "`any`" + ` stands for one of
several types, which the meaning names.
`

// The functions are the engine's; the page lists what it lists.
func functionList() string {
	return "\n## Functions\n\n`" + strings.Join(engine.Functions(), "`, `") + "`; for nginx also `param`, which makes a parameter `key=value`.\n"
}

func TestTheReferencePageIsUpToDate(t *testing.T) {
	var b strings.Builder
	b.WriteString(pageHead)
	b.WriteString(functionList())
	s := readSource(t, "../render/nginx", "../render/haproxy")
	for _, l := range languages(t) {
		readReference(t, s, l).write(t, s, &b)
	}
	golden(t, filepath.Join("..", "docs", "template-views.md"), b.String())
}

func golden(t *testing.T, path, text string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != text {
		t.Errorf("%s is out of date; run: go test ./templates -update", path)
	}
}

// Users' templates name fields and templates. What they may have named stays, or the version and the changelog say that it went.
func TestTheViewsKeepTheirVersion(t *testing.T) {
	s := readSource(t, "../render/nginx", "../render/haproxy")
	now := map[string][]string{}
	for _, l := range languages(t) {
		now[l.proxy] = append(now[l.proxy], readReference(t, s, l).members()...)
	}
	changelog, err := os.ReadFile("../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	for proxy, version := range map[string]string{"nginx": templates.NginxViews, "HAProxy": templates.HAProxyViews} {
		note := fmt.Sprintf("Views for %s: version %s", proxy, version)
		if !strings.Contains(string(changelog), note) {
			t.Errorf("CHANGELOG.md does not say %q, nor what changed", note)
		}
		path := filepath.Join("testdata", "views."+strings.ToLower(proxy)+".txt")
		// A version that no release had yet may still change.
		if released := !strings.Contains(unreleased(string(changelog)), note); released {
			keepMembers(t, path, version, now[proxy])
		}
		slices.Sort(now[proxy])
		golden(t, path, "version "+version+"\n"+strings.Join(now[proxy], "\n")+"\n")
	}
}

// keepMembers compares with what was released under the same version.
func keepMembers(t *testing.T, path, version string, now []string) {
	t.Helper()
	for _, lost := range lostMembers(t, path, version, now) {
		t.Fatalf("%q is gone or has another type, and version %s was released with it: raise the version in templates/version.go, "+
			"and say in CHANGELOG.md what changed", lost, version)
	}
}

func lostMembers(t *testing.T, path, version string, now []string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if lines[0] != "version "+version {
		return nil
	}
	return slices.DeleteFunc(lines[1:], func(line string) bool { return slices.Contains(now, line) })
}

// unreleased is the part of the changelog that no release has yet.
func unreleased(changelog string) string {
	_, rest, _ := strings.Cut(changelog, "\n## Unreleased\n")
	part, _, _ := strings.Cut(rest, "\n## ")
	return part
}

func TestLostMembers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "views.txt")
	if err := os.WriteFile(path, []byte("version 1\na.B int\na.C bool\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		version string
		now     []string
		want    int
	}{
		{"1", []string{"a.B int", "a.C bool", "a.D int"}, 0}, {"1", []string{"a.B int"}, 1}, {"1", []string{"a.B int64", "a.C bool"}, 1}, {"2", nil, 0},
	} {
		if got := lostMembers(t, path, test.version, test.now); len(got) != test.want {
			t.Errorf("version %s with %v: %v is lost", test.version, test.now, got)
		}
	}
	if got := unreleased("# C\n\n## Unreleased\n\n- a\n\n## 1.0\n\n- b\n"); !strings.Contains(got, "- a") || strings.Contains(got, "- b") {
		t.Errorf("the unreleased part is %q", got)
	}
}
