package rig

import (
	"os"
	"path/filepath"

	"github.com/headgate/headgate/hack/testcluster"
)

// Source is where headgate reads objects from.
type Source interface {
	// Put writes objects under a name, or writes them anew.
	Put(name, manifests string)
	// Remove takes away what was put.
	Remove(name string)
	// Flags tell headgate where to read.
	Flags() []string
}

// Folder is a folder of manifests, one file for each name.
type Folder struct {
	rig *Rig
	// Dir is its path.
	Dir string
}

// NewFolder makes an empty folder.
func NewFolder(r *Rig) *Folder { return &Folder{r, r.TempDir()} }

// Put replaces the file in one step, as careful programs do.
func (f *Folder) Put(name, manifests string) {
	hidden := filepath.Join(f.Dir, "."+name)
	f.rig.Must(os.WriteFile(hidden, []byte(manifests), 0o600))
	f.rig.Must(os.Rename(hidden, f.Path(name)))
}

// Remove removes the file.
func (f *Folder) Remove(name string) { f.rig.Must(os.Remove(f.Path(name))) }

// Path is the file of a name.
func (f *Folder) Path(name string) string { return filepath.Join(f.Dir, name+".yaml") }

// Flags implements Source.
func (f *Folder) Flags() []string { return []string{"--source", "files", "-f", f.Dir} }

// Objects are those of an API server.
type Objects struct {
	// Cluster is the API server.
	Cluster *testcluster.Cluster
	held    map[string]string
}

// NewObjects starts an API server.
func NewObjects(r *Rig) *Objects {
	return &Objects{Cluster: testcluster.Start(r), held: map[string]string{}}
}

// Put applies the objects.
func (o *Objects) Put(name, manifests string) {
	o.Cluster.Apply(manifests)
	o.held[name] = manifests
}

// Remove deletes the objects.
func (o *Objects) Remove(name string) { o.Cluster.Delete(o.held[name]) }

// Flags implements Source.
func (o *Objects) Flags() []string {
	return []string{"--source", "kube", "--kubeconfig", o.Cluster.Kubeconfig}
}
