package configmap

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
)

// The annotations by which the team that owns a Service opens ports for it. They count only for ports that the operator has granted to
// the namespace; see [PortGrants]. The annotation prefix of Ingresses has no part in them.
const (
	TCPPortsAnnotation = "headgate.io/tcp-ports"
	UDPPortsAnnotation = "headgate.io/udp-ports"
)

// ParseServiceStreams reads the annotation of a Service that opens ports: a list, separated by commas or lines, of
//
//	port: service port[:[PROXY][:[PROXY|PROXY-V1|PROXY-V2][:secret]]]
//
// which is the notation of [ParseStreams] without the Service. An entry that cannot be used is left out, the others hold.
func ParseServiceStreams(svc *manifest.Service, protocol model.Transport) ([]StreamEntry, diag.List) {
	key := TCPPortsAnnotation
	if protocol == model.UDP {
		key = UDPPortsAnnotation
	}
	annotation, ok := svc.Annotation(key)
	if !ok {
		return nil, nil
	}
	p := newStreamParser(&svc.Meta, protocol)
	p.own = &svc.Meta
	for _, item := range portItems(annotation.Value) {
		port, target, _ := strings.Cut(item, ":")
		p.add(StreamEntry{Key: key, Pos: annotation.Pos}, strings.Trim(port, blanks), target)
	}
	return p.entries, p.diags
}

// portItems splits an annotation that opens ports.
func portItems(value string) []string {
	var items []string
	for item := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == ',' || r == '\n' }) {
		if item = strings.Trim(item, blanks); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// RetainServiceStreams returns a Service with the former values of those items of its port annotations that could be used before and cannot
// be used now, and lists the ports. One that has got more fields is not among them: it may have been meant to be served with TLS.
func RetainServiceStreams(before, now *manifest.Service) (*manifest.Service, []string) {
	merged := *now
	merged.Annotations = slices.Clone(now.Annotations)
	var ports []string
	for i, a := range merged.Annotations {
		old, ok := before.Annotation(a.Key)
		if !ok || old.Value == a.Value || a.Key != TCPPortsAnnotation && a.Key != UDPPortsAnnotation {
			continue
		}
		items := portItems(a.Value)
		for k, item := range items {
			if former, ok := formerItem(old.Value, item, a.Key); ok {
				items[k] = former
				port, _, _ := strings.Cut(item, ":")
				ports = append(ports, strings.Trim(port, blanks))
			}
		}
		merged.Annotations[i].Value = strings.Join(items, ",")
	}
	if ports == nil {
		return now, nil
	}
	return &merged, ports
}

// formerItem finds the usable item for the port of one that is not usable.
func formerItem(former, item, key string) (string, bool) {
	if isPortItem(item, key) {
		return "", false
	}
	port, _, _ := strings.Cut(item, ":")
	for _, old := range portItems(former) {
		if was, _, _ := strings.Cut(old, ":"); strings.Trim(was, blanks) == strings.Trim(port, blanks) && isPortItem(old, key) {
			return old, strings.Count(item, ":") <= strings.Count(old, ":")
		}
	}
	return "", false
}

// isPortItem reports whether an item can be used by itself.
func isPortItem(item, key string) bool {
	protocol := model.TCP
	if key == UDPPortsAnnotation {
		protocol = model.UDP
	}
	svc := &manifest.Service{Meta: manifest.Meta{Kind: "Service", Namespace: "x", Name: "x", Annotations: []manifest.Annotation{{Key: key, Value: item}}}}
	entries, _ := ParseServiceStreams(svc, protocol)
	return len(entries) == 1
}

// PortGrants says which ports the Services of which namespaces may open by annotation.
type PortGrants []portGrant

type portGrant struct {
	namespace   string
	first, last int
}

// portGrants is an item of the setting: namespace=ports, the ports being numbers and ranges.
const portGrants = `[a-z0-9\-]+=[0-9]{1,5}(-[0-9]{1,5})?(,[0-9]{1,5}(-[0-9]{1,5})?)*`

// ParsePortGrants reads the items of the setting [StreamPortGrants]. It also returns the parts of items that name no port: ranges that end
// before they begin, and numbers that are none of a port.
func ParsePortGrants(items []string) (grants PortGrants, void []string) {
	for _, item := range items {
		namespace, ports, _ := strings.Cut(item, "=")
		for part := range strings.SplitSeq(ports, ",") {
			first, last, ranged := strings.Cut(part, "-")
			g := portGrant{namespace: namespace}
			g.first, _ = strconv.Atoi(first) // the pattern of the setting lets digits through only
			if g.last = g.first; ranged {
				g.last, _ = strconv.Atoi(last)
			}
			if g.first < 1 || g.last < g.first || g.last > math.MaxUint16 {
				void = append(void, namespace+"="+part)
				continue
			}
			grants = append(grants, g)
		}
	}
	return grants, void
}

// Allows reports whether a namespace may open a port.
func (g PortGrants) Allows(namespace string, port int) bool {
	for _, grant := range g {
		if grant.namespace == namespace && grant.first <= port && port <= grant.last {
			return true
		}
	}
	return false
}
