package configmap

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
