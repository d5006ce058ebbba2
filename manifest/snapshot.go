package manifest

// Object is one of *Ingress, *IngressClass, *Service, *EndpointSlice, *Secret and *ConfigMap.
type Object interface {
	meta() *Meta
}

func (m *Meta) meta() *Meta { return m }

// Snapshot is all that Headgate knows of the cluster at one moment. It is immutable; its slices are sorted by namespace and name and
// must not be changed by those who read them.
type Snapshot struct {
	Ingresses  []*Ingress
	Classes    []*IngressClass
	Services   []*Service
	Slices     []*EndpointSlice
	Secrets    []*Secret
	ConfigMaps []*ConfigMap
	// ClassesUnreadable says that the source may not list IngressClasses; spec.ingressClassName is then not looked at.
	ClassesUnreadable bool

	// Resolved holds the targets of ExternalName Services, sorted by name. A name that is not in it has not been asked for.
	Resolved []ResolvedName

	index index
}

// ResolvedName is what DNS said about the target of an ExternalName Service. Sources that can ask DNS add these; the pure rooms never ask.
type ResolvedName struct {
	Name string
	// Addresses are IP addresses, sorted; empty if the name has none.
	Addresses []string
}
