package diag

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// remarks has one diagnostic of each shape: with and without place, object, key and hint, and with hostile text.
func remarks() List {
	web := Ref{Kind: "Ingress", Namespace: "shop", Name: "web"}
	hinted := FieldInvalid.At(Pos{File: "ingress.yaml", Line: 14, Column: 7}, web, "spec.rules[0].host",
		"%s is not a host; the Ingress is refused", Quote("Shop"))
	hinted.Hint = "write it in lower case"
	notice := VersionOld.At(Pos{File: "old 100%,a:b.yaml", Line: 2}, web, "", "converted")
	return List{
		hinted,
		notice,
		FieldMissing.At(Pos{}, web, "spec.rules[0].http.paths[1].backend", "the backend names no service; the Ingress is refused"),
		InputSyntax.At(Pos{File: "a\n::error::b.yaml"}, Ref{}, "", "50%% of\r\nit: \x1b[31m<b>, é\u202e"),
		AnnotationUnknown.At(Pos{File: "ingress.yaml", Line: 15, Column: 7}, web, "nginx.ingress.kubernetes.io/ssl", "is not an annotation; it has no effect"),
		hinted,
	}
}

func TestPrintGolden(t *testing.T) {
	for _, format := range Formats() {
		t.Run(string(format), func(t *testing.T) {
			var got bytes.Buffer
			if err := Print(&got, format, remarks()); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", "print."+string(format))
			if *update {
				if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("rewrite with go test ./diag -update (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPrintDoesNotDependOnOrder(t *testing.T) {
	l := remarks()
	for _, format := range Formats() {
		var forward, backward bytes.Buffer
		if err := Print(&forward, format, l); err != nil {
			t.Fatal(err)
		}
		reversed := List{l[4], l[3], l[2], l[1], l[0]}
		if err := Print(&backward, format, reversed); err != nil {
			t.Fatal(err)
		}
		if forward.String() != backward.String() {
			t.Errorf("%s depends on the order", format)
		}
	}
}

func TestPrintNothing(t *testing.T) {
	want := map[Format]string{Text: "", JSON: "[]\n", GitHub: ""}
	for format, w := range want {
		var got bytes.Buffer
		if err := Print(&got, format, nil); err != nil || got.String() != w {
			t.Errorf("%s prints %q (%v), want %q", format, got.String(), err, w)
		}
	}
	var log bytes.Buffer
	if err := Print(&log, SARIF, nil); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"results": []`, `"rules": []`} {
		if !strings.Contains(log.String(), part) {
			t.Errorf("the SARIF log lacks %s:\n%s", part, log.String())
		}
	}
}

type brokenWriter struct{}

var errBroken = errors.New("broken")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestPrintErrors(t *testing.T) {
	for _, format := range Formats() {
		if err := Print(brokenWriter{}, format, remarks()); !errors.Is(err, errBroken) {
			t.Errorf("%s hides the error of the writer: %v", format, err)
		}
	}
	if err := Print(&bytes.Buffer{}, "xml", nil); err == nil {
		t.Error("an unknown format is taken")
	}
	if _, ok := ParseFormat("xml"); ok {
		t.Error("ParseFormat takes xml")
	}
	if f, ok := ParseFormat("sarif"); f != SARIF || !ok {
		t.Errorf("ParseFormat(sarif) = %v, %v", f, ok)
	}
}

// FuzzPrint holds the line formats to one line a diagnostic, whatever foreign text is in it, and the others to valid JSON.
func FuzzPrint(f *testing.F) {
	f.Add("a.yaml", "web", "host", "text", "hint")
	f.Add("a\nb,c:d%", "\r\n::error::x", "\x1b[2J", "%0A\n\u2028", "\xff")
	f.Fuzz(func(t *testing.T, file, name, key, message, hint string) {
		d := PathTypeMissing.At(Pos{File: file, Line: 1, Column: 2}, Ref{Kind: "Ingress", Name: name}, key, "%s", message)
		d.Hint = hint
		print := func(format Format) string {
			var b bytes.Buffer
			if err := Print(&b, format, List{d}); err != nil {
				t.Fatal(err)
			}
			return b.String()
		}
		lines := 1
		if hint != "" {
			lines = 2
		}
		if got := strings.FieldsFunc(print(Text), func(r rune) bool { return strings.ContainsRune("\n\r\v\f\u0085\u2028\u2029", r) }); len(got) != lines {
			t.Errorf("the text has %d lines: %q", len(got), got)
		}
		if got := print(GitHub); strings.Count(got, "\n") != 1 || strings.Contains(got, "\r") || !strings.HasPrefix(got, "::warning ") {
			t.Errorf("the workflow command breaks out of its line: %q", got)
		}
		for _, format := range []Format{JSON, SARIF} {
			if got := print(format); !json.Valid([]byte(got)) {
				t.Errorf("%s is not JSON: %q", format, got)
			}
		}
	})
}

// The line of a setting shows its value only, so the text has to name it, whatever thousand the code is of.
func TestTextNamesTheSetting(t *testing.T) {
	at := Pos{File: "in.yaml", Line: 3, Column: 5}
	for _, tt := range []struct {
		d    Diagnostic
		want bool
	}{
		{TargetSetting.At(at, Ref{Kind: "ConfigMap", Namespace: "a", Name: "b"}, "server-tokens", "unused"), true},
		{TargetUnsupported.At(at, Ref{Kind: "Ingress", Namespace: "a", Name: "b"}, "nginx.ingress.kubernetes.io/x", "unused"), true},
		{StreamEmpty.At(at, Ref{Kind: "ConfigMap", Namespace: "a", Name: "b"}, "9000", "unused"), true},
		{ServiceMissing.At(at, Ref{Kind: "Ingress", Namespace: "a", Name: "b"}, "spec.rules[0].http.paths[0].backend", "unused"), false},
		{FieldType.At(at, Ref{Kind: "ConfigMap", Namespace: "a", Name: "b"}, `data["x"]`, "unused"), false},
	} {
		if got := strings.Contains(tt.d.String(), tt.d.Key+": unused"); got != tt.want {
			t.Errorf("%q names its key: %v, want %v", tt.d.String(), got, tt.want)
		}
	}
}
