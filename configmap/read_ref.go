package configmap

import "strings"

// readServiceRef takes a DNS label of RFC 1035: the name of a Service in the namespace of the object.
func readServiceRef(r *reading, text string) (any, *fault) {
	if len(text) > 63 || !isLabel(text) || text[0] < 'a' {
		return nil, malformed("is not the name of a Service")
	}
	return Reference{Namespace: r.namespace, Name: text}, nil
}

// readObjectRef takes "name" or "namespace/name". Characters that no reference has are malformed; the rest is unusable.
func readObjectRef(r *reading, text string) (any, *fault) {
	if !plainText.MatchString(text) {
		return nil, malformed("has characters that are not allowed in a reference")
	}
	namespace, name, found := strings.Cut(text, "/")
	if !found {
		namespace, name = r.namespace, text
		if r.spec.NeedsNamespace {
			f := unusable("does not name the namespace")
			if r.namespace != "" {
				f.hint = "write " + r.namespace + "/" + text
			}
			return nil, f
		}
	}
	if found && !isLabel(namespace) || !isObjectName(name) {
		return nil, unusable("is not of the form namespace/name")
	}
	return Reference{Namespace: namespace, Name: name}, nil
}

// isObjectName reports whether s is a DNS subdomain of RFC 1123, as the names of Secrets and ConfigMaps are.
func isObjectName(s string) bool {
	if len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if !isLabel(label) {
			return false
		}
	}
	return true
}

// isLabel reports whether s is a DNS label of RFC 1123, in lower case. Its length is the business of the caller.
func isLabel(s string) bool {
	for i := range len(s) {
		c := s[i]
		alnum := c >= '0' && c <= '9' || c >= 'a' && c <= 'z'
		if !alnum && (c != '-' || i == 0 || i == len(s)-1) {
			return false
		}
	}
	return s != ""
}
