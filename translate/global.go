package translate

import (
	"net/netip"
	"slices"

	"github.com/headgate/headgate/configmap"
	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
)

// readGlobal parses the global ConfigMap. Without one, all settings have their defaults.
func (t *translator) readGlobal() {
	name := t.settings.ConfigMap
	cm := t.snap.ConfigMap(name.Namespace, name.Name)
	if cm == nil && !name.IsZero() {
		t.diags.Add(diag.ConfigMapMissing.At(diag.Pos{}, t.configMapRef(), "--configmap",
			"the global ConfigMap %s; all settings have their defaults", t.absence("ConfigMap", name.Namespace, name.Name)))
	}
	var diags diag.List
	t.set, diags = configmap.ParseSettings(cm)
	t.diags = append(t.diags, diags...)
}

// configMapRef is how messages call the global ConfigMap.
func (t *translator) configMapRef() diag.Ref {
	return diag.Ref{Kind: "ConfigMap", Namespace: t.settings.ConfigMap.Namespace, Name: t.settings.ConfigMap.Name}
}

func (t *translator) bool(key configmap.BoolKey) bool {
	v, _ := t.set.Bool(key)
	return v
}

func (t *translator) int(key configmap.IntKey) int {
	v, _ := t.set.Int(key)
	return v
}

// maxTimeout is the longest time that proxies count in milliseconds of 32 bits: more than 24 days.
const maxTimeout = (1<<31 - 1) / 1000

// seconds is a time limit; what is longer than proxies can count comes to the same.
func (t *translator) seconds(key configmap.DurationKey) int {
	v, _ := t.set.Seconds(key)
	return min(v, maxTimeout)
}

func (t *translator) size(key configmap.SizeKey) int64 {
	v, _ := t.set.Size(key)
	return v
}

func (t *translator) str(key configmap.StringKey) string {
	v, _ := t.set.String(key)
	return v
}

// global makes the settings of all servers. finishTLS has chosen the default certificate before.
func (t *translator) global() model.Global {
	return model.Global{
		Listen:  t.listen(),
		Client:  t.client(),
		Forward: t.forwarded(),
		TLS:     t.tlsSettings(),
		HSTS:    t.hsts(),
		Proxy:   t.proxy(),
		Limits:  t.limits(),
		Streams: t.streamSettings(),
		Log:     t.log(),
		Process: t.process(),
		Written: t.written(),
	}
}

// written lists where the settings stand.
func (t *translator) written() []model.Origin {
	var origins []model.Origin
	for _, key := range t.set.Keys() {
		origins = append(origins, model.Origin{
			Ref: t.configMapRef(), Path: key.String(), Pos: t.set.Pos(key),
		})
	}
	return origins
}

func (t *translator) listen() model.Listen {
	l := model.Listen{
		HTTPPort:      t.settings.HTTPPort,
		HTTPSPort:     t.settings.HTTPSPort,
		Addresses:     slices.Clone(t.settings.Bind),
		NoIPv6:        t.bool(configmap.DisableIPv6),
		ReusePort:     t.bool(configmap.ReusePort),
		ProxyProtocol: t.bool(configmap.UseProxyProtocol),
		HTTP2:         t.bool(configmap.UseHTTP2),
		Passthrough:   len(t.config.Passthroughs) > 0,
	}
	if len(l.Addresses) == 0 {
		l.Addresses, _ = t.set.IPs(configmap.BindAddress)
	}
	l.Addresses = distinctAddresses(l.Addresses)
	return l
}

// distinctAddresses leaves out what another address of the list covers: nobody can listen twice.
func distinctAddresses(list []netip.Addr) []netip.Addr {
	slices.SortFunc(list, netip.Addr.Compare)
	list = slices.Compact(list)
	all := slices.Clone(list)
	return slices.DeleteFunc(list, func(a netip.Addr) bool {
		return !a.IsUnspecified() && slices.ContainsFunc(all, func(b netip.Addr) bool { return b.IsUnspecified() && a.Is4() == b.Is4() })
	})
}

func (t *translator) client() model.Client {
	large, _ := t.set.Buffers(configmap.LargeClientHeaderBuffers)
	return model.Client{
		KeepAlive:             t.seconds(configmap.ClientKeepAlive),
		KeepAliveRequests:     t.int(configmap.ClientKeepAliveRequests),
		HeaderTimeout:         t.seconds(configmap.ClientHeaderTimeout),
		BodyTimeout:           t.seconds(configmap.ClientBodyTimeout),
		HeaderBuffer:          t.size(configmap.ClientHeaderBufferSize),
		LargeHeaderBuffers:    large.Number,
		LargeHeaderBufferSize: large.Size,
		BodySize:              t.size(configmap.ProxyBodySize),
		BodyBuffer:            t.size(configmap.ClientBodyBufferSize),
		HTTP2Streams:          t.int(configmap.HTTP2MaxConcurrentStreams),
		UnderscoreHeaders:     t.bool(configmap.EnableUnderscoresInHeaders),
		KeepInvalidHeaders:    !t.bool(configmap.IgnoreInvalidHeaders),
	}
}

func (t *translator) forwarded() model.Forwarded {
	f := model.Forwarded{
		TrustHeaders: t.bool(configmap.UseForwardedHeaders),
		RealIP:       t.bool(configmap.EnableRealIP),
		Header:       t.str(configmap.ForwardedForHeader),
		HostHeader:   t.str(configmap.ForwardedHostHeader),
		AppendFor:    t.bool(configmap.ComputeFullForwardedFor),
		RequestID:    t.bool(configmap.GenerateRequestID),
		OriginalURI:  t.bool(configmap.ProxyAddOriginalURIHeader),
	}
	f.Trusted, _ = t.set.CIDRs(configmap.ProxyRealIPCIDR)
	return f
}

func (t *translator) tlsSettings() model.TLS {
	tls := model.TLS{
		DefaultCertificate: t.config.Global.TLS.DefaultCertificate,
		RejectUnknown:      t.bool(configmap.SSLRejectHandshake),
		Ciphers:            t.str(configmap.SSLCiphers),
		Curves:             t.str(configmap.SSLECDHCurve),
		SessionCache:       t.bool(configmap.SSLSessionCache),
		SessionSize:        t.size(configmap.SSLSessionCacheSize),
		SessionTimeout:     t.seconds(configmap.SSLSessionTimeout),
		SessionTickets:     t.bool(configmap.SSLSessionTickets),
		BufferSize:         t.size(configmap.SSLBufferSize),
		EarlyData:          t.bool(configmap.SSLEarlyData),
	}
	tls.Protocols, _ = t.set.List(configmap.SSLProtocols)
	slices.Sort(tls.Protocols)
	return tls
}

func (t *translator) hsts() *model.HSTS {
	if !t.bool(configmap.HSTS) {
		return nil
	}
	maxAge, _ := t.set.Seconds(configmap.HSTSMaxAge)
	return &model.HSTS{
		MaxAge:            int64(maxAge),
		IncludeSubdomains: t.bool(configmap.HSTSIncludeSubdomains),
		Preload:           t.bool(configmap.HSTSPreload),
	}
}

func (t *translator) proxy() model.Proxy {
	p := model.Proxy{
		ConnectTimeout:      t.seconds(configmap.ProxyConnectTimeout),
		SendTimeout:         t.seconds(configmap.ProxySendTimeout),
		ReadTimeout:         t.seconds(configmap.ProxyReadTimeout),
		NextUpstreamTries:   t.int(configmap.ProxyNextUpstreamTries),
		NextUpstreamTimeout: t.seconds(configmap.ProxyNextUpstreamTimeout),
		RetryNonIdempotent:  t.bool(configmap.RetryNonIdempotent),
		KeepAlive:           t.int(configmap.UpstreamKeepAliveConnections),
		KeepAliveTime:       t.seconds(configmap.UpstreamKeepAliveTime),
		KeepAliveTimeout:    t.seconds(configmap.UpstreamKeepAliveTimeout),
		KeepAliveRequests:   t.int(configmap.UpstreamKeepAliveRequests),
		Buffering:           t.str(configmap.ProxyBuffering) == "on",
		RequestBuffering:    t.str(configmap.ProxyRequestBuffering) == "on",
		BufferSize:          t.size(configmap.ProxyBufferSize),
		Buffers:             t.int(configmap.ProxyBuffersNumber),
		MaxTempFileSize:     t.size(configmap.ProxyMaxTempFileSize),
		ServerTokens:        t.bool(configmap.ServerTokens),
		PassBackendServer:   t.bool(configmap.AllowBackendServerHeader),
		DefaultType:         t.str(configmap.DefaultType),
	}
	p.NextUpstream, _ = t.set.List(configmap.ProxyNextUpstream)
	p.HideHeaders, _ = t.set.List(configmap.HideHeaders)
	return p
}

func (t *translator) log() model.Log {
	l := model.Log{
		ErrLevel:     t.str(configmap.ErrorLogLevel),
		Format:       t.str(configmap.LogFormatUpstream),
		StreamFormat: t.str(configmap.LogFormatStream),
		Escape:       "default",
	}
	switch {
	case t.bool(configmap.LogFormatEscapeNone):
		l.Escape = "none"
	case t.bool(configmap.LogFormatEscapeJSON):
		l.Escape = "json"
	}
	l.Access, l.AccessTo = t.accessLog(configmap.DisableHTTPAccessLog, configmap.HTTPAccessLogPath)
	l.Stream, l.StreamTo = t.accessLog(configmap.DisableStreamAccessLog, configmap.StreamAccessLogPath)
	return l
}

// accessLog says whether an access log is written, and where. The path that ingress-nginx has by default is its
// container's standard output.
func (t *translator) accessLog(disable configmap.BoolKey, path configmap.StringKey) (on bool, to model.LogTarget) {
	if t.bool(configmap.DisableAccessLog) || t.bool(disable) {
		return false, model.Stdout
	}
	if t.str(path) == "" {
		path = configmap.AccessLogPath
	}
	switch value := t.str(path); value {
	case "off":
		return false, model.Stdout
	case "stderr", "/dev/stderr":
		return true, model.Stderr
	case "stdout", "/dev/stdout", "/var/log/nginx/access.log":
		return true, model.Stdout
	default:
		t.diags.Add(diag.LogFile.At(t.set.Pos(path), t.configMapRef(), path.String(),
			"access logs go to standard output or standard error only, not to %q; these lines go to standard output", value))
		return true, model.Stdout
	}
}

func (t *translator) process() model.Process {
	return model.Process{
		Workers:           t.int(configmap.WorkerProcesses),
		WorkerConnections: t.workerConnections(),
		OpenFiles:         t.int(configmap.MaxWorkerOpenFiles),
		ShutdownTimeout:   t.seconds(configmap.WorkerShutdownTimeout),
	}
}

// workerConnections gives 0 its meaning: three quarters of the files that a worker may open. If nobody says how many these are, which
// ingress-nginx asks its machine, it is the default.
func (t *translator) workerConnections() int {
	if n := t.int(configmap.MaxWorkerConnections); n > 0 {
		return n
	}
	if files := t.int(configmap.MaxWorkerOpenFiles); files > 0 {
		return files * 3 / 4
	}
	return defaultConnections
}

const defaultConnections = 16384
