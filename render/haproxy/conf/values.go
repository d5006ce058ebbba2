package conf

import (
	"errors"
	"fmt"
	"strings"

	"github.com/headgate/headgate/render/engine/lex"
)

// The types below are what views are made of, beside string, int, netip.Addr, netip.AddrPort and netip.Prefix. A plain string is one
// literal word. They are checked when they are printed; their Check methods tell a view beforehand whether a value will pass.
type (
	// Name is an identifier that we made, of a section, a server, an ACL: [A-Za-z0-9_.:-]+.
	Name string
	// File is the path of a file of ours, relative or absolute: [A-Za-z0-9_.@+-] between slashes, no "..".
	File string
	// Socket is the path of a UNIX socket of ours, of the alphabet of File.
	Socket string
	// Header is the name of a header: [A-Za-z0-9-]+.
	Header string
	// Host is a lower-case DNS name, perhaps with "*." in front.
	Host string
	// Word is a fixed word of HAProxy's own, or a list in OpenSSL's language.
	Word string
	// Time is a number of seconds.
	Time int64
)

// Check reports why the name cannot be printed.
func (n Name) Check() error { return checkAlphabet(string(n), "letters, digits and _.:-", "_.:-") }

// Check reports why the word cannot be printed.
func (w Word) Check() error {
	return checkAlphabet(string(w), "letters, digits and _.:+/!@,=-", "_.:+/!@,=-")
}

// Check reports why the name cannot be printed.
func (h Header) Check() error { return checkAlphabet(string(h), "letters, digits and -", "-") }

// Check reports why the file cannot be printed.
func (f File) Check() error {
	if strings.HasPrefix(string(f), "-") {
		return errors.New("a file name cannot begin with a dash")
	}
	for element := range strings.SplitSeq(string(f), "/") {
		if element == ".." {
			return errors.New(`a file name cannot hold ".."`)
		}
	}
	return checkAlphabet(string(f), "letters, digits and _.@+-/", "_.@+-/")
}

// Check reports why the socket cannot be printed.
func (s Socket) Check() error { return File(s).Check() }

// maxHost is the longest DNS name, in bytes.
const maxHost = 253

// Check reports why the name cannot be printed.
func (h Host) Check() error {
	name := strings.TrimPrefix(string(h), "*.")
	if len(h) > maxHost || strings.HasPrefix(name, "-") || strings.HasPrefix(name, ".") {
		return errors.New("it is not a DNS name")
	}
	if strings.ToLower(name) != name {
		return errors.New("a DNS name has to be in lower case")
	}
	return checkAlphabet(name, "a-z, 0-9 and -._", "-._")
}

func checkAlphabet(s, named, others string) error {
	if s == "" {
		return errors.New("it is empty")
	}
	for i := range len(s) {
		if !lex.IsAlnum(s[i]) && strings.IndexByte(others, s[i]) < 0 {
			return fmt.Errorf("byte %d is not one of %s", i+1, named)
		}
	}
	return nil
}
