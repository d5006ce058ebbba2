package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/hack/testcluster"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/watch"
)

// TestDeploy applies deploy/ to a real API server and follows it as the ServiceAccount that it makes.
func TestDeploy(t *testing.T) {
	cluster := testcluster.Start(t)
	for _, name := range []string{"rbac.yaml", "ingressclass.yaml", "nginx.yaml", "haproxy.yaml"} {
		cluster.Apply(readText(t, filepath.Join("..", "..", "deploy", name)))
	}
	cluster.Apply("{apiVersion: v1, kind: Namespace, metadata: {name: demo}}")
	for _, name := range []string{"shop.yaml", "blog.yaml", "services.yaml"} {
		// The API server takes no endpoints on loopback addresses, which the demo on one machine uses.
		cluster.Apply(strings.ReplaceAll(readText(t, filepath.Join("..", "..", "testdata", "demo", name)), "[127.", "[10."))
	}
	cluster.Apply("apiVersion: v1\nkind: Secret\nmetadata: {name: shop-tls, namespace: demo}\ndata: {tls.crt: eA==, tls.key: eQ==}\n")
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	cluster.WriteKubeconfig(kubeconfig, cluster.As("headgate", "headgate"))

	t.Run("the account reads all that is needed", func(t *testing.T) {
		flags := &runFlags{serve: serveFlags{source: sourceKube, kubeconfig: kubeconfig}}
		source, err := newSource(flags, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		snap := firstSnapshot(t, source)
		if snap.ClassesUnreadable {
			t.Error("IngressClasses cannot be read")
		}
		for what, n := range map[string]int{
			"Ingresses": len(snap.Ingresses) - 4, "IngressClasses": len(snap.Classes) - 1, "EndpointSlices": len(snap.Slices) - 2,
		} {
			if n < 0 {
				t.Errorf("%d %s are missing", -n, what)
			}
		}
		if snap.Secret("demo", "shop-tls") == nil || snap.ConfigMap("headgate", "headgate") == nil || snap.Service("demo", "web") == nil {
			t.Error("the Secret, the ConfigMap or the Service is missing")
		}
	})
	t.Run("the account may do nothing else", func(t *testing.T) {
		refuseAllElse(t, cluster)
	})
}

func readText(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// firstSnapshot follows a source until it has read everything once.
func firstSnapshot(t *testing.T, source watch.Source) *manifest.Snapshot {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	snapshots := make(chan *manifest.Snapshot, 1)
	done := make(chan error, 1)
	go func() {
		done <- watch.Run(ctx, source, watch.DefaultTiming, func(_ context.Context, snap *manifest.Snapshot, _ diag.List) {
			select {
			case snapshots <- snap:
			default:
			}
		})
	}()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("following the cluster: %v", err)
		}
	}()
	select {
	case snap := <-snapshots:
		return snap
	case <-ctx.Done():
		t.Fatalf("the cluster is not read: %s", source.State().Problem)
		return nil
	}
}

// refuseAllElse asks the API server what the account may do.
func refuseAllElse(t *testing.T, cluster *testcluster.Cluster) {
	t.Helper()
	readable := map[string]bool{
		"/services": true, "/secrets": true, "/configmaps": true, "discovery.k8s.io/endpointslices": true,
		"networking.k8s.io/ingresses": true, "networking.k8s.io/ingressclasses": true,
	}
	groups := map[string][]string{
		"":                          {"services", "secrets", "configmaps", "pods", "pods/exec", "nodes", "namespaces", "serviceaccounts/token", "events"},
		"discovery.k8s.io":          {"endpointslices"},
		"networking.k8s.io":         {"ingresses", "ingressclasses", "ingresses/status", "networkpolicies"},
		"apps":                      {"deployments"},
		"coordination.k8s.io":       {"leases"},
		"rbac.authorization.k8s.io": {"clusterroles", "clusterrolebindings"},
	}
	for group, resources := range groups {
		for _, resource := range resources {
			for _, verb := range []string{"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "impersonate", "escalate"} {
				want := readable[group+"/"+resource] && (verb == "list" || verb == "watch")
				access := testcluster.Access{Verb: verb, Group: group, Resource: resource, Namespace: "demo"}
				if got := cluster.Allowed("headgate", "headgate", access); got != want {
					t.Errorf("%s %s/%s: allowed is %t, want %t", verb, group, resource, got, want)
				}
			}
		}
	}
}
