package configmap

import (
	"strings"

	"github.com/headgate/headgate/policy"
)

var backendAnnotations = group("backend",
	Spec{Key: BackendProtocol, Type: Enum, Values: []string{"HTTP", "HTTPS", "AUTO_HTTP", "GRPC", "GRPCS", "FCGI"}, FoldCase: true, Default: "HTTP", Obeyed: true,
		Doc: "Chooses the protocol spoken to the endpoints; AUTO_HTTP takes the client's scheme. Any capitals will do, where ingress-nginx does only half of GRPC and FCGI unless they are exact."},
	Spec{Key: ConnectionProxyHeader, Type: Enum, Values: []string{"close", "keep-alive"}, OnInvalid: RejectIngress,
		Doc: "Sends this Connection header to the endpoints, whatever the client sent. WebSockets do not work with it."},
	Spec{Key: CustomHeaders, Type: ConfigMapRef, NeedsNamespace: true, Risk: Medium, OnUnusable: CloseRoute,
		Doc: "Names a ConfigMap whose entries become headers of every response. Each name must be in global-allowed-response-headers."},
	Spec{Key: DefaultBackend, Type: ServiceRef, OnInvalid: RejectIngress, Obeyed: true,
		Doc: "Names a Service of the same namespace that gets the requests while the Service of a path has no endpoints, and that serves the pages of custom-http-errors. Its first port is used."},
	Spec{Key: ProxyConnectTimeout, Type: Seconds, Global: ProxyConnectTimeout,
		Doc: "Limits the time in which a connection to an endpoint must stand."},
	Spec{Key: ProxySendTimeout, Type: Seconds, Global: ProxySendTimeout,
		Doc: "Limits the time between two writes to an endpoint."},
	Spec{Key: ProxyReadTimeout, Type: Seconds, Global: ProxyReadTimeout,
		Doc: "Limits the time between two reads from an endpoint. It also ends WebSockets and streams that fall silent."},
	Spec{Key: ProxyNextUpstream, Type: Words, Values: retryConditions, Global: ProxyNextUpstream, Risk: Medium,
		Doc: "Says after what a request is sent to another endpoint. Requests that change something are sent again only with non_idempotent."},
	Spec{Key: ProxyNextUpstreamTimeout, Type: Seconds, Global: ProxyNextUpstreamTimeout,
		Doc: "Limits the time in which another endpoint may be asked; 0 sets no limit."},
	Spec{Key: ProxyNextUpstreamTries, Type: Int, Max: 1000, Global: ProxyNextUpstreamTries,
		Doc: "Limits how many endpoints are asked, the first included; 0 sets no limit."},
	Spec{Key: ProxyHTTPVersion, Type: Enum, Values: []string{"1.0", "1.1"}, Global: ProxyHTTPVersion,
		Doc: "Chooses the HTTP version spoken to the endpoints. With 1.0 no connection is kept and WebSockets do not work."},
	Spec{Key: ProxyCookiePath, Type: String, Pattern: urlSp, Global: ProxyCookiePath, Risk: Medium,
		Doc: "Replaces the path of the endpoints' cookies: the old one, a blank, the new one. The word off leaves them alone."},
	Spec{Key: ProxyCookieDomain, Type: String, Pattern: domains, Global: ProxyCookieDomain, Risk: Medium,
		Doc: "Replaces the domain of the endpoints' cookies: the old one, a blank, the new one. The word off leaves them alone."},
	Spec{Key: ProxyRedirectFrom, Type: String, Pattern: urlChars, Global: ProxyRedirectFrom, Risk: Medium,
		Doc: "Is the text to replace in the endpoints' Location and Refresh headers. The words off and default need no proxy-redirect-to."},
	Spec{Key: ProxyRedirectTo, Type: String, Pattern: urlChars, Global: ProxyRedirectTo, Risk: Medium,
		Doc: "Is what proxy-redirect-from is replaced by."},
	Spec{Key: UpstreamVHost, Type: String, Pattern: regexText, Variables: true, OnInvalid: RejectIngress,
		Doc: "Sends this Host header to the endpoints instead of the client's."},
	Spec{Key: FastCGIIndex, Type: String, Pattern: dotted, Risk: Medium, OnInvalid: RejectIngress,
		Doc: "Is appended to URIs that end in a slash to get the name of the FastCGI script."},
	Spec{Key: FastCGIParamsConfigMap, Type: ConfigMapRef, Risk: Medium, OnInvalid: RejectIngress, OnUnusable: CloseRoute, Needs: []Key{BackendProtocol},
		Doc: "Names a ConfigMap of the same namespace whose entries become FastCGI parameters."},
	Spec{Key: HTTP2PushPreload, Type: Bool, Default: "false", OnInvalid: RejectIngress,
		Inert: "server push has gone from browsers and proxies; it has no effect",
		Doc:   "Turned preload links into HTTP/2 server push in older versions."},
)

// protocols are the values of backend-protocol.
var protocols = map[string]policy.Protocol{
	"HTTP": policy.HTTP, "HTTPS": policy.HTTPS, "GRPC": policy.GRPC, "GRPCS": policy.GRPCS, "FCGI": policy.FastCGI, "AUTO_HTTP": policy.ClientScheme,
}

func readBackend(f fields) policy.Backend {
	protocol := as(value(f, BackendProtocol), func(name string) policy.Protocol { return protocols[strings.ToUpper(name)] })
	return policy.Backend{Protocol: policy.PerRoute[policy.Protocol]{Value: protocol}}
}
