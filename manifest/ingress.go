package manifest

import "github.com/headgate/headgate/diag"

// backendForm is how a backend is written: as an object of its own, or, in the old forms, as two fields.
type backendForm struct {
	// defaultName is the name of spec.defaultBackend in this form.
	defaultName string
	read        func(value) IngressBackend
	// pathTypeRequired says that the API server does not fill in a path type.
	pathTypeRequired bool
}

func readIngress(r *objectReader) Object {
	return readIngressForm(r, backendForm{defaultName: "defaultBackend", read: readBackend, pathTypeRequired: true})
}

func readOldIngress(r *objectReader) Object {
	return readIngressForm(r, backendForm{defaultName: "backend", read: readOldBackend})
}

// readIngressForm reads an Ingress. Hosts and paths are kept as they are: what is wrong with one of them is judged where its rule can
// be left out without the others.
func readIngressForm(r *objectReader, form backendForm) Object {
	ing := &Ingress{}
	spec := r.root.mapping("spec")
	if class := spec.child("ingressClassName").expectText(); class.present() {
		name := class.check(checkSubdomain)
		ing.ClassName = &name
	}
	fallback := spec.as("defaultBackend", form.defaultName).expectMapping()
	if fallback.present() {
		backend := form.read(fallback)
		ing.DefaultBackend = &backend
	}
	for _, v := range spec.mappings("tls") {
		ing.TLS = append(ing.TLS, readIngressTLS(v))
	}
	for _, v := range spec.mappings("rules") {
		ing.Rules = append(ing.Rules, readIngressRule(v, form))
	}
	if len(ing.Rules) == 0 && ing.DefaultBackend == nil {
		r.report(diag.FieldMissing, spec, "the Ingress has neither rules nor a default backend")
	}
	ing.Meta = r.meta
	return ing
}

func readIngressTLS(v value) IngressTLS {
	tls := IngressTLS{SecretName: v.checked("secretName", checkSubdomain)}
	for _, host := range v.texts("hosts") {
		tls.Hosts = append(tls.Hosts, host.text())
	}
	return tls
}

func readIngressRule(v value, form backendForm) IngressRule {
	rule := IngressRule{Host: v.string("host")}
	http := v.mapping("http")
	if !http.present() {
		return rule
	}
	rule.HTTP = true
	for _, p := range http.mappings("paths") {
		rule.Paths = append(rule.Paths, readIngressPath(p, form))
	}
	if len(rule.Paths) == 0 {
		http.missing("paths")
	}
	return rule
}

func readIngressPath(v value, form backendForm) IngressPath {
	kinds := oneOf(string(PathExact), string(PathPrefix), string(PathImplementationSpecific))
	p := IngressPath{Path: v.string("path"), PathType: PathType(v.checked("pathType", kinds))}
	if p.PathType == "" && form.pathTypeRequired && !v.child("pathType").present() {
		v.r.report(diag.PathTypeMissing, v, "the path has no pathType; it is treated like %s", PathImplementationSpecific)
	}
	if backend := v.requiredMapping("backend"); backend.present() {
		p.Backend = form.read(backend)
	}
	return p
}

// readBackend reads a backend of networking.k8s.io/v1.
func readBackend(v value) IngressBackend {
	service, resource := v.mapping("service"), v.mapping("resource")
	switch {
	case service.present() && resource.present():
		v.r.report(diag.FieldInvalid, v, "the backend names both a service and a resource")
	case service.present():
		return IngressBackend{Service: service.required("name", checkLabel), Port: readBackendPort(service)}
	case !resource.present() && !v.child("service").present():
		reportNoService(v)
	}
	return IngressBackend{}
}

// oldBackendHint is for the fields of former versions in an Ingress of today's.
const oldBackendHint = "serviceName and servicePort are of networking.k8s.io/v1beta1; in v1 write service: {name: NAME, port: {number: PORT}}"

func reportNoService(v value) {
	d := diag.FieldMissing.At(v.r.fields.pos(v.at), v.r.meta.Ref(), v.r.fields.path(v.at), "the backend names no service")
	if lookUp(v.node, "serviceName") != nil {
		d.Hint = oldBackendHint
	}
	v.r.add(d)
}

func readBackendPort(service value) Port {
	port := service.requiredMapping("port")
	number, portName := port.child("number"), port.child("name")
	switch {
	case !port.present():
	case !number.present() && !portName.present():
		port.missing("number or name")
	case number.present() && portName.present():
		port.r.report(diag.FieldInvalid, port, "the port has both a number and a name")
	}
	return Port{Number: number.expectInteger(1, maxPort), Name: portName.expectText().check(checkPortName)}
}

// readOldBackend reads serviceName and servicePort. Their places are found under the names that they have today.
func readOldBackend(v value) IngressBackend {
	if v.mapping("resource").present() {
		return IngressBackend{}
	}
	// The service of today is a mapping of its own; its place is that of the backend.
	service := v.enter(field{name: "service"}, v.node)
	name, port := service.as("name", "serviceName"), service.as("port", "servicePort")
	if !name.present() {
		v.missing("serviceName")
	}
	if !port.present() {
		v.missing("servicePort")
	}
	return IngressBackend{Service: name.expectText().check(checkLabel), Port: port.port()}
}
