package watch

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// writersOf finds out whether a process has a file open for writing: the kernel grants a lease for reading only if none has. It grants
// leases to the owner of the file and to privileged processes only, and not on every file system; then nothing is known. The lease is
// given back at once.
func writersOf(f *os.File) writers {
	_, err := unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_RDLCK)
	switch {
	case err == nil:
		_, _ = unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_UNLCK) // closing the file gives it back as well
		return writersNone
	case errors.Is(err, unix.EAGAIN):
		return writersSome
	default:
		return writersUnknown
	}
}
