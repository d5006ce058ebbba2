package watch

import (
	"crypto/sha256"
	"io/fs"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
)

// holding is what a file contributes.
type holding struct {
	data []byte
	sum  [sha256.Size]byte
	// info tells files of one name apart.
	info    fs.FileInfo
	atomic  bool
	objects []manifest.Object
	remarks diag.List
	// settled is what the file held before, if it was read although it had not come to rest.
	settled *holding
}

// update returns what a file contributes now; the receiver is what it contributed before, nil for a new file.
func (h *holding) update(file *file, options manifest.LoadOptions) *holding {
	objects, remarks := manifest.Load([]manifest.Input{{Name: file.name, Data: file.data}}, options)
	now := &holding{data: file.data, sum: file.sum, info: file.info, atomic: file.atomic, objects: objects, remarks: remarks}
	if worst, _ := remarks.Worst(); h != nil && worst == diag.Error {
		if kept := now.inherit(h.objects); len(kept) > 0 {
			now.remarks.Add(diag.InputKept.At(diag.Pos{File: file.name}, diag.Ref{}, "",
				"the file has errors; what it held before stays in force: %s", diag.Quote(strings.Join(kept, ", "))))
		}
	}
	return now
}

// rested is what the file held when it was last at rest.
func (h *holding) rested() *holding {
	if h != nil && h.settled != nil {
		return h.settled
	}
	return h
}

// at is the same content in what may be another file of the name.
func (h *holding) at(file *file) *holding {
	h.info, h.atomic = file.info, file.atomic
	return h
}

// refs are the names of what the file contributes.
func (h *holding) refs() map[diag.Ref]bool {
	refs := make(map[diag.Ref]bool, len(h.objects))
	for _, o := range h.objects {
		refs[manifest.RefOf(o)] = true
	}
	return refs
}
