package main

import (
	"fmt"
	"strings"
)

// The pods' addresses are local in the namespace; one server answers for all of them.
const (
	backendPort = 9000
	podOne      = "10.244.1.1"
	podTwo      = "10.244.1.2"
)

// ground is what all figures need. It is applied first: the API server wants the namespace before anything in it.
const ground = `apiVersion: v1
kind: Namespace
metadata: {name: figures}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx}
spec: {controller: k8s.io/ingress-nginx}
`

// serviceText takes a name and the endpoints of a Service.
const serviceText = `---
apiVersion: v1
kind: Service
metadata: {name: %[1]s, namespace: figures}
spec: {ports: [{port: 80, targetPort: %[3]d}]}
---
` + sliceText

// sliceText takes a name and the endpoints of a Service.
const sliceText = `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: %[1]s, namespace: figures, labels: {kubernetes.io/service-name: %[1]s}}
addressType: IPv4
ports: [{port: %[3]d, protocol: TCP}]
endpoints: [%[2]s]
`

// service returns a Service with pods.
func service(name string, pods ...string) string {
	return fmt.Sprintf(serviceText, name, endpointsOf(pods), backendPort)
}

// slice returns the EndpointSlice of a Service alone.
func slice(name string, pods ...string) string {
	return fmt.Sprintf(sliceText, name, endpointsOf(pods), backendPort)
}

func endpointsOf(pods []string) string {
	endpoints := make([]string, len(pods))
	for i, pod := range pods {
		endpoints[i] = "{addresses: [" + pod + "], conditions: {ready: true}}"
	}
	return strings.Join(endpoints, ", ")
}

// ingress returns an Ingress of one host.
func ingress(name, host, service string, paths ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: %s, namespace: figures}\n"+
		"spec:\n  ingressClassName: nginx\n  rules:\n  - host: %s\n    http:\n      paths:\n", name, host)
	for _, path := range paths {
		fmt.Fprintf(&b, "      - {path: %s, pathType: Prefix, backend: {service: {name: %s, port: {number: 80}}}}\n", path, service)
	}
	return b.String()
}

// sharedServices is how many Services the Ingresses share that exist already.
const sharedServices = 50

// shared returns those Services, each with two endpoints.
func shared() string {
	var b strings.Builder
	for i := range sharedServices {
		b.WriteString(service(fmt.Sprintf("shared-%d", i), fmt.Sprintf("10.244.2.%d", i), fmt.Sprintf("10.244.3.%d", i)))
	}
	return b.String()
}

// existing returns the Ingress number i of those that exist already: a host of its own and two paths.
func existing(i int) string {
	return ingress(fmt.Sprintf("existing-%d", i), fmt.Sprintf("existing-%d.example", i), fmt.Sprintf("shared-%d", i%sharedServices), "/", "/api")
}
