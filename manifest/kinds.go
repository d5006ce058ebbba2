package manifest

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
