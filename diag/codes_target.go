package diag

// 5xxx: the chosen proxy, or its version, cannot express what was asked for.
var (
	TargetUnsupported = code(5001, "target-unsupported", Error,
		"The chosen proxy cannot do what an annotation or setting asks for. The message says what happens instead; where the setting guards something, the route is closed.")
	TargetSetting = code(5010, "target-setting", Warning,
		"A setting cannot be used with the chosen proxy as it is written. The message says what is used instead.")
	UDPUnsupported = code(5101, "udp-unsupported", Error,
		"HAProxy cannot forward UDP in general. The port is not opened; everything else is served. UDP ports need an nginx with the stream module: run starts one beside HAProxy if there is one (--udp-proxy-bin); elsewhere a second Headgate with --proxy nginx, which gets the ConfigMap of UDP services and HTTP ports that nobody uses, can run beside the one that drives HAProxy.")
	StreamModule = code(5102, "stream-module", Error,
		"TCP and UDP ports, TLS passthrough and stream snippets need the stream module of nginx, which this nginx does not have. They are left out; HTTP is served. Debian has the module in the package libnginx-mod-stream.")
	StreamProxyVersion = code(5103, "stream-proxy-version", Warning,
		"An entry asks for version 2 of the PROXY protocol towards endpoints, and the chosen proxy can speak version 1 only. Version 1 is sent, which nearly everything that reads version 2 reads as well.")
	RenderRefused = code(5011, "render-refused", Error,
		"A host or backend holds a value that the proxy's configuration cannot hold. The host answers 503; everything else is served.")
	TemplateFault = code(5012, "template-fault", Error,
		"A custom template uses a field that its view does not have, or a value of the wrong type. The affected hosts return 503. Templates with such a fault do not take the place of those that run uses.")
	TargetApproximated = code(5020, "target-approximated", Warning,
		"The chosen proxy, or its version, cannot do exactly what an annotation, a setting or a Service asks for. The message says what it does instead, which comes near.")
)
