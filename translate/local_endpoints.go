package translate

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
)

// place is the field of an object that names addresses.
type place struct {
	meta *manifest.Meta
	path string
}

// refusedAddresses are the addresses of one object that get no requests, in the order in which they stand there.
type refusedAddresses struct {
	path  string
	names []string
	// local says that --allow-local-endpoints would admit one of them.
	local bool
}

// usableAddress reads the address of an endpoint. Whoever may write an EndpointSlice, or a DNS record that an ExternalName Service names,
// must not get at what listens for this machine or its network only, such as the metadata of a cloud: such addresses are refused unless
// the operator allows them.
func (t *translator) usableAddress(text string, at place) (netip.Addr, bool) {
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return addr, false
	}
	// An IPv4 address written as an IPv6 one is what it is underneath.
	addr = addr.Unmap()
	kind, local := addressKind(addr)
	if kind == "" || local && t.settings.LocalEndpoints && addr.Zone() == "" {
		return addr, true
	}
	t.refuseAddress(addr.String()+" ("+kind+")", local && addr.Zone() == "", at)
	return addr, false
}

// addressKind says what kind of address no endpoint of a cluster has, empty for all others; local ones the operator can allow.
func addressKind(addr netip.Addr) (kind string, local bool) {
	switch plain := addr.WithZone(""); {
	case plain.IsUnspecified():
		return "unspecified", false
	case plain.IsMulticast():
		return "multicast", false
	case plain == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return "broadcast", false
	case plain.IsLoopback():
		return "loopback", true
	case plain.IsLinkLocalUnicast():
		return "link-local", true
	case addr.Zone() != "":
		return "with a zone", false
	}
	return "", false
}

func (t *translator) refuseAddress(name string, local bool, at place) {
	refused := t.refused[at.meta]
	if refused == nil {
		refused = &refusedAddresses{path: at.path}
		t.refused[at.meta] = refused
	}
	refused.local = refused.local || local
	if !slices.Contains(refused.names, name) {
		refused.names = append(refused.names, name)
	}
}

// mostNamed is how many addresses of an object a remark names.
const mostNamed = 5

// reportRefusedAddresses says of each object which of its addresses get no requests. A Service with several ports asks for them several
// times, so this waits until all have asked.
func (t *translator) reportRefusedAddresses() {
	for meta, refused := range t.refused {
		names, more := refused.names, ""
		if len(names) > mostNamed {
			names, more = names[:mostNamed], fmt.Sprintf(" and %d more", len(names)-mostNamed)
		}
		remedy := ""
		if refused.local {
			remedy = "; --allow-local-endpoints admits loopback and link-local addresses"
		}
		t.report(diag.EndpointRefused, meta, refused.path, "no requests go to %s%s%s", strings.Join(names, ", "), more, remedy)
	}
}
