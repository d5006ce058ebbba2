package translate

import (
	"fmt"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
)

// withoutEndpoints says what becomes of requests for a path whose Service has no endpoints: what the proxies do, on both.
func (t *translator) withoutEndpoints(ing *ingress) string {
	if ing.isCanary() {
		return "the canary gets no requests"
	}
	if ing.redirectsAll() {
		return "requests are redirected all the same"
	}
	if fallback := ing.policy.Errors.Fallback; fallback.Given && t.snap.Service(ing.Namespace, fallback.V.Name) != nil {
		return fmt.Sprintf("requests go to Service %s/%s, as %s says", ing.Namespace, fallback.V.Name, fallback.Name)
	}
	return "the path answers 503"
}

// redirectsAll reports whether the rewrite-target of an Ingress is a URL, so that endpoints do not matter.
func (ing *ingress) redirectsAll() bool {
	redirect, _, err := splitTarget(ing.policy.Rewrite.Target.V)
	return err == nil && redirect != nil
}

// reportMissingService says that a path names a Service that is not there. In manifests without any EndpointSlice the endpoints of every
// Service are unknown, that of a missing one too, and the configuration is what a cluster gets that has it.
func (t *translator) reportMissingService(ing *ingress, ref *manifest.IngressBackend, at string) {
	outcome := t.withoutEndpoints(ing)
	if t.endpointsUnknown() {
		outcome = "its endpoints count as unknown here; in a cluster that does not have it, " + outcome
	}
	t.report(diag.ServiceMissing, &ing.Meta, at, "Service %s/%s %s; %s", ing.Namespace, ref.Service, t.absence("Service", ing.Namespace, ref.Service), outcome)
}

// absence says why an object is not there: an object that was refused is in the input, and a second look for it would be in vain.
func (t *translator) absence(kind, namespace, name string) string {
	pos, refused := t.snap.RefusedAt(diag.Ref{Kind: kind, Namespace: namespace, Name: name})
	switch {
	case !refused:
		return "is not in the input"
	case pos.IsZero():
		return "was refused"
	default:
		return "was refused (" + pos.String() + ")"
	}
}

// reportNoEndpoints says that a Service is there and nothing behind it can be used. The text does not change with the number of
// endpoints that are on their way, so that a rollout is told once.
func (t *translator) reportNoEndpoints(b *backend, ing *ingress, svc *manifest.Service, at string) {
	if b.endpoints.Unknown || len(b.endpoints.Members) > 0 || svc.Type == manifest.ServiceExternalName || ing.redirectsAll() {
		return
	}
	d := diag.EndpointsNone.At(ing.Pos(at), ing.Ref(), at, "Service %s/%s has no ready endpoint for port %s; %s", svc.Namespace, svc.Name, b.Port, t.withoutEndpoints(ing))
	d.Hint = t.endpointsHint(svc, b.Port)
	t.diags.Add(d)
}

// endpointsHint looks for the mistake behind it.
func (t *translator) endpointsHint(svc *manifest.Service, port string) string {
	slices := t.snap.SlicesOf(svc.Namespace, svc.Name)
	for _, slice := range slices {
		for i := range slice.Endpoints {
			if !slice.Endpoints[i].Ready || slice.AddressType == manifest.AddressFQDN {
				continue
			}
			if sp, ok := findPort(svc, manifest.Port{Name: port}); ok && len(slicePorts(slice, sp)) > 0 {
				return "its addresses are refused, as is said about " + slice.Ref().String()
			}
			return fmt.Sprintf("there are ready endpoints, none of which can be used: compare the port %s of the Service with the ports of %s", port, slice.Ref())
		}
	}
	if len(slices) > 0 {
		return "none of its endpoints is ready: see the readinessProbe of the Pods"
	}
	for _, slice := range t.snap.SlicesOf(svc.Namespace, "") {
		if slice.Name == svc.Name || strings.HasPrefix(slice.Name, svc.Name+"-") {
			return slice.Ref().String() + " lacks the label kubernetes.io/service-name: " + svc.Name
		}
	}
	return ""
}
