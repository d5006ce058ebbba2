package headgate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/translate"
)

// manyIngresses are Ingresses of a host and two paths each, which share fifty Services with two endpoints.
func manyIngresses(count int) string {
	var b strings.Builder
	for i := range 50 {
		fmt.Fprintf(&b, `---
apiVersion: v1
kind: Service
metadata: {name: s%d, namespace: shop}
spec: {ports: [{port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: s%d, namespace: shop, labels: {kubernetes.io/service-name: s%d}}
addressType: IPv4
ports: [{port: 8080}]
endpoints: [{addresses: [10.0.%d.1]}, {addresses: [10.0.%d.2]}]
`, i, i, i, i, i)
	}
	for i := range count {
		fmt.Fprintf(&b, `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: i%d
  namespace: shop
  annotations: {nginx.ingress.kubernetes.io/proxy-read-timeout: "30"}
spec:
  ingressClassName: nginx
  rules:
  - host: h%d.example
    http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: {name: s%d, port: {number: 80}}}}
      - {path: /api, pathType: Prefix, backend: {service: {name: s%d, port: {number: 80}}}}
`, i, i, i%50, (i+1)%50)
	}
	return b.String()
}

func benchSettings() translate.Settings {
	s := testSettings()
	s.Class.AssumeName = true
	s.DefaultCertificate = model.Certificate{ID: "default", Placeholder: true}
	return s
}

// BenchmarkRender is the whole way from bytes to files.
func BenchmarkRender(b *testing.B) {
	for _, tg := range targets {
		for _, count := range []int{100, 1000, 10000} {
			data := []byte(manyIngresses(count))
			b.Run(fmt.Sprintf("%s/%d", tg.name, count), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					objects, _ := manifest.Load([]manifest.Input{{Name: "many.yaml", Data: data}}, manifest.LoadOptions{})
					snap, _ := manifest.NewSnapshot(objects)
					cfg, _ := translate.Run(snap, benchSettings())
					proxy, err := tg.make(&testCase{})
					if err != nil {
						b.Fatal(err)
					}
					if _, err := proxy.Render(cfg); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkRenderAgain is what one changed Ingress of many costs a running Headgate between the event and the files.
func BenchmarkRenderAgain(b *testing.B) {
	for _, tg := range targets {
		for _, count := range []int{1000, 10000} {
			objects, _ := manifest.Load([]manifest.Input{{Name: "many.yaml", Data: []byte(manyIngresses(count))}}, manifest.LoadOptions{})
			b.Run(fmt.Sprintf("%s/%d", tg.name, count), func(b *testing.B) {
				proxy, err := tg.make(&testCase{})
				if err != nil {
					b.Fatal(err)
				}
				last := objects[len(objects)-1].(*manifest.Ingress)
				for i := 0; b.Loop(); i++ {
					changed := *last
					changed.Rules = []manifest.IngressRule{last.Rules[0]}
					changed.Rules[0].Paths = last.Rules[0].Paths[:1+i%2]
					objects[len(objects)-1] = &changed
					snap, _ := manifest.NewSnapshot(objects)
					cfg, _ := translate.Run(snap, benchSettings())
					if _, err := proxy.Render(cfg); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
