package manifest

import (
	"net/netip"

	"github.com/headgate/headgate/diag"
)

// The address types of EndpointSlices.
const (
	AddressIPv4 = "IPv4"
	AddressIPv6 = "IPv6"
	AddressFQDN = "FQDN"
)

// serviceLabel names the Service that an EndpointSlice belongs to.
const serviceLabel = "kubernetes.io/service-name"

func readEndpointSlice(r *objectReader) Object {
	s := &EndpointSlice{
		Service:     readServiceLabel(r),
		AddressType: r.root.required("addressType", oneOf(AddressIPv4, AddressIPv6, AddressFQDN)),
	}
	if s.AddressType == AddressFQDN {
		r.report(diag.AddressesUnused, r.root.child("addressType"), "names as addresses are not used; the endpoints get no requests")
	}
	for _, v := range r.root.mappings("ports") {
		s.Ports = append(s.Ports, readEndpointPort(v))
	}
	for _, v := range r.root.mappings("endpoints") {
		s.Endpoints = append(s.Endpoints, readEndpoint(v, s.AddressType))
	}
	s.Meta = r.meta
	return s
}

// readServiceLabel reads the one label that matters. A slice without it belongs to no Service.
func readServiceLabel(r *objectReader) string {
	labels := r.root.mapping("metadata").mapping("labels")
	v := labels.child(serviceLabel)
	if !v.present() {
		r.reportUnlabelled()
		return ""
	}
	text, _ := r.dataText(v, "label", serviceLabel)
	return text
}

// reportUnlabelled speaks of a slice that nobody uses, with the label that was most likely meant to be the one.
func (r *objectReader) reportUnlabelled() {
	meta := r.root.child("metadata")
	d := diag.SliceUnlabelled.At(r.fields.pos(meta.at), r.meta.Ref(), "metadata.labels",
		"there is no label %s, so the endpoints belong to no Service and get no requests", serviceLabel)
	d.Hint = "write the name of the Service into the label " + serviceLabel
	for _, e := range mappingAt(r.root.node, "metadata", "labels") {
		if key := resolve(e.key).Value; diag.Nearest(key, []string{serviceLabel}) != "" {
			d.Pos = r.document.pos(e.key)
			d.Hint = "write " + serviceLabel + " in place of " + diag.Quote(key)
		}
	}
	r.add(d)
}

func readEndpointPort(v value) EndpointPort {
	return EndpointPort{
		Name:     v.checked("name", checkLabel),
		Protocol: readProtocol(v),
		Port:     v.integer("port", 1, maxPort),
	}
}

// readEndpoint reads one endpoint. There can be a thousand in a slice, so that only the place of the whole is kept.
func readEndpoint(v value, addressType string) Endpoint {
	v.unindexed = true
	conditions := v.mapping("conditions")
	e := Endpoint{
		Ready:       conditions.truth("ready", true),
		Serving:     conditions.truth("serving", false),
		Terminating: conditions.truth("terminating", false),
		Node:        v.string("nodeName"),
		Zone:        v.string("zone"),
		Target:      readTarget(v),
	}
	for _, a := range v.texts("addresses") {
		e.Addresses = append(e.Addresses, a.check(addressRule(addressType)))
	}
	if len(e.Addresses) == 0 {
		v.missing("addresses")
	}
	for _, zone := range v.mapping("hints").mappings("forZones") {
		e.Hints = append(e.Hints, zone.string("name"))
	}
	if topology := v.mapping("topology"); topology.present() && e.Zone == "" {
		// discovery.k8s.io/v1beta1 kept node and zone among the topology keys.
		e.Zone = topology.string("topology.kubernetes.io/zone")
		if e.Node == "" {
			e.Node = topology.string("kubernetes.io/hostname")
		}
	}
	return e
}

// readTarget reads the Pod behind an address.
func readTarget(v value) string {
	target := v.mapping("targetRef")
	name := target.string("name")
	if name == "" || target.string("kind") != "Pod" {
		return ""
	}
	namespace := target.string("namespace")
	if namespace == "" {
		namespace = v.r.meta.Namespace
	}
	return namespace + "/" + name
}

// addressRule returns the rule for addresses of a type.
func addressRule(addressType string) func(string) string {
	if addressType == AddressFQDN {
		return checkExternalName
	}
	return func(s string) string {
		addr, err := netip.ParseAddr(s)
		if err != nil || addr.Zone() != "" || addr.Is4() != (addressType == AddressIPv4) {
			return "is not an " + addressType + " address"
		}
		return ""
	}
}

func checkClusterIP(s string) string {
	if addr, err := netip.ParseAddr(s); s == ClusterIPNone || err == nil && addr.Zone() == "" {
		return ""
	}
	return "is neither an IP address nor " + ClusterIPNone
}

// readEndpoints makes slices of the subsets of an Endpoints object.
func readEndpoints(r *objectReader) Object {
	o := &Endpoints{}
	for _, subset := range r.root.mappings("subsets") {
		o.Slices = append(o.Slices, readSubset(r, subset)...)
	}
	for _, s := range o.Slices {
		s.Meta = r.meta
		s.fields = r.fields
	}
	o.Meta = r.meta
	return o
}

// readSubset makes one slice for each address family of a subset.
func readSubset(r *objectReader, subset value) []*EndpointSlice {
	var ports []EndpointPort
	for _, v := range subset.mappings("ports") {
		p := readEndpointPort(v)
		if !v.child("port").present() {
			v.missing("port")
		}
		ports = append(ports, p)
	}
	v4 := &EndpointSlice{Service: r.meta.Name, AddressType: AddressIPv4, Ports: ports}
	v6 := &EndpointSlice{Service: r.meta.Name, AddressType: AddressIPv6, Ports: ports}
	for _, list := range []string{"addresses", "notReadyAddresses"} {
		for _, v := range subset.mappings(list) {
			e := readSubsetAddress(v)
			e.Ready = list == "addresses"
			if addr, err := netip.ParseAddr(e.Addresses[0]); err == nil && addr.Is4() {
				v4.Endpoints = append(v4.Endpoints, e)
			} else {
				v6.Endpoints = append(v6.Endpoints, e)
			}
		}
	}
	var made []*EndpointSlice
	for _, s := range []*EndpointSlice{v4, v6} {
		if len(s.Endpoints) > 0 {
			made = append(made, s)
		}
	}
	return made
}

func readSubsetAddress(v value) Endpoint {
	v.unindexed = true
	ip := v.required("ip", func(s string) string {
		if addr, err := netip.ParseAddr(s); err != nil || addr.Zone() != "" {
			return "is not an IP address"
		}
		return ""
	})
	return Endpoint{Addresses: []string{ip}, Node: v.string("nodeName"), Target: readTarget(v)}
}
