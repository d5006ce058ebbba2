package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/headgate/headgate/hack/proxies"
	"github.com/headgate/headgate/hack/testcluster"
)

// rig gives the packages that serve tests what they expect of one: a place for files, an end at which all is cleaned up, and a way to
// give up.
type rig struct {
	cleanups []func()
}

var (
	_ testcluster.T = (*rig)(nil)
	_ proxies.T     = (*rig)(nil)
)

// giveUp is the value of the panic by which a rig ends the work.
type giveUp struct{ err error }

// attempt does some work, cleans up after it, and returns what made it give up.
func attempt(work func(r *rig)) (err error) {
	r := &rig{}
	defer func() {
		reason := recover()
		for _, clean := range slices.Backward(r.cleanups) {
			clean()
		}
		switch given, ok := reason.(giveUp); {
		case ok:
			err = given.err
		case reason != nil:
			panic(reason)
		}
	}()
	work(r)
	return nil
}

// Helper means nothing here.
func (r *rig) Helper() {}

// Cleanup has something done at the end, the last first.
func (r *rig) Cleanup(clean func()) { r.cleanups = append(r.cleanups, clean) }

// TempDir makes a folder that lasts until the end. Its path is short: there are sockets in it.
func (r *rig) TempDir() string {
	dir, err := os.MkdirTemp("", "hgf")
	r.must(err)
	r.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// Fatal gives up.
func (r *rig) Fatal(args ...any) {
	panic(giveUp{errors.New(strings.TrimSuffix(fmt.Sprintln(args...), "\n"))})
}

// Fatalf gives up.
func (r *rig) Fatalf(format string, args ...any) { panic(giveUp{fmt.Errorf(format, args...)}) }

// Skip gives up: a figure that cannot be measured is no figure.
func (r *rig) Skip(args ...any) { r.Fatal(args...) }

// Skipf gives up.
func (r *rig) Skipf(format string, args ...any) { r.Fatalf(format, args...) }

// must gives up if there is an error.
func (r *rig) must(err error) {
	if err != nil {
		panic(giveUp{err})
	}
}
