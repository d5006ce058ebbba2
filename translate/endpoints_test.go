package translate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAddressesNobodyMayLeadTo: what a hand-written EndpointSlice names is asked from the proxy's own machine.
func TestAddressesNobodyMayLeadTo(t *testing.T) {
	slice := func(kind string, addresses ...string) object {
		return object(fmt.Sprintf("apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"+
			"metadata: {name: web-%s, namespace: shop, labels: {kubernetes.io/service-name: web}}\naddressType: %s\n"+
			"ports: [{port: 80}, {port: 10254}]\nendpoints: [{addresses: ['%s']}]\n", strings.ToLower(kind), kind, strings.Join(addresses, "']}, {addresses: ['")))
	}
	settings := settings()
	settings.HTTPPort, settings.ReservedPorts = 80, []int{10254}
	cfg, _ := run(t, settings, ingress("shop", "/", "web"), service("web"),
		slice("IPv4", "10.0.0.1", "0.0.0.0", "224.0.0.1", "127.0.0.1", "127.8.8.8"),
		slice("IPv6", "fd00::1", "::", "::1", "::ffff:0.0.0.0", "::ffff:224.0.0.1", "::ffff:127.0.0.1", "ff02::1", "::ffff:10.0.0.2"))
	var got []string
	for _, m := range cfg.Endpoints[0].Members {
		got = append(got, fmt.Sprintf("%s %d", m.Address, m.Port))
	}
	want := []string{"10.0.0.1 80", "10.0.0.1 10254", "10.0.0.2 80", "10.0.0.2 10254", "fd00::1 80", "fd00::1 10254"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
}
