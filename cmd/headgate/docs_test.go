package main

import (
	"context"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/pflag"

	"github.com/headgate/headgate/reload"
	"github.com/headgate/headgate/watch"
)

// TestDocsNameEveryFlag holds docs/cli.md against the command line, in both directions.
func TestDocsNameEveryFlag(t *testing.T) {
	text := readText(t, filepath.Join("..", "..", "docs", "cli.md"))
	known := map[string]bool{}
	for _, c := range newRoot(streams{}).Commands() {
		c.InheritedFlags().VisitAll(func(f *pflag.Flag) { known["--"+f.Name] = true })
		c.Flags().VisitAll(func(f *pflag.Flag) { known["--"+f.Name] = true })
		if c.IsAvailableCommand() && c.Name() != "help" && !strings.Contains(text, "headgate "+c.Name()) {
			t.Errorf("docs/cli.md does not name the verb %s", c.Name())
		}
	}
	for flag := range known {
		if flag != "--help" && !strings.Contains(text, flag) {
			t.Errorf("docs/cli.md does not name %s", flag)
		}
	}
	for _, flag := range regexp.MustCompile(`--[a-z][a-z-]+`).FindAllString(text, -1) {
		if !known[flag] {
			t.Errorf("docs/cli.md names %s, which does not exist", flag)
		}
	}
}

// TestDocsNameEveryMetric holds docs/run.md against what is registered.
func TestDocsNameEveryMetric(t *testing.T) {
	text := readText(t, filepath.Join("..", "..", "docs", "run.md"))
	m := newMetrics()
	m.watchSource(func() watch.State { return watch.State{} })
	m.watchWorkers(func(context.Context) (int, error) { return 0, nil })
	m.watchCompanion(func() reload.Status { return reload.Status{} })
	descriptions := make(chan *prometheus.Desc, 1000)
	m.registry.Describe(descriptions)
	close(descriptions)
	name := regexp.MustCompile(`fqName: "(headgate_[a-z_]+)"`)
	found := 0
	for d := range descriptions {
		if match := name.FindStringSubmatch(d.String()); match != nil {
			found++
			if !strings.Contains(text, "`"+match[1]) {
				t.Errorf("docs/run.md does not name %s", match[1])
			}
		}
	}
	if found < 10 {
		t.Errorf("only %d metrics were looked at", found)
	}
}

// defaultsOfIngressNginx are its flags that have a namesake here, with their defaults. Those that Headgate has not are unknown to it: a
// command line that was copied fails at once instead of meaning something else.
var defaultsOfIngressNginx = map[string]string{
	"annotations-prefix": "nginx.ingress.kubernetes.io", "configmap": "", "controller-class": "k8s.io/ingress-nginx",
	"default-backend-service": "", "default-ssl-certificate": "", "disable-catch-all": "false", "disable-svc-external-name": "false",
	"enable-ssl-passthrough": "false", "http-port": "80", "https-port": "443", "ingress-class": "nginx", "ingress-class-by-name": "false",
	"kubeconfig": "", "tcp-services-configmap": "", "udp-services-configmap": "", "watch-ingress-without-class": "false", "watch-namespace": "",

	"apiserver-host": "", "certificate-authority": "", "deep-inspect": "true", "default-server-port": "8181",
	"disable-leader-election": "false", "disable-sync-events": "false", "dynamic-configuration-retries": "15",
	"election-id": "ingress-controller-leader", "election-ttl": "30s", "enable-annotation-validation": "true",
	"enable-ssl-chain-completion": "false", "enable-topology-aware-routing": "false", "health-check-path": "/healthz",
	"health-check-timeout": "10", "healthz-host": "", "healthz-port": "10254", "internal-logger-address": "127.0.0.1:11514",
	"maxmind-edition-ids": "", "maxmind-license-key": "", "metrics-per-host": "true",
	"post-shutdown-grace-period": "10", "profiler-address": "127.0.0.1", "profiler-port": "10245", "profiling": "true",
	"publish-service": "", "publish-status-address": "", "report-node-internal-ip-address": "false", "report-status-classes": "false",
	"shutdown-grace-period": "0", "ssl-passthrough-proxy-port": "442", "status-port": "10246", "status-update-interval": "60",
	"stream-port": "10247", "sync-period": "0s", "sync-rate-limit": "0.3", "update-status": "true", "update-status-on-shutdown": "true",
	"validating-webhook": "", "validating-webhook-certificate": "", "validating-webhook-key": "", "watch-namespace-selector": "",
}

// TestFlagsOfIngressNginxHaveItsDefaults compares every flag that has the name of one of ingress-nginx's.
func TestFlagsOfIngressNginxHaveItsDefaults(t *testing.T) {
	compared := map[string]bool{}
	for _, c := range newRoot(streams{}).Commands() {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			want, known := defaultsOfIngressNginx[f.Name]
			if !known {
				return
			}
			compared[f.Name] = true
			if f.DefValue != want {
				t.Errorf("headgate %s: --%s is %q by default, in ingress-nginx %q", c.Name(), f.Name, f.DefValue, want)
			}
		})
	}
	if len(compared) < 17 {
		t.Errorf("only %d flags were compared", len(compared))
	}
}
