package templates

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// The versions of what templates get. A version goes up when a field or a template that others can replace is renamed, removed or gets
// another type, once for each release; what is added leaves it as it is. CHANGELOG.md says what changed.
const (
	NginxViews   = "1"
	HAProxyViews = "1"
)

// versionFile is the file in which a folder of templates says which views it was written for.
const versionFile = "VIEWS"

// CheckVersion reads for which views a proxy's folder of a user's templates was written: the file VIEWS in it, below the root fsys that
// messages call root. A folder without one fits all versions. An error says what to do.
func CheckVersion(fsys fs.FS, root, proxy, have string) error {
	file := proxy + "/" + versionFile
	text, err := fs.ReadFile(fsys, file)
	switch wanted := strings.TrimSpace(string(text)); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("reading %s/%s: %w", root, file, err)
	case wanted != have:
		return fmt.Errorf("%s/%s: these templates were written for version %q of the views for %s, and this Headgate has version %s; "+
			"see CHANGELOG.md for what changed, adapt the templates, and write %s into the file", root, file, shorten(wanted), proxy, have, have)
	}
	return nil
}

// shorten keeps the message readable if the file is something else.
func shorten(text string) string { return text[:min(len(text), 20)] }
