package configmap

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestClean(t *testing.T) {
	for _, c := range []struct {
		typ      Type
		text     string
		want     string
		accepted bool
	}{
		{String, " a b\t\n", "a b", true},
		{String, "a\tb", "a b", true},
		{String, "a\u00a0b", "a\u00a0b", true},
		{String, "a\nb", "", false},
		{String, "a\r\nb", "", false},
		{List, " a,\r\n  b ", "a, b", true},
		{Snippet, "  a;\n  b;\n", "a;\nb;", true},
		{Text, "a\n\tb", "a\nb", true},
		{Text, "a\x1bb", "", false},
		{String, "a\x7f", "", false},
		{String, "a\u0085b", "", false},
		{String, "a\u009fb", "", false},
		{String, "a\u2028b", "", false},
		{String, "a\u202eb", "", false},
		{String, "a\u2066b", "", false},
		{String, "a\u2069b", "", false},
		{String, "a\u200fb", "", false},
		{String, "a\ufeffb", "", false},
		{String, "a\xffb", "", false},
		{String, strings.Repeat("a", maxShort), strings.Repeat("a", maxShort), true},
		{String, strings.Repeat("a", maxShort+1), "", false},
		{Snippet, strings.Repeat("a", maxLong), strings.Repeat("a", maxLong), true},
		{Snippet, strings.Repeat("a", maxLong+1), "", false},
	} {
		got, f := clean(c.typ, c.text)
		if got != c.want || f == nil != c.accepted {
			t.Errorf("clean(%s, %.20q) = %.20q, %v", c.typ, c.text, got, f)
		}
	}
}

func TestReadingNumbers(t *testing.T) {
	for _, c := range []struct {
		spec Spec
		text string
		want any
	}{
		{Spec{Type: Int}, "+5", 5},
		{Spec{Type: Int}, "5.0", nil},
		{Spec{Type: Int}, "0x5", nil},
		{Spec{Type: Int}, "2147483648", nil},
		{Spec{Type: Int, Max: 9, Clamp: true}, "-3", 0},
		{Spec{Type: Int, Max: 9}, "-3", nil},
		{Spec{Type: Int, Max: 9}, "10", nil},
		{Spec{Type: Int, Max: 9, ZeroDefault: true, Default: "3"}, "0", 3},
		{Spec{Type: Int, Max: 9, Default: "3"}, "0", 0},
		{Spec{Type: IntOrAuto}, "auto", 0},
		{Spec{Type: IntOrAuto}, "Auto", nil},
		{Spec{Type: Float, Max: 1}, "0.25", 0.25},
		{Spec{Type: Float, Max: 1}, "1.5", nil},
		{Spec{Type: Float, Max: 1}, "NaN", nil},
		{Spec{Type: Duration}, "1h1h", nil},
		{Spec{Type: Duration}, "1M1m", 30*24*time.Hour + time.Minute},
		{Spec{Type: Duration}, "1h 30", time.Hour + 30*time.Second},
		{Spec{Type: Duration}, "30 1h", nil},
		{Spec{Type: Duration}, "1.5h", nil},
		{Spec{Type: Duration}, "h", nil},
		{Spec{Type: Duration}, "11y", nil},
		{Spec{Type: GoDuration}, "1.5s", 1500 * time.Millisecond},
		{Spec{Type: GoDuration}, "-1s", nil},
		{Spec{Type: Seconds}, "5s", nil},
		{Spec{Type: Size}, "0", int64(0)},
		{Spec{Type: Size}, "8K", int64(8 << 10)},
		{Spec{Type: Size}, "1mb", nil},
		{Spec{Type: Size}, "8388608g", nil},
		{Spec{Type: Size}, "9223372036854775807k", nil},
		{Spec{Type: Buffers}, "4 8k", BufferCount{4, 8 << 10}},
		{Spec{Type: Buffers}, "0 8k", nil},
		{Spec{Type: Buffers}, "4", nil},
		{Spec{Type: Codes, Min: 400, Max: 599}, "404, 503", []int{404, 503}},
		{Spec{Type: Codes, Min: 400, Max: 599}, "404, 0503", nil},
	} {
		got, _, f := settings.read(&c.spec, c.text, "")
		if f != nil {
			got = nil
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s %q (-want +got):\n%s%v", c.spec.Type, c.text, diff, f)
		}
	}
}

func TestHintsAtTheRightUnit(t *testing.T) {
	for _, c := range []struct {
		typ        Type
		text, hint string
	}{
		{Seconds, "1m30s", "write the number of seconds without a unit: 90"},
		{Size, "10Mi", "write 10m"},
		{Size, "10kb", "write 10k"},
		{Size, "ten", ""},
		{Bool, "Yes", `write "true"`},
		{Bool, "off", `write "false"`},
	} {
		_, _, f := settings.read(&Spec{Type: c.typ}, c.text, "")
		if f == nil || f.hint != c.hint {
			t.Errorf("%s %q: %+v, want the hint %q", c.typ, c.text, f, c.hint)
		}
	}
}

func TestReadingReferencesAndURLs(t *testing.T) {
	for _, c := range []struct {
		key  Key
		text string
		ok   bool
	}{
		{AuthSecret, "users", true},
		{AuthSecret, "shop/users.v1", true},
		{AuthSecret, "shop/Users", false},
		{AuthSecret, "shop/", false},
		{AuthSecret, "/users", false},
		{AuthSecret, "a/b/c", false},
		{AuthTLSSecret, "ca", false},
		{DefaultBackend, "web.x", false},
		{AuthURL, "https://auth.example/check?x=$host", true},
		{AuthURL, "https://$host/check", true},
		{AuthURL, "https://me:secret@auth.example/", false},
		{AuthURL, "https://a..b/", false},
		{AuthURL, "https:auth.example", false},
		{GlobalAuthURL, "ftp://auth.example/", false},
	} {
		table := annotations
		if c.key == GlobalAuthURL {
			table = settings
		}
		if _, _, f := table.read(table.byName[c.key.String()], c.text, "shop"); f == nil != c.ok {
			t.Errorf("%s %q: %+v", c.key, c.text, f)
		}
	}
	u := readURLFault(t, "https://$host:1x/")
	if strings.Contains(u.reason, "$host") {
		t.Errorf("the reason repeats the value: %s", u.reason)
	}
	credentials := readURLFault(t, "https://me:secret@auth.example/x")
	if strings.Contains(credentials.reason, "secret") {
		t.Errorf("the reason repeats the value: %s", credentials.reason)
	}
}

func readURLFault(t *testing.T, text string) *fault {
	t.Helper()
	_, f := readURL(&reading{spec: &Spec{Type: URL}}, text)
	if f == nil {
		t.Fatalf("%q was taken for a URL", text)
	}
	return f
}
