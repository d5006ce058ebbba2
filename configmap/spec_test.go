package configmap

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// names reads one kind of testdata/keys.txt.
func names(t *testing.T, kind string) []string {
	t.Helper()
	f, err := os.Open("testdata/keys.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, ok := strings.CutPrefix(lines.Text(), kind+" "); ok {
			list = append(list, name)
		}
	}
	return list
}

func TestTheTablesHoldEveryKeyOnce(t *testing.T) {
	var found, aliases, keys []string
	for _, s := range Annotations() {
		found = append(found, s.Key.String())
		for _, a := range s.Aliases {
			aliases = append(aliases, a.String())
		}
	}
	for _, s := range Settings() {
		keys = append(keys, s.Key.String())
	}
	slices.Sort(aliases)
	for _, c := range []struct {
		kind string
		got  []string
		want int
	}{
		{"annotation", found, 136 + 2},
		{"alias", aliases, 2},
		{"setting", keys, 197 + 1},
		{"dead", deadSettings, 14},
	} {
		if diff := cmp.Diff(names(t, c.kind), c.got); diff != "" {
			t.Errorf("%s: testdata/keys.txt and the table differ (-list +table):\n%s", c.kind, diff)
		}
		if len(c.got) != c.want {
			t.Errorf("%s: %d keys, want %d", c.kind, len(c.got), c.want)
		}
	}
}

func TestEveryRowIsComplete(t *testing.T) {
	for _, table := range []*table{annotations, settings} {
		for i := range table.specs {
			s := &table.specs[i]
			switch {
			case s.Group == "":
				t.Errorf("%s has no group", s.Key)
			case len(s.Doc) < 12 || !strings.HasSuffix(s.Doc, "."):
				t.Errorf("%s has no doc, or one that is not a sentence", s.Key)
			case s.Type == Enum && len(s.Values) == 0:
				t.Errorf("%s is an enum without words", s.Key)
			case s.Global != nil && (s.Default != "" || settings.byName[s.Global.String()] == nil):
				t.Errorf("%s takes its default from %s, which is no setting or not the only default", s.Key, s.Global)
			case s.Guards && s.OnUnusable == UseDefault && s.OnInvalid != UseDefault && (s.Type == Int || s.Type == URL || s.Type == SecretRef):
				t.Errorf("%s guards something, and a value that is out of range or incomplete opens it", s.Key)
			}
			if _, ok := table.defaults[s.Key]; s.Default != "" && !ok {
				_, _, f := table.read(s, s.Default, "")
				t.Errorf("%s: its own parser refuses the default %q: %v", s.Key, s.Default, f)
			}
		}
	}
}

func TestSettingsOfAnAnnotationHaveItsType(t *testing.T) {
	for _, s := range Annotations() {
		if s.Global == nil {
			continue
		}
		if got := settings.byName[s.Global.String()].Type; got != s.Type {
			t.Errorf("annotation %s is of type %s, the setting that gives its default of type %s", s.Key, s.Type, got)
		}
	}
}
