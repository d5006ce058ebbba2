package model

import "strings"

// NormalizePath turns the path of a request target into the form that routes are compared with: percent-encoded bytes decoded once,
// repeated slashes merged, "." and ".." segments resolved, fragment and query cut off. This is nginx's own normalisation, which
// ingress-nginx's users know; an encoded slash (%2F) or dot (%2E) counts as a slash or dot.
//
// It reports false for what nginx answers with 400: a target that does not begin with a slash, a broken percent escape, a zero byte,
// and ".." segments that lead above the root.
func NormalizePath(target string) (string, bool) {
	if !strings.HasPrefix(target, "/") {
		return "", false
	}
	decoded, ok := decodePath(target)
	if !ok {
		return "", false
	}
	return resolveSegments(decoded)
}

// decodePath decodes the part of target in front of query and fragment.
func decodePath(target string) (string, bool) {
	if end := strings.IndexAny(target, "?#"); end >= 0 {
		target = target[:end]
	}
	if strings.IndexByte(target, 0) >= 0 {
		return "", false
	}
	if strings.IndexByte(target, '%') < 0 {
		return target, true
	}
	out := make([]byte, 0, len(target))
	for i := 0; i < len(target); i++ {
		c := target[i]
		if c == '%' {
			if i+2 >= len(target) {
				return "", false
			}
			hi, okHi := unhex(target[i+1])
			lo, okLo := unhex(target[i+2])
			c = hi<<4 | lo
			if !okHi || !okLo || c == 0 {
				return "", false
			}
			i += 2
		}
		out = append(out, c)
	}
	return string(out), true
}

func unhex(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// resolveSegments merges slashes and resolves dot segments of a decoded path.
func resolveSegments(path string) (string, bool) {
	if !strings.Contains(path, "//") && !strings.Contains(path, "/.") {
		return path, true
	}
	var kept []string
	segments := strings.Split(path[1:], "/")
	last := len(segments) - 1
	for i, segment := range segments {
		switch segment {
		case "", ".":
		case "..":
			if len(kept) == 0 {
				return "", false
			}
			kept = kept[:len(kept)-1]
		default:
			kept = append(kept, segment)
			continue
		}
		if i == last {
			kept = append(kept, "") // what ended in a slash or a dot segment still names a directory
		}
	}
	return "/" + strings.Join(kept, "/"), true
}
