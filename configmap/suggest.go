package configmap

import "slices"

// maxDistance is how many mistakes a name may have and still be recognised.
const maxDistance = 3

// nearest returns the known name that is closest to an unknown one, or nothing if none is close. Of equals, the first by name.
func (t *table) nearest(name string) string {
	if len(name) > 64 {
		return ""
	}
	best, found := min(maxDistance, len(name)/3)+1, ""
	for i := range t.specs {
		known := string(t.specs[i].Key)
		if d := distance(name, known, best); d < best {
			best, found = d, known
		}
	}
	return found
}

// distance counts the insertions, deletions, replacements and swaps of neighbours that turn a into b. It gives up at limit.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		if slices.Min(row) >= limit {
			return limit
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
