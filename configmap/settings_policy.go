package configmap

import (
	"github.com/headgate/headgate/model"
)

var policySettings = group("policy",
	global(AllowSnippetAnnotations, Bool, "false", Spec{Obeyed: true,
		Doc: "Lets Ingresses hold raw configuration. Their risk, Critical, must be allowed as well."}),
	global(AllowCrossNamespaceResources, Bool, "false", Spec{
		Doc: "Lets references of an Ingress point into other namespaces."}),
	global(AnnotationsRiskLevel, Enum, "High", Spec{Values: []string{"Low", "Medium", "High", "Critical"}, FoldCase: true, OnInvalid: UseNothing, Obeyed: true,
		Doc: "Is the highest risk that annotations may have; an Ingress with a higher one is refused as a whole. Any other word acts as Low."}),
	global(AnnotationValueWordBlocklist, List, "", Spec{OnInvalid: CloseRoute, Guards: true, Obeyed: true, Idle: IdleNever,
		Doc: "Lists texts that no annotation may contain; an Ingress with one of them is refused as a whole."}),
	global(StrictValidatePathType, Bool, "true", Spec{
		Doc: "Lets an admission webhook refuse Exact and Prefix paths with unusual characters. It means nothing when configuration is made."}),
)

var headerSettings = group("header",
	global(GlobalAllowedResponseHeaders, HeaderNames, "", Spec{Pattern: fieldName, SkipItems: true,
		Doc: "Lists the headers that the annotation custom-headers may set, with exact capitals."}),
	global(AddHeaders, ConfigMapRef, "", Spec{NeedsNamespace: true, Variables: true,
		Doc: "Names a ConfigMap whose entries become headers of all responses."}),
	global(ProxySetHeaders, ConfigMapRef, "", Spec{NeedsNamespace: true, Variables: true,
		Doc: "Names a ConfigMap whose entries become headers of all requests to endpoints."}),
	global(HideHeaders, HeaderNames, "", Spec{Pattern: printableName, SkipItems: true, Obeyed: true,
		Doc: "Lists headers of endpoints that clients do not get."}),
	global(AllowBackendServerHeader, Bool, "false", Spec{Obeyed: true,
		Doc: "Passes the Server header of endpoints on."}),
	global(ServerTokens, Bool, "false", Spec{Obeyed: true, Targets: nginxOnly("HAProxy has no name and no default type to send"),
		Doc: "Tells clients the name and version of the proxy; otherwise there is no Server header at all."}),
	global(GenerateRequestID, Bool, "true", Spec{Obeyed: true,
		Doc: "Makes an X-Request-ID for requests that come without one."}),
	global(ProxyAddOriginalURIHeader, Bool, "false", Spec{Obeyed: true,
		Doc: "Sends X-Original-URI, the URI as it came, to endpoints."}),
	global(EnableUnderscoresInHeaders, Bool, "false", Spec{Obeyed: true,
		Doc: "Takes request headers with an underscore in their names; they are dropped otherwise."}),
	global(IgnoreInvalidHeaders, Bool, "true", Spec{Obeyed: true,
		Doc: "Drops request headers with invalid names."}),
)

var forwardedSettings = group("forwarded",
	global(UseForwardedHeaders, Bool, "false", Spec{Obeyed: true,
		Doc: "Believes X-Forwarded-For, -Proto, -Port and -Host of the peers in proxy-real-ip-cidr."}),
	global(EnableRealIP, Bool, "false", Spec{Obeyed: true,
		Doc: "Believes the client address of those peers, and nothing else."}),
	global(ForwardedForHeader, HeaderName, "X-Forwarded-For", Spec{Pattern: variableName, Obeyed: true,
		Doc: "Names the header with the client address."}),
	global(ForwardedForProxyProtocolHeader, HeaderName, "X-Forwarded-For-Proxy-Protocol", Spec{
		Doc: "Names a header that ingress-nginx uses inside when forwarded headers and the PROXY protocol are both on."}),
	global(ForwardedHostHeader, HeaderName, "X-Forwarded-Host", Spec{Pattern: variableName, Obeyed: true,
		Doc: "Names the header that is sent on as X-Original-Forwarded-Host."}),
	global(ComputeFullForwardedFor, Bool, "false", Spec{Obeyed: true,
		Doc: "With use-forwarded-headers, appends the peer to X-Forwarded-For instead of replacing the header by the client address."}),
	global(ProxyRealIPCIDR, CIDRs, "0.0.0.0/0", Spec{SkipItems: true, OnInvalid: UseNothing, Obeyed: true,
		Doc: "Lists the peers whose forwarded headers or PROXY header are believed. If no item can be used nobody is believed. The default has no IPv6."}),
)

// global declares a key of the global ConfigMap; the rest of the declaration holds what is not the same for most.
func global(key Key, typ Type, byDefault string, rest Spec) Spec {
	rest.Key, rest.Type, rest.Default = key, typ, byDefault
	rest.Scope = ScopeGlobal
	return rest
}

// deadSettings are keys that ingress-nginx documents and no longer has.
var deadSettings = []string{
	"jaeger-baggage-header", "jaeger-collector-host", "jaeger-collector-port", "jaeger-debug-header", "jaeger-endpoint",
	"jaeger-propagation-format", "jaeger-sampler-host", "jaeger-sampler-param", "jaeger-sampler-port", "jaeger-sampler-type",
	"jaeger-service-name", "jaeger-trace-baggage-header-prefix", "jaeger-trace-context-header-name", "use-geoip",
}

func (r *settingsReader) forwarded() model.Forwarded {
	f := model.Forwarded{
		TrustHeaders: r.bool(UseForwardedHeaders),
		RealIP:       r.bool(EnableRealIP),
		Header:       r.str(ForwardedForHeader),
		HostHeader:   r.str(ForwardedHostHeader),
		AppendFor:    r.bool(ComputeFullForwardedFor),
		RequestID:    r.bool(GenerateRequestID),
		OriginalURI:  r.bool(ProxyAddOriginalURIHeader),
	}
	f.Trusted, _ = r.set.CIDRs(ProxyRealIPCIDR)
	return f
}
