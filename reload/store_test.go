package reload

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate/headgate/render"
)

func openTestStore(t *testing.T, dir string) *store {
	t.Helper()
	s, err := openStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.close() })
	return s
}

func sampleFiles() []render.File {
	return []render.File{
		{Path: "hosts/a.conf", Mode: 0o644, Data: []byte("a")},
		{Path: "nginx.conf", Mode: 0o644, Data: []byte("main")},
		{Path: "secrets/tls/key.pem", Mode: 0o644, Data: []byte("key"), Sensitive: true},
	}
}

func TestStageModes(t *testing.T) {
	old := syscall.Umask(0o077)
	defer syscall.Umask(old)
	s := openTestStore(t, t.TempDir())
	files := sampleFiles()
	tree, err := s.stage(s.identify(files), files, Tree{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]fs.FileMode{}
	err = filepath.WalkDir(tree.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		st, err := d.Info()
		rel, _ := filepath.Rel(tree.Dir, path)
		got[rel] = st.Mode().Perm()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]fs.FileMode{
		".": 0o755, "hosts": 0o755, "hosts/a.conf": 0o644, "nginx.conf": 0o644,
		"secrets": 0o700, "secrets/tls": 0o700, "secrets/tls/key.pem": 0o600,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("modes (-want +got):\n%s", diff)
	}
}

// TestStageLinks: what has not changed is not written again.
func TestStageLinks(t *testing.T) {
	s := openTestStore(t, t.TempDir())
	first := sampleFiles()
	one, err := s.stage(s.identify(first), first, Tree{})
	if err != nil {
		t.Fatal(err)
	}
	second := sampleFiles()
	second[0].Data = []byte("b")
	second[1].Mode = 0o600
	two, err := s.stage(s.identify(second), second, one)
	if err != nil {
		t.Fatal(err)
	}
	for path, shared := range map[string]bool{"hosts/a.conf": false, "nginx.conf": false, "secrets/tls/key.pem": true} {
		a, errA := os.Stat(filepath.Join(one.Dir, path))
		b, errB := os.Stat(filepath.Join(two.Dir, path))
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if os.SameFile(a, b) != shared {
			t.Errorf("%s: shared is not %t", path, shared)
		}
	}
	if data, err := os.ReadFile(filepath.Join(one.Dir, "hosts/a.conf")); string(data) != "a" || err != nil {
		t.Errorf("the earlier tree has changed: %q, %v", data, err)
	}
}

func TestIdentify(t *testing.T) {
	s := openTestStore(t, t.TempDir())
	seen := map[string]string{}
	for name, change := range map[string]func([]render.File) []render.File{
		"as it is":       func(f []render.File) []render.File { return f },
		"bytes":          func(f []render.File) []render.File { f[0].Data = []byte("b"); return f },
		"mode":           func(f []render.File) []render.File { f[0].Mode = 0o600; return f },
		"path":           func(f []render.File) []render.File { f[0].Path = "hosts/b.conf"; return f },
		"one less":       func(f []render.File) []render.File { return f[1:] },
		"bytes and path": func(f []render.File) []render.File { f[0].Path, f[0].Data = "hosts/a.conf\x00a", nil; return f },
	} {
		id := s.identify(change(sampleFiles()))
		if other, ok := seen[id]; ok || !isID(id) {
			t.Errorf("%s has the id of %s: %s", name, other, id)
		}
		seen[id] = name
	}
	if s.identify(sampleFiles()) != s.identify(sampleFiles()) {
		t.Error("equal files have different ids")
	}
	if s.identify(sampleFiles()) == openTestStore(t, t.TempDir()).identify(sampleFiles()) {
		t.Error("the id can be computed without the key")
	}
}

func TestStageFails(t *testing.T) {
	tests := map[string]render.File{
		"out of the tree":          {Path: "../x", Mode: 0o644},
		"absolute":                 {Path: "/x", Mode: 0o644},
		"unclean":                  {Path: "a//x", Mode: 0o644},
		"the tree itself":          {Path: ".", Mode: 0o644},
		"twice":                    {Path: "nginx.conf", Mode: 0o644},
		"cannot be written":        {Path: strings.Repeat("x", 300), Mode: 0o644},
		"a file where a folder is": {Path: "hosts", Mode: 0o644},
	}
	for name, file := range tests {
		t.Run(name, func(t *testing.T) {
			s := openTestStore(t, t.TempDir())
			files := append(sampleFiles(), file)
			if _, err := s.stage(s.identify(files), files, Tree{}); err == nil {
				t.Error("accepted")
			}
			if names, err := s.generations(); len(names) != 0 || err != nil {
				t.Errorf("left behind: %v, %v", names, err)
			}
		})
	}
}

func TestPrune(t *testing.T) {
	s := openTestStore(t, t.TempDir())
	var ids []string
	for _, w := range []string{"0", "1", "2", "3", "4", "5"} {
		files := word(w)
		tree, err := s.stage(s.identify(files), files, Tree{})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, tree.Generation)
		// The clock of the file system ticks too slowly for trees that are made one after the other.
		made := time.Unix(int64(1000+len(ids)), 0)
		if err := os.Chtimes(tree.Dir, made, made); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.prune(2, ids[0]); err != nil {
		t.Fatal(err)
	}
	got, err := s.generations()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{ids[0], ids[4], ids[5]}
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("generations (-want +got):\n%s", diff)
	}
}

func TestOpenStore(t *testing.T) {
	t.Run("used by another one", func(t *testing.T) {
		dir := t.TempDir()
		first := openTestStore(t, dir)
		if _, err := openStore(dir); err == nil || !strings.Contains(err.Error(), "another headgate") {
			t.Errorf("error %v", err)
		}
		if err := first.close(); err != nil {
			t.Fatal(err)
		}
		openTestStore(t, dir)
	})
	t.Run("current is a folder", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, linkCurrent), 0o755); err != nil {
			t.Fatal(err)
		}
		if _, err := openStore(dir); err == nil || !strings.Contains(err.Error(), `"current" is not a link`) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("is a file", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := openStore(file); err == nil || !strings.Contains(err.Error(), "work dir") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("cannot be written", func(t *testing.T) {
		if os.Geteuid() == 0 {
			t.Skip("root writes everywhere")
		}
		dir := t.TempDir()
		if err := os.Chmod(dir, 0o555); err != nil {
			t.Fatal(err)
		}
		if _, err := openStore(dir); err == nil || !strings.Contains(err.Error(), dir) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("left by a crash", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.MkdirAll(filepath.Join(dir, dirGenerations, "0123456789abcdef.new", "hosts"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, fileKey), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		s := openTestStore(t, dir)
		if names, err := s.generations(); len(names) != 0 || err != nil || len(s.key) != 32 {
			t.Errorf("left behind: %v, %v; key of %d bytes", names, err, len(s.key))
		}
	})
}

// TestLinked: only a link to a tree of ours counts.
func TestLinked(t *testing.T) {
	const id = "0123456789abcdef"
	tests := map[string]struct{ target, want string }{
		"a tree":             {"generations/" + id, id},
		"a tree that's gone": {"generations/fedcba9876543210", ""},
		"elsewhere":          {"/etc", ""},
		"a strange name":     {"generations/..", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := openTestStore(t, dir)
			if err := os.Mkdir(filepath.Join(dir, dirGenerations, id), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(test.target, filepath.Join(dir, linkCurrent)); err != nil {
				t.Fatal(err)
			}
			if got, err := s.linked(linkCurrent); got != test.want || err != nil {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

// BenchmarkStage writes 1,000 files, all new or one of them changed.
func BenchmarkStage(b *testing.B) {
	for name, changed := range map[string]bool{"all new": false, "one changed": true} {
		b.Run(name, func(b *testing.B) {
			s, err := openStore(b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			defer s.close()
			var earlier Tree
			for i := range b.N {
				files := make([]render.File, 1000)
				for j := range files {
					files[j] = render.File{Path: fmt.Sprintf("hosts/%04d.conf", j), Mode: 0o644, Data: []byte(strings.Repeat("x", 2000))}
				}
				files[0].Data = fmt.Append(nil, i)
				tree, err := s.stage(s.identify(files), files, earlier)
				if err != nil {
					b.Fatal(err)
				}
				if changed {
					earlier = tree
				}
			}
		})
	}
}
