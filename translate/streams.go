package translate

import (
	"cmp"
	"slices"
	"strings"

	"github.com/headgate/headgate/configmap"
	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
)

// portRequest is a layer-4 port that an object asks for.
type portRequest struct {
	configmap.StreamEntry
	protocol model.Transport
	ref      diag.Ref
}

// streamBackend is a Service port that layer-4 traffic goes to.
type streamBackend struct {
	model.StreamBackend
	endpoints model.Endpoints
}

// portOwner is who has opened a port.
type portOwner struct {
	protocol model.Transport
	port     int
}

// keptPorts are those that ingress-nginx keeps for itself: the proxy and the server behind passed-through TLS, its own default server,
// its probes, its profiler and the status of its two parts. Entries for them were never served, and are not now.
var keptPorts = []int{442, 8181, 10245, 10246, 10247, 10254}

// buildStreams opens the ports that the ConfigMaps of TCP and UDP services ask for, then those of Services' own annotations.
func (t *translator) buildStreams() {
	t.ports = map[portOwner]diag.Ref{}
	for _, source := range []struct {
		name     Name
		flag     string
		protocol model.Transport
	}{
		{t.settings.TCPServices, "--tcp-services-configmap", model.TCP}, {t.settings.UDPServices, "--udp-services-configmap", model.UDP},
	} {
		cm := t.snap.ConfigMap(source.name.Namespace, source.name.Name)
		if cm == nil {
			if !source.name.IsZero() {
				t.diags.Add(diag.ConfigMapMissing.At(diag.Pos{}, diag.Ref{Kind: "ConfigMap", Namespace: source.name.Namespace, Name: source.name.Name},
					source.flag, "the ConfigMap %s; it opens no port", t.absence("ConfigMap", source.name.Namespace, source.name.Name)))
			}
			continue
		}
		entries, diags := configmap.ParseStreams(cm, source.protocol)
		t.diags = append(t.diags, diags...)
		t.openPorts(entries, source.protocol, cm.Ref())
	}
	t.buildServiceStreams()
}

// buildServiceStreams opens the ports that Services ask for themselves, as far as the operator lets their namespaces. The oldest Service
// comes first, as the oldest Ingress does.
func (t *translator) buildServiceStreams() {
	asked := t.operator.PortGrants
	grants, void := configmap.ParsePortGrants(asked.V)
	for _, part := range void {
		t.diags.Add(diag.ItemSkipped.At(asked.Pos, t.configMapRef(), asked.Name,
			"%q names no port from 1 to 65535; it is passed over, the others hold", part))
	}
	for _, svc := range t.annotatedServices() {
		for _, protocol := range []model.Transport{model.TCP, model.UDP} {
			entries, diags := configmap.ParseServiceStreams(svc, protocol)
			t.diags = append(t.diags, diags...)
			t.openPorts(slices.DeleteFunc(entries, func(e configmap.StreamEntry) bool {
				granted := grants.Allows(svc.Namespace, e.Port)
				if !granted {
					d := diag.PortNotGranted.At(e.Pos, svc.Ref(), e.Key, "port %d is not granted to namespace %s; it is not opened", e.Port, svc.Namespace)
					d.Hint = "the operator grants ports by " + asked.Name + " in the global ConfigMap"
					t.diags.Add(d)
				}
				return !granted
			}), protocol, svc.Ref())
		}
	}
}

// annotatedServices are the Services that ask for ports.
func (t *translator) annotatedServices() []*manifest.Service {
	var list []*manifest.Service
	for _, svc := range t.snap.Services {
		if t.settings.WatchNamespace != "" && svc.Namespace != t.settings.WatchNamespace {
			continue
		}
		_, tcp := svc.Annotation(configmap.TCPPortsAnnotation)
		_, udp := svc.Annotation(configmap.UDPPortsAnnotation)
		if tcp || udp {
			list = append(list, svc)
		}
	}
	slices.SortStableFunc(list, func(a, b *manifest.Service) int {
		return cmp.Or(a.Created.Compare(b.Created), strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
	})
	return list
}

func (t *translator) openPorts(entries []configmap.StreamEntry, protocol model.Transport, ref diag.Ref) {
	for _, e := range entries {
		t.openPort(&portRequest{StreamEntry: e, protocol: protocol, ref: ref})
	}
}

// openPort makes a Stream, unless something stands against it.
func (t *translator) openPort(r *portRequest) {
	owner := portOwner{r.protocol, r.Port}
	if t.reserved(r.Port) || slices.Contains(keptPorts, r.Port) {
		t.refusePort(r, diag.PortReserved, "port %d is reserved", r.Port)
		return
	}
	if other, taken := t.ports[owner]; taken {
		t.refusePort(r, diag.PortConflict, "%s port %d belongs to %s", r.protocol, r.Port, other)
		return
	}
	if !t.admitPort(r) {
		return
	}
	// The port is taken even if it cannot be served now: nobody else gets its clients while a Service has no endpoints.
	t.ports[owner] = r.ref
	stream := model.Stream{
		Protocol: r.protocol, Port: r.Port, AcceptProxy: r.AcceptProxy, SendProxy: r.SendProxy,
		From: model.Origin{Ref: r.ref, Path: r.Key, Pos: r.Pos},
	}
	var ok bool
	if stream.Certificate, ok = t.streamCertificate(r); !ok {
		return
	}
	if stream.Backend, ok = t.streamBackendFor(r); !ok {
		return
	}
	if stream.Certificate != "" {
		t.certificates[stream.Certificate].used = true
	}
	t.config.Streams = append(t.config.Streams, stream)
}

// refusePort reports why a port is not opened.
func (t *translator) refusePort(r *portRequest, code diag.CodeInfo, format string, args ...any) {
	t.diags.Add(code.At(r.Pos, r.ref, r.Key, format+"; the port is not opened", args...))
}

// streamCertificate returns the ID of the certificate for TLS that ends at the proxy, empty if none is asked for. A port whose
// certificate cannot be used stays closed: its clients would send in the clear what was to be encrypted.
func (t *translator) streamCertificate(r *portRequest) (string, bool) {
	name := r.TLSSecret
	if name == (configmap.Reference{}) {
		return "", true
	}
	c := t.certificate(name.Namespace, name.Name)
	if c.problem != "" {
		t.refusePort(r, diag.StreamCertificate, "Secret %s/%s %s", name.Namespace, name.Name, c.problem)
		return "", false
	}
	if c.absent {
		t.diags.Add(diag.CertificatePlaceholder.At(r.Pos, r.ref, r.Key, "Secret %s/%s is not in the input; a placeholder stands in for it", name.Namespace, name.Name))
	}
	return c.ID, true
}

// streamBackendFor returns the ID of the backend that a port leads to, and makes it if this is the first port that does.
func (t *translator) streamBackendFor(r *portRequest) (string, bool) {
	port := portText(r.ServicePort)
	id := model.ID(r.protocol.String(), r.Namespace, r.Service, port)
	b := t.streamBackends[id]
	if b == nil {
		svc := t.snap.Service(r.Namespace, r.Service)
		if svc == nil {
			t.refusePort(r, diag.ServiceMissing, "Service %s/%s %s", r.Namespace, r.Service, t.absence("Service", r.Namespace, r.Service))
			return "", false
		}
		b = &streamBackend{StreamBackend: model.StreamBackend{
			ID: id, Protocol: r.protocol, Namespace: r.Namespace, Service: r.Service, Port: port,
			From: model.Origin{Ref: r.ref, Path: r.Key, Pos: r.Pos},
		}}
		b.endpoints.Backend = id
		if !t.fillStream(b, svc, r) {
			return "", false
		}
	}
	if len(b.endpoints.Members) == 0 && !b.endpoints.Unknown {
		t.refusePort(r, diag.StreamEmpty, "Service %s/%s has no ready endpoint", r.Namespace, r.Service)
		return "", false
	}
	t.streamBackends[id] = b
	return id, true
}

// fillStream finds the members of a Service port. Unlike an Ingress, a stream names a port by its number or its name only, never by the
// target port.
func (t *translator) fillStream(b *streamBackend, svc *manifest.Service, r *portRequest) bool {
	sp, ok := streamPort(svc, r.ServicePort, strings.ToUpper(r.protocol.String()))
	switch {
	case !ok:
		t.refusePort(r, diag.ServicePort, "Service %s has no %s port %s", svc.Ref().Namespace+"/"+svc.Name, strings.ToUpper(r.protocol.String()), b.Port)
		return false
	case svc.Type != manifest.ServiceExternalName && t.endpointsUnknown():
		b.endpoints.Unknown = true
	case svc.Type != manifest.ServiceExternalName:
		b.endpoints.Members = t.readyMembers(svc, sp)
	case t.settings.NoExternalNames:
		t.refusePort(r, diag.StreamEmpty, "ExternalName Services are switched off")
		return false
	default:
		t.resolveExternalName(&b.endpoints, svc, cmp.Or(int(sp.TargetPort.Number), int(sp.Port)))
	}
	return true
}

// streamPort finds a port of a Service by number or name. An ExternalName Service without ports takes any number.
func streamPort(svc *manifest.Service, port manifest.Port, protocol string) (*manifest.ServicePort, bool) {
	for i := range svc.Ports {
		sp := &svc.Ports[i]
		if sp.Protocol == protocol && (port.Name == "" && sp.Port == port.Number || port.Name != "" && sp.Name == port.Name) {
			return sp, true
		}
	}
	if svc.Type == manifest.ServiceExternalName && len(svc.Ports) == 0 && port.Number > 0 {
		return &manifest.ServicePort{Protocol: protocol, Port: port.Number}, true
	}
	return nil, false
}

// streamSnippets collects the raw configuration for layer 4: the operator's, then that of the Ingresses, oldest first.
func (t *translator) streamSnippets() []model.Snippet {
	var list []model.Snippet
	if asked := t.operator.StreamSnippet; asked.V != "" {
		from := model.Origin{Ref: t.configMapRef(), Path: "data", Pos: asked.Pos}
		list = append(list, model.Snippet{Text: asked.V, Key: asked.Key, From: from})
	}
	for _, ing := range t.ingresses {
		if asked := ing.policy.Snippets.Streams; asked.Given && asked.V != "" && !ing.refused {
			from := model.Origin{Ref: ing.Ref(), Path: "metadata.annotations", Pos: asked.Pos}
			list = append(list, model.Snippet{Text: asked.V, Key: asked.Key, From: from})
		}
	}
	return list
}
