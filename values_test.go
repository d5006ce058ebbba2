package headgate_test

import (
	"fmt"
	"maps"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/headgate/headgate/configmap"
	"github.com/headgate/headgate/hack/ports"
	"github.com/headgate/headgate/hack/proxies"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render"
	"github.com/headgate/headgate/translate"
)

// oddNumbers, oddWords and oddTexts are what people write by mistake, by malice, or because a manual of another version allows it.
var (
	oddNumbers = []string{
		"0", "1", "2", "3", "63", "100", "302", "404", "599", "1024", "65535", "65536", "1048576", "16777216", "2147483647", "2147483648", "-1", "auto", "1k", "64k",
		"1m", "16m", "1g", "1025m", "1048576g", "0s", "1ms", "999ms", "1h30m", "10y", "100y", "1 1", "1 1k", "4 8k", "1 511", "1024 16m",
	}
	oddWords = []string{
		"on", "off", "none", "foo", "error error", "off error", "non_idempotent", "TLSv1.2 TLSv1.2", "ALL", "ALL:!ALL", "!ALL", "HIGH:!aNULL:!MD5", "foo:ALL", "aNULL",
		"TLS_AES_128_GCM_SHA256", "ALL:@STRENGTH", "ALL:@SECLEVEL=2", "ALL:@SECLEVEL=5", "X25519:P-256", "auto:foo", "P-256:prime256v1", "secp521r1:X448", "X25519MLKEM768",
		"10.0.0.1/8, 10.0.0.0/8, 10.0.0.1, 10.0.0.1", "0.0.0.0/0, ::/0", "127.0.0.1, ::ffff:127.0.0.1, 127.0.0.1", "0.0.0.0, 127.0.0.1",
		"X-A, x-a, X-A", "X_A", "Content-Length, Connection, Date, Server", strings.Repeat("X-", 20) + "A", strings.Repeat("X-", 30) + "A", strings.Repeat("X-", 99) + "A",
		"text/plain", "*", "text/x!y", "a/b/c", "/", "//", "/$2/$9", "/$1html", "/v$10", "$scheme://$host$1", "[:alpha:]", "$1", "http://a.example/", "https://a.example/$1", "foo/", "a:b", "a~b", "HTTP", "grpcs", "FCGI",
		"None", "(", "(a|b)+", "a{1000}", "one", "nowhere", "shop=1-65535", "=", strings.Repeat("a", 1999), strings.Repeat("a,", 900),
	}
	oddTexts = []string{
		"$remote_addr", "$no_such_variable", "$1", "$", "$$", "${host}", "${host", "$host$uri$request_id", "$http_x_a$cookie_a$arg_a", "$proxy_protocol_addr",
		"$ssl_preread_server_name", `$remote_addr "$request" \n 'x'`, `{"a": "$host"}`, strings.Repeat("$host ", 400), strings.Repeat(`"`, 1999), strings.Repeat("$", 1999),
		"a\nb", ";", "}", "#", `\`, `"`, "'", "{", "%[src]", "a b", "é", "~*", "",
	}
)

// oddValues are those for a key.
func oddValues(spec configmap.Spec) []string {
	switch spec.Type {
	case configmap.Bool:
		return []string{"true", "false"}
	case configmap.Int, configmap.IntOrAuto, configmap.Float, configmap.Seconds, configmap.Duration, configmap.GoDuration, configmap.Size, configmap.Buffers:
		return slices.Concat(spec.Values, oddNumbers)
	case configmap.Text:
		return oddTexts
	case configmap.CIDRs, configmap.IPs, configmap.HeaderName, configmap.HeaderNames, configmap.Ciphers, configmap.Groups:
		return oddWords
	default:
		if spec.Variables {
			return slices.Concat(spec.Values, oddTexts)
		}
		return slices.Concat(spec.Values, oddWords)
	}
}

// oddWorld uses everything that values can go wrong in.
const oddWorld = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  ingressClassName: nginx
  tls: [{hosts: [a.example]}]
  rules:
  - host: a.example
    http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: {name: one, port: {number: 80}}}}
      - {path: /(a)/(b), pathType: ImplementationSpecific, backend: {service: {name: two, port: {number: 80}}}}
      - {path: /gone, pathType: Exact, backend: {service: {name: gone, port: {number: 80}}}}
  - host: "*.a.example"
    http: {paths: [{path: /w, pathType: Prefix, backend: {service: {name: one, port: {number: 80}}}}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: beside, namespace: shop}
spec:
  ingressClassName: nginx
  rules: [{host: a.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: two, port: {number: 80}}}}]}}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: rpc
  namespace: shop
  annotations:
    nginx.ingress.kubernetes.io/backend-protocol: GRPC
    nginx.ingress.kubernetes.io/limit-rps: "5"
    nginx.ingress.kubernetes.io/limit-connections: "5"
spec:
  ingressClassName: nginx
  rules: [{host: rpc.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: one, port: {number: 80}}}}]}}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: pass, namespace: shop, annotations: {nginx.ingress.kubernetes.io/ssl-passthrough: "true"}}
spec:
  ingressClassName: nginx
  rules: [{host: pass.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: one, port: {number: 80}}}}]}}]
---
apiVersion: v1
kind: Service
metadata: {name: one, namespace: shop}
spec: {clusterIP: 10.96.0.1, ports: [{port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: one-1, namespace: shop, labels: {kubernetes.io/service-name: one}}
addressType: IPv4
ports: [{port: 8080}]
endpoints: [{addresses: [10.1.0.1]}, {addresses: [10.1.0.2]}]
---
apiVersion: v1
kind: Service
metadata: {name: two, namespace: shop}
spec: {clusterIP: 10.96.0.2, ports: [{port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: two-1, namespace: shop, labels: {kubernetes.io/service-name: two}}
addressType: IPv4
ports: [{port: 8080}]
endpoints: [{addresses: [10.1.0.3]}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: tcp, namespace: headgate}
data: {"9000": "shop/one:80"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: config, namespace: headgate}
`

var (
	oddObjects, _ = manifest.Load([]manifest.Input{{Name: "odd.yaml", Data: []byte(oddWorld)}}, manifest.LoadOptions{})
	oddFlags      = func() translate.Settings {
		s := testSettings()
		s.Class.AssumeName, s.TLSPassthrough = true, true
		s.DefaultCertificate, _ = selfSigned()
		s.ConfigMap, s.TCPServices = translate.Name{Namespace: "headgate", Name: "config"}, translate.Name{Namespace: "headgate", Name: "tcp"}
		return s
	}()
)

// oddContext is what odd values stand beside: what is printed of one key can hang on others.
type oddContext struct {
	name  string
	specs []configmap.Spec
	// object is the one that gets the values, beside what it has as well.
	object string
	beside map[string]string
}

func oddContexts() []oddContext {
	settings, annotations := configmap.Settings(), configmap.Annotations()
	return []oddContext{
		{"settings", settings, "config", nil},
		{"settings behind another proxy", settings, "config", map[string]string{
			"use-forwarded-headers": "true", "use-proxy-protocol": "true", "reuse-port": "false",
		}},
		{"annotations beside balanced sessions", annotations, "web", map[string]string{
			"affinity": "cookie", "rewrite-target": "/$1", "x-forwarded-prefix": "/$2", "limit-rps": "10", "limit-rate": "10",
		}},
		{"annotations beside persistent sessions", annotations, "web", map[string]string{
			"affinity": "cookie", "affinity-mode": "persistent", "session-cookie-change-on-failure": "true", "use-regex": "true",
		}},
		{"annotations of a canary", annotations, "beside", map[string]string{"canary": "true", "canary-weight": "10", "canary-by-header": "x-c"}},
	}
}

// TestNoValueIsRefused gives every supported key odd values and has the real proxies check what comes of it. Headgate may refuse a
// value, which costs what it is about; a configuration that the proxy refuses is everybody's loss.
func TestNoValueIsRefused(t *testing.T) {
	for _, c := range oddContexts() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rounds := c.rounds(t)
			for _, r := range runners {
				binaries := r.binaries(t)
				if last := len(binaries) - 1; len(c.beside) > 0 && last > 1 {
					binaries = []proxies.Binary{binaries[0], binaries[last]}
				}
				for _, binary := range binaries {
					t.Run(r.target.name+"-"+binary.Version, func(t *testing.T) {
						t.Parallel()
						o := newOddChecker(t, r, binary)
						for _, values := range rounds {
							o.checkRound(t, c, values)
						}
					})
				}
			}
		})
	}
}

// rounds puts values together, one of each key, so that few configurations hold all of them. Values that come to the same as another one,
// or as none, are left out. What may hide the others has a round for itself: switches, and values that close all routes.
func (c oddContext) rounds(t *testing.T) []map[string]string {
	t.Helper()
	var alone, mixed []map[string]string
	for _, spec := range c.specs {
		// A snippet is raw configuration: what it means cannot be known beforehand.
		if !spec.Obeyed || spec.Type == configmap.Snippet {
			continue
		}
		key, round := spec.Key.String(), 0
		known := []*model.Config{c.translate(nil)}
		for _, value := range oddValues(spec) {
			values := map[string]string{key: value}
			cfg := c.translate(values)
			if slices.ContainsFunc(known, func(k *model.Config) bool { return reflect.DeepEqual(k, cfg) }) {
				continue
			}
			known = append(known, cfg)
			if spec.Type == configmap.Bool || cfg.Servers[0].Routes[0].Closed != "" {
				alone = append(alone, values)
				continue
			}
			if round == len(mixed) {
				mixed = append(mixed, map[string]string{})
			}
			mixed[round][key] = value
			round++
		}
	}
	return slices.Concat(alone, mixed)
}

// translate translates the world with some values in it.
func (c oddContext) translate(values map[string]string) *model.Config {
	all := maps.Clone(c.beside)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, values)
	objects := slices.Clone(oddObjects)
	i := slices.IndexFunc(objects, func(o manifest.Object) bool { return manifest.RefOf(o).Name == c.object })
	switch o := objects[i].(type) {
	case *manifest.ConfigMap:
		changed := *o
		for _, key := range slices.Sorted(maps.Keys(all)) {
			changed.Data = append(changed.Data, manifest.ConfigEntry{Key: key, Value: all[key]})
		}
		objects[i] = &changed
	case *manifest.Ingress:
		changed := *o
		for _, key := range slices.Sorted(maps.Keys(all)) {
			changed.Annotations = append(changed.Annotations, manifest.Annotation{Key: configmap.DefaultPrefix + "/" + key, Value: all[key]})
		}
		objects[i] = &changed
	}
	snap, _ := manifest.NewSnapshot(objects)
	cfg, _ := translate.Run(snap, oddFlags)
	return cfg
}

// oddChecker has one binary check configurations.
type oddChecker struct {
	runner
	binary proxies.Binary
	target render.Target
	// ports are for HTTP, HTTPS and the TCP port.
	ports [3]int
}

func newOddChecker(t *testing.T, r runner, binary proxies.Binary) *oddChecker {
	t.Helper()
	w := &world{tc: &testCase{proxy: r.target.name, version: binary.Version}, cfg: oddContexts()[0].translate(nil)}
	w.openStreams(t, r.target.name, binary)
	target, err := r.target.make(w.tc)
	if err != nil {
		t.Fatal(err)
	}
	return &oddChecker{r, binary, target, [3]int{ports.Free(t), ports.Free(t), ports.Free(t)}}
}

// checkRound has a round checked, and each of its values for itself if it is refused.
func (o *oddChecker) checkRound(t *testing.T, c oddContext, values map[string]string) {
	t.Helper()
	refusal := o.check(t, c.translate(values))
	if refusal == "" {
		return
	}
	found := false
	for key, value := range values {
		if refusal := o.check(t, c.translate(map[string]string{key: value})); refusal != "" {
			t.Errorf("%s=%.200q: %s", key, value, refusal)
			found = true
		}
	}
	if !found {
		t.Errorf("%.2000q: %s", values, refusal)
	}
}

// check returns why a configuration is refused, empty if it is not.
func (o *oddChecker) check(t *testing.T, cfg *model.Config) string {
	t.Helper()
	cfg.Global.Listen.HTTPPort, cfg.Global.Listen.HTTPSPort = o.ports[0], o.ports[1]
	l := &cfg.Global.Listen
	l.Addresses = slices.DeleteFunc(l.Addresses, func(a netip.Addr) bool { return !a.IsLoopback() && !a.IsUnspecified() })
	if len(l.Addresses) == 0 {
		l.Addresses = []netip.Addr{netip.MustParseAddr("127.0.0.1")}
	}
	for i := range cfg.Streams {
		cfg.Streams[i].Port = o.ports[2]
	}
	result, err := o.target.Render(cfg)
	if err != nil {
		return err.Error()
	}
	dir := t.TempDir()
	writeTree(t, dir, result.Files)
	cmd := checks[o.runner.target.name](o.binary.Path, dir)
	cmd.Dir = dir
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Sprintf("%v\n%s", err, output)
	}
	return ""
}
