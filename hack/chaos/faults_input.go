package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/headgate/headgate/hack/rig"
)

// manifests are the files of the hosts that clients ask, with what they hold.
func (s *scene) manifests() map[string][]byte {
	files := map[string][]byte{}
	for host := range hosts {
		path := s.source.(*rig.Folder).Path(host)
		data, err := os.ReadFile(path)
		s.Must(err)
		files[path] = data
	}
	return files
}

// writeSlowly writes the manifests again as a slow program does: from the beginning, in pieces.
func (s *scene) writeSlowly() string {
	for path, data := range s.manifests() {
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
		s.Must(err)
		for piece := range slices.Chunk(data, len(data)/15+1) {
			_, err := file.Write(piece)
			s.Must(err)
			time.Sleep(200 * time.Millisecond)
		}
		s.Must(file.Close())
	}
	return ""
}

func (s *scene) emptyFiles() string {
	files := s.manifests()
	for path := range files {
		s.Must(os.Truncate(path, 0))
	}
	time.Sleep(2 * time.Second)
	for path, data := range files {
		s.Must(os.WriteFile(path, data, 0o600))
	}
	return ""
}

// blockLog starts headgate anew with a log that nobody reads, lets it have much to say, and sees whether changes come through.
func (s *scene) blockLog() string {
	return s.edge.withBlockedLog(func() {
		for i := range 400 {
			name := fmt.Sprintf("noise%d", i)
			s.changing.Lock()
			s.source.Put(name, fmt.Sprintf("apiVersion: v1\nkind: Noise%d\nmetadata: {name: %s}\n---\n{a: [\n", i, name))
			s.changing.Unlock()
		}
		time.Sleep(2 * time.Second)
		s.proveRecovery()
	})
}

// startSecond starts a headgate that wants what the first one has.
func (s *scene) startSecond() string {
	for _, workDir := range []string{s.edge.workDir, filepath.Join(s.TempDir(), "w")} {
		args := []string{
			"run", "--proxy=" + s.setup.proxy, "--proxy-bin=" + s.setup.binary.Path, "--work-dir=" + workDir,
			fmt.Sprintf("--http-port=%d", s.setup.port(httpPort)), fmt.Sprintf("--https-port=%d", s.setup.port(httpsPort)), "--status-address=", "--stop-timeout=1s",
		}
		second := command(s.edge.binary, append(args, s.flags()...))
		s.Must(second.Start())
		ended := make(chan struct{})
		go func() {
			_ = second.Wait() // how it ends is its own matter
			close(ended)
		}()
		select {
		case <-ended:
		case <-time.After(4 * time.Second):
			_ = second.Process.Signal(syscall.SIGTERM) // it may have ended
			<-ended
		}
	}
	return ""
}
