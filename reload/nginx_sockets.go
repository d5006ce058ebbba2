package reload

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"

	"github.com/headgate/headgate/render"
)

// nginxSockets are the UNIX sockets on which an nginx listens: that of the marker, and those between its stream and http blocks. They are
// all in one folder. nginx keeps listening to a socket whose name was removed, and makes none anew that it has already; only another name
// helps. So there is a second folder, to which all of them move.
type nginxSockets struct {
	folders [2]string
	status  [2]*statusSocket

	mu    sync.Mutex
	now   int      // which folder is in use
	names []string // those in it when nginx answered with a new id last
	id    string   // that id
}

// secondFolder is the name of the other folder, below the first one.
const secondFolder = "b"

func newNginxSockets(statusPath string) *nginxSockets {
	home, name := filepath.Split(statusPath)
	home = filepath.Clean(home)
	s := &nginxSockets{folders: [2]string{home, filepath.Join(home, secondFolder)}}
	for i, folder := range s.folders {
		s.status[i] = newStatusSocket(filepath.Join(folder, name))
	}
	return s
}

// generation asks nginx which generation it serves, where it was last, or else in the other folder: an earlier Headgate may have moved it.
func (s *nginxSockets) generation(ctx context.Context) (string, error) {
	now := s.inUse()
	id, err := s.status[now].generation(ctx)
	if isSilent(err) {
		if other, errOther := s.status[1-now].generation(ctx); errOther == nil {
			now, id, err = 1-now, other, nil
		}
	}
	if err == nil {
		err = s.heard(now, id)
	}
	return id, err
}

// isSilent reports whether an error means that nobody listens on a socket.
func isSilent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED)
}

func (s *nginxSockets) inUse() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// heard notes an answer. It is an error if one of the sockets has gone since nginx came to serve this generation.
func (s *nginxSockets) heard(folder int, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now != folder || s.id != id {
		s.now, s.id, s.names = folder, id, socketNames(s.folders[folder])
		return nil
	}
	if name := s.missing(); name != "" {
		return &MuteError{Text: fmt.Sprintf("the socket %s was removed", filepath.Join(s.folders[folder], name))}
	}
	return nil
}

// missing returns a socket of the folder in use that is not there any more.
func (s *nginxSockets) missing() string {
	there := socketNames(s.folders[s.now])
	for _, name := range s.names {
		if !slices.Contains(there, name) {
			return name
		}
	}
	return ""
}

// forget forgets what is known of a process that has ended.
func (s *nginxSockets) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id, s.names = "", nil
}

// socketNames lists the sockets in a folder.
func socketNames(folder string) []string {
	var names []string
	entries, _ := os.ReadDir(folder) // without a folder there are no sockets
	for _, e := range entries {
		if e.Type() == os.ModeSocket {
			names = append(names, e.Name())
		}
	}
	return names
}

// mute explains why a running nginx that was asked in vain cannot be asked, if that is so.
func (s *nginxSockets) mute(err error) error {
	if !isSilent(err) {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return &MuteError{Text: fmt.Sprintf("nobody listens on %s any more", s.status[s.now].path)}
}

// move takes the other folder into use if the sockets of a running nginx have gone from this one.
func (s *nginxSockets) move() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.missing() == "" && !isSilent(reach(s.status[s.now].path)) {
		return nil
	}
	s.now = 1 - s.now
	s.id, s.names = "", nil
	return os.MkdirAll(s.folders[s.now], 0o755)
}

// reach tries to connect to a socket.
func reach(socket string) error {
	conn, err := net.DialTimeout("unix", socket, socketTimeout)
	if err == nil {
		err = conn.Close()
	}
	return err
}

// fit returns files that name the sockets in the folder in use, whatever folder they named.
func (s *nginxSockets) fit(files []render.File) []render.File {
	first, second := []byte("unix:"+s.folders[0]+"/"), []byte("unix:"+s.folders[1]+"/")
	inSecond := s.inUse() == 1
	fitted := slices.Clone(files)
	for i := range fitted {
		data := &fitted[i].Data
		if !bytes.Contains(*data, first) {
			continue
		}
		*data = bytes.ReplaceAll(*data, second, first)
		if inSecond {
			*data = bytes.ReplaceAll(*data, first, second)
		}
	}
	return fitted
}

// clear removes the sockets that nobody listens on.
func (s *nginxSockets) clear() ([]string, error) {
	var removed []string
	var errs []error
	for _, folder := range s.folders {
		names, err := clearSockets(folder)
		removed, errs = append(removed, names...), append(errs, err)
	}
	return removed, errors.Join(errs...)
}
