package main

import (
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"sync"
)

// keptFiles are files of the work dir that must not be made anew with other content when somebody has removed it: sessions would end, and
// the edge would change.
type keptFiles struct {
	mu    sync.Mutex
	files map[string][]byte
}

// keptMode is for secrets.
const keptMode fs.FileMode = 0o600

// remember notes what a file holds.
func (k *keptFiles) remember(name string, data []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.files == nil {
		k.files = map[string][]byte{}
	}
	k.files[name] = data
}

// putBack writes all files anew.
func (k *keptFiles) putBack(workDir string) error {
	k.mu.Lock()
	files := maps.Clone(k.files)
	k.mu.Unlock()
	var errs []error
	for name, data := range files {
		errs = append(errs, replaceFile(filepath.Join(workDir, name), data, keptMode))
	}
	return errors.Join(errs...)
}
