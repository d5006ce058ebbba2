package policy

// Class says whose an Ingress is. It is decided on before anything else is read.
type Class struct {
	Name PerIngress[string]
}
