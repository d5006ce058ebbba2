package manifest

import (
	"strings"
)

// The functions of this file repeat the API server's checks of names. They say what is wrong with a value, or nothing if it is right.

// Limits of the API server.
const (
	maxLabel          = 63
	maxSubdomain      = 253
	maxPortName       = 15
	maxPort           = 65535
	maxKey            = 253
	maxAnnotationSize = 256 << 10
	maxSecretSize     = 1 << 20
)

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isLower(c byte) bool  { return 'a' <= c && c <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }

const (
	notLabel     = "is not a DNS label (lower-case letters, digits and dashes, at most 63)"
	notSubdomain = "is not a DNS name (labels of lower-case letters, digits and dashes, joined by dots, at most 253 bytes)"
)

func checkLabel(s string) string {
	if len(s) > maxLabel || !isDashed(s) {
		return notLabel
	}
	return ""
}

func checkSubdomain(s string) string {
	if len(s) > maxSubdomain {
		return notSubdomain
	}
	for label := range strings.SplitSeq(s, ".") {
		if !isDashed(label) {
			return notSubdomain
		}
	}
	return ""
}

// isDashed reports whether s is made of lower-case letters, digits and inner dashes.
func isDashed(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !isLower(c) && !isDigit(c) && (c != '-' || i == 0 || i == len(s)-1) {
			return false
		}
	}
	return s != ""
}

// checkExternalName takes the target of an ExternalName Service; one final dot is allowed.
func checkExternalName(s string) string {
	return checkSubdomain(strings.TrimSuffix(s, "."))
}

func checkPortName(s string) string {
	letter := false
	for i := range len(s) {
		letter = letter || isLower(s[i])
	}
	if len(s) > maxPortName || !letter || !isDashed(s) || strings.Contains(s, "--") {
		return "is not a port name (at most 15 lower-case letters, digits and single inner dashes, at least one letter)"
	}
	return ""
}

// checkDataKey takes a key of a Secret or ConfigMap.
func checkDataKey(s string) string {
	const problem = "is not a key (letters, digits, dashes, underscores and dots, at most 253, no \"..\" in front)"
	if s == "" || s == "." || len(s) > maxKey || strings.HasPrefix(s, "..") {
		return problem
	}
	for i := range len(s) {
		if c := s[i]; !isLetter(c) && !isDigit(c) && c != '-' && c != '_' && c != '.' {
			return problem
		}
	}
	return ""
}

// checkAnnotationKey takes [prefix/]name. The API server ignores the case of the prefix here.
func checkAnnotationKey(s string) string {
	const problem = "is not an annotation key (an optional DNS name and a slash, then at most 63 letters, digits, dashes, underscores and dots)"
	prefix, name, found := strings.Cut(s, "/")
	if !found {
		prefix, name = "", s
	}
	if found && checkSubdomain(strings.ToLower(prefix)) != "" {
		return problem
	}
	if name == "" || len(name) > maxLabel || !isAlphanumeric(name[0]) || !isAlphanumeric(name[len(name)-1]) {
		return problem
	}
	if checkDataKey(name) != "" {
		return problem
	}
	return ""
}

func isAlphanumeric(c byte) bool { return isLetter(c) || isDigit(c) }
