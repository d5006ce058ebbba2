package configmap

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

var onOff = []string{"on", "off"}

// retryConditions are nginx's words for what makes it ask another endpoint.
var retryConditions = []string{
	"error", "timeout", "invalid_header", "http_500", "http_502", "http_503", "http_504", "http_403", "http_404", "http_429",
	"non_idempotent", "off",
}

// maxBuffer bounds what a single setting can make the proxy hold in memory for each request.
const maxBuffer = 1 << 30
