package translate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate/headgate/diag"
)

// ported is an EndpointSlice of the Service web with two ports.
func ported(kind string, addresses ...string) object {
	return object(fmt.Sprintf("apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"+
		"metadata: {name: web-%s, namespace: shop, labels: {kubernetes.io/service-name: web}}\naddressType: %s\n"+
		"ports: [{port: 80}, {port: 10254}]\nendpoints: [{addresses: ['%s']}]\n", strings.ToLower(kind), kind, strings.Join(addresses, "']}, {addresses: ['")))
}

// TestAddressesNobodyMayLeadTo: what a hand-written EndpointSlice names is asked from the proxy's own machine.
func TestAddressesNobodyMayLeadTo(t *testing.T) {
	objects := []object{
		ported("IPv4", "10.0.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "127.0.0.1", "127.8.8.8", "169.254.169.254"),
		ported("IPv6", "fd00::1", "::", "::1", "::ffff:0.0.0.0", "::ffff:224.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "fe80::1", "ff02::1", "::ffff:10.0.0.2"),
	}
	public := []string{"10.0.0.1 80", "10.0.0.1 10254", "10.0.0.2 80", "10.0.0.2 10254", "fd00::1 80", "fd00::1 10254"}
	for _, c := range []struct {
		name  string
		local bool
		want  []string
		said  []string
	}{
		{"refused", false, public, []string{
			"no requests go to 0.0.0.0 (unspecified), 224.0.0.1 (multicast), 255.255.255.255 (broadcast), 127.0.0.1 (loopback), 127.8.8.8 (loopback) and 1 more; --allow-local-endpoints admits loopback and link-local addresses",
			"no requests go to :: (unspecified), ::1 (loopback), 0.0.0.0 (unspecified), 224.0.0.1 (multicast), 127.0.0.1 (loopback) and 3 more; --allow-local-endpoints admits loopback and link-local addresses",
		}},
		{"allowed", true, append([]string{"169.254.169.254 80", "169.254.169.254 10254", "fe80::1 80", "fe80::1 10254"}, public...), []string{
			"no requests go to 0.0.0.0 (unspecified), 224.0.0.1 (multicast), 255.255.255.255 (broadcast)",
			"no requests go to :: (unspecified), 0.0.0.0 (unspecified), 224.0.0.1 (multicast), ff02::1 (multicast)",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			settings := settings()
			settings.HTTPPort, settings.ReservedPorts, settings.LocalEndpoints = 80, []int{10254}, c.local
			cfg, diags := translated(t, settings, append([]object{ingress("shop", "/", "web"), service("web")}, objects...)...)
			var got, said []string
			for _, m := range cfg.Endpoints[0].Members {
				got = append(got, fmt.Sprintf("%s %d", m.Address, m.Port))
			}
			for _, d := range diags {
				if d.Code == diag.EndpointRefused.Code {
					said = append(said, d.Message)
				}
			}
			if diff := cmp.Diff(c.said, said); diff != "" {
				t.Errorf("remarks (-want +got):\n%s", diff)
			}
			// Our own ports of this machine stay refused.
			slices.Sort(c.want)
			slices.Sort(got)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("members (-want +got):\n%s", diff)
			}
		})
	}
}

// TestPortsOfASlice: an EndpointSlice holds the ports of all service ports together, of every protocol.
func TestPortsOfASlice(t *testing.T) {
	const all = "{name: web, port: 8080}, {name: web, port: 8081, protocol: UDP}, {name: dns, port: 5353, protocol: UDP}, {name: admin, port: 9000}, {name: none}"
	for _, c := range []struct {
		name, service, slice string
		want                 []int
	}{
		{"of the same name", "{name: web, port: 80}", all, []int{8080}},
		{"without a name", "{port: 80}", all, []int{8080, 9000}},
		{"no port of the protocol", "{name: dns, port: 80}", all, nil},
		{"a slice without ports", "{name: web, port: 80, targetPort: 8082}", "", []int{8082}},
		{"a slice without ports, the target has a name", "{name: web, port: 80, targetPort: web}", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			svc := object("apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {ports: [" + c.service + "]}\n")
			slice := object("apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n" +
				"metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}\naddressType: IPv4\n" +
				"ports: [" + c.slice + "]\nendpoints: [{addresses: [10.0.0.1]}]\n")
			cfg, _ := translated(t, settings(), ingress("shop", "/", "web"), svc, slice)
			var got []int
			for _, m := range cfg.Endpoints[0].Members {
				got = append(got, m.Port)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("ports (-want +got):\n%s", diff)
			}
		})
	}
}
