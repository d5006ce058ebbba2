package diag

import "slices"

// Limits of [Nearest]: how many mistakes a name may have and still be recognised, and the longest name that is looked at.
const (
	maxMistakes = 3
	maxName     = 64
)

// Nearest returns the known name that an unknown one was most likely meant to be, and "" if none is close. Of equally close ones it is
// the first by name.
func Nearest(name string, known []string) string {
	if len(name) > maxName {
		return ""
	}
	best, found := min(maxMistakes, (len(name)+1)/2)+1, ""
	for _, k := range slices.Sorted(slices.Values(known)) {
		if d := mistakes(name, k, best); d < best {
			best, found = d, k
		}
	}
	return found
}

// DidYouMean returns `; did you mean "…"?` for the nearest known name, and "" if none is close.
func DidYouMean(name string, known []string) string {
	if near := Nearest(name, known); near != "" {
		return `; did you mean "` + near + `"?`
	}
	return ""
}

// mistakes counts the insertions, deletions, replacements and swaps of neighbours that turn a into b. It gives up at limit.
func mistakes(a, b string, limit int) int {
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
			replaced := last[j-1]
			if a[i-1] != b[j-1] {
				replaced++
			}
			row[j] = min(last[j]+1, row[j-1]+1, replaced)
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
