package retain

import (
	"fmt"
	"strings"
	"testing"

	"github.com/headgate/headgate/manifest"
)

// BenchmarkNext is what a change of endpoints costs beside ten thousand Ingresses.
func BenchmarkNext(b *testing.B) {
	var text strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&text, "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {namespace: shop, name: t%05d}\n", i)
		fmt.Fprintf(&text, "spec: {ingressClassName: nginx, rules: [{host: t%05d.example}]}\n", i)
	}
	objects, _ := manifest.Load([]manifest.Input{{Name: "in.yaml", Data: []byte(text.String())}}, manifest.LoadOptions{})
	bad := "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {namespace: shop, name: t00000, annotations: {" + annotation("load-balance", "ewwma") + "}}\n" +
		"spec: {ingressClassName: nginx, rules: [{host: t00000.example}]}\n"
	spoilt, _ := manifest.Load([]manifest.Input{{Name: "in.yaml", Data: []byte(bad)}}, manifest.LoadOptions{})
	before, _ := manifest.NewSnapshot(objects)
	mistake, _ := manifest.NewSnapshot(append(spoilt, objects[1:]...))
	for name, now := range map[string]*manifest.Snapshot{"nothing is kept": before, "an Ingress is kept": mistake} {
		b.Run(name, func(b *testing.B) {
			state, _ := State{}.Next(before, settings(), noon)
			state, _ = state.Next(now, settings(), noon)
			brake, _, _ := Brake{}.Next(before, settings(), options, noon)
			for b.Loop() {
				next, served, _ := brake.Next(now.With(), settings(), options, noon)
				brake = next
				state, _ = state.Next(served, settings(), noon)
			}
		})
	}
}
