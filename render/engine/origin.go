package engine

import (
	"strconv"

	"github.com/headgate/headgate/diag"
)

// Origin is the only value that may be printed into a comment: the name of an object and its place in a file. Bytes that no valid
// name holds are replaced, so that nothing in it can end a comment or mislead its reader.
type Origin struct {
	text string
}

// maxOriginPart bounds each part of an origin; valid names of objects are shorter.
const maxOriginPart = 253

// NewOrigin describes an object and, if known, the place that it comes from: "Ingress shop/web (shop.yaml:14)".
func NewOrigin(ref diag.Ref, pos diag.Pos) Origin {
	b := appendSafe(nil, ref.Kind)
	if ref.Name != "" {
		b = append(b, ' ')
		if ref.Namespace != "" {
			b = append(appendSafe(b, ref.Namespace), '/')
		}
		b = appendSafe(b, ref.Name)
	}
	if pos.File == "" {
		return Origin{text: string(b)}
	}
	if len(b) > 0 {
		b = append(b, ' ')
	}
	b = appendSafe(append(b, '('), pos.File)
	if pos.Line > 0 {
		b = strconv.AppendInt(append(b, ':'), int64(pos.Line), 10)
	}
	return Origin{text: string(append(b, ')'))}
}

// String returns the text as it stands in comments.
func (o Origin) String() string { return o.text }

func appendSafe(b []byte, s string) []byte {
	for i := range min(len(s), maxOriginPart) {
		if !safeInComment(s[i]) {
			b = append(b, '?')
			continue
		}
		b = append(b, s[i])
	}
	return b
}

func safeInComment(c byte) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		return true
	default:
		return c == '.' || c == '-' || c == '_' || c == '/'
	}
}
