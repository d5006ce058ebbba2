package diag

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDocsPage(t *testing.T) {
	var page bytes.Buffer
	if err := WriteDoc(&page); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("..", "docs", "diagnostics.md")
	if *update {
		if err := os.WriteFile(path, page.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), page.String()); diff != "" {
		t.Errorf("%s is not what the table says; make golden prints it:\n%s", path, diff)
	}
}

func TestFindCode(t *testing.T) {
	for _, text := range []string{"4001", "service-missing", "4001 service-missing", " Service-Missing "} {
		if c, ok := FindCode(text); !ok || c.Code != ServiceMissing.Code {
			t.Errorf("%q finds %s", text, c.Code)
		}
	}
	for _, text := range []string{"", "400", "4001 other", "service"} {
		if c, ok := FindCode(text); ok {
			t.Errorf("%q finds %s", text, c.Code)
		}
	}
}
