package diag

// 3xxx from 3040: what belongs to whom, namespaces against each other.
var (
	NoneTaken = code(3040, "none-taken", Warning,
		"The input holds Ingresses and not one of them is of a class that Headgate takes, so no host is served. The message lists the classes that the Ingresses name and those that the input holds. Most often a class is misspelt, or --ingress-class or --controller-class is missing.")
	ClassDefault = code(3041, "class-default", Info,
		"An Ingress in manifests names no class, and the input holds a default IngressClass (ingressclass.kubernetes.io/is-default-class). The Ingress is read as if it named that class, because the API server writes it in when the Ingress is created. Objects read from an API server are taken as they are.")
	HostShared = code(3042, "host-shared", Warning,
		"An Ingress has paths on a host that belongs to another namespace: that of its oldest Ingress. They are served beside the owner's, as in ingress-nginx; whatever concerns the host as a whole is decided by the owner. Both are told. With --strict-host-ownership such paths are refused.")
	HostOwned = code(3043, "host-owned", Warning,
		"An Ingress asks for something that concerns a host, or a path, of another namespace: its certificate and redirect (spec.tls), ssl-passthrough, a canary, session-cookie-path. It is not done; the message names the owner, who can.")
	HostPathRefused = code(3044, "host-path-refused", Error,
		"An Ingress has a path on a host that belongs to another namespace, and --strict-host-ownership does not allow that. The path is ignored; requests for it come to the owner's paths.")
	HostRegexRefused = code(3045, "host-regex-refused", Error,
		"An Ingress asks by use-regex or rewrite-target for regular expressions on a host of another namespace that has none. They would change how every path of that host is compared, so it is not done: a path without special characters and without rewrite is compared as it is written, any other answers 503 or is ignored, as the message says. The owner of the host can set use-regex, which allows it to all.")
	HostRegex = code(3046, "host-regex", Info,
		"Another Ingress makes regular expressions of all paths of a host by use-regex or rewrite-target. The paths of this one are then compared without regard to case, and match whatever begins with them. ingress-nginx does the same, without a word.")
	WildcardCertificate = code(3047, "wildcard-certificate", Info,
		"A host without a tls section is covered by a wildcard host of another namespace. It shows the certificate of that, but plain HTTP is not redirected because of it: the owner of the host decides. A tls section of its own, or force-ssl-redirect, redirects.")
)
