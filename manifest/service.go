package manifest

// defaultAffinitySeconds is how long the API server lets sessionAffinity last if nothing else is said.
const (
	defaultAffinitySeconds = 10800
	maxAffinitySeconds     = 86400
)

func readIngressClass(r *objectReader) Object {
	return &IngressClass{Controller: r.root.mapping("spec").string("controller"), Meta: r.meta}
}

func readService(r *objectReader) Object {
	spec := r.root.mapping("spec")
	kinds := oneOf(string(ServiceClusterIP), string(ServiceNodePort), string(ServiceLoadBalancer), string(ServiceExternalName))
	s := &Service{
		Type:            ServiceType(spec.checked("type", kinds)),
		ClusterIP:       spec.checked("clusterIP", checkClusterIP),
		ExternalName:    spec.string("externalName"),
		PublishNotReady: spec.truth("publishNotReadyAddresses", false),
	}
	if s.Type == "" {
		s.Type = ServiceClusterIP
	}
	for _, v := range spec.texts("clusterIPs") {
		s.ClusterIPs = append(s.ClusterIPs, v.check(checkClusterIP))
	}
	for _, v := range spec.mappings("ports") {
		s.Ports = append(s.Ports, readServicePort(v))
	}
	s.ClientIPAffinity = readAffinity(spec)
	s.Meta = r.meta
	return s
}

func readServicePort(v value) ServicePort {
	p := ServicePort{
		Name:        v.checked("name", checkLabel),
		Protocol:    readProtocol(v),
		Port:        v.integer("port", 1, maxPort),
		TargetPort:  v.child("targetPort").port(),
		AppProtocol: v.string("appProtocol"),
	}
	if v.present() && !v.child("port").present() {
		v.missing("port")
	}
	return p
}

// readProtocol reads the protocol of a port, which is TCP if nothing is said.
func readProtocol(v value) string {
	if p := v.checked("protocol", oneOf("TCP", "UDP", "SCTP")); p != "" {
		return p
	}
	return "TCP"
}

func readAffinity(spec value) *int32 {
	if spec.checked("sessionAffinity", oneOf("None", "ClientIP")) != "ClientIP" {
		return nil
	}
	seconds := spec.mapping("sessionAffinityConfig").mapping("clientIP").integer("timeoutSeconds", 1, maxAffinitySeconds)
	if seconds == 0 {
		seconds = defaultAffinitySeconds
	}
	return &seconds
}
