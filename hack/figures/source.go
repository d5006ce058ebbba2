package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/headgate/headgate/hack/testcluster"
)

// source is where headgate reads objects from.
type source interface {
	// put writes objects under a name, or writes them anew.
	put(name, manifests string)
	// remove takes away what was put.
	remove(name string)
	// flags tell headgate where to read.
	flags() []string
}

// newSource makes the source that the bench is about, with the ground laid.
func (b *bench) newSource() source {
	var s source
	if b.source == "kube" {
		s = &objects{cluster: testcluster.Start(b.rig), held: map[string]string{}}
	} else {
		s = &folder{b.rig, b.TempDir()}
	}
	s.put("ground", ground)
	s.put("shared", shared())
	return s
}

// grow adds Ingresses that exist already, those with numbers from one to another.
func grow(s source, from, to int) {
	for i := from; i < to; i++ {
		s.put(fmt.Sprintf("existing-%d", i), existing(i))
	}
}

// folder is a folder of manifests, one file for each Ingress.
type folder struct {
	rig *rig
	dir string
}

// put replaces the file in one step, as careful programs do.
func (f *folder) put(name, manifests string) {
	hidden := filepath.Join(f.dir, "."+name)
	f.rig.must(os.WriteFile(hidden, []byte(manifests), 0o600))
	f.rig.must(os.Rename(hidden, f.path(name)))
}

func (f *folder) remove(name string) { f.rig.must(os.Remove(f.path(name))) }

func (f *folder) path(name string) string { return filepath.Join(f.dir, name+".yaml") }

func (f *folder) flags() []string { return []string{"--source", "files", "-f", f.dir} }

// objects are those of an API server.
type objects struct {
	cluster *testcluster.Cluster
	held    map[string]string
}

func (o *objects) put(name, manifests string) {
	o.cluster.Apply(manifests)
	o.held[name] = manifests
}

func (o *objects) remove(name string) { o.cluster.Delete(o.held[name]) }

func (o *objects) flags() []string {
	return []string{"--source", "kube", "--kubeconfig", o.cluster.Kubeconfig}
}
