package reload

import (
	"bytes"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// clearSockets removes the UNIX sockets in a folder on which nobody listens: what a process has left that did not end by itself. A new
// one could not bind to their names. It returns the names of the sockets that it has removed.
func clearSockets(dir string) (removed []string, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var errs []error
	for _, e := range entries {
		if e.Type() != os.ModeSocket {
			continue
		}
		gone, err := clearSocket(filepath.Join(dir, e.Name()))
		if gone {
			removed = append(removed, e.Name())
		}
		errs = append(errs, err)
	}
	return removed, errors.Join(append(errs, err)...)
}

// clearSocket removes one socket if nobody holds it. Nobody can bind to its name as long as it is there, so it cannot come to life; but it
// can be removed by somebody else, and made anew by a process that starts. Therefore it is moved away first, and looked at once more.
func clearSocket(path string) (bool, error) {
	before, err := os.Lstat(path)
	if err != nil || !abandoned(path, path) {
		return false, nil //nolint:nilerr // somebody else was quicker
	}
	aside := path + ".old"
	if err := os.Rename(path, aside); err != nil {
		return false, err
	}
	now, err := os.Lstat(aside)
	if err == nil && os.SameFile(before, now) && abandoned(aside, path) {
		return true, os.Remove(aside)
	}
	err = unix.Renameat2(unix.AT_FDCWD, aside, unix.AT_FDCWD, path, unix.RENAME_NOREPLACE)
	return false, err
}

// socketTimeout bounds the wait of a connection attempt; the kernel answers at once unless the listener's queue is full.
const socketTimeout = 200 * time.Millisecond

// abandoned reports whether nobody holds a socket: it refuses connections, and no process has bound to the name, which one does a moment
// before it listens.
func abandoned(path, boundAs string) bool {
	conn, err := net.DialTimeout("unix", path, socketTimeout)
	if err == nil {
		_ = conn.Close() // nothing was written
		return false
	}
	return errors.Is(err, syscall.ECONNREFUSED) && !isBound(boundAs)
}

// isBound reports whether a process of this network namespace has bound a socket to a name. Processes that start beside Headgate share
// it: the containers of a Pod have one network.
func isBound(path string) bool {
	list, err := os.ReadFile("/proc/net/unix")
	return err == nil && bytes.Contains(list, []byte(" "+path+"\n"))
}
