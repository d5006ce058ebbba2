package watch

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
)

// losses are the objects that have gone from files without having been taken out of them, by the file or folder that is to blame.
type losses map[string]*lostFrom

// lostFrom is what one file or folder held.
type lostFrom struct {
	cause string
	refs  []diag.Ref
}

// add blames a file or folder for objects that have gone.
func (l losses) add(place, cause string, objects []manifest.Object) {
	if l[place] == nil {
		l[place] = &lostFrom{}
	}
	l[place].cause = cause
	for _, o := range objects {
		l[place].refs = append(l[place].refs, manifest.RefOf(o))
	}
}

// list returns what is lost and not present elsewhere.
func (l losses) list(present map[diag.Ref]bool) []manifest.LostObject {
	var list []manifest.LostObject
	for _, from := range l {
		for _, ref := range from.refs {
			if !present[ref] {
				list = append(list, manifest.LostObject{Ref: ref, Cause: from.cause})
			}
		}
	}
	return list
}

// forgive forgets the folders in which there are manifests again: what is not among them was taken out.
func (l losses) forgive(files map[string]*holding) {
	for place := range l {
		if files[place] == nil && holdsFiles(place, files) {
			delete(l, place)
		}
	}
}

// gone blames a folder for files that are there no more, if the folder is gone as well, or has no manifest left. To remove one of several
// files from a folder is how its objects are deleted.
func (l losses) gone(name string, held *holding, files map[string]*holding, roots []string) {
	if folder := emptied(name, files, roots); folder != "" {
		l.add(folder, "folder "+folder+" is gone or has no manifest left", held.objects)
	}
}

// emptied is the highest folder above a file, not above the roots, in which there are no manifests.
func emptied(name string, files map[string]*holding, roots []string) string {
	found := ""
	for dir := filepath.Dir(name); !holdsFiles(dir, files); dir = filepath.Dir(dir) {
		found = dir
		if slices.Contains(roots, dir) || dir == filepath.Dir(dir) {
			break
		}
	}
	return found
}

func holdsFiles(folder string, files map[string]*holding) bool {
	within := strings.TrimSuffix(folder, string(filepath.Separator)) + string(filepath.Separator)
	for name := range files {
		if strings.HasPrefix(name, within) || folder == "." && !filepath.IsAbs(name) {
			return true
		}
	}
	return false
}
