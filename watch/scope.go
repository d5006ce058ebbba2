package watch

import (
	"net/http"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/rest"

	"github.com/headgate/headgate/diag"
)

// scope is the part of a resource that one feed follows.
type scope struct {
	resource
	namespace string
	labels    string
}

// scopesOf lists what to follow: every resource, and what settings name outside the namespace.
func scopesOf(options ClusterOptions) []scope {
	var scopes []scope
	for _, r := range resources {
		s := scope{resource: r, namespace: options.Namespace}
		if r.global {
			s.namespace = metav1.NamespaceAll
		}
		scopes = append(scopes, s)
	}
	if options.Namespace == metav1.NamespaceAll {
		return scopes
	}
	for _, ref := range options.Also {
		if ref.Namespace != options.Namespace {
			scopes = append(scopes, scopesOfObject(ref)...)
		}
	}
	return scopes
}

// scopesOfObject lists what to follow for one object; a Service is nothing without its EndpointSlices.
func scopesOfObject(ref diag.Ref) []scope {
	var scopes []scope
	for _, r := range resources {
		s := scope{resource: r, namespace: ref.Namespace}
		switch {
		case r.name == plurals[ref.Kind]:
			s.fields = "metadata.name=" + ref.Name
		case ref.Kind == "Service" && r.name == "endpointslices":
			s.labels = discoveryv1.LabelServiceName + "=" + ref.Name
		default:
			continue
		}
		scopes = append(scopes, s)
	}
	return scopes
}

var plurals = map[string]string{"ConfigMap": "configmaps", "Secret": "secrets", "Service": "services"}

// clients are the connections to the API server, by API group. They know the few kinds that are followed and nothing else, which spares
// the memory that a complete client set takes.
type clients map[string]*rest.RESTClient

func newClients(config *rest.Config, limits limits) (clients, error) {
	scheme := runtime.NewScheme()
	versions := []schema.GroupVersion{corev1.SchemeGroupVersion, networkingv1.SchemeGroupVersion, discoveryv1.SchemeGroupVersion}
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, networkingv1.AddToScheme, discoveryv1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	config = rest.CopyConfig(config)
	config.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	config.ContentType = runtime.ContentTypeProtobuf
	config.AcceptContentTypes = runtime.ContentTypeProtobuf + "," + runtime.ContentTypeJSON
	shared, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, err
	}
	// A copy: without credentials it is a client that all the program shares.
	bounded := *shared
	if bounded.Transport == nil {
		bounded.Transport = http.DefaultTransport
	}
	bounded.Transport = &transport{next: bounded.Transport, limits: limits}
	made := clients{}
	for _, version := range versions {
		if made[version.Group], err = newClient(config, version, &bounded); err != nil {
			return nil, err
		}
	}
	return made, nil
}

func newClient(config *rest.Config, version schema.GroupVersion, shared *http.Client) (*rest.RESTClient, error) {
	config = rest.CopyConfig(config)
	config.GroupVersion = &version
	config.APIPath = "/apis"
	if version.Group == corev1.GroupName {
		config.APIPath = "/api"
	}
	return rest.RESTClientForConfigAndClient(config, shared)
}
