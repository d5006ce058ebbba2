// Package rig lets programs use the packages that serve tests: it stands in for a testing.TB.
package rig

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/headgate/headgate/hack/proxies"
	"github.com/headgate/headgate/hack/testcluster"
)

// Rig gives the packages that serve tests what they expect of one: a place for files, an end at which all is cleaned up, and a way to
// give up.
type Rig struct {
	cleanups []func()
}

var (
	_ testcluster.T = (*Rig)(nil)
	_ proxies.T     = (*Rig)(nil)
)

// giveUp is the value of the panic by which a Rig ends the work.
type giveUp struct{ err error }

// Attempt does some work, cleans up after it, and returns what made it give up.
func Attempt(work func(r *Rig)) (err error) {
	r := &Rig{}
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
func (r *Rig) Helper() {}

// Cleanup has something done at the end, the last first.
func (r *Rig) Cleanup(clean func()) { r.cleanups = append(r.cleanups, clean) }

// TempDir makes a folder that lasts until the end. Its path is short: there are sockets in it.
func (r *Rig) TempDir() string {
	dir, err := os.MkdirTemp("", "hgf")
	r.Must(err)
	r.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// Fatal gives up.
func (r *Rig) Fatal(args ...any) {
	panic(giveUp{errors.New(strings.TrimSuffix(fmt.Sprintln(args...), "\n"))})
}

// Fatalf gives up.
func (r *Rig) Fatalf(format string, args ...any) { panic(giveUp{fmt.Errorf(format, args...)}) }

// Skip gives up: a figure that cannot be measured is no figure.
func (r *Rig) Skip(args ...any) { r.Fatal(args...) }

// Skipf gives up.
func (r *Rig) Skipf(format string, args ...any) { r.Fatalf(format, args...) }

// Must gives up if there is an error.
func (r *Rig) Must(err error) {
	if err != nil {
		panic(giveUp{err})
	}
}
