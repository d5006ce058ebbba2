package translate

import (
	"fmt"
	"strconv"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
)

// backend is a Service port that some route forwards to.
type backend struct {
	model.Backend
	endpoints model.Endpoints
	// owner is the Ingress that fixed how endpoints are chosen, affinityOwner the one that fixed the session cookie. reported are
	// those that were told that they come too late.
	owner, affinityOwner *ingress
	reported             map[*ingress]bool
}

// backendFor returns the ID of the backend for a Service port as an Ingress names it, and makes it if this is the first path that
// names it: what belongs to a backend as a whole is fixed by the oldest Ingress. Ports are told apart as they are written, so 80 and
// "http" are two backends of one Service.
func (t *translator) backendFor(ing *ingress, ref *manifest.IngressBackend, at string) string {
	port := portText(ref.Port)
	id := model.ID(ing.Namespace, ref.Service, port)
	if b := t.backends[id]; b != nil {
		t.claim(b, ing)
		return id
	}
	svc := t.snap.Service(ing.Namespace, ref.Service)
	if svc == nil {
		t.reportMissingService(ing, ref, at)
	}
	b := &backend{Backend: model.Backend{
		ID: id, Namespace: ing.Namespace, Service: ref.Service, Port: port, From: origin(&ing.Meta, at),
	}}
	b.endpoints = model.Endpoints{Backend: id}
	switch {
	case svc == nil:
		b.endpoints.Unknown = t.endpointsUnknown()
	case !t.fillServiceAddress(b, ing, svc, ref.Port):
		known := true
		t.fillEndpoints(b, svc, ref.Port, func(format string, args ...any) {
			known = false
			t.report(diag.ServicePort, &ing.Meta, at, "%s; %s", fmt.Sprintf(format, args...), t.withoutEndpoints(ing))
		})
		if known {
			t.reportNoEndpoints(b, ing, svc, at)
		}
	}
	t.backends[id] = b
	t.claim(b, ing)
	return id
}

// claim applies what an Ingress that leads to a backend says of it, where no older one has.
func (t *translator) claim(b *backend, ing *ingress) {
	if b.owner == nil {
		b.owner = ing
		t.setBalance(b, ing, t.snap.Service(b.Namespace, b.Service))
	}
	t.checkBalance(b, ing)
	t.claimAffinity(b, ing)
}

// serviceBackend is backendFor for the first port of a Service that is named without a port: the global default backend, the
// default-backend annotation. It returns "" if there is no such Service or it has no port.
func (t *translator) serviceBackend(namespace, name string, from model.Origin) string {
	svc := t.snap.Service(namespace, name)
	if svc == nil {
		return ""
	}
	port := manifest.Port{}
	if len(svc.Ports) > 0 {
		port.Number = svc.Ports[0].Port
	}
	id := model.ID(namespace, name, portText(port))
	if t.backends[id] == nil {
		b := &backend{Backend: model.Backend{ID: id, Namespace: namespace, Service: name, Port: portText(port), From: from}}
		b.endpoints = model.Endpoints{Backend: id}
		t.fillEndpoints(b, svc, port, func(string, ...any) {})
		t.backends[id] = b
	}
	return id
}

// resolveDefaultBackend finds the Service of the --default-backend-service flag.
func (t *translator) resolveDefaultBackend() {
	name := t.settings.DefaultBackend
	if name.IsZero() {
		return
	}
	ref := diag.Ref{Kind: "Service", Namespace: name.Namespace, Name: name.Name}
	t.defaultBackend = t.serviceBackend(name.Namespace, name.Name, model.Origin{Ref: ref})
	if t.defaultBackend == "" {
		t.diags.Add(diag.ServiceMissing.At(diag.Pos{}, ref, "--default-backend-service",
			"the default backend is not in the input; requests that no rule matches are answered 404"))
	}
}

func portText(p manifest.Port) string {
	if p.Name != "" {
		return p.Name
	}
	return strconv.Itoa(int(p.Number))
}

func itoa(n int) string { return strconv.Itoa(n) }
