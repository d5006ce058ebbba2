package policy

// Errors is what answers in place of endpoints that do not.
type Errors struct {
	// Fallback is a Service of the namespace of the Ingress; its first port is used.
	Fallback PerRoute[Reference]
}

// Reference names an object.
type Reference struct {
	Namespace, Name string
}
