package watch

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/hack/testcluster"
	"github.com/headgate/headgate/manifest"
)

// watcherRole lets the ServiceAccount default/watcher read what a Cluster source follows; %s is one more resource.
const watcherRole = `
apiVersion: v1
kind: ServiceAccount
metadata: {name: watcher}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: watcher}
rules:
- {apiGroups: [""], resources: [services, secrets, configmaps], verbs: [list, watch]}
- {apiGroups: [discovery.k8s.io], resources: [endpointslices], verbs: [list, watch]}
- {apiGroups: [networking.k8s.io], resources: [ingresses%s], verbs: [list, watch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: watcher}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: watcher}
subjects: [{kind: ServiceAccount, name: watcher, namespace: default}]
`

const ingressText = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: %s}
spec:
  ingressClassName: nginx
  rules: [{host: %s.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {name: http}}}}]}}]
`

const classText = `
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx}
spec: {controller: k8s.io/ingress-nginx}
`

func ingressIn(name string) string { return fmt.Sprintf(ingressText, name, name) }

func newCluster(t testing.TB, options ClusterOptions) *Cluster {
	t.Helper()
	c, err := NewCluster(options)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCluster(t *testing.T) {
	server := testcluster.Start(t)
	t.Run("objects", func(t *testing.T) { testObjects(t, server) })
	t.Run("irrelevant changes", func(t *testing.T) { testIrrelevant(t, server) })
	t.Run("namespace", func(t *testing.T) { testNamespace(t, server) })
	t.Run("classes forbidden", func(t *testing.T) { testForbidden(t, server) })
	t.Run("faults", func(t *testing.T) { testFaults(t, server) })
	t.Run("restart", func(t *testing.T) { testRestart(t, server) })
}

func testObjects(t *testing.T, server *testcluster.Cluster) {
	objects := ingressIn("shop") + "---" + classText + `
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {sessionAffinity: ClientIP, ports: [{name: http, port: 80, targetPort: web}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{name: http, port: 8080}]
endpoints:
- {addresses: [10.244.0.1], conditions: {ready: true}, zone: a, hints: {forZones: [{name: a}]}}
- {addresses: [10.244.0.2], conditions: {ready: false, serving: true, terminating: true}}
- {addresses: [10.244.0.3]}
---
apiVersion: v1
kind: Secret
metadata: {name: users}
stringData: {auth: "u:p"}
---
apiVersion: v1
kind: Secret
metadata: {name: release}
type: helm.sh/release.v1
stringData: {release: big}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {b: "2", a: "1"}
`
	source := newCluster(t, ClusterOptions{Config: server.Config})
	if source.State().Synced {
		t.Error("synced before it began")
	}
	following := follow(t, source)
	following.await("the first state", func(delivery) bool { return true })
	awaitState(t, source, func(s State) bool { return s.Synced && s.Connected })
	server.Apply(objects)
	following.await("all objects", func(d delivery) bool {
		return len(d.snapshot.Ingresses) == 1 && d.snapshot.Service("default", "web") != nil && len(d.snapshot.SlicesOf("default", "web")) == 1 &&
			d.snapshot.Secret("default", "users") != nil && d.snapshot.ConfigMap("default", "settings") != nil && len(d.snapshot.Classes) == 1
	})
	checkObjects(t, following.newest.snapshot)
	server.Apply(strings.Replace(ingressIn("shop"), "path: /,", "path: /new,", 1))
	following.await("the changed path", func(d delivery) bool { return d.snapshot.Ingresses[0].Rules[0].Paths[0].Path == "/new" })
	server.Delete(objects)
	following.await("none of the objects", func(d delivery) bool {
		return len(d.snapshot.Ingresses)+len(d.snapshot.Classes) == 0 && d.snapshot.Service("default", "web") == nil && d.snapshot.ConfigMap("default", "settings") == nil
	})
}

func checkObjects(t *testing.T, s *manifest.Snapshot) {
	t.Helper()
	web := s.Service("default", "web")
	if web.ClientIPAffinity == nil || *web.ClientIPAffinity != 10800 || len(web.Ports) != 1 || web.Ports[0].TargetPort.Name != "web" {
		t.Errorf("Service %+v", web)
	}
	slice := s.SlicesOf("default", "web")[0]
	ready := []bool{true, false, true}
	for i, e := range slice.Endpoints {
		if e.Ready != ready[i] {
			t.Errorf("endpoint %v is ready: %v", e.Addresses, e.Ready)
		}
	}
	if e := slice.Endpoints[0]; e.Zone != "a" || !slices.Equal(e.Hints, []string{"a"}) || !slice.Endpoints[1].Terminating {
		t.Errorf("endpoints %+v", slice.Endpoints)
	}
	if s.Secret("default", "release") != nil {
		t.Error("a Helm release is kept")
	}
	if users, _ := s.Secret("default", "users").Get("auth"); string(users) != "u:p" {
		t.Errorf("Secret with %d bytes", len(users))
	}
	if data := s.ConfigMap("default", "settings").Data; len(data) != 2 || data[0].Key != "a" {
		t.Errorf("ConfigMap %+v", data)
	}
	ingress := s.Ingresses[0]
	if ingress.UID == "" || ingress.Created.IsZero() || ingress.ClassName == nil || ingress.Rules[0].Paths[0].Backend.Port.Name != "http" {
		t.Errorf("Ingress %+v", ingress)
	}
}

func testIrrelevant(t *testing.T, server *testcluster.Cluster) {
	server.Apply(ingressIn("quiet"))
	defer server.Delete(ingressIn("quiet"))
	following := follow(t, newCluster(t, ClusterOptions{Config: server.Config}))
	following.awaitIngresses("quiet")
	server.Apply(strings.Replace(ingressIn("quiet"), "{name: quiet}", "{name: quiet, labels: {a: b}}", 1))
	following.awaitNothing()
}

func testNamespace(t *testing.T, server *testcluster.Cluster) {
	place := func(namespace, name string) string {
		return strings.Replace(ingressIn(name), "{name: ", "{namespace: "+namespace+", name: ", 1)
	}
	server.Apply("{apiVersion: v1, kind: Namespace, metadata: {name: team}}\n---\n{apiVersion: v1, kind: Namespace, metadata: {name: edge}}")
	objects := place("team", "inside") + "\n---" + place("edge", "outside") + `
---
{apiVersion: v1, kind: ConfigMap, metadata: {namespace: edge, name: settings}, data: {a: b}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {namespace: edge, name: other}, data: {a: b}}
---
{apiVersion: v1, kind: Service, metadata: {namespace: edge, name: fallback}, spec: {ports: [{port: 80}]}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {namespace: edge, name: fallback-1, labels: {kubernetes.io/service-name: fallback}}
addressType: IPv4
ports: []
endpoints: []
`
	server.Apply(objects)
	defer server.Delete(objects)
	following := follow(t, newCluster(t, ClusterOptions{Config: server.Config, Namespace: "team", Also: []diag.Ref{
		{Kind: "ConfigMap", Namespace: "edge", Name: "settings"}, {Kind: "Service", Namespace: "edge", Name: "fallback"},
	}}))
	following.await("what is inside the namespace, and what is named outside", func(d delivery) bool {
		return slices.Equal(namesIn(d), []string{"inside"}) && d.snapshot.ConfigMap("edge", "settings") != nil &&
			d.snapshot.Service("edge", "fallback") != nil && len(d.snapshot.SlicesOf("edge", "fallback")) == 1
	})
	if s := following.newest.snapshot; s.ConfigMap("edge", "other") != nil {
		t.Errorf("outside the namespace: ConfigMaps %v", s.ConfigMaps)
	}
}

func testForbidden(t *testing.T, server *testcluster.Cluster) {
	server.Apply(fmt.Sprintf(watcherRole, ""))
	server.Apply(ingressIn("classless"))
	defer server.Delete(ingressIn("classless"))
	source := newCluster(t, ClusterOptions{Config: server.As("default", "watcher")})
	following := follow(t, source)
	following.await("a state without classes", func(d delivery) bool {
		return d.snapshot.ClassesUnreadable && has(d.remarks, diag.ClassesUnreadable) && slices.Equal(namesIn(d), []string{"classless"})
	})
	awaitState(t, source, func(s State) bool { return s.Synced && s.Connected })
	server.Apply(classText)
	defer server.Delete(classText)
	server.Apply(fmt.Sprintf(watcherRole, ", ingressclasses"))
	following.await("a state with classes", func(d delivery) bool { return !d.snapshot.ClassesUnreadable && len(d.remarks) == 0 })
	if got := following.newest.snapshot.Classes; len(got) != 1 {
		t.Errorf("the first state with classes has %d of them", len(got))
	}
	server.Apply(fmt.Sprintf(watcherRole, ""))
	following.awaitNothing()
}

func testRestart(t *testing.T, server *testcluster.Cluster) {
	server.Apply(ingressIn("before"))
	source := newCluster(t, ClusterOptions{Config: server.Config})
	following := follow(t, source)
	following.awaitIngresses("before")
	server.StopAPI()
	awaitState(t, source, func(s State) bool { return !s.Connected && s.Synced && s.Problem != "" })
	following.awaitNothing()
	if s, _ := source.Snapshot(); len(s.Ingresses) != 1 {
		t.Errorf("%d Ingresses while the API server is away", len(s.Ingresses))
	}
	server.StartAPI()
	server.Apply(ingressIn("after"))
	following.awaitIngresses("after", "before")
	awaitState(t, source, func(s State) bool { return s.Connected })
	server.Delete(ingressIn("before") + "---" + ingressIn("after"))
	following.awaitIngresses()
}

func awaitState(t *testing.T, source Source, wanted func(State) bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !wanted(source.State()) {
		if time.Now().After(deadline) {
			t.Fatalf("the state stays %+v", source.State())
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// TestClassesAreForbiddenUntilListed: a request that goes well is not yet a list. If nobody might have classes in between, every Ingress
// that names one would be let go.
func TestClassesAreForbiddenUntilListed(t *testing.T) {
	source := newCluster(t, ClusterOptions{Config: &rest.Config{Host: "https://127.0.0.1:1"}, Log: slog.New(slog.DiscardHandler)})
	var classes *feed
	for _, f := range source.feeds {
		if f.name == "ingressclasses" {
			classes = f
			continue
		}
		f.follows()
		if err := f.store.Replace(nil, ""); err != nil {
			t.Fatal(err)
		}
	}
	check := func(when string, unreadable bool) {
		t.Helper()
		if s, _ := source.Snapshot(); s.ClassesUnreadable != unreadable || !source.State().Synced {
			t.Errorf("%s: unreadable %v, synced %v", when, s.ClassesUnreadable, source.State().Synced)
		}
	}
	classes.forbid(apierrors.NewForbidden(schema.GroupResource{}, "", nil))
	check("forbidden", true)
	classes.follows()
	check("a watch is open", true)
	classes.failed(verbWatch, errors.New("the connection was lost"))
	check("no list came of it", true)
	if err := classes.store.Replace(nil, ""); err != nil {
		t.Fatal(err)
	}
	check("listed", false)
}

// TestClusterAbsent starts before the API server does.
func TestClusterAbsent(t *testing.T) {
	source := newCluster(t, ClusterOptions{Config: &rest.Config{Host: "https://127.0.0.1:1"}})
	following := follow(t, source)
	awaitState(t, source, func(s State) bool { return !s.Synced && !s.Connected && s.Problem != "" })
	following.awaitNothing()
}
