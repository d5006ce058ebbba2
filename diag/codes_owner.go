package diag

// 3xxx from 3040: what belongs to whom, namespaces against each other.
var (
	NoneTaken = code(3040, "none-taken", Warning,
		"The input holds Ingresses and not one of them is of a class that Headgate takes, so no host is served. The message lists the classes that the Ingresses name and those that the input holds. Most often a class is misspelt, or --ingress-class or --controller-class is missing.")
	ClassDefault = code(3041, "class-default", Info,
		"An Ingress in manifests names no class, and the input holds a default IngressClass (ingressclass.kubernetes.io/is-default-class). The Ingress is read as if it named that class, because the API server writes it in when the Ingress is created. Objects read from an API server are taken as they are.")
)
