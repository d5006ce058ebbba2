package manifest

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/headgate/headgate/diag"
)

// The kinds that are read.
const (
	kindIngress       = "Ingress"
	kindIngressClass  = "IngressClass"
	kindService       = "Service"
	kindEndpointSlice = "EndpointSlice"
	kindEndpoints     = "Endpoints"
	kindSecret        = "Secret"
	kindConfigMap     = "ConfigMap"
)

// typeName is what tells the type of an object.
type typeName struct{ version, kind string }

// scope says whether objects of a kind live in namespaces.
type scope uint8

const (
	namespaced scope = iota
	clusterWide
)

// form is one way to write objects of a kind.
type form struct {
	typeName
	scope scope
	// old marks forms that are converted to the kind's newest one.
	old   bool
	read  func(*objectReader) Object
	shape shape
}

// forms are all that is read; the newest form of a kind comes first.
var forms = []form{
	{typeName: typeName{"networking.k8s.io/v1", kindIngress}, read: readIngress, shape: ingressShape},
	{typeName: typeName{"networking.k8s.io/v1beta1", kindIngress}, read: readOldIngress, shape: oldIngressShape, old: true},
	{typeName: typeName{"extensions/v1beta1", kindIngress}, read: readOldIngress, shape: oldIngressShape, old: true},
	{typeName: typeName{"networking.k8s.io/v1", kindIngressClass}, read: readIngressClass, shape: ingressClassShape, scope: clusterWide},
	{typeName: typeName{"networking.k8s.io/v1beta1", kindIngressClass}, read: readIngressClass, shape: ingressClassShape, scope: clusterWide, old: true},
	{typeName: typeName{"v1", kindService}, read: readService, shape: serviceShape},
	{typeName: typeName{"discovery.k8s.io/v1", kindEndpointSlice}, read: readEndpointSlice, shape: sliceShape},
	{typeName: typeName{"discovery.k8s.io/v1beta1", kindEndpointSlice}, read: readEndpointSlice, shape: sliceShape, old: true},
	{typeName: typeName{"v1", kindEndpoints}, read: readEndpoints, shape: endpointsShape},
	{typeName: typeName{"v1", kindSecret}, read: readSecret, shape: secretShape},
	{typeName: typeName{"v1", kindConfigMap}, read: readConfigMap, shape: configMapShape},
}

// isKnown reports whether objects of a kind are read.
func isKnown(kind string) bool {
	return slices.ContainsFunc(forms, func(f form) bool { return f.kind == kind })
}

// formOf finds the form of an object of a known kind, and reports an apiVersion that is not read.
func (d *document) formOf(root *yaml.Node, t typeName) (form, bool) {
	var versions []string
	for _, f := range forms {
		if f.typeName == t {
			return f, true
		}
		if f.kind == t.kind {
			versions = append(versions, f.version)
		}
	}
	at := root
	if n := lookUp(root, "apiVersion"); n != nil {
		at = n
	}
	known := strings.Join(versions, ", ")
	switch {
	case t.version == "":
		d.report(diag.VersionUnknown, at, "the %s has no apiVersion (known: %s); it is passed over", t.kind, known)
	case isForeign(t.version) && nearVersion(t.version, versions) == "":
		d.report(diag.APIForeign, at, "the %s is of %s, not of %s; it is passed over", t.kind, diag.Quote(t.version), known)
	default:
		d.report(diag.VersionUnknown, at, "the apiVersion %s of the %s is not known (known: %s); it is passed over", diag.Quote(t.version), t.kind, known)
	}
	return form{}, false
}

// nearVersion is the known apiVersion whose group is that of another one but for a slip; empty if there is none.
func nearVersion(version string, known []string) string {
	for _, k := range known {
		if strings.Contains(k, ".") && oneSlip(strings.ToLower(version), k) {
			return k
		}
	}
	return ""
}

// isForeign reports whether an apiVersion is of a group outside Kubernetes itself.
func isForeign(version string) bool {
	group, _, found := strings.Cut(version, "/")
	return found && strings.Contains(group, ".") && !strings.HasSuffix(group, ".k8s.io")
}
