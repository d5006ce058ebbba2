package headgate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/headgate/headgate/hack/proxies"
	"github.com/headgate/headgate/model"
)

// One slice of 200 addresses and 500 ports would be 100,000 servers, and one of 60,000 ports a section that no proxy reads in good time.
func TestLargeObjectsHoldUpNobody(t *testing.T) {
	var ports, addresses strings.Builder
	for i := range 60000 {
		fmt.Fprintf(&ports, "{port: %d},", i+1)
	}
	for i := range 200 {
		fmt.Fprintf(&addresses, "{addresses: [10.2.0.%d]},", i+1)
	}
	manifests := `apiVersion: v1
kind: List
items:
- apiVersion: networking.k8s.io/v1
  kind: Ingress
  metadata: {name: greedy, namespace: shop}
  spec:
    ingressClassName: nginx
    rules:
    - host: greedy.example
      http:
        paths:
        - {path: /one, pathType: Prefix, backend: {service: {name: ports, port: {number: 80}}}}
        - {path: /two, pathType: Prefix, backend: {service: {name: both, port: {number: 80}}}}
- apiVersion: networking.k8s.io/v1
  kind: Ingress
  metadata: {name: bystander, namespace: shop}
  spec:
    ingressClassName: nginx
    rules:
    - host: bystander.example
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: one, port: {number: 80}}}}]}
- {apiVersion: v1, kind: Service, metadata: {name: ports, namespace: shop}, spec: {ports: [{port: 80}]}}
- {apiVersion: v1, kind: Service, metadata: {name: both, namespace: shop}, spec: {ports: [{port: 80}]}}
- apiVersion: discovery.k8s.io/v1
  kind: EndpointSlice
  metadata: {name: ports-1, namespace: shop, labels: {kubernetes.io/service-name: ports}}
  addressType: IPv4
  ports: [` + ports.String() + `]
  endpoints: [{addresses: [10.2.0.1]}]
- apiVersion: discovery.k8s.io/v1
  kind: EndpointSlice
  metadata: {name: both-1, namespace: shop, labels: {kubernetes.io/service-name: both}}
  addressType: IPv4
  ports: [` + strings.Join(strings.SplitAfter(ports.String(), ",")[:500], "") + `]
  endpoints: [` + addresses.String() + `]
` + services("one")
	forEachBinary(t, func(t *testing.T, r runner, binary proxies.Binary) {
		w := newWorld(t, caseOf(t, manifests))
		w.tc.proxy, w.tc.version = r.target.name, binary.Version
		w.start(t, r, binary)
		for target, want := range map[string]string{"greedy.example/one": "503", "greedy.example/two": "503", "bystander.example/x": "shop_one_80 /x"} {
			host, path, _ := strings.Cut(target, "/")
			if got := w.send(t, probe{Request: model.Request{Scheme: "http", Host: host, Target: "/" + path}}); got != want {
				t.Errorf("%s is answered %q, want %q", target, got, want)
			}
		}
	})
}
