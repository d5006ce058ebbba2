package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/watch"
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
	if err := checkSessionKey(key); err != nil {
		return nil, usageError("--session-key-file: %s: %v", path, err)
	}
	return key, nil
}

func checkSessionKey(key []byte) error {
	if len(key) < minSessionKey {
		return fmt.Errorf("the key has %d bytes; it needs at least %d", len(key), minSessionKey)
	}
	return nil
}

func newSessionKey() []byte { return []byte(rand.Text()) }

// shareSessionKey takes the key of session cookies from the Secret of --session-key-secret, if there is one. It waits for the API server.
func (s *serving) shareSessionKey(ctx context.Context) error {
	name := s.flags.serve.sessionSecret
	if name.IsZero() {
		return nil
	}
	config, err := clusterConfig(s.flags)
	if err != nil {
		return err
	}
	key, err := watch.SharedKey(ctx, watch.SharedKeyOptions{
		Config: config, Namespace: name.Namespace, Name: name.Name, Make: newSessionKey, Check: checkSessionKey, Log: s.log,
	})
	if err != nil {
		return err
	}
	s.loop.compiler.settings.SessionKey = key
	return nil
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
	key = newSessionKey()
	if err := replaceFile(path, key, 0o600); err != nil {
		return nil, fmt.Errorf("keeping the key of session cookies: %w", err)
	}
	return key, nil
}
