package conf

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"
)

func appendName(dst []byte, value any) ([]byte, error) {
	n, ok := value.(Name)
	if !ok {
		return nil, mismatch(value, "a Name")
	}
	return checked(dst, string(n), n.Check())
}

func appendVariable(dst []byte, value any) ([]byte, error) {
	n, ok := value.(Name)
	if !ok {
		return nil, mismatch(value, "a Name")
	}
	if !IsVariableName(string(n)) {
		return nil, errors.New("the name of a variable is made of letters, digits and _")
	}
	return append(append(dst, '$'), n...), n.Check()
}

func appendNetwork(dst []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case netip.Prefix:
		return checked(dst, v.String(), checkAddress(v.Addr()))
	case netip.Addr:
		return checked(dst, v.String(), checkAddress(v))
	default:
		return nil, mismatch(value, "a netip.Prefix or a netip.Addr")
	}
}

// appendBracketed prints an address as it stands where a port may follow.
func appendBracketed(dst []byte, a netip.Addr) ([]byte, error) {
	if a.Is4() {
		return checked(dst, a.String(), checkAddress(a))
	}
	return checked(dst, "["+a.String()+"]", checkAddress(a))
}

func appendAddress(dst []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case netip.Addr:
		return appendBracketed(dst, v)
	case netip.AddrPort:
		return checked(dst, v.String(), checkAddress(v.Addr()))
	case Host:
		return checked(dst, string(v), v.Check())
	default:
		return nil, mismatch(value, "a netip.Addr, a netip.AddrPort or a Host")
	}
}

func appendListen(dst []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case netip.AddrPort:
		return checked(dst, v.String(), checkAddress(v.Addr()))
	case Socket:
		return checked(append(dst, "unix:"...), string(v), v.Check())
	default:
		return appendPort(dst, value)
	}
}

func appendPort(dst []byte, value any) ([]byte, error) {
	port, ok := value.(int)
	if !ok {
		return nil, mismatch(value, "a netip.AddrPort, a Socket or the number of a port")
	}
	if port < 1 || port > 65535 {
		return nil, errors.New("a port lies between 1 and 65535")
	}
	return strconv.AppendInt(dst, int64(port), 10), nil
}

func appendMember(dst []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case netip.AddrPort:
		return checked(dst, v.String(), checkAddress(v.Addr()))
	case Socket:
		return checked(append(dst, "unix:"...), string(v), v.Check())
	case HostPort:
		return appendHostPort(dst, v)
	default:
		return nil, mismatch(value, "a netip.AddrPort, a HostPort or a Socket")
	}
}

func appendHostPort(dst []byte, v HostPort) ([]byte, error) {
	if v.Host == "_" || strings.HasPrefix(string(v.Host), "*") {
		return nil, errors.New("this is no DNS name of a server")
	}
	dst, err := checked(dst, string(v.Host), v.Host.Check())
	if err != nil {
		return nil, err
	}
	return appendPort(append(dst, ':'), v.Port)
}

func appendHost(dst []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case Host:
		return checked(dst, string(v), v.Check())
	case Regex:
		return appendMarkedRegex(dst, v)
	default:
		return nil, mismatch(value, "a Host or a Regex")
	}
}

// appendPassTo returns the encoder for a directive that passes requests to a URL. A plain text is refused: nginx resolves a host name
// in it at load, and one that cannot be resolved stops the whole configuration.
func appendPassTo(scheme string) encoder {
	return func(dst []byte, value any) ([]byte, error) {
		switch v := value.(type) {
		case Name:
			return checked(append(append(dst, scheme...), "://"...), string(v), v.Check())
		case Pass:
			return appendPass(append(dst, scheme...), v)
		case Expr:
			return appendLine(dst, v)
		default:
			return nil, mismatch(value, "a Name, a Pass or an Expr")
		}
	}
}

// appendPass continues a URL after "http" or "grpc".
func appendPass(dst []byte, p Pass) ([]byte, error) {
	if p.TLS {
		dst = append(dst, 's')
	}
	dst, err := checked(append(dst, "://"...), string(p.Upstream), p.Upstream.Check())
	if err != nil || p.URI == "" {
		return dst, err
	}
	if err := p.URI.Check(); err != nil {
		return nil, err
	}
	if !isBare(string(p.URI)) {
		return nil, errors.New("only letters, digits and _./:- can stand in the URI; use an Expr for anything else")
	}
	return append(dst, p.URI...), nil
}

func appendBarePass(dst []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case Name:
		return checked(dst, string(v), v.Check())
	case netip.AddrPort:
		return checked(dst, v.String(), checkAddress(v.Addr()))
	case Socket:
		return checked(append(dst, "unix:"...), string(v), v.Check())
	case Expr:
		return appendLine(dst, v)
	default:
		return nil, mismatch(value, "a Name, a netip.AddrPort, a Socket or an Expr")
	}
}

func appendFile(dst []byte, value any) ([]byte, error) {
	f, ok := value.(File)
	if !ok {
		return nil, mismatch(value, "a File")
	}
	return checked(dst, string(f), f.Check())
}

func appendFileText(dst []byte, value any) ([]byte, error) {
	if e, ok := value.(Expr); ok {
		return appendLine(dst, e)
	}
	return appendFile(dst, value)
}

func appendLog(dst []byte, value any) ([]byte, error) {
	if s, ok := value.(Syslog); ok {
		return appendSyslog(dst, s)
	}
	return appendFile(dst, value)
}

func appendSyslog(dst []byte, s Syslog) ([]byte, error) {
	dst, err := appendMember(append(dst, "syslog:server="...), s.Server)
	if err != nil {
		return nil, err
	}
	for _, option := range []struct {
		key   string
		value Word
	}{{"facility", s.Facility}, {"severity", s.Severity}, {"tag", s.Tag}} {
		if option.value == "" {
			continue
		}
		dst = append(append(append(dst, ','), option.key...), '=')
		if dst, err = checked(dst, string(option.value), option.value.Check()); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

func appendCache(dst []byte, value any) ([]byte, error) {
	if _, ok := value.(Zone); ok {
		return appendZone(append(dst, "shared:"...), value)
	}
	return appendWord(dst, value)
}

// appendZone prints name:size, or a name alone.
func appendZone(dst []byte, value any) ([]byte, error) {
	z, ok := value.(Zone)
	if !ok {
		return appendName(dst, value)
	}
	dst, err := checked(dst, string(z.Name), z.Name.Check())
	if err != nil {
		return nil, err
	}
	return appendSize(append(dst, ':'), z.Size)
}

// appendFrequency prints a rate of requests; nginx takes whole numbers only.
func appendFrequency(dst []byte, value any) ([]byte, error) {
	var count int
	var unit string
	switch v := value.(type) {
	case PerSecond:
		count, unit = int(v), "r/s"
	case PerMinute:
		count, unit = int(v), "r/m"
	default:
		return nil, mismatch(value, "a PerSecond or a PerMinute")
	}
	if count < 1 {
		return nil, errors.New("the slowest rate is 1")
	}
	return append(strconv.AppendInt(dst, int64(count), 10), unit...), nil
}
