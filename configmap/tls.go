package configmap

var tlsAnnotations = group("tls",
	Spec{Key: SSLCiphers, Type: Ciphers, Pattern: ciphers, Global: SSLCiphers, Scope: ScopeServer, OnInvalid: RejectIngress,
		Doc: "Is the cipher list of the host for TLS 1.2 and older."},
	Spec{Key: SSLPreferServerCiphers, Type: Bool, Scope: ScopeServer,
		Doc: "Says whether the server's order of ciphers counts. Without it the order counts if there is a cipher list."},
)
