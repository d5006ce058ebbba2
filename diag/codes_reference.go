package diag

// 4xxx: an object names another one that is missing, unusable or not to be used.
var (
	ServiceMissing = code(4001, "service-missing", Warning,
		"A Service is named that is not in the input, or that was refused. A path that leads to it answers 503 until the Service exists; in manifests without any EndpointSlice the endpoints of every Service are unknown, and the path is rendered as if the Service existed. An annotation or flag that names it is ignored.")
	ServicePort = code(4002, "service-port", Warning,
		"A path, or a TCP or UDP entry, names a port that the Service does not have. The path answers 503; the port of the entry is not opened.")
	ExternalNameRefused = code(4003, "external-name-refused", Error,
		"The target of an ExternalName Service is this machine, an address in place of a name, or no DNS name. The Service has no endpoints.")
	CertificateDefault = code(4004, "certificate-default", Warning,
		"An Ingress has a tls section, but none of its entries names a Secret for a host. The host shows the default certificate and still counts as a TLS host.")
	CertificateUnusable = code(4005, "certificate-unusable", Error,
		"A TLS Secret is missing, incomplete or cannot be read. The host shows the default certificate and still counts as a TLS host.")
	CertificateHost = code(4006, "certificate-host", Error,
		"The certificate in a TLS Secret is not valid for the host. The host shows the default certificate and still counts as a TLS host.")
	CertificatePlaceholder = code(4008, "certificate-placeholder", Info,
		"A TLS Secret is not among the manifests of an offline rendering, where secrets rarely are. A public placeholder stands in for its certificate; the rest of the configuration is what the cluster will get.")
	ConfigMapMissing = code(4007, "configmap-missing", Warning,
		"A ConfigMap that a flag names is not in the input. Without the global one, all settings have their defaults; without that of TCP or UDP services, no port is opened for it.")
	ClassNone = code(4009, "class-none", Info,
		"An Ingress has neither spec.ingressClassName nor the annotation kubernetes.io/ingress.class, so it belongs to nobody in particular. It is not taken. Name a class in it, or use --watch-ingress-without-class.")
	ClassMissing = code(4010, "class-missing", Info,
		"An Ingress names an IngressClass that is not in the input. It is not taken until the IngressClass exists and names Headgate's controller. A warning if the name is that of a class of ours but for a slip. Manifests without any IngressClass are read as if the one of --ingress-class were there.")
	EndpointRefused = code(4030, "endpoint-refused", Error,
		"An EndpointSlice, an ExternalName Service or a Service names an address that no Pod has: one of this machine (loopback), of its link (link-local, such as the metadata address of clouds), or none that a machine can have (unspecified, multicast, broadcast). The address gets no requests; the others do. Loopback and link-local addresses are admitted with --allow-local-endpoints.")
	StreamEmpty = code(4101, "stream-empty", Warning,
		"A TCP or UDP port leads to a Service without a ready endpoint. The port is not opened until there is one, so that clients and load balancers see at once that nothing serves.")
	StreamCertificate = code(4102, "stream-certificate", Error,
		"The Secret for TLS on a TCP port is missing, incomplete or cannot be read. The port is not opened: otherwise clients would send plaintext where TLS is expected.")
	ServiceAddressMissing = code(4020, "service-address-missing", Warning,
		"An Ingress wants requests sent to the address of a Service, which has none because it is headless. Its endpoints are used.")
	EndpointsNone = code(4040, "endpoints-none", Warning,
		"A Service that a path leads to has no endpoint that is ready and can be used, so that requests fail until there is one. The hint says what is missing where that can be seen: readiness, the name of a port, the label of an EndpointSlice. Manifests without any EndpointSlice are not judged by this.")
)
