package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"k8s.io/client-go/rest"

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
		awaitSnapshot(t, source, missingOf)
	})
	t.Run("the account may do nothing else", func(t *testing.T) {
		refuseAllElse(t, cluster, "demo", clusterReadable)
		refuseAllElse(t, cluster, "headgate", clusterReadable, "create /secrets")
	})
	t.Run("replicas that start together agree about a key", func(t *testing.T) {
		agreeAboutKey(t, cluster.As("headgate", "headgate"))
	})
}

// TestDeployForOneNamespace does the same with the manifests for one namespace.
func TestDeployForOneNamespace(t *testing.T) {
	cluster := testcluster.Start(t)
	cluster.Apply("{apiVersion: v1, kind: Namespace, metadata: {name: apps}}")
	for _, name := range []string{"rbac-namespace.yaml", "ingressclass.yaml"} {
		cluster.Apply(readText(t, filepath.Join("..", "..", "deploy", name)))
	}
	classes := []string{"networking.k8s.io/ingressclasses"}
	refuseAllElse(t, cluster, "apps", clusterReadable)
	refuseAllElse(t, cluster, "demo", classes)
	refuseAllElse(t, cluster, "headgate", append(classes, "discovery.k8s.io/endpointslices"), "create /secrets")
	agreeAboutKey(t, cluster.As("headgate", "headgate"))
}

// agreeAboutKey has several replicas ask for the shared key at the same time.
func agreeAboutKey(t *testing.T, account *rest.Config) {
	t.Helper()
	keys := make([]string, 6)
	var asking sync.WaitGroup
	for i := range keys {
		asking.Go(func() {
			key, err := watch.SharedKey(t.Context(), watch.SharedKeyOptions{
				Config: account, Namespace: "headgate", Name: "headgate-session", Make: newSessionKey, Check: checkSessionKey,
				Log: slog.New(slog.DiscardHandler),
			})
			if err != nil {
				t.Error(err)
			}
			keys[i] = string(key)
		})
	}
	asking.Wait()
	if slices.Sort(keys); keys[0] != keys[len(keys)-1] || len(keys[0]) < minSessionKey {
		t.Errorf("replicas have the keys %q", keys)
	}
}

func readText(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// missingOf lists what a Snapshot should hold and does not.
func missingOf(snap *manifest.Snapshot) []string {
	var missing []string
	for what, there := range map[string]bool{
		"permission to read IngressClasses": !snap.ClassesUnreadable, "4 Ingresses": len(snap.Ingresses) >= 4,
		"an IngressClass": len(snap.Classes) >= 1, "2 EndpointSlices": len(snap.Slices) >= 2,
		"the Secret": snap.Secret("demo", "shop-tls") != nil, "the ConfigMap": snap.ConfigMap("headgate", "headgate") != nil,
		"the Service": snap.Service("demo", "web") != nil,
	} {
		if !there {
			missing = append(missing, what)
		}
	}
	return missing
}

// awaitSnapshot follows a source until nothing is missing. A permission that was granted a moment ago may not be known to the API server
// yet, so that the first Snapshot need not be it.
func awaitSnapshot(t *testing.T, source watch.Source, missingOf func(*manifest.Snapshot) []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	missing := []string{"all"}
	err := watch.Run(ctx, source, watch.DefaultTiming, func(_ context.Context, snap *manifest.Snapshot, _ diag.List) {
		if missing = missingOf(snap); len(missing) == 0 {
			cancel()
		}
	})
	if err != nil {
		t.Errorf("following the cluster: %v", err)
	}
	if len(missing) > 0 {
		t.Errorf("the cluster is not read: %s missing; %s", strings.Join(missing, ", "), source.State().Problem)
	}
}

// clusterReadable is what the account lists and watches where it serves Ingresses.
var clusterReadable = []string{
	"/services", "/secrets", "/configmaps", "discovery.k8s.io/endpointslices", "networking.k8s.io/ingresses", "networking.k8s.io/ingressclasses",
}

// refuseAllElse asks the API server what the account may do in a namespace: list and watch what is readable, and the verbs that are named.
func refuseAllElse(t *testing.T, cluster *testcluster.Cluster, namespace string, readable []string, verbs ...string) {
	t.Helper()
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
				path := group + "/" + resource
				want := slices.Contains(readable, path) && (verb == "list" || verb == "watch") || slices.Contains(verbs, verb+" "+path)
				access := testcluster.Access{Verb: verb, Group: group, Resource: resource, Namespace: namespace}
				if got := cluster.Allowed("headgate", "headgate", access); got != want {
					t.Errorf("%s %s in %s: allowed is %t, want %t", verb, path, namespace, got, want)
				}
			}
		}
	}
}
