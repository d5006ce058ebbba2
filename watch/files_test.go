package watch

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
)

// ingressFile is the text of a manifest with Ingresses of these names.
func ingressFile(names ...string) string {
	var b strings.Builder
	for _, name := range names {
		fmt.Fprintf(&b, "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: %s}\n", name)
		fmt.Fprintf(&b, "spec: {rules: [{host: %s.example}]}\n", name)
	}
	return b.String()
}

// folder is a directory that tests change.
type folder struct {
	t    *testing.T
	path string
}

func (f folder) at(name string) string { return filepath.Join(f.path, filepath.FromSlash(name)) }

func (f folder) check(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f folder) write(name, text string) {
	f.t.Helper()
	f.check(os.MkdirAll(filepath.Dir(f.at(name)), 0o755))
	f.check(os.WriteFile(f.at(name), []byte(text), 0o644))
}

func (f folder) link(target, name string) {
	f.t.Helper()
	f.check(os.MkdirAll(filepath.Dir(f.at(name)), 0o755))
	f.check(os.Symlink(target, f.at(name)))
}

func (f folder) replace(name, content string) {
	f.write("../"+name, content)
	f.rename("../"+name, name)
}

func (f folder) rename(from, to string) {
	f.t.Helper()
	f.check(os.Rename(f.at(from), f.at(to)))
}

func (f folder) remove(name string) {
	f.t.Helper()
	f.check(os.RemoveAll(f.at(name)))
}

// mount writes a new version of a mounted ConfigMap and swaps it in like kubelet.
func (f folder) mount(version string, files map[string]string) {
	f.t.Helper()
	for name, text := range files {
		f.write(version+"/"+name, text)
	}
	f.link(version, "..data_tmp")
	f.rename("..data_tmp", "..data")
	for name := range files {
		if top, _, _ := strings.Cut(name, "/"); f.absent(top) {
			f.link("..data/"+top, top)
		}
	}
}

func (f folder) absent(name string) bool {
	_, err := os.Lstat(f.at(name))
	return err != nil
}

// follower runs a source and keeps what it delivered.
type follower struct {
	t          *testing.T
	deliveries chan delivery
	newest     delivery
}

type delivery struct {
	snapshot *manifest.Snapshot
	remarks  diag.List
	at       time.Time
}

func follow(t *testing.T, source Source) *follower {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	f := &follower{t: t, deliveries: make(chan delivery, 1000)}
	done := make(chan error, 1)
	go func() {
		done <- Run(ctx, source, Timing{Quiet: 20 * time.Millisecond, Ceiling: time.Second}, func(_ context.Context, s *manifest.Snapshot, remarks diag.List) {
			f.deliveries <- delivery{s, remarks, time.Now()}
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return f
}

// needEvents skips the test where the system has no events of files left for it: their number is limited for all processes of a user.
func needEvents(t *testing.T) {
	t.Helper()
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		t.Skipf("no file system events: %v", err)
	}
	watcher.Close()
}

// patience is how long tests wait for what has to come.
const patience = 2 * time.Minute

// await waits for a delivery that is as wanted and fails the test if none comes.
func (f *follower) await(what string, wanted func(delivery) bool) {
	f.t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case f.newest = <-f.deliveries:
			if wanted(f.newest) {
				return
			}
		case <-timeout:
			f.t.Fatalf("waiting for %s; the last delivery has Ingresses %q and remarks %v", what, namesIn(f.newest), f.newest.remarks)
		}
	}
}

func (f *follower) awaitIngresses(names ...string) {
	f.t.Helper()
	f.await(fmt.Sprintf("Ingresses %q", names), func(d delivery) bool { return slices.Equal(namesIn(d), names) })
}

// awaitNothing fails the test if something is delivered within a while.
func (f *follower) awaitNothing() {
	f.t.Helper()
	select {
	case d := <-f.deliveries:
		f.t.Fatalf("a delivery with Ingresses %q and remarks %v although nothing changed", namesIn(d), d.remarks)
	case <-time.After(300 * time.Millisecond):
	}
}

func namesIn(d delivery) []string {
	var names []string
	if d.snapshot != nil {
		for _, ingress := range d.snapshot.Ingresses {
			names = append(names, ingress.Name)
		}
	}
	return names
}

func has(remarks diag.List, code diag.CodeInfo) bool {
	return slices.ContainsFunc(remarks, func(d diag.Diagnostic) bool { return d.Code == code.Code })
}

// TestFiles changes a folder and looks at what is in force then, once woken by events alone and once by polling alone.
func TestFiles(t *testing.T) {
	type step struct {
		change func(f folder)
		want   []string
		remark *diag.CodeInfo
	}
	change := func(change func(f folder), want ...string) step { return step{change: change, want: want} }
	remarked := func(code diag.CodeInfo, s step) step { s.remark = &code; return s }
	write := func(name string, ingresses ...string) func(folder) {
		return func(f folder) { f.write(name, ingressFile(ingresses...)) }
	}
	tests := []struct {
		name  string
		steps []step
	}{
		{"created, changed, removed", []step{
			change(func(folder) {}),
			change(write("a.yaml", "a1", "a2"), "a1", "a2"),
			change(write("b.json.yml", "b"), "a1", "a2", "b"),
			change(write("a.yaml", "a3"), "a3", "b"),
			change(func(f folder) { f.remove("b.json.yml") }, "a3"),
		}},
		{"editor renames a new file into place", []step{
			change(write("a.yaml", "a"), "a"),
			change(func(f folder) { f.write(".a.yaml.swp", ingressFile("new")); f.rename(".a.yaml.swp", "a.yaml") }, "new"),
			change(func(f folder) { f.rename("a.yaml", "a.yaml~"); f.write("a.yaml", ingressFile("newer")) }, "newer"),
		}},
		{"new folders", []step{
			change(write("a.yaml", "a"), "a"),
			change(write("x/y/z/deep.yaml", "deep"), "a", "deep"),
			change(write("x/y/z/deep.yaml", "deeper"), "a", "deeper"),
			change(func(f folder) { f.remove("x") }, "a"),
			change(write("x/y/z/deep.yaml", "again"), "a", "again"),
		}},
		{"a folder moved in and replaced", []step{
			change(func(f folder) { f.write("../stage/in.yaml", ingressFile("one")) }),
			change(func(f folder) { f.rename("../stage", "sub") }, "one"),
			change(func(f folder) {
				f.write("../stage/in.yaml", ingressFile("two"))
				f.rename("sub", "../old")
				f.rename("../stage", "sub")
			}, "two"),
			change(write("sub/in.yaml", "three"), "three"),
		}},
		{"kubelet swaps ..data", []step{
			change(func(f folder) {
				f.mount("..v1", map[string]string{"a.yaml": ingressFile("a"), "sub/b.yaml": ingressFile("b")})
			}, "a", "b"),
			change(func(f folder) {
				f.mount("..v2", map[string]string{"a.yaml": ingressFile("c"), "sub/b.yaml": ingressFile("d")})
			}, "c", "d"),
			change(func(f folder) {
				f.remove("..v1")
				f.mount("..v3", map[string]string{"a.yaml": ingressFile("e")})
				f.remove("sub")
			}, "e"),
		}},
		{"links are not followed", []step{
			change(write("a.yaml", "a"), "a"),
			remarked(diag.InputLink, change(func(f folder) { f.write("../out.yaml", ingressFile("out")); f.link("../out.yaml", "l.yaml") }, "a")),
			remarked(diag.InputLink, change(func(f folder) { f.link(".", "loop") }, "a")),
		}},
		{"what does not count", []step{
			change(func(f folder) {
				f.write("a.yaml", ingressFile("a"))
				f.write(".hidden.yaml", ingressFile("x"))
				f.write(".hidden/x.yaml", ingressFile("x"))
				f.write("notes.txt", ingressFile("x"))
				f.write("a.yaml.bak", ingressFile("x"))
			}, "a"),
			remarked(diag.InputName, change(func(f folder) { f.write("a\x1b[31m.yaml", ingressFile("x")) }, "a")),
		}},
		{"a broken file keeps what cannot be read", []step{ // replaced as a whole: one that is read while it is being written is empty, not broken
			change(write("a.yaml", "a1", "a2"), "a1", "a2"),
			remarked(diag.InputKept, change(func(f folder) { f.replace("a.yaml", ingressFile("a1")+"---\n{[") }, "a1", "a2")),
			remarked(diag.InputKept, change(func(f folder) { f.replace("a.yaml", ingressFile("a3")+"---\n{[") }, "a1", "a2", "a3")),
			change(write("a.yaml", "a3"), "a3"),
		}},
		{"a file that was never good", []step{
			remarked(diag.InputSyntax, change(func(f folder) { f.write("a.yaml", ingressFile("a")+"---\n{[") }, "a")),
			change(write("a.yaml", "a", "b"), "a", "b"),
		}},
		{"the folder itself goes and comes back", []step{
			change(write("a.yaml", "a"), "a"),
			// At one go: a file that is missed in a folder which is still there is gone for good.
			remarked(diag.InputUnreadable, change(func(f folder) { f.rename(".", "../gone"); f.remove("../gone") }, "a")),
			change(write("b.yaml", "b"), "b"),
			change(write("b.yaml", "c"), "c"),
		}},
		{"the folder itself is replaced", []step{
			change(write("a.yaml", "a"), "a"),
			change(func(f folder) {
				f.write("../next/a.yaml", ingressFile("b"))
				f.rename(".", "../gone")
				f.rename("../next", ".")
			}, "b"),
			change(write("a.yaml", "c"), "c"),
		}},
	}
	modes := map[string]FilesOptions{"events": {Poll: time.Hour}, "polling": {Poll: 20 * time.Millisecond, PollOnly: true}}
	for _, test := range tests {
		for mode, options := range modes {
			t.Run(test.name+"/"+mode, func(t *testing.T) {
				t.Parallel()
				if !options.PollOnly {
					needEvents(t)
				}
				f := folder{t, filepath.Join(t.TempDir(), "manifests")}
				f.check(os.Mkdir(f.path, 0o755))
				test.steps[0].change(f)
				options.Paths = []string{f.path}
				following := follow(t, NewFiles(options))
				for i, step := range test.steps {
					if i > 0 {
						step.change(f)
					}
					if i > 0 && slices.Equal(step.want, namesIn(following.newest)) && step.remark == nil {
						continue
					}
					following.await(fmt.Sprintf("step %d: %q", i, step.want), func(d delivery) bool {
						return slices.Equal(namesIn(d), step.want) && (step.remark == nil || has(d.remarks, *step.remark)) &&
							(step.remark != nil || len(d.remarks) == 0)
					})
				}
			})
		}
	}
}

func TestFilesSaysNothingWithoutChange(t *testing.T) {
	f := folder{t, t.TempDir()}
	f.write("a.yaml", ingressFile("a"))
	following := follow(t, NewFiles(FilesOptions{Paths: []string{f.path}, Poll: 10 * time.Millisecond}))
	following.awaitIngresses("a")
	f.write("a.new", ingressFile("a"))
	f.rename("a.new", "a.yaml")
	f.write("notes.txt", "x")
	f.write("empty/.hidden", "x")
	f.check(os.Chtimes(f.at("a.yaml"), time.Time{}, time.Now()))
	following.awaitNothing()
}

func TestFilesGivenByName(t *testing.T) {
	needEvents(t)
	f := folder{t, t.TempDir()}
	f.mount("..v1", map[string]string{"a.yaml": ingressFile("a")})
	f.write("plain.yaml", ingressFile("plain"))
	following := follow(t, NewFiles(FilesOptions{Paths: []string{f.at("a.yaml"), f.at("plain.yaml")}, Poll: time.Hour}))
	following.awaitIngresses("a", "plain")
	f.mount("..v2", map[string]string{"a.yaml": ingressFile("b")})
	following.awaitIngresses("b", "plain")
	f.write("new.yaml", ingressFile("new"))
	f.rename("new.yaml", "plain.yaml")
	following.awaitIngresses("b", "new")
}

// What changes between the first read and the first wait has to be noticed at once, not by the next poll.
func TestFilesChangedAtStart(t *testing.T) {
	needEvents(t)
	for _, given := range []string{"a.yaml", "."} {
		t.Run(given, func(t *testing.T) {
			f := folder{t, t.TempDir()}
			f.write("a.yaml", ingressFile("a"))
			source := NewFiles(FilesOptions{Paths: []string{f.at(given)}, Poll: time.Hour})
			ctx, stop := context.WithTimeout(t.Context(), patience)
			defer stop()
			calls, inTime := 0, false
			err := source.Watch(ctx, func() {
				if calls++; calls == 1 {
					f.replace("a.yaml", ingressFile("b"))
					return
				}
				inTime = ctx.Err() == nil
				stop()
			})
			if err != nil {
				t.Fatal(err)
			}
			if s, _ := source.Snapshot(); !inTime || len(s.Ingresses) != 1 || s.Ingresses[0].Name != "b" {
				t.Errorf("noticed in time: %v; the snapshot has Ingresses %v", inTime, s.Ingresses)
			}
		})
	}
}

// What changes in a folder is told by an event only after the folder was entered: what is there by then has to be read.
func TestFoldersAreEnteredBeforeTheyAreRead(t *testing.T) {
	f := folder{t, t.TempDir()}
	f.mount("..v1", map[string]string{"mounted/a.yaml": "a"})
	f.write("plain/b.yaml", "b")
	found := readTree([]string{f.path}, func(entered string) {
		f.check(os.WriteFile(filepath.Join(entered, "late.yaml"), []byte("late"), 0o644))
	})
	var names []string
	for _, file := range found.files {
		name, err := filepath.Rel(f.path, file.name)
		f.check(err)
		names = append(names, name)
	}
	want := []string{"late.yaml", "mounted/a.yaml", "mounted/late.yaml", "plain/b.yaml", "plain/late.yaml"}
	if !slices.Equal(names, want) {
		t.Errorf("files %q, want %q", names, want)
	}
}

func TestFilesUnreadable(t *testing.T) {
	needEvents(t)
	if os.Getuid() == 0 {
		t.Log("root reads everything: a folder in place of the file stands for a file that cannot be read")
	}
	f := folder{t, t.TempDir()}
	f.mount("..v1", map[string]string{"a.yaml": ingressFile("a"), "b.yaml": ingressFile("b")})
	source := NewFiles(FilesOptions{Paths: []string{f.path}, Poll: time.Hour})
	following := follow(t, source)
	following.awaitIngresses("a", "b")
	if state := source.State(); !state.Synced || !state.Connected {
		t.Errorf("state of a readable folder: %+v", state)
	}
	f.check(os.MkdirAll(f.at("..v2"), 0o755))
	f.write("..v2/b.yaml", ingressFile("c"))
	f.link("..v2", "..data_tmp")
	f.rename("..data_tmp", "..data")
	following.await("the last content of the dangling a.yaml", func(d delivery) bool {
		return slices.Equal(namesIn(d), []string{"a", "c"}) && has(d.remarks, diag.InputUnreadable)
	})
	if state := source.State(); state.Connected || state.Problem == "" {
		t.Errorf("state with an unreadable file: %+v", state)
	}
	f.remove("a.yaml")
	following.awaitIngresses("c")
}

func TestFilesRefuses(t *testing.T) {
	for _, path := range []string{Stdin, filepath.Join(t.TempDir(), "absent")} {
		err := NewFiles(FilesOptions{Paths: []string{path}}).Watch(t.Context(), func() { t.Errorf("%s: a change", path) })
		if err == nil {
			t.Errorf("%s can be followed", path)
		}
	}
}
