package watch

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
)

// newMeta keeps the annotations of kinds on which annotations mean something. The copy of the whole object that kubectl leaves behind
// never does.
func newMeta(kind string, o *metav1.ObjectMeta) manifest.Meta {
	annotations := maps.Clone(o.Annotations)
	delete(annotations, corev1.LastAppliedConfigAnnotation)
	return manifest.NewMeta(diag.Ref{Kind: kind, Namespace: o.Namespace, Name: o.Name}, string(o.UID), o.CreationTimestamp.UTC(), annotations)
}

// newBareMeta leaves the annotations out: on these kinds they are bookkeeping of other controllers and change all the time.
func newBareMeta(kind string, o *metav1.ObjectMeta) manifest.Meta {
	return manifest.NewMeta(diag.Ref{Kind: kind, Namespace: o.Namespace, Name: o.Name}, string(o.UID), o.CreationTimestamp.UTC(), nil)
}

func convertIngress(o *networkingv1.Ingress) manifest.Object {
	ingress := &manifest.Ingress{Meta: newMeta("Ingress", &o.ObjectMeta), ClassName: o.Spec.IngressClassName}
	if o.Spec.DefaultBackend != nil {
		backend := convertBackend(o.Spec.DefaultBackend)
		ingress.DefaultBackend = &backend
	}
	for _, tls := range o.Spec.TLS {
		ingress.TLS = append(ingress.TLS, manifest.IngressTLS{Hosts: tls.Hosts, SecretName: tls.SecretName})
	}
	for i := range o.Spec.Rules {
		ingress.Rules = append(ingress.Rules, convertRule(&o.Spec.Rules[i]))
	}
	return ingress
}

func convertRule(r *networkingv1.IngressRule) manifest.IngressRule {
	rule := manifest.IngressRule{Host: r.Host, HTTP: r.HTTP != nil}
	if r.HTTP == nil {
		return rule
	}
	for i := range r.HTTP.Paths {
		p := &r.HTTP.Paths[i]
		path := manifest.IngressPath{Path: p.Path, Backend: convertBackend(&p.Backend)}
		if p.PathType != nil {
			path.PathType = manifest.PathType(*p.PathType)
		}
		rule.Paths = append(rule.Paths, path)
	}
	return rule
}

func convertBackend(b *networkingv1.IngressBackend) manifest.IngressBackend {
	if b.Service == nil {
		return manifest.IngressBackend{}
	}
	return manifest.IngressBackend{
		Service: b.Service.Name,
		Port:    manifest.Port{Number: b.Service.Port.Number, Name: b.Service.Port.Name},
	}
}

func convertClass(o *networkingv1.IngressClass) manifest.Object {
	return &manifest.IngressClass{Meta: newMeta("IngressClass", &o.ObjectMeta), Controller: o.Spec.Controller}
}

func convertService(o *corev1.Service) manifest.Object {
	service := &manifest.Service{
		Meta:            newMeta("Service", &o.ObjectMeta),
		Type:            manifest.ServiceType(o.Spec.Type),
		ClusterIP:       o.Spec.ClusterIP,
		ClusterIPs:      o.Spec.ClusterIPs,
		ExternalName:    o.Spec.ExternalName,
		PublishNotReady: o.Spec.PublishNotReadyAddresses,
	}
	if o.Spec.SessionAffinity == corev1.ServiceAffinityClientIP {
		timeout := corev1.DefaultClientIPServiceAffinitySeconds
		if c := o.Spec.SessionAffinityConfig; c != nil && c.ClientIP != nil && c.ClientIP.TimeoutSeconds != nil {
			timeout = *c.ClientIP.TimeoutSeconds
		}
		service.ClientIPAffinity = &timeout
	}
	for i := range o.Spec.Ports {
		service.Ports = append(service.Ports, convertPort(&o.Spec.Ports[i]))
	}
	return service
}

func convertPort(p *corev1.ServicePort) manifest.ServicePort {
	port := manifest.ServicePort{Name: p.Name, Protocol: string(p.Protocol), Port: p.Port}
	if p.TargetPort.Type == intstr.String {
		port.TargetPort.Name = p.TargetPort.StrVal
	} else {
		port.TargetPort.Number = p.TargetPort.IntVal
	}
	if p.AppProtocol != nil {
		port.AppProtocol = *p.AppProtocol
	}
	return port
}

func convertSlice(o *discoveryv1.EndpointSlice) manifest.Object {
	slice := &manifest.EndpointSlice{
		Meta:        newBareMeta("EndpointSlice", &o.ObjectMeta),
		Service:     o.Labels[discoveryv1.LabelServiceName],
		AddressType: string(o.AddressType),
	}
	for _, p := range o.Ports {
		slice.Ports = append(slice.Ports, manifest.EndpointPort{
			Name: value(p.Name, ""), Protocol: string(value(p.Protocol, corev1.ProtocolTCP)), Port: value(p.Port, 0),
		})
	}
	for i := range o.Endpoints {
		slice.Endpoints = append(slice.Endpoints, convertEndpoint(&o.Endpoints[i]))
	}
	return slice
}

func convertEndpoint(e *discoveryv1.Endpoint) manifest.Endpoint {
	endpoint := manifest.Endpoint{
		Addresses:   e.Addresses,
		Ready:       value(e.Conditions.Ready, true),
		Serving:     value(e.Conditions.Serving, false),
		Terminating: value(e.Conditions.Terminating, false),
		Node:        value(e.NodeName, ""),
		Zone:        value(e.Zone, ""),
	}
	if e.Hints != nil {
		for _, zone := range e.Hints.ForZones {
			endpoint.Hints = append(endpoint.Hints, zone.Name)
		}
	}
	if t := e.TargetRef; t != nil && t.Kind == "Pod" {
		endpoint.Target = t.Namespace + "/" + t.Name
	}
	return endpoint
}

func convertSecret(o *corev1.Secret) manifest.Object {
	secret := &manifest.Secret{Meta: newBareMeta("Secret", &o.ObjectMeta), Type: string(o.Type)}
	for _, key := range slices.Sorted(maps.Keys(o.Data)) {
		secret.Data = append(secret.Data, manifest.SecretEntry{Key: key, Value: o.Data[key]})
	}
	return secret
}

func convertConfigMap(o *corev1.ConfigMap) manifest.Object {
	configMap := &manifest.ConfigMap{Meta: newBareMeta("ConfigMap", &o.ObjectMeta)}
	for _, key := range slices.Sorted(maps.Keys(o.Data)) {
		configMap.Data = append(configMap.Data, manifest.ConfigEntry{Key: key, Value: o.Data[key]})
	}
	return configMap
}

// value is what an optional field holds, or what it means to leave it out.
func value[T any](field *T, absent T) T {
	if field == nil {
		return absent
	}
	return *field
}
