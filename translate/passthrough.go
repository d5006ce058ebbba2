package translate

import (
	"net/netip"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/policy"
)

// buildPassthroughs finds the hosts whose TLS connections are handed on unopened. One Ingress of the owner that asks for it decides.
func (t *translator) buildPassthroughs() {
	done := map[string]bool{}
	for ing, wanted := range policy.OverHost(t.ingresses, (*ingress).passthrough) {
		if !wanted.V || ing.isCanary() || ing.refused {
			continue
		}
		if !t.settings.TLSPassthrough {
			t.reportPassthrough(ing, diag.PassthroughOff, "ignored: TLS passthrough is off without the flag --enable-ssl-passthrough; TLS ends at the proxy")
			continue
		}
		for i := range ing.Rules {
			host := strings.ToLower(ing.Rules[i].Host)
			s := t.hosts[host]
			switch {
			case s == nil || done[host]:
			case t.isGuest(host, ing):
				t.reportPassthrough(ing, diag.HostOwned, "%s, whose Ingresses decide about its TLS; the annotation is ignored for it", t.belongs(host))
			default:
				done[host] = true
				t.passThrough(s, ing)
			}
		}
	}
}

func (ing *ingress) passthrough() policy.PerHost[bool] { return ing.policy.Passthrough.Enabled }

// passThrough hands the TLS connections of a host to what its path / leads to.
func (t *translator) passThrough(s *server, ing *ingress) {
	if s.host == "" || strings.HasPrefix(s.host, "*.") {
		t.reportPassthrough(ing, diag.PassthroughHost, "TLS is passed through for a host with a whole name only, not for %s; it ends at the proxy there", hostText(s.host))
		return
	}
	root := s.root()
	if root == nil {
		t.reportPassthrough(ing, diag.PassthroughHost, "host %s has no path / with a Service of this namespace; its TLS ends at the proxy", s.host)
		return
	}
	b := t.passthroughBackend(root)
	if b == nil {
		return
	}
	t.config.Passthroughs = append(t.config.Passthroughs, model.Passthrough{Host: s.host, Backend: b.ID, From: root.from})
}

func (t *translator) reportPassthrough(ing *ingress, code diag.CodeInfo, format string, args ...any) {
	t.diags.Add(about(code, ing, ing.passthrough().Own().Origin, format, args...))
}

// root is the path / of a host, that for everything below it first; nil if no rule has one.
func (s *server) root() *entry {
	var exact *entry
	for _, e := range s.entries {
		switch {
		case e.path != "/" || e.service == nil || e.implicit || e.guest:
		case e.kind == model.PathPrefix:
			return e
		default:
			exact = e
		}
	}
	return exact
}

// passthroughBackend leads to the cluster address of the Service, as ingress-nginx does; to the endpoints if it has none.
func (t *translator) passthroughBackend(root *entry) *streamBackend {
	namespace, name, port := root.ing.Namespace, root.service.Service, portText(root.service.Port)
	id := model.ID("pass", namespace, name, port)
	if b := t.streamBackends[id]; b != nil {
		return b
	}
	refuse := func(code diag.CodeInfo, format string, args ...any) *streamBackend {
		t.report(code, &root.ing.Meta, root.from.Path, format+"; TLS is not passed through", args...)
		return nil
	}
	svc := t.snap.Service(namespace, name)
	if svc == nil {
		return refuse(diag.ServiceMissing, "Service %s/%s %s", namespace, name, t.absence("Service", namespace, name))
	}
	b := &streamBackend{StreamBackend: model.StreamBackend{
		ID: id, Protocol: model.TCP, Namespace: namespace, Service: name, Port: port, From: root.from,
	}}
	b.endpoints.Backend = id
	sp, ok := findPort(svc, root.service.Port)
	switch {
	case svc.Type == manifest.ServiceExternalName:
		number, ok := externalPort(svc, root.service.Port)
		if !ok || t.settings.NoExternalNames {
			return refuse(diag.ServicePort, "ExternalName Service %s/%s cannot be used", namespace, name)
		}
		t.resolveExternalName(&b.endpoints, svc, number)
	case !ok:
		return refuse(diag.ServicePort, "Service %s/%s has no TCP port %s", namespace, name, port)
	case isAddress(svc.ClusterIP):
		b.endpoints.Members = t.appendMembers(nil, place{&svc.Meta, "spec.clusterIP"}, []string{svc.ClusterIP}, []int{int(sp.Port)})
	case t.endpointsUnknown():
		b.endpoints.Unknown = true
	default:
		b.endpoints.Members = t.readyMembers(svc, sp)
	}
	t.streamBackends[id] = b
	return b
}

func isAddress(text string) bool {
	_, err := netip.ParseAddr(text)
	return err == nil
}
