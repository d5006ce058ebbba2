package main

import (
	"os"
	"path/filepath"
	"slices"
	"time"
)

// fillDisk leaves no space for anything in the work dir: generations, sockets, pid files.
func (s *scene) fillDisk() string {
	if s.edge.unbounded != nil {
		return "no file system can be mounted: " + s.edge.unbounded.Error()
	}
	filler := filepath.Join(s.edge.workDir, ".filler")
	file, err := os.Create(filler)
	s.Must(err)
	defer file.Close()
	for block := make([]byte, 64<<10); len(block) > 0; {
		if _, err := file.Write(block); err != nil {
			block = block[:len(block)/2]
		}
	}
	time.Sleep(5 * time.Second)
	s.Must(os.Remove(filler))
	return ""
}

// removeSockets removes the sockets one after the other.
func (s *scene) removeSockets() string {
	sockets, err := filepath.Glob(filepath.Join(s.edge.workDir, "run", "*.sock"))
	s.Must(err)
	if len(sockets) == 0 {
		s.Fatalf("there are no sockets in the work dir")
	}
	for _, socket := range sockets {
		s.rest(time.Second)
		_ = os.Remove(socket) // headgate may have made it anew
	}
	time.Sleep(2 * time.Second)
	return ""
}

func (s *scene) removeCurrent() string {
	s.rest(time.Second)
	s.Must(os.Remove(filepath.Join(s.edge.workDir, "current")))
	time.Sleep(2 * time.Second)
	return ""
}

// removeEach removes one thing after the other, and sees each time whether changes still come through. Sockets have a harm of their own.
func (s *scene) removeEach() string {
	var names []string
	for _, dir := range []string{".", "run"} {
		entries, err := os.ReadDir(filepath.Join(s.edge.workDir, dir))
		s.Must(err)
		for _, e := range entries {
			if name := filepath.Join(dir, e.Name()); e.Type()&os.ModeSocket == 0 && name != "run" {
				names = append(names, name)
			}
		}
	}
	for _, name := range slices.Compact(names) {
		s.removed = append(s.removed, name)
		_ = os.RemoveAll(filepath.Join(s.edge.workDir, name)) // headgate may be writing there
		s.proveRecovery()
	}
	return ""
}

// removeWorkDir empties the folder of the work dir; the folder itself is a mount point in a Pod.
func (s *scene) removeWorkDir() string {
	s.rest(time.Second)
	entries, err := os.ReadDir(s.edge.workDir)
	s.Must(err)
	for _, e := range entries {
		_ = os.RemoveAll(filepath.Join(s.edge.workDir, e.Name())) // headgate may be writing there
	}
	time.Sleep(2 * time.Second)
	return ""
}
