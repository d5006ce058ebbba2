package configmap

var clientCertificateAnnotations = group("client-certificate",
	Spec{Key: AuthTLSSecret, Type: SecretRef, NeedsNamespace: true, Scope: ScopeServer, Risk: Medium, OnInvalid: RejectIngress, OnUnusable: CloseHost, Guards: true, Idle: IdleNever,
		Doc: "Asks all clients of the host for a certificate signed by the ca.crt of this Secret; ca.crl is looked at if there is one. The other auth-tls keys count only with it."},
	Spec{Key: AuthTLSVerifyClient, Type: Enum, Values: []string{"on", "off", "optional", "optional_no_ca"}, Default: "on", Scope: ScopeServer, Risk: Medium, Guards: true, Idle: IdleOff, Needs: []Key{AuthTLSSecret},
		Doc: "Says how strictly: on demands a certificate, optional checks one that is shown, optional_no_ca only reports what it is."},
	Spec{Key: AuthTLSVerifyDepth, Type: Int, Max: 100, ZeroDefault: true, Default: "1", Scope: ScopeServer, Guards: true, Idle: IdleOff, Needs: []Key{AuthTLSSecret},
		Doc: "Limits the length of the client's chain; 0 counts as 1."},
	Spec{Key: AuthTLSErrorPage, Type: String, Pattern: errorPage, Scope: ScopeServer, Risk: High, OnInvalid: RejectIngress, Needs: []Key{AuthTLSSecret},
		Doc: "Sends clients whose certificate is missing or bad here, instead of answering 400."},
	Spec{Key: AuthTLSPassCertificateToUpstream, Type: Bool, Default: "false", Scope: ScopeServer, OnInvalid: RejectIngress, Needs: []Key{AuthTLSSecret},
		Doc: "Hands the client's certificate to the backend as ssl-client-cert, in URL-escaped PEM."},
	Spec{Key: AuthTLSMatchCN, Type: Regex, Pattern: subject, Scope: ScopeServer, Risk: High, OnInvalid: RejectIngress, Guards: true, Idle: IdleNever, Needs: []Key{AuthTLSSecret},
		Doc: "Answers 403 to clients whose subject does not match. The value begins with CN= and goes on as a regular expression."},
)
