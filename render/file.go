package render

import (
	"bytes"
	"slices"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
)

// File is one file of a rendered configuration.
type File struct {
	// Path is relative, with forward slashes, made of path elements of our own choosing ("hosts/a.example.conf").
	Path string
	// Mode holds the permission bits.
	Mode uint32
	Data []byte
	// Sensitive marks key material: it is never printed, compared with a golden file or shown in a diff.
	Sensitive bool
	// Placeholder marks a Sensitive file that protects nothing: it stands in where the input has no key.
	Placeholder bool
}

// Result is what a target makes of a Config.
type Result struct {
	// Files are sorted by Path.
	Files []File
	// Diagnostics say what the target could not express, and what it did instead.
	Diagnostics diag.List
}

// Target is a proxy that configuration can be rendered for. An error means that the target itself is unusable (a template of the
// user's that cannot be executed); what is wrong with a part of the Config is in Result.Diagnostics.
type Target interface {
	// Render renders the whole Config. A target may keep what it printed last and reuse the files of unchanged nodes: the result is
	// the same as that of a fresh target.
	Render(cfg *model.Config) (Result, error)
}

// SortFiles orders files by path.
func SortFiles(files []File) {
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
}

// Equal reports whether two sorted file lists have the same paths, modes and bytes.
func Equal(a, b []File) bool {
	return slices.EqualFunc(a, b, func(x, y File) bool {
		return x.Path == y.Path && x.Mode == y.Mode && bytes.Equal(x.Data, y.Data)
	})
}
