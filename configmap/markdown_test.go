package configmap

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the reference pages in docs")

func TestTheReferencePagesAreUpToDate(t *testing.T) {
	for name, write := range map[string]func(io.Writer) error{"annotations.md": WriteAnnotationsDoc, "configmap.md": WriteSettingsDoc} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("..", "docs", name)
		if *update {
			if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		have, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(have), b.String()); diff != "" {
			t.Errorf("%s is out of date; run: go test ./configmap -update\n%s", path, diff)
		}
	}
}
