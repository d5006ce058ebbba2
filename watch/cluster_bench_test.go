package watch

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/hack/testcluster"
	"github.com/headgate/headgate/manifest"
)

// shopText is one application as a cluster holds it: an Ingress of two paths, a Service, an EndpointSlice and a certificate's Secret.
const shopText = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop-%[1]d, annotations: {nginx.ingress.kubernetes.io/proxy-body-size: 8m}}
spec:
  ingressClassName: nginx
  tls: [{hosts: [shop-%[1]d.example], secretName: shop-%[1]d}]
  rules:
  - host: shop-%[1]d.example
    http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: {name: shop-%[1]d, port: {name: http}}}}
      - {path: /api, pathType: Prefix, backend: {service: {name: shop-%[1]d, port: {name: http}}}}
---
apiVersion: v1
kind: Service
metadata: {name: shop-%[1]d}
spec: {ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: shop-%[1]d, labels: {kubernetes.io/service-name: shop-%[1]d}}
addressType: IPv4
ports: [{name: http, port: 8080}]
endpoints: [{addresses: [10.244.0.1]}, {addresses: [10.244.0.2]}, {addresses: [10.244.0.3]}]
---
apiVersion: v1
kind: Secret
metadata: {name: shop-%[1]d}
data: {tls.crt: %[2]s, tls.key: %[2]s}
`

// BenchmarkCluster prints what following 1,000 Ingresses takes and how long an event needs to become a Snapshot, quiet period included.
func BenchmarkCluster(b *testing.B) {
	const shops = 1000
	server := testcluster.Start(b)
	for i := range shops {
		server.Apply(fmt.Sprintf(shopText, i, strings.Repeat("QUJD", 1000)))
	}
	source := newCluster(b, ClusterOptions{Config: server.Config})
	before := heapInUse()
	deliveries := make(chan *manifest.Snapshot, 100)
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error, 1)
	start := time.Now()
	go func() {
		done <- Run(ctx, source, DefaultTiming, func(_ context.Context, s *manifest.Snapshot, _ diag.List) { deliveries <- s })
	}()
	first := <-deliveries
	synced := time.Since(start)
	if len(first.Ingresses) != shops {
		b.Fatalf("%d Ingresses", len(first.Ingresses))
	}
	heap, resident := heapInUse()-before, residentMiB(b)

	var latencies []time.Duration
	for b.Loop() {
		name := fmt.Sprintf("event-%d", len(latencies))
		start := time.Now()
		server.Apply(ingressIn(name))
		for s := range deliveries {
			if slices.ContainsFunc(s.Ingresses, func(i *manifest.Ingress) bool { return i.Name == name }) {
				break
			}
		}
		latencies = append(latencies, time.Since(start))
	}
	slices.Sort(latencies)
	b.ReportMetric(float64(synced.Milliseconds()), "ms-to-sync")
	b.ReportMetric(float64(heap)/(1<<20), "MiB-heap")
	b.ReportMetric(resident, "MiB-resident")
	b.ReportMetric(float64(latencies[len(latencies)/2].Microseconds())/1000, "ms-median")
	cancel()
	if err := <-done; err != nil {
		b.Error(err)
	}
	runtime.KeepAlive(first)
}

// BenchmarkClusterSnapshot builds a Snapshot of 10,000 Ingresses and as many Services from the stores.
func BenchmarkClusterSnapshot(b *testing.B) {
	ingresses, services := newStore(nil, func() {}), newStore(nil, func() {})
	for i := range 10_000 {
		name := fmt.Sprintf("shop-%d", i)
		for kind, s := range map[string]*store{"Ingress": ingresses, "Service": services} {
			meta := manifest.NewMeta(diag.Ref{Kind: kind, Namespace: "default", Name: name}, "", time.Unix(int64(i), 0), nil)
			o := manifest.Object(&manifest.Ingress{Meta: meta})
			if kind == "Service" {
				o = &manifest.Service{Meta: meta}
			}
			if err := s.Add(&item{"default", name, "1", o}); err != nil {
				b.Fatal(err)
			}
		}
	}
	c := &Cluster{feeds: []*feed{{store: ingresses}, {store: services}}}
	for b.Loop() {
		if s, _ := c.Snapshot(); len(s.Ingresses) != 10_000 {
			b.Fatalf("%d Ingresses", len(s.Ingresses))
		}
	}
}

func heapInUse() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// residentMiB is what the whole test binary takes, the test's own clients included.
func residentMiB(b *testing.B) float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip(err)
	}
	for line := range strings.Lines(string(status)) {
		var kib float64
		if _, err := fmt.Sscanf(line, "VmRSS: %f kB", &kib); err == nil {
			return kib / 1024
		}
	}
	return 0
}
