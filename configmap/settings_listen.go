package configmap

import (
	"github.com/headgate/headgate/model"
)

var listenSettings = group("listen",
	global(UseProxyProtocol, Bool, "false", Spec{Obeyed: true,
		Doc: "Requires the PROXY protocol on the HTTP and HTTPS ports and takes the client address from it."}),
	global(ProxyProtocolHeaderTimeout, GoDuration, "5s", Spec{Obeyed: true,
		Doc: "Limits how long the PROXY header may take where TLS is passed through and on TCP ports."}),
	global(BindAddress, IPs, "", Spec{SkipItems: true, OnInvalid: CloseRoute, Obeyed: true,
		Doc: "Lists the addresses to listen on; without it, all. If no item can be used nothing is served, rather than on addresses that nobody meant."}),
	global(BindAddressIPv4, String, "", Spec{Inert: "it is an inner result of bind-address and not a setting",
		Doc: "Is where ingress-nginx keeps the IPv4 addresses of bind-address."}),
	global(BindAddressIPv6, String, "", Spec{Inert: "it is an inner result of bind-address and not a setting",
		Doc: "Is where ingress-nginx keeps the IPv6 addresses of bind-address."}),
	global(DisableIPv6, Bool, "false", Spec{Obeyed: true,
		Doc: "Does not listen on IPv6."}),
	global(DisableIPv6DNS, Bool, "false", Spec{
		Doc: "Leaves IPv6 out of name resolution. ingress-nginx has it on by itself where the pod has no IPv6."}),
	global(ReusePort, Bool, "true", Spec{Obeyed: true, Targets: nginxOnly("HAProxy sees to its sockets and files itself"),
		Doc: "Gives each worker a listening socket of its own."}),
	global(UseHTTP2, Bool, "true", Spec{Obeyed: true,
		Doc: "Offers HTTP/2 over TLS."}),
	global(HTTP2MaxConcurrentStreams, Int, "128", Spec{Min: 1, Max: 65536, Obeyed: true,
		Doc: "Limits the open streams of an HTTP/2 connection."}),
	global(HTTP2MaxFieldSize, Size, "", Spec{Inert: "it is obsolete; use large-client-header-buffers",
		Doc: "Was the limit of one HTTP/2 header field."}),
	global(HTTP2MaxHeaderSize, Size, "", Spec{Inert: "it is obsolete; use large-client-header-buffers",
		Doc: "Was the limit of an HTTP/2 header."}),
	global(HTTP2MaxRequests, Int, "0", Spec{Inert: "it is obsolete; use keep-alive-requests",
		Doc: "Was the limit of requests on an HTTP/2 connection."}),
)

var clientSettings = group("client",
	global(ClientKeepAlive, Seconds, "75", Spec{Obeyed: true,
		Doc: "Limits how long a client connection may be idle; 0 keeps none."}),
	global(ClientKeepAliveRequests, Int, "1000", Spec{Min: 1, Max: maxInt, Obeyed: true, Targets: nginxOnly("HAProxy keeps a connection for any number of requests"),
		Doc: "Limits the requests of one client connection."}),
	global(ClientHeaderBufferSize, Size, "1k", Spec{Min: 1, Max: maxHeader, Obeyed: true, Targets: nginxOnly("HAProxy passes bodies on as they come, through buffers of one size"),
		Doc: "Is the buffer for request headers of the usual size."}),
	global(LargeClientHeaderBuffers, Buffers, "4 8k", Spec{Min: 1, Max: maxHeader, Obeyed: true,
		Doc: "Is how many buffers of what size a large request header may take. What does not fit gets 414 or 400."}),
	global(ClientHeaderTimeout, Seconds, "60", Spec{Min: 1, Max: maxSeconds, Obeyed: true,
		Doc: "Limits the time in which a request header must come."}),
	global(ClientBodyBufferSize, Size, "8k", Spec{Min: 1, Max: maxBuffer, Obeyed: true, Targets: nginxOnly("HAProxy passes bodies on as they come, through buffers of one size"),
		Doc: "Holds this much of a request body in memory."}),
	global(ClientBodyTimeout, Seconds, "60", Spec{Min: 1, Max: maxSeconds, Obeyed: true,
		Doc: "Limits the time between two reads of a request body."}),
)

const (
	// maxHeader bounds a header buffer, which every connection has.
	maxHeader = 16 << 20
	// maxFiles is what Linux lets a process open unless somebody has raised it. A worker takes memory for each connection at its start.
	maxFiles = 1 << 20
)

var processSettings = group("process",
	global(WorkerProcesses, IntOrAuto, "auto", Spec{Max: 1024, Obeyed: true,
		Doc: "Is the number of worker processes; auto is one per CPU."}),
	global(MaxWorkerConnections, Int, "16384", Spec{Max: maxFiles, Obeyed: true,
		Doc: "Limits the connections of a worker; 0 is three quarters of max-worker-open-files."}),
	global(MaxWorkerOpenFiles, Int, "0", Spec{Max: maxFiles, Obeyed: true, Targets: Targets{Nginx: Support{Level: Full}, HAProxy: Support{Level: Partial, Reason: "it counts where max-worker-connections is 0"}},
		Doc: "Limits the open files of a worker; 0 takes the limit of the system."}),
	global(WorkerShutdownTimeout, Duration, "240s", Spec{Obeyed: true,
		Doc: "Limits how long an old worker may finish its connections after a reload."}),
	global(EnableMultiAccept, Bool, "true", Spec{
		Doc: "Lets a worker take all waiting connections at once."}),
	global(WorkerCPUAffinity, String, "", Spec{Pattern: `auto( +[01]+)?|[01]+( +[01]+)*`,
		Doc: "Binds workers to CPUs: auto, or a bit mask for each."}),
	global(EnableSerialReloads, Bool, "false", Spec{
		Doc: "Lets a reload wait until the workers of the one before are gone."}),
	global(EnableAIOWrite, Bool, "true", Spec{
		Doc: "Writes files asynchronously."}),
	global(DebugConnections, CIDRs, "", Spec{SkipItems: true,
		Doc: "Lists clients whose connections are logged in every detail."}),
)

// The tables are sized by Headgate where the proxy needs it; the keys remain for those who measured better sizes.
var tableSizeSettings = group("table-size",
	global(MapHashBucketSize, Int, "64", Spec{Min: 1, Max: 1 << 20,
		Doc: "Is the bucket size of maps."}),
	global(ServerNameHashMaxSize, Int, "1024", Spec{Min: 1, Max: 1 << 20,
		Doc: "Is the size of the table of host names, raised where the hosts need more."}),
	global(ServerNameHashBucketSize, Int, "0", Spec{Max: 1 << 20,
		Doc: "Is the bucket size of the table of host names; 0 computes it from the longest host."}),
	global(ProxyHeadersHashMaxSize, Int, "512", Spec{Min: 1, Max: 1 << 20,
		Doc: "Is the size of the table of headers sent to endpoints."}),
	global(ProxyHeadersHashBucketSize, Int, "64", Spec{Min: 1, Max: 1 << 20,
		Doc: "Is the bucket size of the table of headers sent to endpoints."}),
	global(VariablesHashBucketSize, Int, "256", Spec{Min: 1, Max: 1 << 20,
		Doc: "Is the bucket size of the table of variables."}),
	global(VariablesHashMaxSize, Int, "2048", Spec{Min: 1, Max: 1 << 20,
		Doc: "Is the size of the table of variables."}),
	global(LuaSharedDicts, List,
		"configuration_data: 20M, certificate_data: 20M, balancer_ewma: 10M, balancer_ewma_last_touched_at: 10M, "+
			"balancer_ewma_locks: 1M, certificate_servers: 5M, ocsp_response_cache: 5M",
		Spec{Pattern: tableSize, SkipItems: true, Inert: "it sizes tables of ingress-nginx's Lua code, which Headgate does not have",
			Doc: "Sizes the shared tables of ingress-nginx's Lua code."}),
)

// listen lacks what the flags say.
func (r *settingsReader) listen() model.Listen {
	l := model.Listen{
		NoIPv6:        r.bool(DisableIPv6),
		ReusePort:     r.bool(ReusePort),
		ProxyProtocol: r.bool(UseProxyProtocol),
		HTTP2:         r.bool(UseHTTP2),
	}
	l.Addresses, _ = r.set.IPs(BindAddress)
	return l
}

func (r *settingsReader) client() model.Client {
	large, _ := r.set.Buffers(LargeClientHeaderBuffers)
	return model.Client{
		KeepAlive:             r.seconds(ClientKeepAlive),
		KeepAliveRequests:     r.int(ClientKeepAliveRequests),
		HeaderTimeout:         r.seconds(ClientHeaderTimeout),
		BodyTimeout:           r.seconds(ClientBodyTimeout),
		HeaderBuffer:          r.size(ClientHeaderBufferSize),
		LargeHeaderBuffers:    large.Number,
		LargeHeaderBufferSize: large.Size,
		BodySize:              r.size(ProxyBodySize),
		BodyBuffer:            r.size(ClientBodyBufferSize),
		HTTP2Streams:          r.int(HTTP2MaxConcurrentStreams),
		UnderscoreHeaders:     r.bool(EnableUnderscoresInHeaders),
		KeepInvalidHeaders:    !r.bool(IgnoreInvalidHeaders),
	}
}

func (r *settingsReader) process() model.Process {
	return model.Process{
		Workers:           r.int(WorkerProcesses),
		WorkerConnections: r.workerConnections(),
		OpenFiles:         r.int(MaxWorkerOpenFiles),
		ShutdownTimeout:   r.seconds(WorkerShutdownTimeout),
	}
}

// workerConnections gives 0 its meaning: three quarters of the files that a worker may open. If nobody says how many these are, which
// ingress-nginx asks its machine, it is the default.
func (r *settingsReader) workerConnections() int {
	if n := r.int(MaxWorkerConnections); n > 0 {
		return n
	}
	if files := r.int(MaxWorkerOpenFiles); files > 0 {
		return files * 3 / 4
	}
	return defaultConnections
}

const defaultConnections = 16384
