package main

import (
	"fmt"
	"strings"
)

// The hosts that clients ask, and the pods that may answer them.
var hosts = map[string][]string{
	"one.example": {"10.244.1.1", "10.244.1.2"},
	"two.example": {"10.244.2.1", "10.244.2.2"},
}

// The pods that the endpoints of the moving Service change among. No client counts its answers.
var movingPods = []string{"10.244.3.1", "10.244.3.2", "10.244.3.3"}

const ground = `apiVersion: v1
kind: Namespace
metadata: {name: chaos}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx}
spec: {controller: k8s.io/ingress-nginx}
`

// site returns a host with a Service of its own and its pods.
func (s *scene) site(host string, pods ...string) string {
	name := strings.TrimSuffix(host, ".example")
	return fmt.Sprintf(`apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: %[1]s, namespace: chaos}
spec:
  ingressClassName: nginx
  rules: [{host: %[2]s, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: %[1]s, port: {number: 80}}}}]}}]
---
apiVersion: v1
kind: Service
metadata: {name: %[1]s, namespace: chaos}
spec: {ports: [{port: 80, targetPort: %[3]d}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: %[1]s, namespace: chaos, labels: {kubernetes.io/service-name: %[1]s}}
addressType: IPv4
ports: [{port: %[3]d, protocol: TCP}]
endpoints: [{addresses: [%[4]s], conditions: {ready: true}}]
`, name, host, s.setup.port(backendPort), strings.Join(pods, "], conditions: {ready: true}}, {addresses: ["))
}
