package watch

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate/headgate/diag"
)

func TestReadPaths(t *testing.T) {
	f := folder{t, t.TempDir()}
	for _, name := range []string{"in/b.yaml", "in/a.json", "in/sub/c.yml", "in/.d.yaml", "in/e.txt", "one.txt", "linked/f.yaml"} {
		f.write(name, name)
	}
	f.mount("mounted/..v1", nil)
	f.check(os.MkdirAll(f.at("m/..v1/sub"), 0o755))
	f.write("m/..v1/top.yaml", "top")
	f.write("m/..v1/sub/low.yaml", "low")
	f.link("..v1", "m/..data")
	f.link("..data/top.yaml", "m/top.yaml")
	f.link("..data/sub", "m/sub")
	f.link("linked", "link")
	f.link("../linked", "in/way-out")
	f.link("..", "up/..data")
	f.link("..data/linked", "up/linked")
	f.check(syscall.Mkfifo(f.at("in/pipe.yaml"), 0o644))

	tests := []struct {
		name  string
		paths []string
		stdin string
		want  map[string]string
		codes []diag.CodeInfo
	}{
		{"nothing", nil, "", map[string]string{}, nil},
		{"folder", []string{"in"}, "", map[string]string{"in/a.json": "in/a.json", "in/b.yaml": "in/b.yaml", "in/sub/c.yml": "in/sub/c.yml"}, []diag.CodeInfo{diag.InputLink}},
		{"file of any name", []string{"one.txt"}, "", map[string]string{"one.txt": "one.txt"}, nil},
		{"twice is once", []string{"one.txt", "./one.txt"}, "", map[string]string{"one.txt": "one.txt"}, nil},
		{"given link", []string{"link"}, "", map[string]string{"link/f.yaml": "linked/f.yaml"}, nil},
		{"mounted ConfigMap", []string{"m"}, "", map[string]string{"m/top.yaml": "top", "m/sub/low.yaml": "low"}, nil},
		{"..data that leads out", []string{"up"}, "", map[string]string{}, []diag.CodeInfo{diag.InputLink}},
		{"standard input", []string{"-", "one.txt", "-"}, "text", map[string]string{"<stdin>": "text", "one.txt": "one.txt"}, nil},
	}
	t.Chdir(f.path)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inputs, remarks, err := ReadPaths(test.paths, strings.NewReader(test.stdin))
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for _, in := range inputs {
				got[in.Name] += string(in.Data)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("inputs (-want +got):\n%s", diff)
			}
			var codes []diag.CodeInfo
			for _, c := range diag.Codes() {
				if has(remarks, c) {
					codes = append(codes, c)
				}
			}
			if diff := cmp.Diff(test.codes, codes); diff != "" {
				t.Errorf("codes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadPathsLimits(t *testing.T) {
	f := folder{t, t.TempDir()}
	f.write("small.yaml", "small")
	f.write("huge.yaml", "")
	f.check(os.Truncate(f.at("huge.yaml"), maxFileBytes+1))
	f.write(strings.Repeat("d/", maxDepth)+"in.yaml", "in")
	f.write(strings.Repeat("d/", maxDepth+1)+"deeper.yaml", "deeper")
	inputs, remarks, err := ReadPaths([]string{f.path}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, in := range inputs {
		names = append(names, filepath.Base(in.Name))
	}
	if diff := cmp.Diff([]string{"in.yaml", "small.yaml"}, names); diff != "" {
		t.Errorf("inputs (-want +got):\n%s", diff)
	}
	if len(remarks) != 2 || remarks[0].Code != diag.InputTooLarge.Code || remarks[1].Code != diag.InputTooLarge.Code {
		t.Errorf("remarks %v, want two of input-too-large", remarks)
	}
}

func TestReadPathsFails(t *testing.T) {
	f := folder{t, t.TempDir()}
	f.link("absent", "a/..v1/..gone")
	f.link("..v2", "m/..data")
	f.link("..data/a.yaml", "m/a.yaml")
	for name, path := range map[string]string{"absent": f.at("absent"), "kubelet link that dangles": f.at("m")} {
		if inputs, _, err := ReadPaths([]string{path}, nil); err == nil || !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: inputs %v and error %v", name, inputs, err)
		}
	}
	broken := errors.New("broken")
	if _, _, err := ReadPaths([]string{Stdin}, failing{broken}); !errors.Is(err, broken) {
		t.Errorf("standard input that fails gives %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
