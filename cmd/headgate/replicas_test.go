package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/headgate/headgate/hack/netns"
	"github.com/headgate/headgate/hack/ports"
	"github.com/headgate/headgate/hack/proxies"
	"github.com/headgate/headgate/hack/shipped"
	"github.com/headgate/headgate/hack/testcluster"
)

// appManifests are what the replicas serve: a host with persistent sessions over three Pods, and one with a rate limit.
const appManifests = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: app
  namespace: apps
  annotations:
    nginx.ingress.kubernetes.io/affinity: cookie
    nginx.ingress.kubernetes.io/affinity-mode: persistent
spec:
  ingressClassName: nginx
  rules: [{host: app.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: app, port: {number: 80}}}}]}}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: limited
  namespace: apps
  annotations: {nginx.ingress.kubernetes.io/limit-rpm: "6"}
spec:
  ingressClassName: nginx
  rules: [{host: limited.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: app, port: {number: 80}}}}]}}]
---
apiVersion: v1
kind: Service
metadata: {name: app, namespace: apps}
spec: {ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: app-1, namespace: apps, labels: {kubernetes.io/service-name: app}}
addressType: IPv4
ports: [{port: 8080, protocol: TCP}]
endpoints: [{addresses: [10.244.1.1]}, {addresses: [10.244.1.2]}, {addresses: [10.244.1.3]}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: headgate-1, namespace: headgate, labels: {kubernetes.io/service-name: headgate}}
addressType: IPv4
ports: [{name: http, port: 8080, protocol: TCP}, {name: https, port: 8443, protocol: TCP}]
endpoints: [{addresses: [10.244.9.1]}, {addresses: [10.244.9.2]}]
`

// TestReplicas runs the shipped manifests twice beside each other against a real API server: sessions that one replica began go on at
// the other, and a rate limit admits what it says over both.
func TestReplicas(t *testing.T) {
	netns.Require(t)
	cluster := testcluster.Start(t)
	for _, ip := range []string{"10.244.1.1", "10.244.1.2", "10.244.1.3"} {
		servePod(t, ip)
	}
	for _, mode := range []struct{ name, rbac, namespace string }{
		{name: "whole cluster", rbac: "rbac.yaml"},
		{name: "one namespace", rbac: "rbac-namespace.yaml", namespace: "apps"},
	} {
		t.Run(mode.name, func(t *testing.T) {
			cluster.Apply("{apiVersion: v1, kind: Namespace, metadata: {name: apps}}")
			rbac := readText(t, filepath.Join("..", "..", "deploy", mode.rbac))
			cluster.Apply(rbac)
			cluster.Apply(readText(t, filepath.Join("..", "..", "deploy", "ingressclass.yaml")))
			var extra []string
			if mode.namespace != "" {
				extra = append(extra, "--watch-namespace="+mode.namespace)
			}
			for proxy, binaries := range map[string][]proxies.Binary{"nginx": proxies.Nginx(t), "haproxy": proxies.HAProxy(t)} {
				t.Run(proxy, func(t *testing.T) {
					cluster.Apply(readText(t, filepath.Join("..", "..", "deploy", proxy+".yaml")))
					cluster.Apply(appManifests)
					d := deployment{t: t, cluster: cluster, proxy: proxy, binary: binaries[len(binaries)-1], extra: extra}
					testTwoReplicas(t, d.start(), d.start())
				})
			}
			for _, name := range []string{"ClusterRole", "ClusterRoleBinding"} {
				cluster.Delete(fmt.Sprintf("{apiVersion: rbac.authorization.k8s.io/v1, kind: %s, metadata: {name: %s}}", name, clusterRoleOf(mode.rbac)))
			}
		})
	}
}

func clusterRoleOf(rbac string) string {
	if rbac == "rbac.yaml" {
		return "headgate"
	}
	return "headgate-classes"
}

// servePod answers on the address of a Pod with that address.
func servePod(t *testing.T, ip string) {
	t.Helper()
	listener, err := net.Listen("tcp", net.JoinHostPort(ip, "8080"))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { io.WriteString(rw, ip) }))
	server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
}

// deployment starts replicas of a shipped Deployment.
type deployment struct {
	t       *testing.T
	cluster *testcluster.Cluster
	proxy   string
	binary  proxies.Binary
	extra   []string
}

// start runs one replica as the manifest says, but with paths and ports of its own, until it is ready.
func (d *deployment) start() *world {
	d.t.Helper()
	dir, err := os.MkdirTemp("", "hg")
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { os.RemoveAll(dir) })
	w := &world{
		t: d.t, workDir: dir, httpPort: ports.Free(d.t), httpsPort: ports.Free(d.t), status: fmt.Sprintf("127.0.0.1:%d", ports.Free(d.t)),
		out: &buffer{}, log: &buffer{},
	}
	manifest := filepath.Join("..", "..", "deploy", d.proxy+".yaml")
	kubeconfig := filepath.Join(d.t.TempDir(), "kubeconfig")
	d.cluster.WriteKubeconfig(kubeconfig, d.cluster.As("headgate", "headgate"))
	args := shipped.Read(d.t, manifest, "headgate", dir).Args("--proxy-version="+d.binary.Version, "--http-port="+strconv.Itoa(w.httpPort),
		"--https-port="+strconv.Itoa(w.httpsPort), "--status-address="+w.status)
	args = append(args, "--kubeconfig="+kubeconfig)
	w.execute(append(args, d.extra...))
	shipped.Read(d.t, manifest, d.proxy, dir).Start(d.binary.Path)
	w.await("readiness", func() string { return w.page("/readyz") }, "200 ok")
	return w
}

func testTwoReplicas(t *testing.T, first, second *world) {
	for _, w := range []*world{first, second} {
		w.awaitAnswer("app.example", "200 10.244.1.")
	}
	pod, cookie := visit(t, first, "")
	if cookie == "" {
		t.Fatal("the first replica gives out no cookie")
	}
	for range 10 {
		if again, fresh := visit(t, second, cookie); again != pod || fresh != "" {
			t.Fatalf("with the cookie of %s the other replica leads to %s and gives out %q", pod, again, fresh)
		}
	}

	// 6 a minute with a burst of five times as many: 31 at once from one proxy, 32 from two that share the limit.
	admitted := 0
	for range 40 {
		for _, w := range []*world{first, second} {
			if strings.HasPrefix(w.get("limited.example"), "200 ") {
				admitted++
			}
		}
	}
	if admitted < 31 || admitted > 50 {
		t.Errorf("%d requests admitted by two replicas with a limit of 31", admitted)
	}
}

// visit sends a request with a cookie and returns the Pod that answered, and the cookie that was given out, if any.
func visit(t *testing.T, w *world, cookie string) (pod, given string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d/", w.httpPort), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "app.example"
	if cookie != "" {
		req.Header.Set("Cookie", cookie)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	given, _, _ = strings.Cut(res.Header.Get("Set-Cookie"), ";")
	return string(body), given
}
