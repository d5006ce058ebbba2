package nginx

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Version is a version of nginx.
type Version struct {
	Major, Minor, Patch int
}

// DefaultVersion is what configuration is printed for if nobody says for what: the oldest that Headgate knows. What is printed for
// it is understood by newer ones.
var DefaultVersion = Version{1, 22, 0}

// ParseVersion reads "1.22" or "1.22.1".
func ParseVersion(s string) (Version, error) {
	parts := strings.Split(s, ".")
	numbers := [3]int{}
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || n < 0 || i > 2 || len(parts) < 2 {
			return Version{}, fmt.Errorf("%q is not a version of nginx, such as 1.22 or 1.30.6", s)
		}
		numbers[i] = n
	}
	return Version{numbers[0], numbers[1], numbers[2]}, nil
}

// String prints "1.22.1".
func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) }

// atLeast reports whether the version is a given one or newer.
func (v Version) atLeast(major, minor, patch int) bool {
	return cmp.Or(cmp.Compare(v.Major, major), cmp.Compare(v.Minor, minor), cmp.Compare(v.Patch, patch)) >= 0
}

// What nginx learned when.
func (v Version) hasHTTP2Directive() bool { return v.atLeast(1, 25, 1) }
func (v Version) hasPass() bool           { return v.atLeast(1, 25, 5) }
func (v Version) hasKeepAliveMin() bool   { return v.atLeast(1, 27, 4) }
func (v Version) hasSticky() bool         { return v.atLeast(1, 29, 6) }
