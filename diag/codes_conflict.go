package diag

// 3xxx: two objects want the same thing, or one wants what cannot be.
var (
	PathConflict = code(3001, "path-conflict", Warning,
		"Two rules claim the same host, path and path type, or two Ingresses the default backend of all hosts. What the older Ingress says stays; the newer one is ignored together with its annotations for that path.")
	HostInvalid = code(3002, "host-invalid", Error,
		"The host of a rule is not a DNS name with at most one leading *. label. The rule is ignored; the other rules of the Ingress hold.")
	PathInvalid = code(3003, "path-invalid", Error,
		"A path does not begin with a slash, is too long or holds control characters. The path is ignored; the other paths of the Ingress hold.")
	RegexRefused = code(3004, "regex-refused", Error,
		"A path is used as a regular expression (use-regex, rewrite-target) and is not one, or one that is not admitted: named groups, back-references, recursion, option switches and unbounded repeats inside unbounded repeats are refused, because they reach into the configuration of others or can take the proxy minutes to match. The path is ignored.")
	SuspiciousText = code(3005, "suspicious-text", Error,
		"A host, path, TLS host or secret name holds a text that served attacks on ingress-nginx, which refuses the whole Ingress. Headgate does the same, although the text could do no harm here.")
	CatchAllIgnored = code(3006, "catch-all-ignored", Warning,
		"Catch-all Ingresses are switched off and this one has a spec.defaultBackend. The whole Ingress is ignored.")
	ResourceBackend = code(3007, "resource-backend", Warning,
		"A path leads to a resource that is not a Service. Only Services can be backends; the path is ignored.")
	RewriteGroup = code(3008, "rewrite-group", Warning,
		"A rewrite-target or x-forwarded-prefix refers to a group ($1 to $9) that the regular expression of the path does not have. The reference stands for nothing.")
)
