package nginx

import (
	"cmp"
	"slices"
	"strings"

	"github.com/headgate/headgate/render/nginx/conf"
)

// maxLocation is the longest path that nginx keeps for a location: it counts the bytes of one in eight bits, and with more of them the
// location would take requests for other paths. Longer paths are printed as regular expressions, which nginx tries after the exact
// locations and before it takes the longest of the others: the right place, since none of those is as long.
const maxLocation = 255

// atLong is [locationView.at] for a path that is too long for an ordinary location.
func (v locationView) atLong(path string, as spelling) locationView {
	text := "^(?-i:" + escapeRegex(path) + ")"
	if as == exact {
		text += `\z`
	}
	v.Regex, v.Pattern, v.long = true, conf.OwnRegex(text), longPath{len(path), as}
	return v
}

// longPath says which of the long paths of a host comes first.
type longPath struct {
	length int
	as     spelling
}

// sortLong puts long paths in the order in which they are to be tried: exact ones, then longer ones. Everything else stays in its place.
func sortLong(views []locationView) {
	slices.SortStableFunc(views, func(a, b locationView) int {
		if a.long.length == 0 || b.long.length == 0 {
			return cmp.Compare(min(a.long.length, 1), min(b.long.length, 1))
		}
		return cmp.Or(cmp.Compare(b.long.as, a.long.as), cmp.Compare(b.long.length, a.long.length))
	})
}

// escapeRegex escapes what has a meaning in a regular expression, and nothing else: the result must fit into a word of nginx.
func escapeRegex(text string) string {
	var b strings.Builder
	for i := range len(text) {
		if strings.IndexByte(`\^$.|?*+()[]{}`, text[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(text[i])
	}
	return b.String()
}
