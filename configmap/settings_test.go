package configmap

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate/headgate/manifest"
)

func configMap(pairs ...string) *manifest.ConfigMap {
	cm := &manifest.ConfigMap{Meta: manifest.Meta{Kind: "ConfigMap", Namespace: "edge", Name: "global"}}
	for i := 0; i < len(pairs); i += 2 {
		cm.Data = append(cm.Data, manifest.ConfigEntry{Key: pairs[i], Value: pairs[i+1]})
	}
	return cm
}

func TestSettingsWithoutAConfigMap(t *testing.T) {
	set, diags := ParseSettings(nil)
	if len(diags) > 0 || set.Closed() != "" {
		t.Errorf("said %v, closed %q", diags, set.Closed())
	}
	if v, ok := set.Size(ProxyBodySize); v != 1<<20 || !ok {
		t.Errorf("proxy-body-size %d, %t", v, ok)
	}
	if v, ok := set.Seconds(HSTSMaxAge); v != 31536000 || !ok {
		t.Errorf("hsts-max-age %d, %t", v, ok)
	}
	if v, ok := set.Duration(WorkerShutdownTimeout); v != 4*time.Minute || !ok {
		t.Errorf("worker-shutdown-timeout %s, %t", v, ok)
	}
	if v, ok := set.Buffers(LargeClientHeaderBuffers); v != (BufferCount{Number: 4, Size: 8 << 10}) || !ok {
		t.Errorf("large-client-header-buffers %v, %t", v, ok)
	}
	if v, ok := set.Int(WorkerProcesses); v != 0 || !ok {
		t.Errorf("worker-processes %d, %t", v, ok)
	}
	if v, ok := set.CIDRs(WhitelistSourceRange); v != nil || ok {
		t.Errorf("whitelist-source-range %v, %t", v, ok)
	}
	if set.Written(ProxyBodySize) || len(set.Keys()) > 0 {
		t.Errorf("keys count as written: %v", set.Keys())
	}
}

func TestSettingValues(t *testing.T) {
	for _, c := range []struct {
		key, value string
		get        func(Set) any
		want       any
		said       []string
	}{
		{"keep-alive", "20", seconds(ClientKeepAlive), 20, nil},
		{"keep-alive", "20s", seconds(ClientKeepAlive), 75, []string{"error setting-invalid"}},
		{"keep-alive", "-1", seconds(ClientKeepAlive), 75, []string{"error setting-invalid"}},
		{"Keep-Alive", "20", seconds(ClientKeepAlive), 20, []string{"info setting-case"}},
		{"proxy-read-timeout", "0", seconds(ProxyReadTimeout), 60, []string{"error setting-invalid"}},
		{"ssl-session-timeout", "1d 12h", seconds(SSLSessionTimeout), 129600, nil},
		{"ssl-session-timeout", "1h30m", seconds(SSLSessionTimeout), 5400, nil},
		{"ssl-session-timeout", "30m1h", seconds(SSLSessionTimeout), 600, []string{"error setting-invalid"}},
		{"ssl-session-timeout", "90", seconds(SSLSessionTimeout), 90, nil},
		{"ssl-session-timeout", "9999999999999y", seconds(SSLSessionTimeout), 600, []string{"error setting-invalid"}},
		{"ssl-session-timeout", "1500ms", seconds(SSLSessionTimeout), 2, nil},
		{"proxy-body-size", "0", size(ProxyBodySize), int64(0), nil},
		{"proxy-body-size", "2G", size(ProxyBodySize), int64(2 << 30), nil},
		{"proxy-body-size", "10Mi", size(ProxyBodySize), int64(1 << 20), []string{"error setting-invalid"}},
		{"http-redirect-code", "302", number(HTTPRedirectCode), 302, nil},
		{"http-redirect-code", "303", number(HTTPRedirectCode), 308, []string{"error setting-invalid"}},
		{"annotations-risk-level", "medium", risk, Medium, []string{"info value-spelling"}},
		{"annotations-risk-level", "none", risk, Low, []string{"error setting-invalid"}},
		{"ssl-redirect", "", boolean(SSLRedirect), true, []string{"warning value-empty"}},
		{"proxy-real-ip-cidr", "nobody", prefixes(ProxyRealIPCIDR), 0, []string{"warning item-skipped", "error setting-invalid"}},
		{"proxy-real-ip-cidr", "nobody,10.0.0.0/8", prefixes(ProxyRealIPCIDR), 1, []string{"warning item-skipped"}},
		{"forwarded-for-header", "X-Client", text(ForwardedForHeader), "X-Client", nil},
		{"forwarded-for-header", "X.Client", text(ForwardedForHeader), "X-Forwarded-For", []string{"error setting-invalid"}},
		{"hide-headers", "X-A,X$B," + strings.Repeat("x", 300), list(HideHeaders), []string{"X-A"}, []string{"warning item-skipped", "warning item-skipped"}},
		{"use-gzip", "false", boolean(UseGzip), false, nil},
		{"app-root", "/x", boolean(SSLRedirect), true, []string{"info setting-inert"}},
		{"use-geoip", "true", boolean(SSLRedirect), true, []string{"info setting-inert"}},
		{"proxy-body-sise", "1m", boolean(SSLRedirect), true, []string{"warning setting-unknown"}},
	} {
		t.Run(c.key+"="+c.value, func(t *testing.T) {
			set, diags := ParseSettings(configMap(c.key, c.value))
			if diff := cmp.Diff(c.want, c.get(set)); diff != "" {
				t.Errorf("value (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.said, slugs(diags)); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s\n%v", diff, diags)
			}
			if set.Closed() != "" {
				t.Errorf("closed: %s", set.Closed())
			}
		})
	}
}

func seconds(k DurationKey) func(Set) any { return func(s Set) any { v, _ := s.Seconds(k); return v } }
func size(k SizeKey) func(Set) any        { return func(s Set) any { v, _ := s.Size(k); return v } }
func number(k IntKey) func(Set) any       { return func(s Set) any { v, _ := s.Int(k); return v } }
func boolean(k BoolKey) func(Set) any     { return func(s Set) any { v, _ := s.Bool(k); return v } }
func text(k StringKey) func(Set) any      { return func(s Set) any { v, _ := s.String(k); return v } }
func list(k ListKey) func(Set) any        { return func(s Set) any { v, _ := s.List(k); return v } }
func prefixes(k CIDRsKey) func(Set) any   { return func(s Set) any { v, _ := s.CIDRs(k); return len(v) } }
func risk(s Set) any                      { return OptionsFrom(s, "").RiskLevel }

func TestGlobalGuardsCloseEverythingUntilTheyAreBuilt(t *testing.T) {
	for _, c := range []struct {
		key, value string
		closed     bool
	}{
		{"block-cidrs", "10.0.0.0/8", !settings.byName["block-cidrs"].Obeyed},
		{"block-cidrs", "10.0.0.0/8,x", true},
		{"whitelist-source-range", "x", true},
		{"global-auth-url", "nowhere", true},
		{"enable-modsecurity", "false", false},
		{"enable-modsecurity", "maybe", true},
	} {
		set, diags := ParseSettings(configMap(c.key, c.value))
		if got := set.Closed() != ""; got != c.closed {
			t.Errorf("%s=%s: closed %q, said %v", c.key, c.value, set.Closed(), diags)
		}
	}
}

func TestSecretSettingsAreNotRepeated(t *testing.T) {
	_, diags := ParseSettings(configMap("ssl-session-ticket-key", "hunter2!"))
	if len(diags) != 1 {
		t.Fatalf("said %v", diags)
	}
	if d := diags[0]; d.Code.Slug != "setting-invalid" || d.Message != "the value has characters or a form that are not allowed here; the default applies" {
		t.Errorf("said %q", d.Message)
	}
}

func TestARefusedSettingHasItsDefault(t *testing.T) {
	set, _ := ParseSettings(configMap("keep-alive", "long"))
	v, ok := set.Seconds(ClientKeepAlive)
	if v != 75 || !ok || !set.Has(ClientKeepAlive) || !set.Refused(ClientKeepAlive) || !set.Written(ClientKeepAlive) {
		t.Errorf("keep-alive %d, %t", v, ok)
	}
}

func TestTheExactSpellingOfASettingWins(t *testing.T) {
	set, diags := ParseSettings(configMap("KEEP-ALIVE", "5", "keep-alive", "6"))
	if v, _ := set.Seconds(ClientKeepAlive); v != 6 {
		t.Errorf("keep-alive %d", v)
	}
	if diff := cmp.Diff([]string{"info setting-case"}, slugs(diags)); diff != "" {
		t.Error(diff)
	}
}
