package configmap

import (
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/headgate/headgate/diag"
)

// reading is one value on its way from text to its type.
type reading struct {
	spec      *Spec
	pattern   *regexp.Regexp
	namespace string
	notes     []note
}

// note is something worth saying about a value that can be used.
type note struct {
	// skipped marks an item that was passed over; otherwise the note is about spelling.
	skipped bool
	text    string
}

// readers turn cleaned text into the value that [Set] keeps, by Type.
var readers = [...]func(*reading, string) (any, *fault){
	Bool: readBool, Int: readInt, Float: readFloat, IntOrAuto: readIntOrAuto,
	Seconds: readSeconds, Duration: readDuration, GoDuration: readGoDuration, Size: readSize, Buffers: readBuffers,
	Enum: readEnum, String: readString, Text: readString, Ciphers: readCiphers, Groups: readGroups, List: readList, Words: readWords,
	CIDRs: readCIDRs, IPs: readIPs, Codes: readCodes, URL: readURL, Regex: readRegex,
	HeaderName: readHeaderName, HeaderNames: readHeaderNames,
	ServiceRef: readServiceRef, SecretRef: readObjectRef, ConfigMapRef: readObjectRef, Snippet: readString,
}

func (r *reading) matches(text string) bool { return r.pattern == nil || r.pattern.MatchString(text) }

func readEnum(r *reading, text string) (any, *fault) {
	if slices.Contains(r.spec.Values, text) {
		return text, nil
	}
	for _, v := range r.spec.Values {
		if !strings.EqualFold(v, text) {
			continue
		}
		if r.spec.FoldCase {
			r.notes = append(r.notes, note{text: "is read as " + v})
			return v, nil
		}
		f := malformed("is not one of %s", strings.Join(r.spec.Values, ", "))
		f.hint = "write " + v + ": upper and lower case matter here"
		return nil, f
	}
	return nil, malformed("is not one of %s", strings.Join(r.spec.Values, ", "))
}

func readString(r *reading, text string) (any, *fault) {
	if !r.matches(text) {
		return nil, malformed("has characters or a form that are not allowed here")
	}
	return text, nil
}

func readRegex(r *reading, text string) (any, *fault) {
	if !r.matches(text) {
		return nil, malformed("has characters or a form that are not allowed here")
	}
	if _, err := regexp.Compile(text); err != nil {
		return nil, malformed("is not a regular expression that can be checked (look-around is not taken)")
	}
	return text, nil
}

func readHeaderName(r *reading, text string) (any, *fault) {
	if !isToken(text) || !r.matches(text) {
		return nil, malformed("is not a header name")
	}
	return text, nil
}

// isToken reports whether s is a token of RFC 9110.
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		alnum := c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
		if !alnum && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return s != ""
}

// readURL takes absolute URLs only. What has the right characters but no scheme or host is unusable rather than malformed.
func readURL(r *reading, text string) (any, *fault) {
	if !r.matches(text) {
		return nil, malformed("has characters that are not allowed in a URL here")
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, unusable("is not a URL")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, unusable("does not begin with http:// or https://")
	case u.Host == "" || u.Opaque != "":
		return nil, unusable("has no host")
	case u.User != nil:
		return nil, unusable("contains credentials; do not put credentials in annotations")
	case strings.Contains(u.Host, ".."):
		return nil, unusable("has two dots in a row in its host")
	}
	return *u, nil
}

// items splits a list, reads each item, and keeps the order. A bad item spoils the list unless the key skips items; a list of which
// nothing is left is spoilt as well.
func items[T any](r *reading, parts []string, read func(string) (T, *fault)) (any, *fault) {
	var list []T
	for _, part := range parts {
		part = strings.Trim(part, blanks)
		if part == "" {
			continue
		}
		item, f := read(part)
		if len(part) > maxShort {
			f = malformed("is %d bytes long, the limit is %d", len(part), maxShort)
		}
		switch {
		case f == nil:
			list = append(list, item)
		case r.spec.SkipItems:
			r.notes = append(r.notes, note{skipped: true, text: diag.Quote(part) + " " + f.reason})
		default:
			f.reason = "has the item " + diag.Quote(part) + ", which " + f.reason
			return nil, f
		}
	}
	if len(list) == 0 {
		return nil, malformed("has no usable item")
	}
	return list, nil
}

func readList(r *reading, text string) (any, *fault) {
	return items(r, strings.Split(text, ","), r.readItem)
}

func readWords(r *reading, text string) (any, *fault) {
	return items(r, strings.Fields(text), r.readItem)
}

func (r *reading) readItem(text string) (string, *fault) {
	switch {
	case len(r.spec.Values) > 0 && !slices.Contains(r.spec.Values, text):
		return "", malformed("is not one of %s", strings.Join(r.spec.Values, ", "))
	case !r.matches(text):
		return "", malformed("has characters or a form that are not allowed here")
	}
	return text, nil
}

func readHeaderNames(r *reading, text string) (any, *fault) {
	return items(r, strings.Split(text, ","), func(name string) (string, *fault) {
		if !isToken(name) || !r.matches(name) {
			return "", malformed("is not a header name")
		}
		return name, nil
	})
}

func readCIDRs(r *reading, text string) (any, *fault) {
	return items(r, strings.Split(text, ","), readPrefix)
}

// readPrefix takes an address or a prefix; host bits are cleared, an IPv4 address inside IPv6 is taken for itself.
func readPrefix(text string) (netip.Prefix, *fault) {
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil || prefix.Addr().Is4In6() {
		return netip.Prefix{}, malformed("is not an address or CIDR")
	}
	return prefix.Masked(), nil
}

func readIPs(r *reading, text string) (any, *fault) {
	return items(r, strings.Split(text, ","), func(s string) (netip.Addr, *fault) {
		addr, err := netip.ParseAddr(strings.Trim(s, "[]"))
		if err != nil || addr.Zone() != "" {
			return netip.Addr{}, malformed("is not an IP address")
		}
		return addr.Unmap(), nil
	})
}
