package configmap

var onOff = []string{"on", "off"}

// retryConditions are nginx's words for what makes it ask another endpoint.
var retryConditions = []string{
	"error", "timeout", "invalid_header", "http_500", "http_502", "http_503", "http_504", "http_403", "http_404", "http_429",
	"non_idempotent", "off",
}

// algorithms holds ingress-nginx's words, those of nginx itself, and those of kube-proxy's IPVS mode.
var algorithms = []string{
	"round_robin", "ewma", "chash", "chashsubset", "sticky_balanced", "sticky_persistent",
	"ip_hash", "least_conn", "random", "random two",
	"rr", "lc", "dh", "sh", "sed", "nq",
}

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
		Doc:   "Was to turn preload links into HTTP/2 pushes."},
)

var balanceAnnotations = group("balance",
	Spec{Key: LoadBalance, Type: Enum, Values: algorithms, Global: LoadBalance, Scope: ScopeBackend, OnInvalid: RejectIngress, Obeyed: true,
		Targets: Targets{Nginx: Support{Level: Partial, Reason: "ewma draws two endpoints and takes the one with fewer requests in progress"},
			HAProxy: Support{Level: Partial, Reason: "ewma draws two endpoints and takes the one with fewer requests in progress"}},
		Doc: "Chooses how endpoints are picked. Beyond ingress-nginx's words it takes ip_hash, least_conn, random, random two, and rr, lc, dh, sh, sed, nq as kube-proxy's IPVS mode has them. Capitals matter."},
	Spec{Key: UpstreamHashBy, Type: String, Pattern: variables, Variables: true, Scope: ScopeBackend, Risk: High, OnInvalid: RejectIngress, Obeyed: true,
		Doc: "Picks the endpoint by a consistent hash of this text. It comes before load-balance and after affinity."},
	Spec{Key: UpstreamHashBySubset, Type: Bool, Default: "false", Scope: ScopeBackend, OnInvalid: RejectIngress, Obeyed: true,
		Doc: "Hashes onto a fixed group of endpoints, and picks one of the group at random."},
	Spec{Key: UpstreamHashBySubsetSize, Type: Int, Max: 10000, ZeroDefault: true, Default: "3", Scope: ScopeBackend, OnInvalid: RejectIngress, Obeyed: true,
		Doc: "Is the size of such a group; 0 counts as 3."},
	Spec{Key: ServiceUpstream, Type: Bool, Global: ServiceUpstream, Scope: ScopeBackend, Obeyed: true,
		Doc: "Sends requests to the cluster address of the Service instead of to its endpoints. Stickiness and retries lose their meaning."},
)

var bufferAnnotations = group("buffer",
	Spec{Key: ClientBodyBufferSize, Type: Size, Min: 1, Max: maxBuffer, Global: ClientBodyBufferSize, OnInvalid: RejectIngress,
		Doc: "Holds this much of a request body in memory; larger bodies go to disk."},
	Spec{Key: ProxyBodySize, Type: Size, Global: ProxyBodySize, Risk: Medium,
		Doc: "Limits request bodies; larger ones get 413. With 0 there is no limit."},
	Spec{Key: ProxyBufferSize, Type: Size, Min: 1, Max: maxBuffer, Global: ProxyBufferSize,
		Doc: "Is the size of one response buffer. The response header must fit into it."},
	Spec{Key: ProxyBuffersNumber, Type: Int, Min: 1, Max: 65536, Global: ProxyBuffersNumber,
		Doc: "Is how many response buffers a connection has."},
	Spec{Key: ProxyBusyBuffersSize, Type: Size, Min: 1, Max: maxBuffer, Global: ProxyBusyBuffersSize,
		Doc: "Limits how much of the buffers may be on its way to the client."},
	Spec{Key: ProxyBuffering, Type: Enum, Values: onOff, Global: ProxyBuffering,
		Doc: "Reads responses ahead of the client, or, with off, passes them on as they come."},
	Spec{Key: ProxyRequestBuffering, Type: Enum, Values: onOff, Global: ProxyRequestBuffering,
		Doc: "Reads request bodies wholly before they are sent on, or, with off, passes them on as they come; such a request cannot be tried again."},
	Spec{Key: ProxyMaxTempFileSize, Type: Size, Global: ProxyMaxTempFileSize,
		Doc: "Limits how much of a buffered response goes to disk; 0 uses no disk."},
)

// maxBuffer bounds what a single setting can make the proxy hold in memory for each request.
const maxBuffer = 1 << 30
