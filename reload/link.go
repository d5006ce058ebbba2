package reload

import (
	"errors"
	"os"
	"path"

	"golang.org/x/sys/unix"
)

// linker makes files of one tree further links of those of another. It holds the two folders that it works in open: a tree has many
// files in few folders, and finding the way from the root for each of them takes longer than all the rest of a change.
type linker struct {
	root     *os.Root
	from, to string

	folder         string
	source, target *os.File
}

// link makes the file of this path a link. No link on the way to the folders leads out of the root, and none is followed in them.
func (l *linker) link(name string) error {
	folder, base := path.Split(name)
	if l.source == nil || folder != l.folder {
		if err := l.enter(folder); err != nil {
			return err
		}
	}
	return unix.Linkat(int(l.source.Fd()), base, int(l.target.Fd()), base, 0)
}

// enter opens a folder of both trees.
func (l *linker) enter(folder string) error {
	l.close()
	source, err := l.root.Open(path.Join(l.from, folder))
	if err != nil {
		return err
	}
	target, err := l.root.Open(path.Join(l.to, folder))
	if err != nil {
		return errors.Join(err, source.Close())
	}
	l.folder, l.source, l.target = folder, source, target
	return nil
}

// close closes the folders; they were only read.
func (l *linker) close() {
	if l.source != nil {
		l.source.Close()
		l.target.Close()
		l.source, l.target = nil, nil
	}
}
