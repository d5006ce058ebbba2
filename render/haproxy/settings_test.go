package haproxy

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/hack/proxies"
	"github.com/headgate/headgate/model"
)

// The settings that change what the templates print.
func settingsVariants() map[string]func(*model.Global) {
	loopback6 := netip.MustParseAddr("::1")
	return map[string]func(*model.Global){
		"defaults": func(*model.Global) {},
		"all":      func(g *model.Global) { g.Listen.Addresses = nil },
		"v6":       func(g *model.Global) { g.Listen.Addresses = []netip.Addr{loopback6} },
		"no http2": func(g *model.Global) { g.Listen.HTTP2 = false },
		"proxy":    func(g *model.Global) { g.Listen.ProxyProtocol = true },
		"trust": func(g *model.Global) {
			g.Forward.TrustHeaders, g.Forward.AppendFor, g.Forward.OriginalURI = true, true, true
		},
		"real ip":      func(g *model.Global) { g.Forward.RealIP, g.Forward.Header = true, "CF-Connecting-IP" },
		"no keepalive": func(g *model.Global) { g.Client.KeepAlive, g.Proxy.KeepAlive = 0, 0 },
		"no limits": func(g *model.Global) {
			g.Client.BodySize, g.Process.WorkerConnections, g.Process.ShutdownTimeout = 0, 0, 0
		},
		"big headers": func(g *model.Global) { g.Client.LargeHeaderBufferSize = 64 << 10 },
		"odd headers": func(g *model.Global) { g.Client.KeepInvalidHeaders = true },
		"any headers": func(g *model.Global) { g.Client.KeepInvalidHeaders, g.Client.UnderscoreHeaders = true, true },
		"underscores": func(g *model.Global) { g.Client.UnderscoreHeaders = true },
		"no log":      func(g *model.Global) { g.Log.Access = false },
		"workers":     func(g *model.Global) { g.Process.Workers = 1 },
		"strict sni":  func(g *model.Global) { g.TLS.RejectUnknown = true },
		"tls": func(g *model.Global) {
			g.TLS.EarlyData, g.TLS.SessionTickets, g.TLS.SessionCache, g.TLS.Ciphers, g.TLS.Curves = true, true, false, "", "X25519:P-256"
		},
		"tls 1.3":   func(g *model.Global) { g.TLS.Protocols = []string{"TLSv1.3"} },
		"no tries":  func(g *model.Global) { g.Proxy.NextUpstream = []string{"off"} },
		"all tries": func(g *model.Global) { g.Proxy.NextUpstream, g.Proxy.NextUpstreamTries = allRetries(), 0 },
		"post":      func(g *model.Global) { g.Proxy.RetryNonIdempotent = true },
		"headers": func(g *model.Global) {
			g.Proxy.HideHeaders, g.Proxy.PassBackendServer = []string{"X-Powered-By", "not a name"}, true
		},
		"no hsts": func(g *model.Global) { g.HSTS = nil },
		"no id":   func(g *model.Global) { g.Forward.RequestID = false },
	}
}

func allRetries() []string {
	var all []string
	for word := range retryWords {
		all = append(all, word)
	}
	slices.Sort(all)
	return all
}

// The real HAProxy accepts what is printed, without a warning.
func TestChecks(t *testing.T) {
	for _, binary := range proxies.HAProxy(t) {
		t.Run(binary.String(), func(t *testing.T) {
			for name, change := range settingsVariants() {
				t.Run(name, func(t *testing.T) {
					cfg := routingConfig()
					change(&cfg.Global)
					check(t, binary.Path, mustRender(t, cfg).Files)
				})
			}
		})
	}
}

// What HAProxy cannot do is said, with the name of the setting.
func TestSettingsThatCannotBeObeyed(t *testing.T) {
	for _, tt := range []struct {
		change func(*model.Global)
		key    string
	}{
		{func(g *model.Global) { g.Log.Format = "$remote_addr" }, "log-format-upstream"},
		{func(g *model.Global) { g.Client.BodySize = 5 << 20 }, "proxy-body-size"},
		{func(g *model.Global) { g.Proxy.NextUpstreamTimeout = 3 }, "proxy-next-upstream-timeout"},
		{func(g *model.Global) {
			g.Listen.ProxyProtocol, g.Forward.Trusted = true, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
		}, "proxy-real-ip-cidr"},
		{func(g *model.Global) { g.Proxy.NextUpstream = []string{"error", "http_429"} }, "proxy-next-upstream"},
	} {
		cfg := routingConfig()
		tt.change(&cfg.Global)
		list := mustRender(t, cfg).Diagnostics
		if len(list) != 1 || list[0].Key != tt.key || list[0].Code != diag.TargetSetting.Code {
			t.Errorf("for %s the diagnostics are %v", tt.key, list)
		}
	}
	if list := mustRender(t, routingConfig()).Diagnostics; len(list) != 0 {
		t.Errorf("without settings the diagnostics are %v", list)
	}
}

// What guards a route and cannot be made for HAProxy closes it.
func TestRoutesThatAreClosed(t *testing.T) {
	for name, change := range map[string]func(*model.Route){
		"limit":   func(r *model.Route) { r.Limit = "l" },
		"fastcgi": func(r *model.Route) { r.Protocol = model.FastCGI },
	} {
		cfg := testConfig(server("a.test", to(prefix("/"), "a")))
		change(&cfg.Servers[1].Routes[0])
		result := mustRender(t, cfg)
		if len(result.Diagnostics) != 1 || !strings.Contains(result.Diagnostics[0].Message, "503") {
			t.Errorf("%s: the diagnostics are %v", name, result.Diagnostics)
		}
		if m := file(t, result, "maps/prefix.map"); !strings.Contains(m, "a.test/ status-503\n") {
			t.Errorf("%s: the route is not closed:\n%s", name, m)
		}
	}
}
