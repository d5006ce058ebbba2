package configmap

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate/headgate/diag"
)

// What is meant must exist, and what is read must not be called a wrong name.
func TestMisnamingsLeadSomewhere(t *testing.T) {
	check := func(list []misnaming, declared *table) {
		for _, m := range list {
			if m.meant == nil && m.advice == "" {
				t.Errorf("%s says nothing", m.name)
			}
			if m.meant != nil && annotations.byName[nameOf(m.meant)] == nil && settings.byName[nameOf(m.meant)] == nil {
				t.Errorf("%s leads to %s, which is no key", m.name, m.meant)
			}
			if declared != nil && declared.byName[m.name] != nil {
				t.Errorf("%s is declared, so that nobody looks here for it", m.name)
			}
			if strings.ToLower(m.name) != m.name || strings.Contains(m.name, "_") {
				t.Errorf("%s is never found: names are looked for in lower case and with dashes", m.name)
			}
		}
	}
	check(misnamedAnnotations, annotations)
	check(misnamedSettings, settings)
	for _, d := range dialects {
		check(d.names, nil)
	}
}

func TestAWrongNameOfAGuardIsAnError(t *testing.T) {
	for _, c := range []struct {
		key, value string
		severity   diag.Severity
		hint       string
	}{
		{"whitelist-source-ranges", "10.0.0.0/8", diag.Error, "whitelist-source-range?"},
		{"allow-list-source-range", "10.0.0.0/8", diag.Error, "allowlist-source-range?"},
		{"whitelist", "10.0.0.0/8", diag.Error, "allowlist-source-range"},
		{"limits-rps", "5", diag.Error, "limit-rps?"},
		{"Limit-RPS", "5", diag.Error, "limit-rps?"},
		{"limit_rps", "5", diag.Error, "limit-rps?"},
		{"rate-limit", "5", diag.Error, "limit-rps;"},
		{"rate-limit", "0", diag.Warning, "limit-rps;"},
		{"auth_url", "https://a.example", diag.Error, "auth-url?"},
		{"lua-resty-waf", "active", diag.Error, "enable-modsecurity"},
		{"lua-resty-waf", "disabled", diag.Warning, "enable-modsecurity"},
		{"lua-resty-waf-debug", "true", diag.Warning, "remove it"},
		{"secure-verify-ca-secret", "shop/ca", diag.Error, "proxy-ssl-secret"},
		{"secure-backends", "true", diag.Warning, `backend-protocol: "HTTPS"`},
		{"client-max-body-size", "1g", diag.Warning, "proxy-body-size"},
		{"session-cookie-hash", "sha1", diag.Warning, "remove it"},
		{"ssl-protocols", "TLSv1.3", diag.Warning, "ssl-protocols into the global ConfigMap"},
		{"ngnix.ingress.kubernetes.io/whitelist-source-range", "10.0.0.0/8", diag.Error, "nginx.ingress.kubernetes.io/whitelist-source-range"},
		{"nginx.ingres.kubernetes.io/ssl-redirect", "true", diag.Warning, "nginx.ingress.kubernetes.io/ssl-redirect"},
		{"nginx.ingress.kubernets.io/team", "a", diag.Warning, "did you mean the prefix"},
		{"Nginx.Ingress.Kubernetes.io/limit-rps", "5", diag.Error, "nginx.ingress.kubernetes.io/limit-rps"},
		{"ingress.kubernetes.io/auth-url", "https://a.example", diag.Error, "nginx.ingress.kubernetes.io/auth-url"},
		{"ingress.kubernetes.io/secure-backends", "true", diag.Warning, "backend-protocol"},
		{"haproxy.org/path-rewrite", "/", diag.Warning, "rewrite-target"},
		{"haproxy.org/allow-list", "10.0.0.0/8", diag.Error, "allowlist-source-range"},
		{"haproxy.org/pod-maxconn", "10", diag.Info, ""},
		{"nginx.org/client-max-body-size", "1g", diag.Warning, "proxy-body-size"},
		{"haproxy-ingress.github.io/ssl-redirect", "true", diag.Warning, "nginx.ingress.kubernetes.io/ssl-redirect"},
		{"traefik.ingress.kubernetes.io/router.middlewares", "a-b@kubernetescrd", diag.Warning, "annotations of its own"},
	} {
		t.Run(c.key+"="+c.value, func(t *testing.T) {
			_, verdict, diags := ParseAnnotations(ingress(c.key, c.value), lenient)
			if verdict != (Verdict{}) {
				t.Errorf("a name that means nothing had an effect: %+v", verdict)
			}
			if len(diags) != 1 || diags[0].Severity != c.severity || !strings.Contains(diags[0].Hint, c.hint) {
				t.Errorf("said %+v, want one %s with the hint %q", diags, c.severity, c.hint)
			}
		})
	}
}

func TestKeysWithoutAPrefix(t *testing.T) {
	for key, want := range map[string][]string{
		DefaultPrefix + ".limit-rps":     {"error annotation-prefix"},
		DefaultPrefix + "-proxy-timeout": {"warning annotation-prefix"},
		"rewrite-target":                 {"warning annotation-prefix"},
		"limit-rps":                      {"error annotation-prefix"},
		"team":                           nil,
		"rate-limit":                     nil,
	} {
		m := ingress()
		m.Annotations = ingress("x/y", "1").Annotations
		m.Annotations[0].Key = key
		_, _, diags := ParseAnnotations(m, lenient)
		if diff := cmp.Diff(want, slugs(diags)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", key, diff)
		}
	}
}

// Objects on their way from one controller to another have both spellings; what is written rightly counts, and nothing is missing.
func TestAWrongNameBesideTheRightOne(t *testing.T) {
	for _, pairs := range [][]string{
		{"ingress.kubernetes.io/auth-url", "https://a.example", "auth-url", "https://a.example"},
		{"rate-limit", "5", "limit-rps", "5"},
		{"haproxy.org/allow-list", "10.0.0.1", "whitelist-source-range", "10.0.0.1"},
	} {
		_, _, diags := ParseAnnotations(ingress(pairs...), lenient)
		for _, d := range diags {
			if d.Key == ingress(pairs[0], "").Annotations[0].Key && (d.Severity != diag.Info || !strings.Contains(d.Hint, "counts")) {
				t.Errorf("said %+v of %s beside %s", d, pairs[0], pairs[2])
			}
		}
	}
}

func TestMisnamedSettings(t *testing.T) {
	for _, c := range []struct {
		key      string
		severity diag.Severity
		hint     string
	}{
		{"proxy_body_size", diag.Warning, "did you mean proxy-body-size?"},
		{"client-max-body-size", diag.Warning, "write proxy-body-size"},
		{"worker-connections", diag.Warning, "write max-worker-connections"},
		{"allowlist-source-range", diag.Error, "write whitelist-source-range"},
		{"block-user-agent", diag.Error, "did you mean block-user-agents?"},
		{"limit-rps", diag.Error, "write the annotation limit-rps on the Ingresses that need it"},
		{"enable-vts-status", diag.Warning, "remove it"},
	} {
		_, diags := ParseSettings(configMap(c.key, "1"))
		if len(diags) != 1 || diags[0].Severity != c.severity || !strings.HasPrefix(diags[0].Hint, c.hint) {
			t.Errorf("%s: said %+v, want one %s with the hint %q", c.key, diags, c.severity, c.hint)
		}
	}
}
