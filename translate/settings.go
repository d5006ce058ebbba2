package translate

import (
	"net/netip"

	"github.com/headgate/headgate/model"
)

// Name names a namespaced object. The zero Name names none.
type Name struct {
	Namespace, Name string
}

// String prints namespace/name.
func (n Name) String() string { return n.Namespace + "/" + n.Name }

// IsZero reports whether no object is named.
func (n Name) IsZero() bool { return n == Name{} }

// Settings are what an operator says outside the cluster: the flags. Its zero value takes nothing; start from [DefaultSettings].
type Settings struct {
	Class ClassSettings
	// AnnotationsPrefix comes before the slash of annotation keys.
	AnnotationsPrefix string
	// Dialect reads what Ingresses ask for; nil stands for ingress-nginx's annotations.
	Dialect Dialect
	// WatchNamespace, if not empty, is the only namespace whose Ingresses are taken.
	WatchNamespace string
	// ConfigMap, TCPServices and UDPServices name the global ConfigMap and those of the layer-4 ports.
	ConfigMap, TCPServices, UDPServices Name
	// DefaultBackend names the Service for requests that match no rule; its first port is used.
	DefaultBackend Name
	// DefaultTLSSecret names the Secret shown to clients that ask for no host with a certificate of its own.
	DefaultTLSSecret Name
	// DefaultCertificate is used if DefaultTLSSecret names none or cannot be used.
	DefaultCertificate  model.Certificate
	HTTPPort, HTTPSPort int
	// Bind are the addresses to listen on; they win over bind-address of the ConfigMap.
	Bind []netip.Addr
	// SessionKey is the secret that session cookies hang on. It has to stay the same over restarts and be the same for all replicas;
	// without one, a public placeholder stands in.
	SessionKey model.Secret
	// Replicas is how many copies of the proxy share the clients: limits are divided among them. 0 counts as 1.
	Replicas int
	// ReplicaService, if it names a Service with ready endpoints, gives the number in place of Replicas: each endpoint is a replica.
	ReplicaService Name
	// ReservedPorts are taken by Headgate itself and not available to layer-4 services.
	ReservedPorts []int
	// TLSPassthrough acts upon ssl-passthrough. It is off unless the operator says so, as in ingress-nginx: the annotation takes a host's
	// TLS out of the operator's hands.
	TLSPassthrough bool
	// StrictHosts refuses paths on hosts that belong to another namespace. Without it they are served beside the owner's, as in
	// ingress-nginx.
	StrictHosts bool
	// LocalEndpoints sends requests to endpoints with loopback and link-local addresses, too.
	LocalEndpoints bool
	// NoCatchAll ignores Ingresses with a spec.defaultBackend; NoExternalNames treats ExternalName Services as without endpoints.
	NoCatchAll, NoExternalNames bool
	// PlaceholderEndpoints is for input that cannot know endpoints (manifests in CI): if there is not one EndpointSlice, the members
	// of every Service count as unknown rather than absent.
	PlaceholderEndpoints bool
	// PlaceholderCertificates is for input that holds no key material (manifests in CI): the content of DefaultCertificate stands in
	// for TLS Secrets that are not in the input.
	PlaceholderCertificates bool
}

// ClassSettings decide which Ingresses are taken.
type ClassSettings struct {
	// Name is what the annotation kubernetes.io/ingress.class must say; Controller what spec.controller of an IngressClass must say.
	Name, Controller string
	// ByName also takes the IngressClass called Name, whatever its controller.
	ByName bool
	// AssumeName takes an Ingress of the class called Name if the input holds no IngressClass at all, as manifests in CI rarely do.
	AssumeName bool
	// FillDefault gives an Ingress that names no class at all the default IngressClass of the input, as the API server does when it is
	// created. It is for manifests only: what comes from an API server has been through there.
	FillDefault bool
	// WithoutClass also takes Ingresses that name no class at all.
	WithoutClass bool
}

// DefaultSettings are the settings of a Headgate without flags.
func DefaultSettings() Settings {
	return Settings{
		Class:             ClassSettings{Name: "nginx", Controller: "k8s.io/ingress-nginx"},
		AnnotationsPrefix: "nginx.ingress.kubernetes.io",
		HTTPPort:          80,
		HTTPSPort:         443,
	}
}
