package haproxy

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Version is a version of HAProxy.
type Version struct {
	Major, Minor, Patch int
}

// DefaultVersion is what configuration is printed for if nobody says for what: the oldest that Headgate knows. What is printed for
// it is understood by newer ones.
var DefaultVersion = Version{2, 6, 0}

// ParseVersion reads "2.6" or "2.6.12".
func ParseVersion(s string) (Version, error) {
	parts := strings.Split(s, ".")
	numbers := [3]int{}
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || n < 0 || i > 2 || len(parts) < 2 {
			return Version{}, fmt.Errorf("%q is not a version of HAProxy, such as 2.6 or 3.2.1", s)
		}
		numbers[i] = n
	}
	return Version{numbers[0], numbers[1], numbers[2]}, nil
}

// String prints "2.6.12".
func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) }

// before reports whether the version is older than another one.
func (v Version) before(w Version) bool {
	return cmp.Or(cmp.Compare(v.Major, w.Major), cmp.Compare(v.Minor, w.Minor), cmp.Compare(v.Patch, w.Patch)) < 0
}
