package diag

// 3xxx: two objects want the same thing, or one wants what cannot be.
var (
	PathConflict = code(3001, "path-conflict", Warning,
		"Two rules claim the same host, path and path type, or two Ingresses the default backend of all hosts. What the older Ingress says stays; the newer one is ignored together with its annotations for that path. On a host of another namespace that holds for the same path with another path type, too.")
	HostInvalid = code(3002, "host-invalid", Error,
		"The host of a rule is not a DNS name with at most one leading *. label. The rule is ignored; the other rules of the Ingress hold.")
	PathInvalid = code(3003, "path-invalid", Error,
		"A path does not begin with a slash, is too long or holds control characters. The part of the path in front of that answers 503; the other paths of the Ingress hold.")
	RegexRefused = code(3004, "regex-refused", Error,
		"A path that is used as a regular expression (use-regex, rewrite-target), or canary-by-header-pattern, is not one, or one that is not admitted: named groups, back-references, recursion, and option switches are refused, because they reach into the configuration of others; so are patterns whose work is not bounded (an unbounded repeat of what can be read in more than one way, such as (a|a)* or (a+)*, or many repeats in a row that multiply), because one request could stop the proxy. See docs/routing.md. What the path could match answers 503, as far as that can be said; requests with the header do not go to the canary.")
	SuspiciousText = code(3005, "suspicious-text", Error,
		"A host, path, TLS host or secret name contains a string used in attacks on ingress-nginx, which refuses the whole Ingress. Headgate does the same, although the text could do no harm here; its paths answer 503.")
	CatchAllIgnored = code(3006, "catch-all-ignored", Warning,
		"Catch-all Ingresses are switched off and this one has a spec.defaultBackend. The whole Ingress is ignored.")
	ResourceBackend = code(3007, "resource-backend", Warning,
		"A path leads to a resource that is not a Service. Only Services can be backends; the path answers 503.")
	RegexBudget = code(3014, "regex-budget", Error,
		"The regular expressions of a host, gone through one after the other, could cost one request more than a proxy may spend on it. Those of older Ingresses are kept; the path of a newer one that does not fit beside them is refused. See docs/routing.md.")
	RegexPathLimit = code(3015, "regex-path-limit", Info,
		"The work of the regular expressions of a host grows faster than the path that they are tried on, or they need more memory than PCRE has for a long one. Within the length that is named nothing can happen; requests with a longer path are answered 414.")
	EndpointsBound = code(3016, "endpoints-bound", Error,
		"A Service port has more endpoints, counted as addresses times ports, than a proxy reads in good time, or brings its namespace above what that may have, in which endpoints count once for everything that is done on the way to them. The port is treated as one without endpoints: its routes answer 503 and layer-4 ports stay closed. In the last case it is the path that answers 503. See docs/bounds.md.")
	PortsBound = code(3017, "ports-bound", Error,
		"More TCP or UDP ports are asked for than a proxy opens, in all or for the Services of one namespace. The port is not opened. See docs/bounds.md.")
	CanariesBound = code(3018, "canaries-bound", Error,
		"A path has more canaries, or the canaries of a namespace go by more headers and cookies, than a proxy can ask for each request. The newest canary gets no requests. See docs/bounds.md.")
	SizeBound = code(3019, "size-bound", Error,
		"An Ingress has more rules and paths than one may have, or its namespace has more of them, or more Ingresses with limits on requests. The Ingress is refused and its first paths answer 503, is ignored if it is the namespace that has too many paths, and its paths answer 503 if it is the limits. See docs/bounds.md.")
	PortReserved = code(3101, "port-reserved", Warning,
		"A TCP or UDP entry asks for a port that the proxy serves HTTP on, that Headgate uses itself, or that ingress-nginx kept for itself. The port is not opened for the entry.")
	PortConflict = code(3102, "port-conflict", Warning,
		"Two objects ask for the same TCP or UDP port. The ConfigMaps of TCP and UDP services come before the annotations of Services, and an older Service before a newer one. The later entry is ignored.")
	PortNotGranted = code(3103, "port-not-granted", Error,
		"A Service asks by annotation for a port that the operator has not granted to its namespace. The port is not opened. The operator grants ports by stream-port-grants in the global ConfigMap.")
	RewriteGroup = code(3008, "rewrite-group", Warning,
		"A rewrite-target or x-forwarded-prefix refers to a group ($1 to $9) that the regular expression of the path does not have. The reference stands for nothing.")
	RewriteVariable = code(3009, "rewrite-variable", Error,
		"A rewrite-target or x-forwarded-prefix holds a dollar sign that is not followed by the number of a group ($1 to $9). Other variables cannot be put into it, except $scheme and $host at the beginning of a URL. The paths of the Ingress answer 503.")
	RewriteTarget = code(3010, "rewrite-target", Error,
		"A rewrite-target leads nowhere that requests may be sent to: it begins with a scheme other than http and https, names no host or makes one of groups, has an impossible port, or \".\" or \"..\" as a segment. The paths of the Ingress answer 503.")
	RewriteRelative = code(3011, "rewrite-relative", Warning,
		"A rewrite-target is neither a URL nor begins with a slash. ingress-nginx would send endpoints a request that they cannot read; a slash is put in front.")
	RewriteRedirects = code(3012, "rewrite-redirects", Info,
		"The rewrite-target of an Ingress is a URL, which makes it a redirect, as in ingress-nginx. Other annotations of the Ingress, which are about requests that are passed on, have no effect.")
	BackendConflict = code(3020, "backend-conflict", Warning,
		"Two Ingresses lead to one Service and port and ask for different ways to choose among its endpoints, or for different session cookies. What the older one says holds for both, but for the name of the cookie, which the youngest gives.")
	CanaryIgnored = code(3021, "canary-ignored", Warning,
		"A canary path has no matching path in a non-canary Ingress (same host, path and path type), or leads to the same Service and port. It has no effect; the other paths of the canary hold.")
	CanaryShare = code(3022, "canary-share", Warning,
		"The canaries of a path ask for more than all of its requests. Older ones get what they ask for, this one what is left.")
	CanaryInherits = code(3024, "canary-inherits", Info,
		"A canary Ingress has annotations that do not belong to a canary. Its requests are treated as the Ingress that it stands beside says; the annotations have no effect.")
	CookiePath = code(3023, "cookie-path", Warning,
		"The path of a rule holds characters that cannot stand in a cookie. The session cookie of the path is for all paths of the host; an annotation can name another one.")
)
