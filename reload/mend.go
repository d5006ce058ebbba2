package reload

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// mend makes the work dir anew if somebody has removed it, or the folders and the lock in it, and reports whether it had to. Trees and
// links are not made anew: [store.damage] tells of these.
func (s *store) mend() (bool, error) {
	sameDir := sameFile(s.dir, func() (fs.FileInfo, error) { return s.root.Stat(".") })
	sameLock := sameDir && sameFile(filepath.Join(s.dir, fileLock), s.lock.Stat)
	if sameLock && s.hasFolders() {
		return false, nil
	}
	fresh := &store{dir: s.dir, root: s.root, key: s.key}
	if sameLock {
		fresh.lock = s.lock
	}
	var err error
	if !sameDir {
		if err = os.MkdirAll(s.dir, 0o755); err == nil {
			fresh.root, err = os.OpenRoot(s.dir)
		}
		if err != nil {
			return false, fmt.Errorf("the work dir is gone and cannot be made anew: %w", err)
		}
	}
	if err := fresh.prepare(); err != nil {
		fresh.closeUnless(s)
		return false, fmt.Errorf("the work dir %s is damaged and cannot be repaired: %w", s.dir, err)
	}
	s.closeUnless(fresh)
	*s = *fresh
	return true, nil
}

// sameFile reports whether a path still names what was opened by it.
func sameFile(path string, opened func() (fs.FileInfo, error)) bool {
	now, err := os.Stat(path)
	if err != nil {
		return false
	}
	before, err := opened()
	return err == nil && os.SameFile(now, before)
}

// hasFolders reports whether the folders that a store needs are there.
func (s *store) hasFolders() bool {
	for _, name := range []string{dirGenerations, dirRun} {
		if st, err := s.root.Stat(name); err != nil || !st.IsDir() {
			return false
		}
	}
	return true
}

// closeUnless closes what another store does not use, too. What is closed has been removed: there is nothing to lose.
func (s *store) closeUnless(other *store) {
	if s.lock != nil && s.lock != other.lock {
		_ = s.lock.Close()
	}
	if s.root != other.root {
		_ = s.root.Close()
	}
}

// damage says what is not as it was when a tree was put in place, or nothing. The bytes of files are not read: what cannot have been an
// accident is not looked for.
func (s *store) damage(tree Tree) string {
	if id, err := s.linked(linkCurrent); err != nil || id != tree.Generation {
		return fmt.Sprintf("the link %s does not name it any more", linkCurrent)
	}
	for _, f := range tree.Files {
		st, err := os.Lstat(filepath.Join(tree.Dir, filepath.FromSlash(f.Path)))
		switch {
		case err != nil:
			return fmt.Sprintf("its file %s is gone", f.Path)
		case !st.Mode().IsRegular() || st.Size() != int64(len(f.Data)):
			return fmt.Sprintf("its file %s is another one", f.Path)
		}
	}
	return ""
}
