package reload

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/headgate/headgate/render"
)

// stage writes a tree and makes it durable. Files that are equal to those of an earlier tree become further links of these, so that a
// change costs what has changed. Whatever goes wrong, nothing half-done stays.
func (s *store) stage(id string, files []render.File, earlier Tree) (Tree, error) {
	tree := s.tree(id)
	tree.Files = files
	render.SortFiles(files)
	if err := validatePaths(files); err != nil {
		return tree, err
	}
	half := path.Join(dirGenerations, id+unfinished)
	final := path.Join(dirGenerations, id)
	err := s.root.RemoveAll(half)
	if err == nil {
		err = s.write(half, files, earlier)
	}
	if err == nil {
		err = s.root.RemoveAll(final)
	}
	if err == nil {
		err = s.root.Rename(half, final)
	}
	if err == nil {
		err = flush(s.root, dirGenerations)
	}
	if err != nil {
		return tree, errors.Join(fmt.Errorf("writing the configuration below %s: %w", s.dir, err), s.root.RemoveAll(half))
	}
	return tree, nil
}

// readTree reads the files of a tree from the disk, sorted by path.
func readTree(dir string) ([]render.File, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	var files []render.File
	err = fs.WalkDir(root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		data, err := root.ReadFile(name)
		mode := info.Mode().Perm()
		files = append(files, render.File{Path: name, Mode: uint32(mode), Data: data, Sensitive: mode&0o077 == 0})
		return err
	})
	render.SortFiles(files)
	return files, err
}

// validatePaths refuses paths that lead out of the tree or name one file twice.
func validatePaths(files []render.File) error {
	for i, f := range files {
		if !filepath.IsLocal(f.Path) || path.Clean(f.Path) != f.Path || f.Path == "." {
			return fmt.Errorf("file path %q does not stay inside the configuration", f.Path)
		}
		if i > 0 && files[i-1].Path == f.Path {
			return fmt.Errorf("file %q occurs twice in the configuration", f.Path)
		}
	}
	return nil
}

// write fills a new folder with the files.
func (s *store) write(dir string, files []render.File, earlier Tree) error {
	if err := errors.Join(s.root.Mkdir(dir, 0o700), s.root.Chmod(dir, 0o755)); err != nil {
		return err
	}
	target, err := s.root.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer target.Close()
	dirs := foldersOf(files)
	for _, d := range dirs {
		if err := errors.Join(target.Mkdir(d.Path, 0o700), target.Chmod(d.Path, modeOf(d))); err != nil {
			return err
		}
	}
	same := matcher(earlier.Files)
	links := &linker{root: s.root, from: path.Join(dirGenerations, earlier.Generation), to: dir}
	defer links.close()
	written := dirs
	for _, f := range files {
		if same(f) && links.link(f.Path) == nil {
			continue
		}
		if err := writeFile(target, f); err != nil {
			return err
		}
		written = append(written, f)
	}
	return flushAll(target, written)
}

// manyFiles is from where on one wait for the whole file system is shorter than one for each file.
const manyFiles = 50

// flushAll waits until a new tree is on disk.
func flushAll(root *os.Root, written []render.File) error {
	if len(written) >= manyFiles {
		top, err := root.Open(".")
		if err != nil {
			return err
		}
		return errors.Join(unix.Syncfs(int(top.Fd())), top.Close())
	}
	for _, f := range written {
		if err := flush(root, f.Path); err != nil {
			return err
		}
	}
	return flush(root, ".")
}

// foldersOf returns the folders of the files as files without data, parents first. A folder with sensitive files only is closed to
// others.
func foldersOf(files []render.File) []render.File {
	open := map[string]bool{}
	for _, f := range files {
		for d := path.Dir(f.Path); d != "."; d = path.Dir(d) {
			open[d] = open[d] || !f.Sensitive
		}
	}
	var dirs []render.File
	for d, public := range open {
		mode := uint32(0o700)
		if public {
			mode = 0o755
		}
		dirs = append(dirs, render.File{Path: d, Mode: mode})
	}
	render.SortFiles(dirs)
	return dirs
}

// matcher returns a function that tells whether a file is among the given ones, which are sorted.
func matcher(sorted []render.File) func(render.File) bool {
	return func(f render.File) bool {
		i, ok := slices.BinarySearchFunc(sorted, f.Path, func(g render.File, p string) int { return strings.Compare(g.Path, p) })
		return ok && modeOf(sorted[i]) == modeOf(f) && bytes.Equal(sorted[i].Data, f.Data)
	}
}

// modeOf returns the permission bits that a file gets; nobody else reads what is sensitive.
func modeOf(f render.File) fs.FileMode {
	if f.Sensitive {
		return 0o600
	}
	return fs.FileMode(f.Mode) & fs.ModePerm
}

// writeFile makes one new file, whatever the umask is.
func writeFile(root *os.Root, f render.File) (err error) {
	file, err := root.OpenFile(f.Path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.Write(f.Data); err != nil {
		return err
	}
	return file.Chmod(modeOf(f))
}

// flush waits until a file, or the list of entries of a folder, is on disk.
func flush(root *os.Root, name string) error {
	f, err := root.OpenFile(name, os.O_RDONLY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
