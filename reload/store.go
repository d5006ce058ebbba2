package reload

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/headgate/headgate/render"
)

// The names in a work dir. Everything else in it belongs to the proxy.
const (
	dirGenerations = "generations"
	dirRun         = "run" // sockets and pid files
	linkCurrent    = "current"
	linkGood       = "last-good"
	unfinished     = ".new" // ends the name of a tree that is being written
	fileLock       = "lock"
	fileKey        = "generation.key"
)

// store keeps generations in a work dir. All access goes through a handle of the directory, so that no link in it leads elsewhere.
//
//	<work-dir>/generations/<id>/…   one tree each
//	<work-dir>/current              link to the tree in place, switched by rename
//	<work-dir>/last-good            link to the tree that was confirmed last
//	<work-dir>/run/                 for the proxy's sockets and pid file
type store struct {
	dir  string
	root *os.Root
	lock *os.File
	key  []byte
}

// openStore makes the work dir ready and takes possession of it.
func openStore(dir string) (*store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("work dir: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the work dir: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the work dir: %w", err)
	}
	s := &store{dir: dir, root: root}
	if err := s.prepare(); err != nil {
		return nil, errors.Join(fmt.Errorf("work dir %s: %w", dir, err), s.close())
	}
	return s, nil
}

func (s *store) prepare() error {
	if err := s.takeLock(); err != nil {
		return err
	}
	for _, name := range []string{dirGenerations, dirRun} {
		if err := s.root.MkdirAll(name, 0o755); err != nil {
			return err
		}
	}
	for _, name := range []string{linkCurrent, linkGood} {
		if st, err := s.root.Lstat(name); err == nil && st.Mode()&fs.ModeSymlink == 0 {
			return fmt.Errorf("%q is not a link made by headgate; move it away", name)
		}
	}
	var err error
	if s.key, err = s.readKey(); err != nil {
		return fmt.Errorf("reading the key for generation ids: %w", err)
	}
	return s.removeUnfinished()
}

// takeLock makes sure that no other headgate uses the work dir.
func (s *store) takeLock() error {
	if s.lock != nil {
		return nil
	}
	var err error
	if s.lock, err = s.root.OpenFile(fileLock, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return err
	}
	err = unix.Flock(int(s.lock.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	switch {
	case errors.Is(err, unix.EWOULDBLOCK):
		return errors.New("another headgate is using it; give each one a work dir of its own")
	case err != nil:
		return fmt.Errorf("locking: %w", err)
	default:
		return nil
	}
}

// readKey reads the key of this work dir, and makes it the first time. A key that is in use already is kept.
func (s *store) readKey() ([]byte, error) {
	key, err := s.root.ReadFile(fileKey)
	if err == nil && len(key) == sha256.Size && (s.key == nil || bytes.Equal(key, s.key)) {
		return key, nil
	}
	if key = s.key; key == nil {
		key = make([]byte, sha256.Size)
		if _, err := rand.Read(key); err != nil {
			return nil, err
		}
	}
	if err := s.root.Remove(fileKey); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return key, writeFile(s.root, render.File{Path: fileKey, Data: key, Sensitive: true})
}

// removeUnfinished removes what a crash left in the middle of staging.
func (s *store) removeUnfinished() error {
	names, err := s.generations()
	if err != nil {
		return err
	}
	for _, name := range names {
		if !isID(name) {
			if err := s.root.RemoveAll(path.Join(dirGenerations, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// close gives the work dir free.
func (s *store) close() error {
	var err error
	if s.lock != nil {
		err = s.lock.Close()
	}
	return errors.Join(err, s.root.Close())
}

// idBytes is how much of the hash makes an id.
const idBytes = 8

// identify returns the id of a set of files, which depends on paths, modes and bytes. It is keyed: ids are visible to anybody who can
// ask the proxy, and must not let a weak password be guessed from them.
func (s *store) identify(files []render.File) string {
	h := hmac.New(sha256.New, s.key)
	var n [8]byte
	put := func(b []byte) {
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	for _, f := range files {
		put([]byte(f.Path))
		binary.BigEndian.PutUint64(n[:], uint64(modeOf(f)))
		h.Write(n[:])
		put(f.Data)
	}
	return hex.EncodeToString(h.Sum(nil)[:idBytes])
}

// isID reports whether a name can be the id of a generation: what [store.identify] makes, and a number if the same bytes were placed
// before.
func isID(name string) bool {
	_, _, ok := splitID(name)
	return ok
}

// splitID takes the id of a generation apart: what depends on the bytes alone, and how often they were placed.
func splitID(name string) (content string, placed int, ok bool) {
	content, number, again := strings.Cut(name, "-")
	b, err := hex.DecodeString(content)
	if err != nil || len(b) != idBytes {
		return "", 0, false
	}
	if !again {
		return content, 1, true
	}
	placed, err = strconv.Atoi(number)
	return content, placed, err == nil && placed > 1 && strconv.Itoa(placed) == number
}

// contentOf is the part of an id that depends on the bytes alone.
func contentOf(name string) string {
	content, _, _ := splitID(name)
	return content
}

// unused returns an id for bytes that are to be put in place, other than that of any tree that is still there, and than the known ones.
// A proxy that is reading one tree while another is put in place, and then the first one again, would otherwise answer with an id of
// which it has read a part.
func (s *store) unused(content string, known ...string) (string, error) {
	names, err := s.generations()
	if err != nil {
		return "", err
	}
	most := 0
	for _, name := range append(names, known...) {
		if c, placed, ok := splitID(strings.TrimSuffix(name, unfinished)); ok && c == content {
			most = max(most, placed)
		}
	}
	if most == 0 {
		return content, nil
	}
	return fmt.Sprintf("%s-%d", content, most+1), nil
}

// tree names the generation with the id. Its files are not known.
func (s *store) tree(id string) Tree {
	return Tree{Dir: filepath.Join(s.dir, dirGenerations, id), Generation: id}
}

// linked returns the id that a link names, or "" if there is no such link or no such tree.
func (s *store) linked(name string) (string, error) {
	target, err := s.root.Readlink(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading the link %s: %w", name, err)
	}
	id := path.Base(target)
	if target != path.Join(dirGenerations, id) || !isID(id) {
		return "", nil
	}
	if _, err := s.root.Lstat(target); err == nil {
		return id, nil
	}
	return "", nil // a link to nowhere names no generation
}

// link makes a link name a generation, in one step.
func (s *store) link(name, id string) error {
	temporary := name + ".new"
	err := s.root.Remove(temporary)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		err = s.root.Symlink(path.Join(dirGenerations, id), temporary)
	}
	if err == nil {
		err = s.root.Rename(temporary, name)
	}
	if err == nil {
		err = flush(s.root, ".")
	}
	if err != nil {
		return fmt.Errorf("putting generation %s in place: %w", id, err)
	}
	return nil
}

// generations lists the names in the folder of generations.
func (s *store) generations() ([]string, error) {
	entries, err := fs.ReadDir(s.root.FS(), dirGenerations)
	if err != nil {
		return nil, fmt.Errorf("listing generations: %w", err)
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, nil
}

// prune removes the oldest generations. It keeps the one with the given id and as many others as keep says.
func (s *store) prune(keep int, id string) error {
	names, err := s.generations()
	if err != nil {
		return err
	}
	names = slices.DeleteFunc(names, func(n string) bool { return n == id || !isID(n) })
	age := make(map[string]int64, len(names))
	for _, n := range names {
		if st, err := s.root.Lstat(path.Join(dirGenerations, n)); err == nil {
			age[n] = st.ModTime().UnixNano()
		}
	}
	slices.SortFunc(names, func(a, b string) int { return int(max(-1, min(1, age[b]-age[a]))) })
	var errs []error
	for _, n := range names[min(keep, len(names)):] {
		errs = append(errs, s.root.RemoveAll(path.Join(dirGenerations, n)))
	}
	return errors.Join(errs...)
}
