package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/headgate/headgate/model"
)

// sessionKeyFile is where a work dir keeps the key of session cookies, so that sessions outlive a restart.
const sessionKeyFile = "session.key"

// minSessionKey is the shortest key that is taken: less can be guessed.
const minSessionKey = 16

// readSessionKey reads the key that the operator gives. Blanks around it do not count: editors and Secrets add line ends.
func readSessionKey(path string) (model.Secret, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading --session-key-file: %w", err)
	}
	key := bytes.TrimSpace(data)
	if len(key) < minSessionKey {
		return nil, usageError("--session-key-file: %s holds %d bytes, fewer than the %d that a key needs", path, len(key), minSessionKey)
	}
	return key, nil
}

// keptSessionKey returns the key of a work dir, and makes it the first time.
func keptSessionKey(workDir string) (model.Secret, error) {
	path := filepath.Join(workDir, sessionKeyFile)
	key, err := os.ReadFile(path)
	if err == nil && len(key) >= minSessionKey {
		return key, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the key of session cookies: %w", err)
	}
	key = []byte(rand.Text())
	if err := replaceFile(path, key, 0o600); err != nil {
		return nil, fmt.Errorf("keeping the key of session cookies: %w", err)
	}
	return key, nil
}
