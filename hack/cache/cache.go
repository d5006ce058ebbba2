// Package cache finds what hack/install.sh put into the project's cache, for tests.
package cache

import (
	"os"
	"path/filepath"
	"runtime"
)

// Dir is the cache: $HEADGATE_CACHE, or .cache in the project's root.
func Dir() string {
	if dir := os.Getenv("HEADGATE_CACHE"); dir != "" {
		return dir
	}
	_, self, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(self), "..", "..", ".cache")
}

// Binary returns the path of a program that was built or unpacked into the cache, and whether it is there.
func Binary(name string) (string, bool) {
	path, err := filepath.Abs(filepath.Join(Dir(), "bin", name))
	if err != nil {
		return "", false
	}
	stat, err := os.Stat(path)
	return path, err == nil && stat.Mode().IsRegular() && stat.Mode().Perm()&0o111 != 0
}
