package configmap

import (
	"strings"
	"testing"

	"github.com/headgate/headgate/diag"
)

func TestWhatToWriteInPlaceOfAValue(t *testing.T) {
	for _, c := range []struct{ key, value, hint string }{
		{"proxy-ssl-verify", "false", `write "off"`},
		{"proxy-ssl-verify", "true", `write "on"`},
		{"proxy-buffering", "True", `write "on"`},
		{"auth-tls-verify-client", "false", `write "off"`},
		{"load-balance", "leastconn", "write least_conn"},
		{"load-balance", "least-conn", "write least_conn"},
		{"load-balance", "round-robin", "write round_robin"},
		{"load-balance", "IPHash", "write ip_hash"},
		{"load-balance", "round_robbin", "did you mean round_robin?"},
		{"affinity", "sticky", "write cookie"},
		{"affinity", "x", "write cookie"},
		{"backend-protocol", "h2c", "HTTP/2 is spoken to endpoints with GRPC only"},
		{"backend-protocol", "grpc-ssl", "write GRPCS"},
		{"auth-request-redirect", "$request_uri", "remove the annotation: without it the URI of the request is sent"},
		{"auth-signin", "/oauth2/start", "write https://$host/oauth2/start"},
		{"auth-url", "/verify", "write the scheme and the host, as http://NAME.NAMESPACE.svc.cluster.local/verify"},
		{"auth-url", "auth.svc/verify", "write the scheme, too: http://auth.svc/verify"},
		{"client-body-buffer-size", "2048m", "write 1g at most"},
		{"proxy-body-size", "unlimited", "write 0"},
		{"proxy-body-size", "-1", "write 0"},
		{"proxy-body-size", "10Mi", "write 10m"},
		{"proxy-body-size", "1.5g", "write 1536m"},
		{"proxy-read-timeout", `"60"`, "write it without the inner quotes: 60"},
		{"proxy-read-timeout", "5m", "write the number of seconds without a unit: 300"},
		{"session-cookie-max-age", "1h", "write the number of seconds without a unit: 3600"},
		{"limit-rps", "10r/s", "write the number without a unit: 10"},
		{"limit-rate", "100k", "write the number without a unit: 100"},
		{"canary-weight", "10%", "write the number without a unit: 10"},
		{"canary-weight", "0.5", "write a whole number"},
		{"ssl-redirect", "yes", `write "true"`},
		{"whitelist-source-range", "10.0.0.0/8;10.1.0.0/16", "separate the items by commas"},
		{"whitelist-source-range", "10.0.0.0/8 10.1.0.0/16", "separate the items by commas"},
		{"whitelist-source-range", "10.0.0.1-10.0.0.9", "write the range as CIDRs"},
		{"proxy-next-upstream", "error,timeout", "separate the items by blanks"},
		{"custom-http-errors", "404 503", "separate the items by commas"},
		{"cors-allow-origin", "app.example", "write the scheme, too: https://app.example"},
	} {
		_, _, diags := ParseAnnotations(ingress(c.key, c.value), lenient)
		var hints []string
		for _, d := range diags {
			if d.Code == diag.AnnotationInvalid.Code {
				hints = append(hints, d.Hint)
			}
		}
		if len(hints) != 1 || hints[0] != c.hint {
			t.Errorf("%s: %s: the hints are %q, want %q", c.key, c.value, hints, c.hint)
		}
	}
}

// A switch that is plainly meant to be off guards nothing, however it is written; one that is meant to be on closes.
func TestAGuardThatIsMeantToBeOff(t *testing.T) {
	for _, c := range []struct {
		key, value string
		closes     bool
	}{
		{"proxy-ssl-verify", "false", false},
		{"proxy-ssl-verify", "no", false},
		{"enable-modsecurity", "off", false},
		{"enable-modsecurity", "on", true},
		{"enable-modsecurity", "maybe", true},
		{"enable-owasp-core-rules", "no", false},
		{"allowlist-source-range", "none", true},
	} {
		_, verdict, diags := ParseAnnotations(ingress(c.key, c.value), lenient)
		if closed := verdict != (Verdict{}); closed != c.closes {
			t.Errorf("%s: %s: %+v", c.key, c.value, verdict)
		}
		if worst, _ := diags.Worst(); (worst == diag.Error) != c.closes {
			t.Errorf("%s: %s: said %v", c.key, c.value, diags)
		}
	}
	set, diags := ParseSettings(configMap("enable-modsecurity", "off"))
	if set.Closed() != "" || len(diags) != 1 || !strings.HasSuffix(diags[0].Message, "the default applies (false)") {
		t.Errorf("enable-modsecurity: off closes the proxy (%q), or is said otherwise: %v", set.Closed(), diags)
	}
}

func TestSizesInMessages(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 1: "1", 1023: "1023", 1024: "1k", 1536: "1536", 3 << 20: "3m", 1 << 30: "1g", 1 << 50: "1048576g"} {
		if got := sizeText(n); got != want {
			t.Errorf("%d is printed %s, want %s", n, got, want)
		}
	}
}
