package translate

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
)

// reporter adds a diagnostic at the place that names a port.
type reporter func(format string, args ...any)

// endpointsUnknown says that the input cannot know endpoints at all.
func (t *translator) endpointsUnknown() bool {
	return t.settings.PlaceholderEndpoints && len(t.snap.Slices) == 0
}

// fillEndpoints finds the members of a Service port.
func (t *translator) fillEndpoints(b *backend, svc *manifest.Service, port manifest.Port, report reporter) {
	if svc.Type == manifest.ServiceExternalName {
		t.fillExternalName(b, svc, port, report)
		return
	}
	sp, ok := findPort(svc, port)
	if !ok {
		report("Service %s/%s has no TCP port %s%s", svc.Namespace, svc.Name, portText(port), otherPorts(svc))
		return
	}
	if t.endpointsUnknown() {
		b.endpoints.Unknown = true
		return
	}
	b.endpoints.Members = t.readyMembers(svc, sp)
}

// otherPorts lists the TCP ports that a Service has, for a message.
func otherPorts(svc *manifest.Service) string {
	var list []string
	for i := range svc.Ports {
		if sp := &svc.Ports[i]; sp.Protocol == "TCP" {
			list = append(list, strings.TrimSpace(itoa(int(sp.Port))+" "+sp.Name))
		}
	}
	if len(list) == 0 {
		return ""
	}
	return " (it has " + strings.Join(list, ", ") + ")"
}

// findPort finds the TCP port that an Ingress names: by number, by the target port's text, or by name, whichever entry of
// spec.ports comes first.
func findPort(svc *manifest.Service, port manifest.Port) (*manifest.ServicePort, bool) {
	want := portText(port)
	for i := range svc.Ports {
		sp := &svc.Ports[i]
		if sp.Protocol != "TCP" {
			continue
		}
		if itoa(int(sp.Port)) == want || portText(sp.TargetPort) == want || sp.Name != "" && sp.Name == want {
			return sp, true
		}
	}
	return nil, false
}

// readyMembers are the ready endpoints of a port over all slices of both address families. An endpoint that is terminating is not
// ready, whatever it still serves: it leaves at once.
func (t *translator) readyMembers(svc *manifest.Service, sp *manifest.ServicePort) []model.Endpoint {
	if !t.admitMembers(svc, sp) {
		return nil
	}
	var members []model.Endpoint
	for _, slice := range t.snap.SlicesOf(svc.Namespace, svc.Name) {
		if slice.AddressType == "FQDN" {
			continue
		}
		ports := slicePorts(slice, sp)
		for i := range slice.Endpoints {
			if e := &slice.Endpoints[i]; e.Ready {
				at := place{&slice.Meta, fmt.Sprintf("endpoints[%d].addresses", i)}
				members = t.appendMembers(members, at, e.Addresses, ports)
			}
		}
	}
	return members
}

// slicePorts are the ports of a slice that belong to a service port: all of them if the service port has no name, those of the same
// name otherwise. A slice that lists no ports serves the target port, if that is a number.
func slicePorts(slice *manifest.EndpointSlice, sp *manifest.ServicePort) []int {
	var ports []int
	for _, p := range slice.Ports {
		if p.Protocol == sp.Protocol && p.Port > 0 && (sp.Name == "" || sp.Name == p.Name) {
			ports = append(ports, int(p.Port))
		}
	}
	if len(slice.Ports) == 0 && sp.TargetPort.Number > 0 {
		ports = append(ports, int(sp.TargetPort.Number))
	}
	return ports
}

// appendMembers adds every usable address with every port, without our own ports on this machine: a hand-written slice must not lead
// anybody to them.
func (t *translator) appendMembers(members []model.Endpoint, at place, addresses []string, ports []int) []model.Endpoint {
	for _, a := range addresses {
		addr, ok := t.usableAddress(a, at)
		if !ok {
			continue
		}
		for _, p := range ports {
			if addr.IsLoopback() && t.reserved(p) {
				continue
			}
			members = append(members, model.Endpoint{Address: addr.String(), Port: p})
		}
	}
	return members
}

// reserved reports whether Headgate or its proxy listens on a port itself.
func (t *translator) reserved(port int) bool {
	if port == t.settings.HTTPPort || port == t.settings.HTTPSPort {
		return true
	}
	return slices.Contains(t.settings.ReservedPorts, port)
}

// fillExternalName makes members of the addresses that DNS gave for an ExternalName Service.
func (t *translator) fillExternalName(b *backend, svc *manifest.Service, port manifest.Port, report reporter) {
	if t.settings.NoExternalNames {
		report("ExternalName Services are switched off")
		return
	}
	number, ok := externalPort(svc, port)
	if !ok {
		report("ExternalName Service %s/%s has no port %s", svc.Namespace, svc.Name, portText(port))
		return
	}
	t.resolveExternalName(&b.endpoints, svc, number)
}

// resolveExternalName fills in the addresses of an ExternalName Service, each with the port.
func (t *translator) resolveExternalName(e *model.Endpoints, svc *manifest.Service, port int) {
	name := strings.ToLower(strings.TrimSuffix(svc.ExternalName, "."))
	if !externalNameUsable(name) {
		t.report(diag.ExternalNameRefused, &svc.Meta, "spec.externalName",
			"%s is not a DNS name of another machine; the Service has no endpoints", diag.Quote(svc.ExternalName))
		return
	}
	addresses, known := t.snap.ResolvedName(name)
	if !known && t.settings.PlaceholderEndpoints {
		e.Unknown = true
		return
	}
	e.Members = t.appendMembers(e.Members, place{&svc.Meta, "spec.externalName"}, addresses, []int{port})
}

// externalNameUsable refuses what must never be asked for: this machine, addresses in place of names, and what is no name.
func externalNameUsable(name string) bool {
	if _, err := netip.ParseAddr(name); err == nil {
		return false
	}
	return name != "localhost" && !strings.HasSuffix(name, ".localhost") && !strings.HasPrefix(name, "*") && validHost(name)
}

// externalPort is the port to connect to: the target port of the service port that is named (by a number's own rules its target
// port, by name the target port or the port), or the bare number if the Service lists no ports.
func externalPort(svc *manifest.Service, port manifest.Port) (int, bool) {
	if len(svc.Ports) == 0 {
		return int(port.Number), port.Number > 0
	}
	sp, ok := findPort(svc, port)
	if !ok {
		return 0, false
	}
	if sp.TargetPort.Number > 0 {
		return int(sp.TargetPort.Number), true
	}
	return int(sp.Port), true
}
