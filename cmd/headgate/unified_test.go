package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUnified(t *testing.T) {
	ten := "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n"
	for _, tt := range []struct{ name, old, new, want string }{
		{"equal", ten, ten, ""},
		{"one line", ten, strings.Replace(ten, "5", "five", 1), "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"},
		{"new file", "", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n"},
		{"gone file", "a\n", "", "@@ -1 +0,0 @@\n-a\n"},
		{"two hunks", ten + ten, "0\n" + ten + ten + "11\n",
			"@@ -1,3 +1,4 @@\n+0\n 1\n 2\n 3\n@@ -18,3 +19,4 @@\n 8\n 9\n 10\n+11\n"},
		{"no final newline", "a\nb", "a\nb\n", "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := tt.want
			if want != "" {
				want = "--- old\n+++ new\n" + want
			}
			if diff := cmp.Diff(want, unified("old", "new", tt.old, tt.new)); diff != "" {
				t.Errorf("wrong difference (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUnifiedOfVeryDifferentTexts(t *testing.T) {
	old, new := strings.Repeat("a\n", 2000), strings.Repeat("b\n", 2000)
	got := unified("old", "new", old, new)
	if strings.Count(got, "\n-") != 2000 || strings.Count(got, "\n+") != 2001 {
		t.Errorf("%d lines out and %d in", strings.Count(got, "\n-"), strings.Count(got, "\n+"))
	}
}

// FuzzUnified holds the difference against patch(1): applied to the old text it must give the new one.
func FuzzUnified(f *testing.F) {
	f.Add("a\nb\nc\n", "a\nc\nd\n")
	f.Add("", "x")
	f.Add("x\ny", "y\nx\n\n")
	f.Add(strings.Repeat("a\nb\n", 20), strings.Repeat("b\na\nc\n", 14))
	patch, err := exec.LookPath("patch")
	if err != nil {
		f.Skip("patch is not installed")
	}
	f.Fuzz(func(t *testing.T, old, new string) {
		if strings.ContainsAny(old+new, "\r\x00") {
			t.Skip("patch has a meaning of its own for these bytes")
		}
		diff := unified("a", "a", old, new)
		if diff == "" {
			if old != new {
				t.Fatal("no difference between different texts")
			}
			return
		}
		target := filepath.Join(t.TempDir(), "a")
		if err := os.WriteFile(target, []byte(old), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(patch, "--silent", "--force", "--unified", "--fuzz=0", target)
		cmd.Stdin = strings.NewReader(diff)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("patch: %v: %s\n%s", err, out, diff)
		}
		got, err := os.ReadFile(target)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if string(got) != new {
			t.Fatalf("patched text is %q, want %q; difference:\n%s", got, new, diff)
		}
	})
}
