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
