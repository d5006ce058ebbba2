package configmap

import (
	"strconv"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
)

// StreamEntry is one entry of a TCP or UDP services ConfigMap.
type StreamEntry struct {
	// Port is the one to listen on.
	Port int
	// Namespace, Service and ServicePort are where connections go.
	Namespace, Service string
	ServicePort        manifest.Port
	// DecodeProxy expects the PROXY protocol from clients, EncodeProxy speaks it to endpoints. TCP only.
	DecodeProxy, EncodeProxy bool
	// Key is the ConfigMap key as written, Pos its place.
	Key string
	Pos diag.Pos
}

// ParseStreams reads a TCP or UDP services ConfigMap; protocol is "tcp" or "udp". Entries come in the order of the ConfigMap. An entry
// that cannot be used is left out, the others hold. Nil gives none.
func ParseStreams(cm *manifest.ConfigMap, protocol string) ([]StreamEntry, diag.List) {
	if cm == nil {
		return nil, nil
	}
	p := streamParser{ref: cm.Ref(), protocol: protocol, ports: map[int]string{}}
	for _, e := range cm.Data {
		if entry, f := p.parse(e); f == nil {
			p.entries = append(p.entries, entry)
		} else {
			d := diag.StreamInvalid.At(e.Pos, p.ref, e.Key, "%s; the port is not opened", f.reason)
			d.Hint = f.hint
			p.diags.Add(d)
		}
	}
	return p.entries, p.diags
}

type streamParser struct {
	ref      diag.Ref
	protocol string
	ports    map[int]string
	entries  []StreamEntry
	diags    diag.List
}

// parse reads "9000: namespace/service:port", with up to two further fields for the PROXY protocol.
func (p *streamParser) parse(e manifest.ConfigEntry) (StreamEntry, *fault) {
	port, f := p.listenPort(e.Key)
	if f != nil {
		return StreamEntry{}, f
	}
	text, f := clean(String, e.Value)
	if f != nil {
		f.reason = "the value " + f.reason
		return StreamEntry{}, f
	}
	fields := strings.Split(text, ":")
	if len(fields) < 2 || len(fields) > 4 {
		bad := malformed("%s is not of the form namespace/service:port", diag.Quote(text))
		return StreamEntry{}, bad
	}
	entry := StreamEntry{Port: port, Key: e.Key, Pos: e.Pos}
	namespace, service, found := strings.Cut(fields[0], "/")
	if !found || !isLabel(namespace) || len(namespace) > 63 || !isLabel(service) || len(service) > 63 {
		return StreamEntry{}, malformed("%s does not name a Service as namespace/service", diag.Quote(fields[0]))
	}
	entry.Namespace, entry.Service = namespace, service
	if entry.ServicePort, f = servicePort(fields[1]); f != nil {
		return StreamEntry{}, f
	}
	p.readOptions(&entry, fields[2:])
	p.ports[port] = e.Key
	return entry, nil
}

// listenPort reads a key. Two keys can name one port ("9000" and "09000"): the first stays.
func (p *streamParser) listenPort(key string) (int, *fault) {
	port, err := strconv.ParseUint(key, 10, 16)
	if err != nil || port == 0 {
		return 0, malformed("the key %s is not a port between 1 and 65535", diag.Quote(key))
	}
	if other, taken := p.ports[int(port)]; taken {
		return 0, malformed("the key %s names the same port as %s", diag.Quote(key), diag.Quote(other))
	}
	return int(port), nil
}

// servicePort reads the number or the name of a port of a Service.
func servicePort(text string) (manifest.Port, *fault) {
	if looksNumeric(text) {
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil || n == 0 {
			return manifest.Port{}, malformed("the service port %s is not between 1 and 65535", diag.Quote(text))
		}
		return manifest.Port{Number: int32(n)}, nil
	}
	if !isLabel(text) || len(text) > 63 {
		return manifest.Port{}, malformed("the service port %s is neither a number nor a name", diag.Quote(text))
	}
	return manifest.Port{Name: text}, nil
}

// readOptions reads the third and fourth field: PROXY in any case, or nothing.
func (p *streamParser) readOptions(entry *StreamEntry, fields []string) {
	targets := []*bool{&entry.DecodeProxy, &entry.EncodeProxy}
	for i, field := range fields {
		switch {
		case field == "":
		case !strings.EqualFold(field, "PROXY"):
			p.diags.Add(diag.StreamOption.At(entry.Pos, p.ref, entry.Key, "the option %s is unknown; it is left out", diag.Quote(field)))
		case p.protocol == "udp":
			p.diags.Add(diag.StreamOption.At(entry.Pos, p.ref, entry.Key, "there is no PROXY protocol for UDP; the option is left out"))
		default:
			*targets[i] = true
		}
	}
}
