package configmap

import (
	"github.com/headgate/headgate/model"
)

var proxySettings = group("proxy",
	global(ProxyBodySize, Size, "1m", Spec{Obeyed: true,
		Doc: "Limits request bodies; larger ones get 413. With 0 there is no limit."}),
	global(ProxyConnectTimeout, Seconds, "5", Spec{Min: 1, Max: maxSeconds, Obeyed: true,
		Doc: "Limits the time in which a connection to an endpoint must stand."}),
	global(ProxySendTimeout, Seconds, "60", Spec{Min: 1, Max: maxSeconds, Obeyed: true,
		Doc: "Limits the time between two writes to an endpoint."}),
	global(ProxyReadTimeout, Seconds, "60", Spec{Min: 1, Max: maxSeconds, Obeyed: true,
		Doc: "Limits the time between two reads from an endpoint."}),
	global(ProxyBuffersNumber, Int, "4", Spec{Min: 1, Max: 65536, Obeyed: true, Targets: nginxOnly("HAProxy passes bodies on as they come, through buffers of one size"),
		Doc: "Is how many response buffers a connection has."}),
	global(ProxyBufferSize, Size, "4k", Spec{Min: 1, Max: maxBuffer, Obeyed: true,
		Doc: "Is the size of one response buffer."}),
	global(ProxyBusyBuffersSize, Size, "", Spec{Min: 1, Max: maxBuffer,
		Doc: "Limits how much of the buffers may be on its way to the client. Without it the proxy's own rule holds."}),
	global(ProxyCookiePath, String, "off", Spec{Pattern: urlSp,
		Doc: "Replaces the path of the endpoints' cookies."}),
	global(ProxyCookieDomain, String, "off", Spec{Pattern: domains,
		Doc: "Replaces the domain of the endpoints' cookies."}),
	global(ProxyNextUpstream, Words, "error timeout", Spec{Values: retryConditions, Obeyed: true,
		Doc: "Says after what a request is sent to another endpoint."}),
	global(ProxyNextUpstreamTimeout, Seconds, "0", Spec{Obeyed: true,
		Doc: "Limits the time in which another endpoint may be asked; 0 sets no limit."}),
	global(ProxyNextUpstreamTries, Int, "3", Spec{Max: 1000, Obeyed: true,
		Doc: "Limits how many endpoints are asked, the first included; 0 sets no limit."}),
	global(RetryNonIdempotent, Bool, "false", Spec{Obeyed: true,
		Doc: "Sends requests that change something again, too."}),
	global(ProxyRequestBuffering, Enum, "on", Spec{Values: onOff, Obeyed: true, Targets: nginxOnly("HAProxy passes bodies on as they come, through buffers of one size"),
		Doc: "Reads request bodies wholly before they are sent on."}),
	global(ProxyRedirectFrom, String, "off", Spec{Pattern: urlChars,
		Doc: "Is the text to replace in the endpoints' Location and Refresh headers."}),
	global(ProxyRedirectTo, String, "off", Spec{Pattern: urlChars,
		Doc: "Is what proxy-redirect-from is replaced by."}),
	global(ProxyBuffering, Enum, "off", Spec{Values: onOff, Obeyed: true, Targets: nginxOnly("HAProxy passes bodies on as they come, through buffers of one size"),
		Doc: "Reads responses ahead of the client."}),
	global(ProxyHTTPVersion, Enum, "1.1", Spec{Values: []string{"1.0", "1.1"},
		Doc: "Chooses the HTTP version spoken to the endpoints."}),
	global(ProxyMaxTempFileSize, Size, "1024m", Spec{Obeyed: true, Targets: nginxOnly("HAProxy passes bodies on as they come, through buffers of one size"),
		Doc: "Limits how much of a buffered response goes to disk; 0 uses no disk."}),
	global(UpstreamKeepAliveConnections, Int, "320", Spec{Max: 65536, Obeyed: true,
		Doc: "Is how many idle connections to endpoints a worker keeps; 0 keeps none."}),
	global(UpstreamKeepAliveTime, Duration, "1h", Spec{Obeyed: true, Targets: nginxOnly("HAProxy keeps a connection for any number of requests"),
		Doc: "Limits the age of such a connection."}),
	global(UpstreamKeepAliveTimeout, Seconds, "60", Spec{Obeyed: true,
		Doc: "Limits how long such a connection may be idle."}),
	global(UpstreamKeepAliveRequests, Int, "10000", Spec{Min: 1, Max: maxInt, Obeyed: true, Targets: nginxOnly("HAProxy keeps a connection for any number of requests"),
		Doc: "Limits the requests of such a connection."}),
	global(GRPCBufferSizeKB, Int, "0", Spec{Max: 1 << 20,
		Doc: "Is the buffer for gRPC responses, in kilobytes; 0 leaves it to the proxy."}),
	global(DefaultType, String, "text/html", Spec{Pattern: plainType, Obeyed: true, Targets: nginxOnly("HAProxy has no name and no default type to send"),
		Doc: "Is the media type of answers that the proxy gives itself without one."}),
	global(CustomHTTPErrors, Codes, "", Spec{Min: 300, Max: 599, SkipItems: true,
		Doc: "Replaces responses of these codes by pages of the default backend."}),
	global(DisableProxyInterceptErrors, Bool, "false", Spec{
		Doc: "Leaves error responses of the endpoints alone in spite of custom-http-errors."}),
)

var balanceSettings = group("balance",
	global(LoadBalance, Enum, "round_robin", Spec{Obeyed: true, Values: algorithms,
		Doc: "Chooses how endpoints are picked where the Ingress does not say. The words are those of the annotation."}),
	global(ServiceUpstream, Bool, "false", Spec{Obeyed: true,
		Doc: "Sends requests to the cluster addresses of Services instead of to their endpoints."}),
)

var streamSettings = group("stream",
	global(ProxyStreamTimeout, Duration, "600s", Spec{Obeyed: true,
		Doc: "Limits how long a TCP or UDP session may be idle."}),
	global(ProxyStreamNextUpstream, Bool, "true", Spec{Obeyed: true,
		Doc: "Tries another endpoint when a TCP connection does not come about."}),
	global(ProxyStreamNextUpstreamTimeout, Duration, "600s", Spec{Obeyed: true,
		Doc: "Limits the time in which another endpoint may be tried; 0 sets no limit."}),
	global(ProxyStreamNextUpstreamTries, Int, "3", Spec{Max: 1000, Obeyed: true,
		Doc: "Limits how many endpoints are tried; 0 sets no limit."}),
	global(ProxyStreamResponses, Int, "1", Spec{Max: maxInt, Obeyed: true,
		Targets: Targets{Nginx: Support{Level: Full}, HAProxy: Support{Level: Partial, Reason: "HAProxy cannot forward UDP; run has an nginx do it beside it"}},
		Doc:     "Is how many UDP datagrams an endpoint answers with before a session counts as over."}),
	global(StreamPortGrants, Words, "", Spec{Pattern: portGrants, SkipItems: true, Obeyed: true,
		Doc: "Lists, as namespace=9000-9010,9443, the ports that Services of a namespace may open by the annotations headgate.io/tcp-ports and headgate.io/udp-ports. It is Headgate's own; ingress-nginx does not know it."}),
)

var inertSettings = group("inert",
	global(AppRoot, String, "", Spec{Inert: annotationOnly,
		Doc: "Is read by ingress-nginx and never used."}),
	global(UpstreamHashBy, String, "", Spec{Inert: annotationOnly,
		Doc: "Is read by ingress-nginx and never used."}),
	global(UpstreamHashBySubset, Bool, "false", Spec{Inert: annotationOnly,
		Doc: "Is read by ingress-nginx and never used."}),
	global(UpstreamHashBySubsetSize, Int, "0", Spec{Inert: annotationOnly,
		Doc: "Is read by ingress-nginx and never used."}),
)

const annotationOnly = "only the annotation of this name has an effect"

func (r *settingsReader) proxy() model.Proxy {
	p := model.Proxy{
		ConnectTimeout:      r.seconds(ProxyConnectTimeout),
		SendTimeout:         r.seconds(ProxySendTimeout),
		ReadTimeout:         r.seconds(ProxyReadTimeout),
		NextUpstreamTries:   r.int(ProxyNextUpstreamTries),
		NextUpstreamTimeout: r.seconds(ProxyNextUpstreamTimeout),
		RetryNonIdempotent:  r.bool(RetryNonIdempotent),
		KeepAlive:           r.int(UpstreamKeepAliveConnections),
		KeepAliveTime:       r.seconds(UpstreamKeepAliveTime),
		KeepAliveTimeout:    r.seconds(UpstreamKeepAliveTimeout),
		KeepAliveRequests:   r.int(UpstreamKeepAliveRequests),
		Buffering:           r.str(ProxyBuffering) == "on",
		RequestBuffering:    r.str(ProxyRequestBuffering) == "on",
		BufferSize:          r.size(ProxyBufferSize),
		Buffers:             r.int(ProxyBuffersNumber),
		MaxTempFileSize:     r.size(ProxyMaxTempFileSize),
		ServerTokens:        r.bool(ServerTokens),
		PassBackendServer:   r.bool(AllowBackendServerHeader),
		DefaultType:         r.str(DefaultType),
	}
	p.NextUpstream, _ = r.set.List(ProxyNextUpstream)
	p.HideHeaders, _ = r.set.List(HideHeaders)
	return p
}

// streams lacks the snippets of Ingresses.
func (r *settingsReader) streams() model.StreamSettings {
	return model.StreamSettings{
		Timeout:             r.seconds(ProxyStreamTimeout),
		NextUpstream:        r.bool(ProxyStreamNextUpstream),
		NextUpstreamTries:   r.int(ProxyStreamNextUpstreamTries),
		NextUpstreamTimeout: r.seconds(ProxyStreamNextUpstreamTimeout),
		Responses:           r.int(ProxyStreamResponses),
		ProxyHeaderTimeout:  r.seconds(ProxyProtocolHeaderTimeout),
	}
}
