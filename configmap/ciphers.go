package configmap

import (
	"slices"
	"strings"
)

// OpenSSL refuses a list of ciphers that selects none, and a list of groups with one that it does not know. Either would cost the
// configuration of everybody, so both are read here, by what every OpenSSL since 1.1.1 knows.

// cipherSuite is a cipher of TLS 1.2 with the words that select it beside its name.
type cipherSuite struct {
	name  string
	words []string
}

var cipherSuites = func() []cipherSuite {
	var suites []cipherSuite
	for _, exchange := range []struct {
		prefix string
		words  []string
	}{
		{"ECDHE-ECDSA-", []string{"ECDHE", "EECDH", "kECDHE", "kEECDH", "ECDSA", "aECDSA"}},
		{"ECDHE-RSA-", []string{"ECDHE", "EECDH", "kECDHE", "kEECDH", "aRSA"}},
		{"DHE-RSA-", []string{"DHE", "EDH", "kDHE", "kEDH", "DH", "aRSA"}},
		{"", []string{"RSA", "kRSA", "aRSA"}},
	} {
		for _, cipher := range []struct {
			suffix string
			words  []string
		}{
			{"AES128-GCM-SHA256", []string{"AES", "AES128", "AESGCM", "AEAD", "TLSv1.2"}},
			{"AES256-GCM-SHA384", []string{"AES", "AES256", "AESGCM", "AEAD", "TLSv1.2"}},
			{"AES128-SHA", []string{"AES", "AES128", "SHA", "SHA1"}},
			{"AES256-SHA", []string{"AES", "AES256", "SHA", "SHA1"}},
		} {
			words := slices.Concat([]string{"ALL", "DEFAULT", "HIGH"}, exchange.words, cipher.words)
			suites = append(suites, cipherSuite{exchange.prefix + cipher.suffix, words})
		}
		if exchange.prefix != "" {
			words := slices.Concat([]string{"ALL", "DEFAULT", "HIGH", "CHACHA20", "AEAD", "TLSv1.2"}, exchange.words)
			suites = append(suites, cipherSuite{exchange.prefix + "CHACHA20-POLY1305", words})
		}
	}
	return suites
}()

// has reports whether words joined by + select the suite.
func (s *cipherSuite) has(words string) bool {
	for word := range strings.SplitSeq(words, "+") {
		if word != s.name && !slices.Contains(s.words, word) {
			return false
		}
	}
	return true
}

// suiteState says what a list has made of a suite so far.
type suiteState uint8

const (
	suiteOut suiteState = iota
	suiteIn
	suiteBarred
)

// after is the state after one element of a list: added, removed by "-", or barred for good by "!". A "+" only moves suites.
func (s suiteState) after(element string) suiteState {
	switch {
	case s == suiteBarred || element[0] == '+':
		return s
	case element[0] == '!':
		return suiteBarred
	case element[0] == '-':
		return suiteOut
	default:
		return suiteIn
	}
}

// selectsCipher reports whether a list of ciphers leaves at least one of those that are known everywhere.
func selectsCipher(list string) bool {
	return slices.ContainsFunc(cipherSuites, func(suite cipherSuite) bool {
		state := suiteOut
		for element := range strings.SplitSeq(list, ":") {
			if words := strings.TrimLeft(element, "!-+"); words != "" && suite.has(words) {
				state = state.after(element)
			}
		}
		return state == suiteIn
	})
}

func readCiphers(r *reading, text string) (any, *fault) {
	switch {
	case !r.matches(text):
		return nil, malformed("has characters or a form that are not allowed here")
	case !selectsCipher(text):
		return nil, unusable("selects no cipher that every version of OpenSSL has for TLS 1.2; proxies would refuse to start with it")
	}
	return text, nil
}

// groupNames are the groups that are known everywhere, with the name that is the same for two spellings of one.
var groupNames = map[string]string{
	"X25519": "X25519", "X448": "X448",
	"prime256v1": "P-256", "P-256": "P-256", "secp384r1": "P-384", "P-384": "P-384", "secp521r1": "P-521", "P-521": "P-521",
}

// readGroups reads groups joined by colons. One that stands twice counts once: OpenSSL would refuse it.
func readGroups(_ *reading, text string) (any, *fault) {
	if text == "auto" {
		return text, nil
	}
	var list, seen []string
	for group := range strings.SplitSeq(text, ":") {
		name, known := groupNames[group]
		if !known {
			return nil, malformed("is neither auto nor a list, joined by colons, of X25519, X448, prime256v1, secp384r1 and secp521r1")
		}
		if !slices.Contains(seen, name) {
			seen = append(seen, name)
			list = append(list, group)
		}
	}
	return strings.Join(list, ":"), nil
}
