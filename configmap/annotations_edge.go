package configmap

var backendTLSAnnotations = group("backend-tls",
	Spec{Key: ProxySSLSecret, Type: SecretRef, NeedsNamespace: true, Scope: ScopeIngress, Risk: Medium, OnInvalid: RejectIngress, OnUnusable: CloseRoute, Guards: true, Idle: IdleNever, Needs: []Key{BackendProtocol},
		Doc: "Names the Secret with the certificate to show to endpoints and with the ca.crt to check theirs. The other keys of the group count only with it."},
	Spec{Key: ProxySSLCiphers, Type: String, Pattern: peerCiph, Default: "DEFAULT", Scope: ScopeIngress, Risk: Medium, Needs: []Key{ProxySSLSecret},
		Doc: "Is the cipher list for connections to endpoints."},
	Spec{Key: ProxySSLProtocols, Type: Words, Values: []string{"TLSv1.2", "TLSv1.3"}, Default: "TLSv1.2", Scope: ScopeIngress, Needs: []Key{ProxySSLSecret},
		Doc: "Lists the TLS versions for connections to endpoints."},
	Spec{Key: ProxySSLName, Type: String, Pattern: regexText, Variables: true, Scope: ScopeIngress, Risk: High, Needs: []Key{ProxySSLSecret},
		Doc: "Is the name that an endpoint's certificate must have and that is sent as SNI."},
	Spec{Key: ProxySSLVerify, Type: Enum, Values: onOff, Default: "off", Scope: ScopeIngress, OnInvalid: CloseRoute, Guards: true, Idle: IdleOff, Needs: []Key{ProxySSLSecret},
		Doc: "Checks the certificates of endpoints. A bad value closes the route, where ingress-nginx leaves them unchecked."},
	Spec{Key: ProxySSLVerifyDepth, Type: Int, Max: 100, ZeroDefault: true, Default: "1", Scope: ScopeIngress, Needs: []Key{ProxySSLSecret},
		Doc: "Limits the length of an endpoint's chain; 0 counts as 1."},
	Spec{Key: ProxySSLServerName, Type: Enum, Values: onOff, Default: "off", Scope: ScopeIngress, Needs: []Key{ProxySSLSecret},
		Doc: "Sends SNI to endpoints."},
)

var tlsAnnotations = group("tls",
	Spec{Key: SSLCiphers, Type: Ciphers, Pattern: ciphers, Global: SSLCiphers, Scope: ScopeServer, OnInvalid: RejectIngress,
		Doc: "Is the cipher list of the host for TLS 1.2 and older."},
	Spec{Key: SSLPreferServerCiphers, Type: Bool, Scope: ScopeServer,
		Doc: "Says whether the server's order of ciphers counts. Without it the order counts if there is a cipher list."},
	Spec{Key: SSLPassthrough, Type: Bool, Default: "false", Scope: ScopeServer, OnInvalid: RejectIngress, Obeyed: true,
		Doc: "Hands the TLS connections of the host on unopened, to the Service of the path /. Needs the flag --enable-ssl-passthrough. What else the Ingress says then concerns plain HTTP only."},
)

var mirrorAnnotations = group("mirror",
	Spec{Key: MirrorTarget, Type: URL, Pattern: regexText, Variables: true, Risk: High,
		Doc: "Sends a copy of each request to this URL and throws the answer away. The other keys of the group count only with it."},
	Spec{Key: MirrorRequestBody, Type: Enum, Values: onOff, Default: "on",
		Doc: "Copies the body as well, or, with off, the header only."},
	Spec{Key: MirrorHost, Type: String, Pattern: regexText, Variables: true, Risk: High,
		Doc: "Is the Host header of the copy. Without it, it is the host of mirror-target."},
)

var firewallAnnotations = group("firewall",
	Spec{Key: EnableModSecurity, Type: Bool, Global: EnableModSecurity, OnInvalid: CloseRoute, Guards: true, Idle: IdleOff,
		Doc: "Runs the web application firewall on the Ingress, or takes the Ingress out of it. A bad value closes the route."},
	Spec{Key: EnableOWASPCoreRules, Type: Bool, Default: "false", OnInvalid: CloseRoute, Guards: true, Idle: IdleOff, Needs: []Key{EnableModSecurity},
		Doc: "Adds the OWASP rules to the firewall. A bad value closes the route."},
	Spec{Key: ModSecurityTransactionID, Type: String, Pattern: variables, Variables: true, Risk: High, Needs: []Key{EnableModSecurity},
		Doc: "Is the ID that the firewall logs a request under."},
	Spec{Key: ModSecuritySnippet, Type: Snippet, Risk: Critical, OnInvalid: CloseRoute, Guards: true, Idle: IdleNever, Needs: []Key{EnableModSecurity},
		Doc: "Holds firewall rules, in the firewall's own language."},
)

var observeAnnotations = group("observe",
	Spec{Key: EnableAccessLog, Type: Bool, Default: "true",
		Doc: "Set to false, keeps the requests of the Ingress out of the access log."},
	Spec{Key: EnableRewriteLog, Type: Bool, Default: "false",
		Doc: "Logs each step of rewriting to the error log."},
	Spec{Key: EnableOpenTelemetry, Type: Bool, Global: EnableOpenTelemetry,
		Doc: "Switches tracing of the Ingress on or off."},
	Spec{Key: OpenTelemetryTrustIncomingSpan, Type: Bool, Global: OpenTelemetryTrustIncomingSpan,
		Doc: "Set to false, begins a trace of its own instead of going on with the client's."},
	Spec{Key: OpenTelemetryOperationName, Type: String, Pattern: word, Global: OpenTelemetryOperationName, Risk: Medium, OnInvalid: RejectIngress,
		Doc: "Names the span."},
)

var snippetAnnotations = group("snippet",
	Spec{Key: ConfigurationSnippet, Type: Snippet, Risk: Critical,
		Doc: "Puts raw configuration into every location of the Ingress."},
	Spec{Key: ServerSnippet, Type: Snippet, Scope: ScopeServer, Risk: Critical,
		Doc: "Puts raw configuration into the server of every host of the Ingress."},
	Spec{Key: StreamSnippet, Type: Snippet, Scope: ScopeStream, Risk: Critical, Obeyed: true,
		Targets: Targets{Nginx: Support{Level: Full}, HAProxy: Support{Level: None, Reason: "it is configuration of nginx"}},
		Doc:     "Puts raw configuration into the part for TCP and UDP. Those of all Ingresses add up."},
)

var classAnnotations = group("class",
	Spec{Key: IngressClass, Type: String, Pattern: plain, Scope: ScopeIngress, Obeyed: true,
		Doc: "Names the class of an Ingress that has no spec.ingressClassName. It is written without the prefix and must equal --ingress-class exactly."},
)

// group puts the name of their group on the declarations.
func group(name string, specs ...Spec) []Spec {
	for i := range specs {
		specs[i].Group = name
	}
	return specs
}
