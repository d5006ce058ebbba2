package watch

import (
	"crypto/sha256"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headgate/headgate/diag"
)

// scene plays to a Files source what is found in folders, at times of its own.
type scene struct {
	t     *testing.T
	files *Files
	start time.Time
	now   time.Time
	dir   string
	found map[string]*file
}

func newScene(t *testing.T) *scene {
	t.Helper()
	start := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	return &scene{t: t, files: NewFiles(FilesOptions{Paths: []string{"in"}}), start: start, now: start, dir: t.TempDir(), found: map[string]*file{}}
}

// inode is a file of its own in the file system.
func (s *scene) inode() fs.FileInfo {
	s.t.Helper()
	f, err := os.CreateTemp(s.dir, "")
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		s.t.Fatal(err)
	}
	return info
}

// write gives a file a content now, in place if there is a file of the name.
func (s *scene) write(name, text string) *file {
	f := &file{name: filepath.Join("in", name), data: []byte(text), sum: sha256.Sum256([]byte(text)), modified: s.now}
	if before := s.found[name]; before != nil {
		f.info, f.atomic = before.info, before.atomic
	} else {
		f.info = s.inode()
	}
	s.found[name] = f
	return f
}

// replace puts another file in the place of one.
func (s *scene) replace(name, text string) *file {
	delete(s.found, name)
	return s.write(name, text)
}

// after lets time pass, looks, and compares the names of the Ingresses that count.
func (s *scene) after(passed time.Duration, want string) {
	s.t.Helper()
	s.now = s.now.Add(passed)
	t := &tree{}
	for _, f := range s.found {
		t.files = append(t.files, *f)
	}
	s.files.take(t, s.now)
	if got := s.names(); got != want {
		s.t.Errorf("after %s there is %q, want %q", s.now.Sub(s.start), got, want)
	}
	if next := s.files.nextLook(); !next.IsZero() && !next.After(s.now) {
		s.t.Errorf("after %s the next look is at once", s.now.Sub(s.start))
	}
}

func (s *scene) names() string {
	snapshot, _ := s.files.Snapshot()
	var names []string
	for _, ing := range snapshot.Ingresses {
		names = append(names, ing.Name)
	}
	return strings.Join(names, " ")
}

// lost lists what is missing without having been deleted, with the one cause.
func (s *scene) lost() (names, cause string) {
	snapshot, _ := s.files.Snapshot()
	var list []string
	for _, lost := range snapshot.Lost {
		list = append(list, lost.Ref.Name)
		cause = lost.Cause
	}
	return strings.Join(list, " "), cause
}

func (s *scene) remarked(code diag.CodeInfo) bool {
	_, remarks := s.files.Snapshot()
	return slices.ContainsFunc(remarks, func(d diag.Diagnostic) bool { return d.Code == code.Code })
}

func TestAFileThatIsWrittenInPlaceSlowlyLosesNothing(t *testing.T) {
	s := newScene(t)
	whole := ingressFile("a", "b", "c")
	s.write("x.yaml", whole)
	s.after(0, "a b c")
	s.write("x.yaml", "")
	s.after(100*time.Millisecond, "a b c")
	for part := 1; part < 10; part++ {
		s.write("x.yaml", whole[:len(whole)*part/10])
		s.after(400*time.Millisecond, "a b c")
	}
	if !s.remarked(diag.InputUnsettled) {
		t.Error("nothing is said of a file that is not read")
	}
	s.write("x.yaml", whole)
	s.after(400*time.Millisecond, "a b c")
	if s.remarked(diag.InputUnsettled) || !s.files.nextLook().IsZero() {
		t.Error("the file is as it was and still waited for")
	}
}

func TestAFileIsReadWhenItHasComeToRest(t *testing.T) {
	for _, c := range []struct {
		name  string
		write func(s *scene)
		rest  time.Duration
		want  string
		lost  string
	}{
		{"written in place", func(s *scene) { s.write("x.yaml", ingressFile("a", "b", "c", "d")) }, quietInPlace, "a b c d", ""},
		{"documents taken out", func(s *scene) { s.write("x.yaml", ingressFile("a", "c")) }, quietShorter, "a c", ""},
		{"rules taken out", func(s *scene) {
			s.write("x.yaml", strings.Replace(ingressFile("a", "b", "c"), "rules: [{host: a.example}]", "defaultBackend: {service: {name: s, port: {number: 80}}}", 1))
		}, quietShorter, "a b c", ""},
		{"replaced", func(s *scene) { s.replace("x.yaml", ingressFile("d")) }, 0, "d", ""},
		{"swapped by kubelet", func(s *scene) { s.write("x.yaml", ingressFile("d")).atomic = true }, 0, "d", ""},
		{"emptied", func(s *scene) { s.write("x.yaml", "\n") }, quietShorter, "", "a b c"},
		{"replaced by an empty one", func(s *scene) { s.replace("x.yaml", "") }, quietShorter, "", "a b c"},
		{"cut at the end of a document", func(s *scene) { s.write("x.yaml", ingressFile("a")) }, quietShorter, "a", "b c"},
		{"in place, long ago", func(s *scene) { s.write("x.yaml", ingressFile("a", "b", "c", "d")).modified = s.now.Add(-time.Hour) }, 0, "a b c d", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t)
			s.write("x.yaml", ingressFile("a", "b", "c"))
			s.after(0, "a b c")
			s.now = s.now.Add(time.Minute)
			c.write(s)
			if c.rest > 0 {
				s.after(0, "a b c")
				s.after(c.rest-time.Millisecond, "a b c")
				s.after(time.Millisecond, c.want)
			} else {
				s.after(0, c.want)
			}
			if lost, _ := s.lost(); lost != c.lost {
				t.Errorf("lost are %q, want %q", lost, c.lost)
			}
			if s.remarked(diag.InputUnsettled) {
				t.Error("it is read and said not to be")
			}
			s.replace("x.yaml", ingressFile("b"))
			s.after(time.Second, "b")
			if lost, _ := s.lost(); c.lost != "" && lost != "" {
				t.Errorf("the file is whole again, and lost are %q", lost)
			}
		})
	}
}

func TestAFileThatIsOpenForWritingIsNotRead(t *testing.T) {
	s := newScene(t)
	s.write("x.yaml", ingressFile("a", "b"))
	s.after(0, "a b")
	s.write("x.yaml", ingressFile("a", "b", "c")).writers = writersSome
	s.write("new.yaml", ingressFile("new")).writers = writersSome
	s.after(5*time.Second, "a b")
	s.found["x.yaml"].writers, s.found["new.yaml"].writers = writersNone, writersNone
	s.after(10*time.Millisecond, "a b c new")
}

func TestAFileThatNeverComesToRestGivesUpNothing(t *testing.T) {
	s := newScene(t)
	s.write("x.yaml", ingressFile("a", "b"))
	s.after(0, "a b")
	s.write("x.yaml", ingressFile("c")).writers = writersSome
	s.after(time.Millisecond, "a b")
	s.write("x.yaml", ingressFile("c", "d")).writers = writersSome
	s.after(maxUnsettled, "a b c d")
	if !s.remarked(diag.InputUnsettled) {
		t.Error("nothing is said of a file that does not come to rest")
	}
	s.write("x.yaml", ingressFile("c", "d", "e")).writers = writersSome
	s.after(time.Second, "a b c d e")
	s.found["x.yaml"].writers = writersNone
	s.after(quietShorter, "c d e")
}

func TestFilesThatAreGone(t *testing.T) {
	for _, c := range []struct {
		name   string
		remove []string
		want   string
		lost   string
		cause  string
	}{
		{"one of several", []string{"one/a.yaml"}, "b c", "", ""},
		{"a folder", []string{"one/a.yaml", "one/b.yaml"}, "c", "a b", "folder in/one is gone"},
		{"all folders", []string{"one/a.yaml", "one/b.yaml", "two/c.yaml"}, "", "a b c", "folder in is gone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t)
			s.write("one/a.yaml", ingressFile("a"))
			s.write("one/b.yaml", ingressFile("b"))
			s.write("two/c.yaml", ingressFile("c"))
			s.after(0, "a b c")
			for _, name := range c.remove {
				delete(s.found, name)
				// One after the other, as a recursive removal does it.
				s.after(10*time.Millisecond, "a b c")
			}
			s.after(quietInPlace, c.want)
			if lost, cause := s.lost(); lost != c.lost || !strings.Contains(cause, c.cause) {
				t.Errorf("lost are %q because %s", lost, cause)
			}
			s.write("one/other.yaml", ingressFile("o"))
			s.found["one/other.yaml"].writers = writersNone
			s.after(time.Second, strings.TrimSpace(c.want+" o"))
			if lost, _ := s.lost(); lost != "" {
				t.Errorf("there are manifests again, and lost are %q", lost)
			}
		})
	}
}

// TestFilesThatAreRemovedSlowlyGoTogether: what each of many small steps takes away adds up to a loss of everything.
func TestFilesThatAreRemovedSlowlyGoTogether(t *testing.T) {
	for _, c := range []struct {
		name string
		left string
		lost string
	}{
		{"all", "", "a b c d"},
		{"all but one", "d", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t)
			for _, name := range []string{"a", "b", "c", "d"} {
				s.write(name+".yaml", ingressFile(name))
			}
			s.after(0, "a b c d")
			for _, name := range []string{"a", "b", "c", "d"} {
				if name != c.left {
					delete(s.found, name+".yaml")
					s.after(quietInPlace-time.Millisecond, "a b c d")
				}
			}
			s.after(quietInPlace, c.left)
			if lost, _ := s.lost(); lost != c.lost {
				t.Errorf("lost are %q, want %q", lost, c.lost)
			}
		})
	}
}

func TestFilesThatAreRemovedWithoutEndGoAtLast(t *testing.T) {
	s := newScene(t)
	names := strings.Split("abcdefghijklmopqrstuvwxz", "") // n and y are no text in YAML
	for _, name := range names {
		s.write(name+".yaml", ingressFile(name))
	}
	s.after(0, strings.Join(names, " "))
	for i, name := range names[:23] {
		delete(s.found, name+".yaml")
		removed := max(0, i+1-int(maxUnsettled/(quietInPlace/2)))
		s.after(quietInPlace/2, strings.Join(names[removed:], " "))
	}
}

func TestAFileThatIsMovedIsNeverGone(t *testing.T) {
	s := newScene(t)
	s.write("a.yaml", ingressFile("a"))
	s.after(0, "a")
	delete(s.found, "a.yaml")
	s.after(20*time.Millisecond, "a")
	s.write("b.yaml", ingressFile("a", "b")).writers = writersNone
	s.after(20*time.Millisecond, "a b")
	if _, remarks := s.files.Snapshot(); len(remarks) > 0 {
		t.Errorf("remarks %v", remarks)
	}
	s.after(quietInPlace, "a b")
}

func TestABrokenEntryOfAConfigMapKeepsItsFormerValue(t *testing.T) {
	s := newScene(t)
	configMap := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {"
	s.write("x.yaml", configMap+`a: "1", b: "2", c: "3"}`)
	s.after(0, "")
	s.replace("x.yaml", configMap+`a: 4, c: "5"}`)
	s.after(0, "")
	snapshot, remarks := s.files.Snapshot()
	var got []string
	for _, e := range snapshot.ConfigMap("default", "settings").Data {
		got = append(got, e.Key+e.Value)
	}
	if strings.Join(got, " ") != "a1 c5" || !s.remarked(diag.InputKept) {
		t.Errorf("the entries are %q; %v", got, remarks)
	}
}

func TestLeasesTellWriters(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x.yaml")
	writer, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if got := writersOf(reader); got == writersNone {
		t.Errorf("a file that is open for writing: %d", got)
	}
	writer.Close()
	if got := writersOf(reader); got == writersSome {
		t.Errorf("a file that is closed: %d", got)
	}
	// The lease is given back: nobody waits to open the file.
	if writer, err = os.OpenFile(name, os.O_WRONLY, 0); err != nil {
		t.Fatal(err)
	}
	writer.Close()
}
