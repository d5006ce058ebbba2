package main

import (
	"fmt"

	"github.com/headgate/headgate/hack/load"
	"github.com/headgate/headgate/hack/rig"
)

// newSource makes the source that the bench is about, with the ground laid.
func (b *bench) newSource() rig.Source {
	var s rig.Source = rig.NewFolder(b.Rig)
	if b.source == "kube" {
		s = rig.NewObjects(b.Rig)
	}
	s.Put("ground", ground)
	s.Put("shared", shared())
	return s
}

// grow adds Ingresses that exist already, those with numbers from one to another.
func grow(s rig.Source, from, to int) {
	for i := from; i < to; i++ {
		s.Put(fmt.Sprintf("existing-%d", i), existing(i))
	}
}

// startBackend answers for all pods until the end.
func (b *bench) startBackend() *load.Backend {
	backend, err := load.StartBackend(backendPort)
	b.Must(err)
	b.Cleanup(backend.Close)
	return backend
}
