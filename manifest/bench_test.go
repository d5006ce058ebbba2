package manifest

import (
	"bytes"
	"fmt"
	"testing"
)

// manyIngresses writes Ingresses with two paths each, and their Services.
func manyIngresses(count int) []byte {
	var b bytes.Buffer
	for i := range count {
		fmt.Fprintf(&b, `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web-%[1]d
  namespace: shop-%[2]d
  annotations:
    nginx.ingress.kubernetes.io/ssl-redirect: "true"
    nginx.ingress.kubernetes.io/rewrite-target: /$1
spec:
  ingressClassName: nginx
  tls:
  - hosts: [web-%[1]d.example.com]
    secretName: web-%[1]d
  rules:
  - host: web-%[1]d.example.com
    http:
      paths:
      - path: /
        pathType: Prefix
        backend:
          service: {name: web-%[1]d, port: {number: 80}}
      - path: /api
        pathType: Prefix
        backend:
          service:
            name: api-%[1]d
            port:
              name: http
---
apiVersion: v1
kind: Service
metadata: {name: web-%[1]d, namespace: shop-%[2]d}
spec: {ports: [{port: 80, targetPort: http}]}
`, i, i%50)
	}
	return b.Bytes()
}

// BenchmarkLoad reads a thousand Ingresses with two paths each, and makes a Snapshot of them.
func BenchmarkLoad(b *testing.B) {
	in := []Input{{Name: "all.yaml", Data: manyIngresses(1000)}}
	b.SetBytes(int64(len(in[0].Data)))
	b.ReportAllocs()
	for b.Loop() {
		objects, diags := Load(in, LoadOptions{})
		if s, more := NewSnapshot(objects); len(diags)+len(more) > 0 || len(s.Ingresses) != 1000 {
			b.Fatal(diags, more)
		}
	}
}

// BenchmarkSnapshot makes a Snapshot of ten thousand Ingresses and as many Services.
func BenchmarkSnapshot(b *testing.B) {
	objects, _ := Load([]Input{{Name: "all.yaml", Data: manyIngresses(10000)}}, LoadOptions{})
	b.ReportAllocs()
	for b.Loop() {
		if s, _ := NewSnapshot(objects); len(s.Ingresses) != 10000 {
			b.Fatal("objects are lost")
		}
	}
}
