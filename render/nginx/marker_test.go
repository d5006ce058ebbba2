package nginx

import (
	"bytes"
	"strings"
	"testing"

	"github.com/headgate/headgate/render"
	"github.com/headgate/headgate/render/nginx/conf"
)

// TestMark: the marker is in nginx.conf itself, and in no other file: what is read through a link that can be switched vouches for nothing.
func TestMark(t *testing.T) {
	target, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	main := "error_log stderr notice;\nhttp {\n    include headers.conf;\n    include marker/*.conf;\n    include hosts/*.conf;\n}\n"
	plain := []render.File{{Path: "hosts/a.conf", Data: []byte("# host\n")}, {Path: MainFile, Data: []byte(main)}}
	marked, err := target.Mark(plain, Marker{Socket: "/w/run/status.sock", Generation: "abc", ErrorLog: "run/emerg.log"})
	if err != nil {
		t.Fatal(err)
	}
	if len(marked) != len(plain) {
		t.Errorf("%d files, want %d", len(marked), len(plain))
	}
	for i, f := range marked {
		text := string(f.Data)
		if f.Path != MainFile {
			if !bytes.Equal(f.Data, plain[i].Data) {
				t.Errorf("%s has changed", f.Path)
			}
			continue
		}
		for _, want := range []string{"error_log run/emerg.log emerg;\n", "        listen unix:/w/run/status.sock;\n", "return 200 \"abc\";"} {
			if !strings.Contains(text, want) {
				t.Errorf("no %q in\n%s", want, text)
			}
		}
		if strings.Contains(text, "include marker") || strings.Contains(string(plain[i].Data), "abc") {
			t.Error("the marker's place is still there, or the files that were given have changed")
		}
		if _, err := conf.Parse(f.Data); err != nil {
			t.Error(err)
		}
	}
	for name, main := range map[string]string{
		"no place": "http {\n}\n", "two": "http {\n    include marker/*.conf;\n    include marker/*.conf;\n}\n", "a comment": "# include marker/*.conf;\n",
	} {
		if _, err := target.Mark([]render.File{{Path: MainFile, Data: []byte(main)}}, Marker{Socket: "/s"}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := target.Mark(nil, Marker{Socket: "/s"}); err == nil {
		t.Error("no files: no error")
	}
}
