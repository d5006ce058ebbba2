package configmap

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
)

// ingress makes the metadata of an Ingress from keys and values in turn. A key without a slash gets the default prefix.
func ingress(pairs ...string) *manifest.Meta {
	m := &manifest.Meta{Kind: "Ingress", Namespace: "shop", Name: "web"}
	for i := 0; i < len(pairs); i += 2 {
		key := pairs[i]
		if !strings.Contains(key, "/") {
			key = DefaultPrefix + "/" + key
		}
		m.Annotations = append(m.Annotations, manifest.Annotation{Key: key, Value: pairs[i+1], Pos: diag.Pos{File: "in.yaml", Line: i/2 + 1}})
	}
	return m
}

var lenient = AnnotationOptions{RiskLevel: Critical, AllowSnippets: true}

// slugs prints what was said, shortly: severity and slug.
func slugs(list diag.List) []string {
	var out []string
	for _, d := range list {
		out = append(out, d.Severity.String()+" "+d.Code.Slug)
	}
	return out
}

func TestWhatABadValueCosts(t *testing.T) {
	const (
		fine     = ""
		rejected = "rejected"
		closed   = "closed"
		forbid   = "host closed"
	)
	for _, c := range []struct {
		key, value string
		cost       string
		said       []string
	}{
		{"ssl-redirect", "true", fine, nil},
		{"ssl-redirect", " T\n", fine, nil},
		{"ssl-redirect", "yes", fine, []string{"warning annotation-invalid"}},
		{"ssl-redirect", "", fine, []string{"warning value-empty"}},
		{"use-regex", "tr\u202eue", fine, []string{"warning annotation-invalid"}},
		{"rewrite-target", "/$2", fine, nil},
		{"rewrite-target", "/a;return 200", fine, []string{"warning annotation-invalid"}},
		{"x-forwarded-prefix", "/a b", rejected, []string{"error annotation-invalid"}},
		{"default-backend", "web", fine, nil},
		{"default-backend", "9web", rejected, []string{"error annotation-invalid"}},
		{"backend-protocol", "GRPC", fine, nil},
		{"backend-protocol", "grpc", fine, []string{"info value-spelling"}},
		{"backend-protocol", "HTTP2", fine, []string{"warning annotation-invalid"}},
		{"proxy-body-size", "8b", fine, []string{"warning annotation-invalid"}},
		{"client-body-buffer-size", "8b", fine, []string{"warning annotation-invalid"}},
		{"client-body-buffer-size", "8 k", rejected, []string{"error annotation-invalid"}},
		{"http2-push-preload", "true", fine, []string{"info annotation-inert"}},
		{"load-balance", "Round_Robin", rejected, []string{"error annotation-invalid"}},
		{"permanent-redirect-code", "x", rejected, []string{"error annotation-invalid"}},
		{"permanent-redirect-code", "309", fine, []string{"warning annotation-invalid"}},
		{"temporal-redirect", "ftp://x/", fine, []string{"warning annotation-invalid"}},
		{"limit-rps", "99999999999999999999", rejected, []string{"error annotation-invalid"}},
		{"limit-rps", "10/s", rejected, []string{"error annotation-invalid"}},
		{"allowlist-source-range", "10.0.0.0/8, nobody", closed, []string{"error annotation-invalid"}},
		{"allowlist-source-range", "", closed, []string{"error annotation-invalid"}},
		{"whitelist-source-range", "", fine, []string{"info annotation-deprecated", "warning value-empty"}},
		{"whitelist-source-range", "x", closed, []string{"info annotation-deprecated", "error annotation-invalid"}},
		{"auth-url", "auth/check", closed, []string{"error annotation-invalid"}},
		{"auth-url", "http://auth/\"", rejected, []string{"error annotation-invalid"}},
		{"auth-request-redirect", "a b", closed, []string{"error annotation-invalid"}},
		{"auth-always-set-cookie", "maybe", closed, []string{"error annotation-invalid"}},
		{"auth-cache-duration", "200 5m; x", closed, []string{"error annotation-invalid"}},
		{"auth-secret", "../x", closed, []string{"error annotation-invalid"}},
		{"auth-tls-secret", "a b", rejected, []string{"error annotation-invalid"}},
		{"auth-tls-secret", "ca", forbid, []string{"error annotation-invalid"}},
		{"proxy-ssl-secret", "ca", closed, []string{"error annotation-invalid"}},
		{"enable-modsecurity", "on", closed, []string{"error annotation-invalid"}},
		{"cors-allow-origin", "not an origin", fine, []string{"warning item-skipped", "error annotation-invalid"}},
	} {
		t.Run(c.key+"="+c.value, func(t *testing.T) {
			set, verdict, diags := aided.parseAnnotations(withNeeds(c.key, c.value), lenient)
			var cost string
			switch {
			case verdict.Rejected:
				cost = rejected
			case verdict.Closed != "":
				cost = closed
			case verdict.HostClosed != "":
				cost = forbid
			}
			if cost != c.cost {
				t.Errorf("verdict %+v, want %q", verdict, c.cost)
			}
			if diff := cmp.Diff(c.said, slugs(diags)); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s\n%v", diff, diags)
			}
			if got := set.Pos(annotations.byName[c.key].Key).Line; got != 1 && c.value != "" {
				t.Errorf("the place of the value is line %d", got)
			}
		})
	}
}

// A guard with a value that nobody can read must not vanish, unless its default is the strictest that there is.
func TestNoGuardFailsOpen(t *testing.T) {
	strict := []Key{AuthTLSVerifyClient, AuthTLSVerifyDepth, Satisfy}
	for _, spec := range Annotations() {
		if !spec.Guards || slices.Contains(strict, spec.Key) {
			continue
		}
		for _, value := range []string{"\x00", "\u202e", strings.Repeat("x", maxLong+1)} {
			if _, verdict, _ := aided.parseAnnotations(withNeeds(spec.Key.String(), value), lenient); verdict == (Verdict{}) {
				t.Errorf("%s fails open on %.8q", spec.Key, value)
			}
		}
	}
	for _, spec := range Settings() {
		if !spec.Guards {
			continue
		}
		if set, _ := ParseSettings(configMap(append([]string{spec.Key.String(), "\x00"}, aids(spec)...)...)); set.Closed() == "" {
			t.Errorf("the setting %s fails open", spec.Key)
		}
	}
}

func TestKeysThatAreNotObeyedYet(t *testing.T) {
	table := newTable(group("test",
		Spec{Key: BoolKey{"plain"}, Type: Bool, Default: "false"},
		Spec{Key: BoolKey{"inherited"}, Type: Bool, Global: BoolKey{"x"}},
		Spec{Key: StringKey{"raw"}, Type: Snippet},
		Spec{Key: IntKey{"limit"}, Type: Int, Default: "0", Guards: true, Idle: IdleOff},
		Spec{Key: StringKey{"verify"}, Type: Enum, Values: []string{"on", "off", "optional"}, Default: "on", Guards: true, Idle: IdleOff},
		Spec{Key: CIDRsKey{"list"}, Type: CIDRs, Guards: true, Idle: IdleNever},
		Spec{Key: CIDRsKey{"done"}, Type: CIDRs, Guards: true, Obeyed: true},
	))
	for _, c := range []struct {
		key, value, said string
		closed           bool
	}{
		{"plain", "true", "warning", false},
		{"plain", "false", "info", false},
		{"inherited", "false", "warning", false},
		{"raw", "deny all;", "error", false},
		{"limit", "0", "info", false},
		{"limit", "-1", "warning", false},
		{"limit", "1", "error", true},
		{"verify", "on", "info", false},
		{"verify", "off", "warning", false},
		{"verify", "optional", "error", true},
		{"list", "10.0.0.0/8", "error", true},
		{"done", "10.0.0.0/8", "", false},
	} {
		t.Run(c.key+"="+c.value, func(t *testing.T) {
			_, verdict, diags := table.parseAnnotations(ingress(c.key, c.value), lenient)
			if closed := verdict.Closed != ""; closed != c.closed || verdict.Rejected {
				t.Errorf("verdict %+v", verdict)
			}
			var want []string
			if c.said != "" {
				want = []string{c.said + " annotation-not-supported"}
			}
			if diff := cmp.Diff(want, slugs(diags)); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOperatorRules(t *testing.T) {
	for name, c := range map[string]struct {
		opts AnnotationOptions
		in   *manifest.Meta
		want Verdict
		said []string
	}{
		"a risk above the level refuses, even without a value": {
			AnnotationOptions{RiskLevel: High, AllowSnippets: true}, ingress("server-snippet", ""), Verdict{Rejected: true}, []string{"error annotation-risk"}},
		"a risk at the level is fine": {
			AnnotationOptions{RiskLevel: Medium}, ingress("rewrite-target", "/"), Verdict{}, nil},
		"a snippet is left out unless allowed": {
			AnnotationOptions{RiskLevel: Critical}, ingress("server-snippet", "deny all;"), Verdict{}, []string{"error annotation-snippet"}},
		"a forbidden text refuses": {
			AnnotationOptions{RiskLevel: Critical, Blocklist: []string{"", "lua_"}}, ingress("rewrite-target", "/lua_x"), Verdict{Rejected: true},
			[]string{"error annotation-blocked-word"}},
		"a forbidden text refuses even under a name that is not known": {
			AnnotationOptions{RiskLevel: Critical, Blocklist: []string{"lua_"}}, ingress("unheard-of", "lua_x"), Verdict{Rejected: true},
			[]string{"error annotation-blocked-word"}},
		"a forbidden text elsewhere does not matter": {
			AnnotationOptions{RiskLevel: Critical, Blocklist: []string{"lua_"}}, ingress("example.com/x", "/lua_x"), Verdict{}, nil},
		"a forbidden text refuses under the operator's prefix": {
			AnnotationOptions{Prefix: "edge.example", RiskLevel: Critical, Blocklist: []string{"lua_"}}, ingress("edge.example/rewrite-target", "/lua_x"),
			Verdict{Rejected: true}, []string{"error annotation-blocked-word"}},
		"a forbidden text under the usual prefix does not matter then": {
			AnnotationOptions{Prefix: "edge.example", RiskLevel: Critical, Blocklist: []string{"lua_"}}, ingress("unheard-of", "lua_x"), Verdict{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, verdict, diags := ParseAnnotations(c.in, c.opts)
			if verdict != c.want {
				t.Errorf("verdict %+v, want %+v", verdict, c.want)
			}
			if diff := cmp.Diff(c.said, slugs(diags)); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNamesThatAreNotQuiteRight(t *testing.T) {
	for _, c := range []struct {
		prefix, key string
		slug, hint  string
	}{
		{"", "ssl-redirct", "annotation-unknown", "did you mean " + DefaultPrefix + "/ssl-redirect?"},
		{"", "usr-regex", "annotation-unknown", "did you mean " + DefaultPrefix + "/use-regex?"},
		{"", "SSL-Redirect", "annotation-unknown", "did you mean " + DefaultPrefix + "/ssl-redirect?"},
		{"", "no-tls-redirect-locations", "annotation-unknown", "write no-tls-redirect-locations into the global ConfigMap; there is only a setting of this name, which holds for all hosts"},
		{"", "something-else-entirely", "annotation-unknown", ""},
		{"", "influxdb-port", "annotation-inert", ""},
		{"", "nginx.org/rewrite-target", "annotation-prefix", "write " + DefaultPrefix + "/rewrite-target; " + adviceForm},
		{"", "kubernetes.io/proxy-body-size", "annotation-prefix", "write " + DefaultPrefix + "/proxy-body-size"},
		{"", "ingress.kubernetes.io/whitelist-source-range", "annotation-prefix", "write " + DefaultPrefix + "/whitelist-source-range"},
		{"edge.example", DefaultPrefix + "/ssl-redirect", "annotation-prefix", "write edge.example/ssl-redirect"},
		{"", "nginx.org/lb-method", "annotation-prefix", "write " + DefaultPrefix + "/load-balance; " + adviceForm},
		{"", "nginx.org/fail-timeout", "annotation-prefix", ""},
		{"", "kubernetes.io/tls-acme", "", ""},
		{"", "cert-manager.io/cluster-issuer", "", ""},
		{"", "example.com/ssl-redirect", "", ""},
		{"", "noslash/", "", ""},
	} {
		t.Run(c.key, func(t *testing.T) {
			set, verdict, diags := ParseAnnotations(ingress(c.key, "x"), AnnotationOptions{Prefix: c.prefix, RiskLevel: Critical})
			if verdict != (Verdict{}) || len(set.Keys()) > 0 {
				t.Errorf("it had an effect: %+v %v", verdict, set.Keys())
			}
			if c.slug == "" {
				if len(diags) > 0 {
					t.Errorf("said %v about what is not ours", diags)
				}
				return
			}
			if len(diags) != 1 || diags[0].Code.Slug != c.slug || diags[0].Hint != c.hint {
				t.Errorf("said %+v, want %s with the hint %q", diags, c.slug, c.hint)
			}
		})
	}
}

func TestOldSpellings(t *testing.T) {
	for name, c := range map[string]struct {
		in   *manifest.Meta
		want string
		full string
	}{
		"alone":                    {ingress("whitelist-source-range", "10.0.0.1"), "10.0.0.1/32", "whitelist-source-range"},
		"beside the new one":       {ingress("allowlist-source-range", "10.0.0.2", "whitelist-source-range", "10.0.0.1"), "10.0.0.2/32", "allowlist-source-range"},
		"the new one is empty":     {ingress("allowlist-source-range", " ", "whitelist-source-range", "10.0.0.1"), "10.0.0.1/32", "whitelist-source-range"},
		"the old one is empty":     {ingress("allowlist-source-range", "10.0.0.2", "whitelist-source-range", ""), "10.0.0.2/32", "allowlist-source-range"},
		"host bits are cut off":    {ingress("allowlist-source-range", "10.1.2.3/8"), "10.0.0.0/8", "allowlist-source-range"},
		"mapped addresses as IPv4": {ingress("allowlist-source-range", "::ffff:10.0.0.1"), "10.0.0.1/32", "allowlist-source-range"},
	} {
		t.Run(name, func(t *testing.T) {
			set, _, _ := ParseAnnotations(c.in, lenient)
			got, ok := set.CIDRs(AllowListSourceRange)
			if diff := cmp.Diff([]netip.Prefix{netip.MustParsePrefix(c.want)}, got, cmpopts.EquateComparable(netip.Prefix{})); diff != "" || !ok {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if keys := set.Keys(); len(keys) != 1 {
				t.Errorf("it counts more than once: %v", keys)
			}
			if full := set.FullKey(AllowListSourceRange); full != DefaultPrefix+"/"+c.full {
				t.Errorf("it was read from %s", full)
			}
		})
	}
}

func TestAbsentKeysGiveTheirDefault(t *testing.T) {
	set, verdict, diags := ParseAnnotations(ingress(), lenient)
	if verdict != (Verdict{}) || len(diags) > 0 {
		t.Errorf("no annotations came to %+v %v", verdict, diags)
	}
	if v, ok := set.String(BackendProtocol); v != "HTTP" || ok || set.Has(BackendProtocol) {
		t.Errorf("backend-protocol is %q, %t", v, ok)
	}
	if v, ok := set.Bool(SSLRedirect); v || ok {
		t.Errorf("ssl-redirect, which a setting decides, is %t, %t", v, ok)
	}
	if got := set.FullKey(SSLRedirect); got != DefaultPrefix+"/ssl-redirect" {
		t.Errorf("it would be written %s", got)
	}
}

func TestNoOriginIsAllowedWhenNoneCanBeRead(t *testing.T) {
	set, _, _ := ParseAnnotations(ingress("cors-allow-origin", "example.com, ;"), lenient)
	if list, ok := set.List(CORSAllowOrigin); !ok || len(list) > 0 {
		t.Errorf("origins %q, %t; want an empty list that counts", list, ok)
	}
	set, _, _ = ParseAnnotations(ingress("cors-allow-origin", "example.com, https://*.example.com"), lenient)
	if list, _ := set.List(CORSAllowOrigin); !cmp.Equal(list, []string{"https://*.example.com"}) {
		t.Errorf("origins %q", list)
	}
}

// A key that is asked for by the wrong method does not compile; this holds the types of the keys against those of the values.
func TestEveryKeyHasItsType(t *testing.T) {
	for _, spec := range slices.Concat(Annotations(), Settings()) {
		for _, key := range append([]Key{spec.Key}, spec.Aliases...) {
			if !key.admits(spec.Type) {
				t.Errorf("the values of %s are of type %s, its key is a %T", key, spec.Type, key)
			}
		}
	}
}

func BenchmarkParseAnnotations(b *testing.B) {
	in := ingress(
		"allowlist-source-range", "10.0.0.0/8,192.168.0.0/16", "auth-url", "http://auth.shop.svc/check", "backend-protocol", "HTTPS",
		"canary", "true", "canary-weight", "10", "cors-allow-origin", "https://a.example,https://b.example", "enable-cors", "true",
		"force-ssl-redirect", "true", "limit-rps", "10", "proxy-body-size", "8m", "proxy-read-timeout", "3600",
		"rewrite-target", "/$2", "session-cookie-name", "route", "ssl-redirect", "true", "use-regex", "true",
	)
	b.ReportAllocs()
	for b.Loop() {
		ParseAnnotations(in, lenient)
	}
}
