package manifest

import (
	"maps"
	"slices"
	"time"

	"github.com/headgate/headgate/diag"
)

// Meta is what all objects have. Values are never changed after the object was made.
type Meta struct {
	Kind      string
	Namespace string
	Name      string
	UID       string
	// Created is metadata.creationTimestamp, zero if the input does not say (as in most files).
	Created time.Time
	// Annotations are sorted by key.
	Annotations []Annotation
	// fields knows where each field of the object was written; nil for live objects.
	fields *fields
}

// Annotation is one metadata.annotations entry.
type Annotation struct {
	Key   string
	Value string
	// Pos is the place of the value.
	Pos diag.Pos
}

// NewMeta makes the Meta of a live object, which has no places.
func NewMeta(ref diag.Ref, uid string, created time.Time, annotations map[string]string) Meta {
	m := Meta{Kind: ref.Kind, Namespace: ref.Namespace, Name: ref.Name, UID: uid, Created: created}
	for _, key := range slices.Sorted(maps.Keys(annotations)) {
		m.Annotations = append(m.Annotations, Annotation{Key: key, Value: annotations[key]})
	}
	return m
}

// Ref names the object.
func (m *Meta) Ref() diag.Ref {
	return diag.Ref{Kind: m.Kind, Namespace: m.Namespace, Name: m.Name}
}

// Annotation returns the value of an annotation.
func (m *Meta) Annotation(key string) (Annotation, bool) {
	for _, a := range m.Annotations {
		if a.Key == key {
			return a, true
		}
	}
	return Annotation{}, false
}

// Pos returns the place where a field was written, by its JSON path in today's form of the object ("spec.rules[0].host",
// "spec.tls[1].secretName", "data[\"tls.crt\"]"). For a field that was not written it returns the place of the nearest enclosing
// field that was, and for a live object the zero Pos.
func (m *Meta) Pos(path string) diag.Pos { return m.fields.lookup(path) }

// PathType is the pathType of an Ingress path.
type PathType string

// The path types of networking.k8s.io/v1. The empty PathType is treated like ImplementationSpecific.
const (
	PathExact                  PathType = "Exact"
	PathPrefix                 PathType = "Prefix"
	PathImplementationSpecific PathType = "ImplementationSpecific"
)

// Ingress is networking.k8s.io/v1 Ingress; older forms are converted.
type Ingress struct {
	Meta
	// ClassName is nil if spec.ingressClassName is absent.
	ClassName      *string
	DefaultBackend *IngressBackend
	TLS            []IngressTLS
	Rules          []IngressRule
	// Misspelt are the JSON paths of what stands under a name that no field has but one that is near it, or where another field belongs;
	// none of live objects. The API server refuses that if it is asked to be strict, and drops it otherwise.
	Misspelt []string `json:",omitempty"`
}

// IngressTLS is one entry of spec.tls.
type IngressTLS struct {
	Hosts      []string
	SecretName string
}

// IngressRule is one entry of spec.rules.
type IngressRule struct {
	Host string
	// HTTP says whether the rule has an http section at all; without one it only names the host.
	HTTP  bool
	Paths []IngressPath
}

// IngressPath is one entry of spec.rules[].http.paths.
type IngressPath struct {
	Path     string
	PathType PathType
	Backend  IngressBackend
}

// IngressBackend names a Service and a port of it. Service is empty for a backend that is not a Service (spec.…backend.resource).
type IngressBackend struct {
	Service string
	Port    Port
}

// Port names a port by number or by name, as it was written; the zero Port names none.
type Port struct {
	Number int32
	Name   string
}

// IngressClass is networking.k8s.io/v1 IngressClass.
type IngressClass struct {
	Meta
	Controller string
}

// defaultClassAnnotation marks the class of Ingresses that name none.
const defaultClassAnnotation = "ingressclass.kubernetes.io/is-default-class"

// IsDefault reports whether the API server gives the class to new Ingresses that name none.
func (c *IngressClass) IsDefault() bool {
	a, _ := c.Annotation(defaultClassAnnotation)
	return a.Value == "true"
}

// ServiceType is spec.type of a Service.
type ServiceType string

// The types of Services. A headless Service is a ClusterIP Service whose ClusterIP is "None".
const (
	ServiceClusterIP    ServiceType = "ClusterIP"
	ServiceNodePort     ServiceType = "NodePort"
	ServiceLoadBalancer ServiceType = "LoadBalancer"
	ServiceExternalName ServiceType = "ExternalName"
)

// ClusterIPNone is the ClusterIP of a headless Service.
const ClusterIPNone = "None"

// Service is v1 Service.
type Service struct {
	Meta
	Type         ServiceType
	ClusterIP    string
	ClusterIPs   []string
	ExternalName string
	Ports        []ServicePort
	// ClientIPAffinity is set for sessionAffinity: ClientIP; the value is its timeout in seconds (10800 if not given).
	ClientIPAffinity *int32
	// PublishNotReady is spec.publishNotReadyAddresses.
	PublishNotReady bool
}

// Headless reports whether the Service has no address of its own by choice.
func (s *Service) Headless() bool {
	return s.Type != ServiceExternalName && s.ClusterIP == ClusterIPNone
}

// ServicePort is one entry of spec.ports of a Service.
type ServicePort struct {
	Name string
	// Protocol is TCP, UDP or SCTP; TCP if the input does not say.
	Protocol string
	Port     int32
	// TargetPort is a number or a name; the zero Port if the input does not say, which means the same as Port.
	TargetPort  Port
	AppProtocol string
}

// Endpoints is v1 Endpoints, taken apart: one slice per subset and address family. A Snapshot holds the slices only.
type Endpoints struct {
	Meta
	Slices []*EndpointSlice
}

// EndpointSlice is discovery.k8s.io/v1 EndpointSlice, or a part of a v1 Endpoints object, whose kind and name it then bears.
type EndpointSlice struct {
	Meta
	// Service is the Service that the slice belongs to (label kubernetes.io/service-name, or the name of the Endpoints object).
	Service string
	// AddressType is IPv4, IPv6 or FQDN.
	AddressType string
	Ports       []EndpointPort
	Endpoints   []Endpoint
}

// EndpointPort is one entry of ports of an EndpointSlice. A Port of 0 means all ports.
type EndpointPort struct {
	Name     string
	Protocol string
	Port     int32
}

// Endpoint is one entry of endpoints of an EndpointSlice.
type Endpoint struct {
	Addresses []string
	// Ready is conditions.ready, true if the input does not say.
	Ready bool
	// Serving and Terminating are the conditions of those names, false if the input does not say.
	Serving, Terminating bool
	// Node, Zone and Hints (zones) are kept for topology-aware routing.
	Node, Zone string
	Hints      []string
	// Target is namespace/name of the Pod, if known.
	Target string
}

// Secret is v1 Secret; stringData is merged into Data.
type Secret struct {
	Meta
	Type string
	// Data is sorted by key.
	Data []SecretEntry
}

// SecretEntry is one key of a Secret.
type SecretEntry struct {
	Key   string
	Value Bytes
}

// Get returns the bytes under a key.
func (s *Secret) Get(key string) (Bytes, bool) {
	for _, e := range s.Data {
		if e.Key == key {
			return e.Value, true
		}
	}
	return nil, false
}

// Bytes is secret content. It prints as a length only, so that it cannot leak through a log line or an error.
type Bytes []byte

// ConfigMap is v1 ConfigMap; binaryData is left out.
type ConfigMap struct {
	Meta
	// Data is sorted by key.
	Data []ConfigEntry
}

// ConfigEntry is one key of a ConfigMap.
type ConfigEntry struct {
	Key   string
	Value string
	Pos   diag.Pos
}

// Get returns the value under a key.
func (c *ConfigMap) Get(key string) (ConfigEntry, bool) {
	for _, e := range c.Data {
		if e.Key == key {
			return e, true
		}
	}
	return ConfigEntry{}, false
}
