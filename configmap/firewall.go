package configmap

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
