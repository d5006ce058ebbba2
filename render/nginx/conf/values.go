package conf

import (
	"errors"
	"net/netip"
	"strings"

	"github.com/headgate/headgate/render/engine/lex"
)

// The types below are what views are made of, beside string, the integers, bool, netip.Addr, netip.AddrPort and netip.Prefix. A plain
// string is one literal argument. The types based on string are checked when they are printed; their Check methods tell a view
// beforehand whether a value will pass.
type (
	// Name is an identifier that we made: of an upstream, a zone, a log format, a named location. It is [a-z0-9_.-]+. As a variable
	// it prints with a dollar sign, in proxy_pass as the URL of an upstream, as a target as a named location.
	Name string
	// Host is a lower-case DNS name, perhaps with "*." in front, or "_".
	Host string
	// Path is the literal path of a location or a URI. It begins with a slash.
	Path string
	// File is the path of a file of ours, relative or absolute: [A-Za-z0-9_.@+-] between slashes, no "..".
	File string
	// Socket is the absolute path of a UNIX socket of ours, of the alphabet of File.
	Socket string
	// Header is the name of a header: [A-Za-z0-9_-]+.
	Header string
	// Mime is a media type such as text/html.
	Mime string
	// Word is a fixed word of nginx's own, chosen by us: "http_503", "TLSv1.3", "error".
	Word string
)

type (
	// Time is a number of seconds.
	Time int64
	// Size is a number of bytes.
	Size int64
	// Share is a part of all requests in hundredths of a percent, from 1 to 10,000.
	Share int
	// PerSecond and PerMinute are rates of requests.
	PerSecond int
	// PerMinute is a rate of requests.
	PerMinute int
)

// Zone declares a shared memory zone.
type Zone struct {
	Name Name
	Size Size
}

// HostPort is a server by DNS name, for upstreams that nginx resolves while it runs.
type HostPort struct {
	Host Host
	Port int
}

// Pass is the target of proxy_pass and its like: an upstream of ours and, if not empty, the URI that replaces the matched part.
type Pass struct {
	// TLS speaks https (or grpcs) to the upstream.
	TLS      bool
	Upstream Name
	URI      Path
}

// Syslog is a log that is sent away.
type Syslog struct {
	// Server is a netip.AddrPort or a HostPort.
	Server any
	// Facility, Severity and Tag may be empty.
	Facility, Severity, Tag Word
}

// Param is an argument of the form key=value. The directive says which keys there are and what their values mean. Templates make one
// with {{param "burst" .Burst}}.
type Param struct {
	Key   string
	Value any
}

// Check reports why the name cannot be printed.
func (n Name) Check() error { return checkAlphabet(string(n), "a-z, 0-9, _, . and -", isNameByte) }

// Check reports why the word cannot be printed.
func (w Word) Check() error {
	return checkAlphabet(string(w), "letters, digits and _.:+/!-", func(c byte) bool {
		return lex.IsAlnum(c) || strings.IndexByte("_.:+/!-", c) >= 0
	})
}

// Check reports why the name cannot be printed.
func (h Header) Check() error {
	return checkAlphabet(string(h), "letters, digits, - and _", func(c byte) bool { return lex.IsAlnum(c) || c == '-' || c == '_' })
}

// Check reports why the type cannot be printed.
func (m Mime) Check() error {
	if m == "*" {
		return nil
	}
	return checkAlphabet(string(m), "letters, digits and +-./", func(c byte) bool {
		return lex.IsAlnum(c) || strings.IndexByte("+-._/", c) >= 0
	})
}

// Check reports why the path cannot be printed.
func (p Path) Check() error {
	if !strings.HasPrefix(string(p), "/") {
		return errors.New("a path has to begin with a slash")
	}
	return checkPlain(string(p))
}

// Check reports why the file cannot be printed.
func (f File) Check() error {
	if f == "off" || f == "on" || f == "stderr" || f == "default" {
		return errors.New("this word has a meaning of its own where a file is named")
	}
	if strings.HasPrefix(string(f), "-") {
		return errors.New("a file name cannot begin with a dash")
	}
	for element := range strings.SplitSeq(string(f), "/") {
		if element == ".." {
			return errors.New(`a file name cannot hold ".."`)
		}
	}
	return checkAlphabet(string(f), "letters, digits and _.@+-/", func(c byte) bool {
		return lex.IsAlnum(c) || strings.IndexByte("_.@+-/", c) >= 0
	})
}

// Check reports why the socket cannot be printed.
func (s Socket) Check() error {
	if !strings.HasPrefix(string(s), "/") {
		return errors.New("the path of a socket has to be absolute")
	}
	return File(s).Check()
}

// maxHost is the longest DNS name, in bytes.
const maxHost = 253

// Check reports why the name cannot be printed.
func (h Host) Check() error {
	if h == "_" {
		return nil
	}
	name := strings.TrimPrefix(string(h), "*.")
	if len(h) > maxHost {
		return errors.New("a DNS name has at most 253 bytes")
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return errors.New("this is no DNS name")
		}
		if err := checkAlphabet(label, "a-z, 0-9 and -", func(c byte) bool { return isNameByte(c) && c != '.' && c != '_' }); err != nil {
			return err
		}
	}
	return nil
}

// checkAlphabet requires at least one byte, and only such as ok accepts.
func checkAlphabet(s, alphabet string, ok func(byte) bool) error {
	if s == "" {
		return errors.New("it is empty")
	}
	for i := range len(s) {
		if !ok(s[i]) {
			return errors.New("only " + alphabet + " can stand here")
		}
	}
	return nil
}

// checkPlain refuses control bytes.
func checkPlain(s string) error {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f {
			return errors.New("it holds a control byte")
		}
	}
	return nil
}

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == '-'
}

// checkAddress refuses addresses that nginx cannot read.
func checkAddress(a netip.Addr) error {
	switch {
	case !a.IsValid():
		return errors.New("the address is not set")
	case a.Zone() != "":
		return errors.New("an address cannot have a zone")
	}
	return nil
}
