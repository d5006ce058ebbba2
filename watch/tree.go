package watch

import (
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/headgate/headgate/diag"
)

// What is beyond these limits is not read. Real manifests are far below them: an object in a cluster has 1.5 MiB at most.
const (
	maxFileBytes  = 128 << 20
	maxTotalBytes = 512 << 20
	maxDepth      = 32
)

// dataLink is the name of the link that kubelet swaps to change all files of a mounted ConfigMap or Secret at once.
//
//	mount/..2026_11_23_01.02/web.yaml
//	mount/..data   -> ..2026_11_23_01.02
//	mount/web.yaml -> ..data/web.yaml
const dataLink = "..data"

var (
	errTooLarge = errors.New("too large")
	errTooDeep  = errors.New("nested too deeply")
)

// tree is what was found under some paths at one moment.
type tree struct {
	files []file
	// folders are all that were looked into, the places where changes can show; enter is told of each just before.
	folders []string
	enter   func(folder string)
	// failures are the files and folders that exist, or were asked for by name, and could not be read.
	failures []failure
	remarks  diag.List

	left int64
}

type file struct {
	name string
	data []byte
	sum  [sha256.Size]byte
	// info tells files of one name apart, modified is when the content was last written, writers are those who have the file open.
	info     fs.FileInfo
	modified time.Time
	writers  writers
	// atomic says that the file was found through kubelet's links, so that it was complete when it came.
	atomic bool
}

type failure struct {
	name string
	err  error
}

// covers reports whether the failure hides a file: it is the file itself, or a folder above it.
func (f failure) covers(name string) bool {
	return name == f.name || strings.HasPrefix(name, strings.TrimSuffix(f.name, string(filepath.Separator))+string(filepath.Separator))
}

// readTree reads all manifests under the paths. A path may itself be a link; below it no link is followed but kubelet's. Of each folder
// enter is told before it is looked into.
func readTree(paths []string, enter func(folder string)) *tree {
	t := &tree{left: maxTotalBytes, enter: enter}
	for _, p := range paths {
		t.readPath(filepath.Clean(p))
	}
	slices.SortStableFunc(t.files, func(a, b file) int { return strings.Compare(a.name, b.name) })
	t.files = slices.CompactFunc(t.files, func(a, b file) bool { return a.name == b.name })
	return t
}

func (t *tree) fail(name string, err error) { t.failures = append(t.failures, failure{name, err}) }

func (t *tree) readPath(name string) {
	stat, err := os.Stat(name)
	if err != nil {
		t.fail(name, err)
		return
	}
	if !stat.IsDir() {
		t.readFile(file{name: name}, func() (*os.File, error) { return os.Open(name) })
		return
	}
	root, err := os.OpenRoot(name)
	if err != nil {
		t.fail(name, err)
		return
	}
	defer root.Close()
	w := &walk{tree: t, root: root, name: name}
	w.folder(".", 0)
}

// readFile adds the content of a file, unless it is more than may be read.
func (t *tree) readFile(found file, open func() (*os.File, error)) {
	f, err := open()
	if err != nil {
		t.fail(found.name, err)
		return
	}
	defer f.Close()
	limit := min(maxFileBytes, t.left)
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil {
		found.info, err = f.Stat()
	}
	switch {
	case err != nil:
		t.fail(found.name, err)
	case int64(len(data)) > limit:
		t.fail(found.name, errTooLarge)
	default:
		t.left -= int64(len(data))
		found.data, found.sum, found.modified = data, sha256.Sum256(data), found.info.ModTime()
		if found.info.Mode().IsRegular() && time.Since(found.modified) < maxUnsettled {
			found.writers = writersOf(f)
		}
		t.files = append(t.files, found)
	}
}

// walk reads one folder given by name. All access goes through the root's handle, which no link and no rename can lead out of.
type walk struct {
	tree *tree
	root *os.Root
	name string
	// linked is the folder that is being read and was found through kubelet's links, empty if there is none.
	linked string
}

// shown is the name under which users know a path below the root.
func (w *walk) shown(rel string) string { return filepath.Join(w.name, filepath.FromSlash(rel)) }

func (w *walk) folder(rel string, depth int) {
	if depth > maxDepth {
		w.tree.fail(w.shown(rel), errTooDeep)
		return
	}
	w.tree.folders = append(w.tree.folders, w.shown(rel))
	w.tree.enter(w.shown(rel))
	entries, err := fs.ReadDir(w.root.FS(), rel)
	if err != nil {
		w.tree.fail(w.shown(rel), err)
		return
	}
	for _, entry := range entries {
		w.entry(path.Join(rel, entry.Name()), entry.Type(), depth)
	}
}

func (w *walk) entry(rel string, mode fs.FileMode, depth int) {
	base := path.Base(rel)
	if strings.HasPrefix(base, ".") {
		return
	}
	if !isText(base) {
		w.tree.remarks.Add(diag.InputName.At(diag.Pos{File: w.shown(path.Dir(rel))}, diag.Ref{}, "",
			"the name %s in this folder is not plain text; it is passed over", diag.Quote(base)))
		return
	}
	if mode&fs.ModeSymlink != 0 {
		var ok bool
		if mode, ok = w.follow(rel); !ok {
			return
		}
		if w.linked == "" {
			w.linked = rel
			defer func() { w.linked = "" }()
		}
	}
	switch {
	case mode.IsDir():
		w.folder(rel, depth+1)
	case mode.IsRegular() && isManifest(base):
		w.tree.readFile(file{name: w.shown(rel), atomic: w.linked != ""}, func() (*os.File, error) { return w.open(rel) })
	}
}

// follow returns the type of what one of kubelet's links leads to. Any other link is passed over, with a remark unless it is known to
// lead to something that would not be read anyway.
func (w *walk) follow(rel string) (fs.FileMode, bool) {
	stat, err := w.root.Stat(rel)
	if !w.isKubelet(rel) {
		if isManifest(rel) || err != nil || stat.IsDir() {
			w.tree.remarks.Add(diag.InputLink.At(diag.Pos{File: w.shown(rel)}, diag.Ref{}, "", "this is a symbolic link; it is passed over"))
		}
		return 0, false
	}
	if err != nil {
		w.tree.fail(w.shown(rel), err)
		return 0, false
	}
	return stat.Mode().Type(), true
}

// isKubelet reports whether a link is name -> ..data/name beside a link ..data -> ..something in the same folder.
func (w *walk) isKubelet(rel string) bool {
	dir, base := path.Split(rel)
	target, err := w.root.Readlink(rel)
	if err != nil || target != dataLink+"/"+base {
		return false
	}
	version, err := w.root.Readlink(dir + dataLink)
	return err == nil && len(version) > len("..") && strings.HasPrefix(version, "..") && !strings.Contains(version, "/")
}

// open does not wait for a writer if the file has become a named pipe since it was listed, and then refuses it.
func (w *walk) open(rel string) (*os.File, error) {
	f, err := w.root.OpenFile(rel, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if stat, err := f.Stat(); err != nil || !stat.Mode().IsRegular() {
		f.Close()
		return nil, errors.Join(err, &fs.PathError{Op: "open", Path: w.shown(rel), Err: errors.New("not a regular file")})
	}
	return f, nil
}

func isManifest(name string) bool {
	switch path.Ext(name) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}

func isText(name string) bool {
	return utf8.ValidString(name) && !strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) })
}
