package diag

// 4xxx: an object names another one that is missing, unusable or not to be used.
var (
	ServiceMissing = code(4001, "service-missing", Warning,
		"A Service is named that is not in the input. A path that leads to it answers 503 until the Service exists; an annotation or flag that names it is ignored.")
	ServicePort = code(4002, "service-port", Warning,
		"A path names a port that the Service does not have. The path answers 503.")
	ExternalNameRefused = code(4003, "external-name-refused", Error,
		"The target of an ExternalName Service is this machine, an address in place of a name, or no DNS name. The Service has no endpoints.")
	CertificateDefault = code(4004, "certificate-default", Warning,
		"An Ingress has a tls section, but none of its entries names a Secret for a host. The host shows the default certificate and still counts as a TLS host.")
	CertificateUnusable = code(4005, "certificate-unusable", Error,
		"A TLS Secret is missing, incomplete or cannot be read. The host shows the default certificate and still counts as a TLS host.")
	CertificateHost = code(4006, "certificate-host", Error,
		"The certificate in a TLS Secret is not valid for the host. The host shows the default certificate and still counts as a TLS host.")
	ConfigMapMissing = code(4007, "configmap-missing", Warning,
		"The global ConfigMap that a flag names is not in the input. All settings have their defaults.")
)
