package render

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Version is a version of a proxy.
type Version struct {
	Major, Minor, Patch int
}

// ParseVersion reads "1.22" or "1.22.1". The product is how the error calls the proxy.
func ParseVersion(product, text string) (Version, error) {
	parts := strings.Split(text, ".")
	numbers := [3]int{}
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || n < 0 || i > 2 || len(parts) < 2 {
			return Version{}, fmt.Errorf("%q is not a version of %s: two or three numbers with dots between them", text, product)
		}
		numbers[i] = n
	}
	return Version{numbers[0], numbers[1], numbers[2]}, nil
}

// String prints "1.22.1".
func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) }

// Before reports whether the version is older than another one.
func (v Version) Before(w Version) bool {
	return cmp.Or(cmp.Compare(v.Major, w.Major), cmp.Compare(v.Minor, w.Minor), cmp.Compare(v.Patch, w.Patch)) < 0
}
