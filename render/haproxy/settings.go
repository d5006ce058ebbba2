package haproxy

import (
	"net/netip"
	"slices"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/haproxy/conf"
)

// mainView is what the template of haproxy.cfg prints.
type mainView struct {
	Global   globalView
	Defaults defaultsView
	Frontend frontendView
}

// globalView is the section global. Numbers that are 0 are left to HAProxy.
type globalView struct {
	MaxConnections, Threads int
	ShutdownTimeout         conf.Time
	RuntimeSocket           conf.Socket
	// BufferSize holds a whole header, which may have so many Headers.
	BufferSize   int64
	Headers      int
	HTTP2Streams int
	TLS          tlsView
}

type tlsView struct {
	Options        []conf.Word
	Ciphers        conf.Word
	Sessions       int64
	SessionTimeout conf.Time
	RecordSize     int64
}

// defaultsView is what backends and the frontend have in common.
type defaultsView struct {
	Connect, Client, Server, Request, KeepAlive conf.Time
	// Pool says that connections to endpoints are kept.
	Pool bool
	// Retries does not count the first try.
	Retries        int
	RetryOn        []conf.Word
	OnlyIdempotent bool
	// DropTrailers keeps what stands behind the chunks of a request from endpoints: no rule sees it.
	DropTrailers bool
	Early        *earlyView
	// ConnectInVain is how many milliseconds all tries to connect take together if none is answered.
	ConnectInVain int64
}

// main prints haproxy.cfg.
func (r *rendering) main() error {
	return r.print(r.target.conf, "haproxy.cfg", mainEntry, mainView{
		Global:   r.global(),
		Defaults: r.defaults(),
		Frontend: r.frontend(),
	})
}

// The sizes of HAProxy's buffers: one holds a whole header, with a reserve for what is added to it. And of an entry of its cache of TLS
// sessions.
const (
	minBuffer      = 16 << 10
	maxBuffer      = 1 << 20
	rewriteReserve = 1 << 10
	sessionSize    = 256
)

// maxHeaders is how many lines a header may have. nginx has no such limit, or this one.
const maxHeaders = 1000

func (r *rendering) global() globalView {
	g := &r.cfg.Global
	tls := tlsView{Options: tlsOptions(&g.TLS), Ciphers: conf.Word(g.TLS.Ciphers), SessionTimeout: conf.Time(g.TLS.SessionTimeout), RecordSize: g.TLS.BufferSize}
	if g.TLS.SessionCache {
		tls.Sessions = g.TLS.SessionSize / sessionSize
	}
	return globalView{
		MaxConnections:  g.Process.WorkerConnections,
		Threads:         min(g.Process.Workers, maxThreads),
		ShutdownTimeout: conf.Time(g.Process.ShutdownTimeout),
		RuntimeSocket:   r.target.opts.RuntimeSocket,
		BufferSize:      min(max(minBuffer, g.Client.LargeHeaderBuffers*g.Client.LargeHeaderBufferSize, g.Proxy.BufferSize)+rewriteReserve, maxBuffer),
		Headers:         maxHeaders,
		HTTP2Streams:    g.Client.HTTP2Streams,
		TLS:             tls,
	}
}

// maxThreads is how many threads HAProxy runs without being told of groups of them.
const maxThreads = 64

// tlsVersions are the names that HAProxy has for protocols.
var tlsVersions = map[string]conf.Word{"TLSv1": "TLSv1.0", "TLSv1.1": "TLSv1.1", "TLSv1.2": "TLSv1.2", "TLSv1.3": "TLSv1.3"}

func tlsOptions(t *model.TLS) []conf.Word {
	var options []conf.Word
	if len(t.Protocols) > 0 {
		if oldest, ok := tlsVersions[t.Protocols[0]]; ok {
			options = append(options, "ssl-min-ver", oldest)
		}
		if newest, ok := tlsVersions[t.Protocols[len(t.Protocols)-1]]; ok {
			options = append(options, "ssl-max-ver", newest)
		}
	}
	if !t.SessionTickets {
		options = append(options, "no-tls-tickets")
	}
	if t.Ciphers == "" {
		options = append(options, "prefer-client-ciphers")
	}
	return options
}

// dropsTrailers is the first version that can keep trailers from endpoints.
var dropsTrailers = Version{Major: 3, Minor: 2, Patch: 0}

func (r *rendering) defaults() defaultsView {
	g := &r.cfg.Global
	return defaultsView{
		Connect:        conf.Time(g.Proxy.ConnectTimeout),
		Client:         conf.Time(g.Client.BodyTimeout),
		Server:         conf.Time(max(g.Proxy.SendTimeout, g.Proxy.ReadTimeout)),
		Request:        conf.Time(g.Client.HeaderTimeout),
		KeepAlive:      conf.Time(g.Client.KeepAlive),
		Pool:           g.Proxy.KeepAlive > 0,
		Retries:        r.retries(),
		RetryOn:        r.retryOn(),
		OnlyIdempotent: !g.Proxy.RetryNonIdempotent,
		Early:          r.early(),
		DropTrailers:   !r.target.opts.Version.Before(dropsTrailers),
		ConnectInVain:  int64(g.Proxy.ConnectTimeout) * 1000 * int64(r.retries()+1),
	}
}

// maxRetries stands for no limit: nginx then asks each endpoint once.
const maxRetries = 10

func (r *rendering) retries() int {
	p := &r.cfg.Global.Proxy
	switch {
	case len(r.retryOn()) == 0:
		return 0
	case p.NextUpstreamTries == 0:
		return maxRetries
	}
	return min(p.NextUpstreamTries-1, maxRetries)
}

// retryWords translate what nginx tries again on.
var retryWords = map[string][]conf.Word{
	"error": {"conn-failure", "empty-response"}, "timeout": {"conn-failure", "response-timeout"}, "invalid_header": {"junk-response"},
	"http_500": {"500"}, "http_502": {"502"}, "http_503": {"503"}, "http_504": {"504"}, "http_403": {"403"}, "http_404": {"404"}, "http_429": {"429"},
}

// retriesOn429 is the first version that tries again on this status.
var retriesOn429 = Version{Major: 3, Minor: 0, Patch: 0}

func (r *rendering) retryOn() []conf.Word {
	var words []conf.Word
	for _, c := range r.cfg.Global.Proxy.NextUpstream {
		if c != "http_429" || !r.target.opts.Version.Before(retriesOn429) {
			words = append(words, retryWords[c]...)
		}
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// defaultBodySize is the limit that nobody asked for.
const defaultBodySize = 1 << 20

// withoutUse are the settings that only nginx has something for: its buffers, its sockets, the life of connections counted in requests.
var withoutUse = []string{
	"client-body-buffer-size", "client-header-buffer-size", "default-type", "error-log-level", "keep-alive-requests", "log-format-escape-json",
	"log-format-escape-none", "proxy-buffering", "proxy-buffers-number", "proxy-max-temp-file-size",
	"proxy-request-buffering", "reuse-port", "server-tokens", "upstream-keepalive-requests", "upstream-keepalive-time",
}

// settings reports what HAProxy cannot do as a setting says.
func (r *rendering) settings() {
	g := &r.cfg.Global
	if g.Log.Access && g.Log.Format != "" && g.Log.Format != nginxFormat {
		r.unusable(diag.TargetSetting, "log-format-upstream", "nginx's variables mean nothing to HAProxy; lines have the form of the default format")
	}
	if g.Client.BodySize != 0 && g.Client.BodySize != defaultBodySize {
		r.unusable(diag.TargetSetting, "proxy-body-size", "HAProxy cannot measure a body that states no length; only others are limited")
	}
	if g.Proxy.NextUpstreamTimeout > 0 {
		r.unusable(diag.TargetSetting, "proxy-next-upstream-timeout", "HAProxy bounds the number of tries, not their time; the setting is passed over")
	}
	if slices.Contains(g.Proxy.NextUpstream, "http_429") && r.target.opts.Version.Before(retriesOn429) {
		r.unusable(diag.TargetSetting, "proxy-next-upstream", "HAProxy %s cannot try again on the status 429; the other conditions hold", r.target.opts.Version)
	}
	for _, key := range withoutUse {
		if g.Origin(key).Ref.Name != "" {
			r.unusable(diag.TargetSetting, key, "no HAProxy equivalent; ignored")
		}
	}
	if g.Listen.ProxyProtocol && !trustsAll(g.Forward.Trusted) {
		r.unusable(diag.TargetSetting, "proxy-real-ip-cidr", "HAProxy cannot ignore the address in a PROXY header; connections from peers outside the list are rejected")
	}
}

// trustsAll reports whether a list covers all IPv4 addresses.
func trustsAll(list []netip.Prefix) bool {
	return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Bits() == 0 && p.Addr().Is4() })
}
