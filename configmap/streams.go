package configmap

import (
	"strconv"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
)

// StreamEntry is a port that somebody wants opened: one entry of a TCP or UDP services ConfigMap, or one of a Service's annotation.
type StreamEntry struct {
	// Port is the one to listen on.
	Port int
	// Namespace, Service and ServicePort are where connections go.
	Namespace, Service string
	ServicePort        manifest.Port
	// AcceptProxy expects the PROXY protocol from clients, SendProxy speaks it to endpoints. TCP only.
	AcceptProxy bool
	SendProxy   model.ProxyVersion
	// TLSSecret, if not zero, names the Secret with the certificate for TLS that ends at the proxy. TCP only.
	TLSSecret Reference
	// Key is the ConfigMap key or the annotation as written, Pos its place.
	Key string
	Pos diag.Pos
}

// ParseStreams reads a TCP or UDP services ConfigMap. Entries come in the order of the ConfigMap. An entry that cannot be used is left
// out, the others hold. Nil gives none.
//
// The value is namespace/service:port[:[PROXY][:[PROXY|PROXY-V1|PROXY-V2][:secret]]], the first four fields as ingress-nginx has them.
func ParseStreams(cm *manifest.ConfigMap, protocol model.Transport) ([]StreamEntry, diag.List) {
	if cm == nil {
		return nil, nil
	}
	p := newStreamParser(&cm.Meta, protocol)
	for _, e := range cm.Data {
		p.add(StreamEntry{Key: e.Key, Pos: e.Pos}, e.Key, e.Value)
	}
	return p.entries, p.diags
}

type streamParser struct {
	ref      diag.Ref
	protocol model.Transport
	// own is the Service whose annotation is read: its entries name only a port of it, and Secrets of its namespace.
	own     *manifest.Meta
	ports   map[int]string
	entries []StreamEntry
	diags   diag.List
}

func newStreamParser(meta *manifest.Meta, protocol model.Transport) *streamParser {
	return &streamParser{ref: meta.Ref(), protocol: protocol, ports: map[int]string{}}
}

// add reads one entry: the port to open, and where it leads.
func (p *streamParser) add(entry StreamEntry, port, value string) {
	f := p.parse(&entry, port, value)
	if f == nil {
		p.entries = append(p.entries, entry)
		p.ports[entry.Port] = port
		return
	}
	d := diag.StreamInvalid.At(entry.Pos, p.ref, entry.Key, "%s; the port is not opened", f.reason)
	d.Hint = f.hint
	p.diags.Add(d)
}

func (p *streamParser) parse(entry *StreamEntry, port, value string) *fault {
	var f *fault
	if entry.Port, f = p.listenPort(port); f != nil {
		return f
	}
	text, f := clean(String, value)
	if f != nil {
		f.reason = "the value " + f.reason
		return f
	}
	options, f := p.target(entry, text)
	if f != nil {
		return f
	}
	return p.readOptions(entry, options)
}

// target reads where an entry leads and returns the fields behind that.
func (p *streamParser) target(entry *StreamEntry, text string) ([]string, *fault) {
	fields := strings.Split(text, ":")
	if p.own != nil {
		entry.Namespace, entry.Service = p.own.Namespace, p.own.Name
	} else {
		if len(fields) < 2 {
			return nil, malformed("%s is not of the form namespace/service:port", diag.Quote(text))
		}
		namespace, service, found := strings.Cut(fields[0], "/")
		if !found || !isLabel(namespace) || len(namespace) > 63 || !isLabel(service) || len(service) > 63 {
			return nil, malformed("%s does not name a Service as namespace/service", diag.Quote(fields[0]))
		}
		entry.Namespace, entry.Service = namespace, service
		fields = fields[1:]
	}
	if len(fields) > 4 {
		return nil, malformed("%s has more fields than a port, two for the PROXY protocol and one for TLS", diag.Quote(text))
	}
	var f *fault
	entry.ServicePort, f = servicePort(fields[0])
	return fields[1:], f
}

// listenPort reads the port to open. Two keys can name one port ("9000" and "09000"): the first stays.
func (p *streamParser) listenPort(key string) (int, *fault) {
	port, err := strconv.ParseUint(key, 10, 16)
	if err != nil || port == 0 {
		return 0, malformed("%s is not a port between 1 and 65535", diag.Quote(key))
	}
	if other, taken := p.ports[int(port)]; taken {
		return 0, malformed("%s names the same port as %s", diag.Quote(key), diag.Quote(other))
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

// readOptions reads the fields behind the port: PROXY in, PROXY out, and the Secret. What is wrong with the PROXY protocol costs the
// option; what is wrong with the Secret costs the entry, because it would be served without TLS otherwise.
func (p *streamParser) readOptions(entry *StreamEntry, fields []string) *fault {
	for i, field := range fields {
		version, known := proxyVersions[strings.ToUpper(field)]
		switch {
		case i == 2:
			return p.readSecret(entry, field)
		case field == "":
		case !known || i == 0 && version == model.ProxyV2:
			p.diags.Add(diag.StreamOption.At(entry.Pos, p.ref, entry.Key, "the option %s is unknown; it is left out", diag.Quote(field)))
		case p.protocol == model.UDP:
			p.diags.Add(diag.StreamOption.At(entry.Pos, p.ref, entry.Key, "there is no PROXY protocol for UDP; the option is left out"))
		case i == 0:
			entry.AcceptProxy = true
		default:
			entry.SendProxy = version
		}
	}
	return nil
}

// proxyVersions are the words for the PROXY protocol. Either version is understood where it comes in, so PROXY alone is enough there.
var proxyVersions = map[string]model.ProxyVersion{"PROXY": model.ProxyV1, "PROXY-V1": model.ProxyV1, "PROXY-V2": model.ProxyV2}

// readSecret reads "secret" or "namespace/secret". Only the operator can name one of another namespace than the Service's.
func (p *streamParser) readSecret(entry *StreamEntry, text string) *fault {
	namespace, name, found := strings.Cut(text, "/")
	if !found {
		namespace, name = entry.Namespace, text
	}
	switch {
	case !isLabel(namespace) || !isObjectName(name):
		return malformed("%s does not name a Secret", diag.Quote(text))
	case p.protocol == model.UDP:
		return malformed("there is no TLS over UDP")
	case p.own != nil && namespace != p.own.Namespace:
		return malformed("the Secret %s is of another namespace than the Service", diag.Quote(text))
	}
	entry.TLSSecret = Reference{Namespace: namespace, Name: name}
	return nil
}

// RetainStreams returns a TCP or UDP services ConfigMap with the former values of those entries that could be used before and cannot be
// used now, and lists their keys. One that has got more fields is not among them: it may have been meant to be served with TLS.
func RetainStreams(before, now *manifest.ConfigMap, protocol model.Transport) (*manifest.ConfigMap, []string) {
	usable := func(cm *manifest.ConfigMap) map[string]bool {
		entries, _ := ParseStreams(cm, protocol)
		keys := map[string]bool{}
		for _, e := range entries {
			keys[e.Key] = true
		}
		return keys
	}
	good, bad := usable(before), usable(now)
	return retainEntries(before, now, func(key string) (string, bool) {
		old, _ := before.Get(key)
		written, _ := now.Get(key)
		return key, good[key] && !bad[key] && strings.Count(written.Value, ":") <= strings.Count(old.Value, ":")
	})
}
