package retain

import (
	"slices"
	"strings"
	"testing"

	"github.com/headgate/headgate/configmap"
	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
)

// FuzzNext changes one annotation, host or path of an Ingress that serves. Whatever is written, either that is served or the good version;
// and what is written to guard is never replaced by a version without it.
func FuzzNext(f *testing.F) {
	for _, seed := range [][4]string{
		{"load-balance", "ewwma", "a.example", "/"}, {"limit-rps", "x", "a.example", "/"}, {"auth-url", "http://a/", "a.example", "/"},
		{"whitelist-source-range", "10.0.0.0/88", "a.example", "/"}, {"use-regex", "true", "a.example", "/(a"}, {"rewrite-target", "$x", "*", "x"},
		{"satisfy", "any", "b.example", ""}, {"rewrite-targte", "/x", "a.example", "/"}, {"limit-conections", "1", "", "/\x00"},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	guards := []string{"limit-", "auth-", "whitelist-source-range", "allowlist-source-range", "denylist-source-range", "satisfy", "enable-modsecurity", "proxy-ssl-verify"}
	f.Fuzz(func(t *testing.T, key, value, host, path string) {
		full := "nginx.ingress.kubernetes.io/" + key
		good := ingressWith(manifest.Annotation{Key: "nginx.ingress.kubernetes.io/rewrite-target", Value: "/x"}, "a.example", "/")
		written := ingressWith(manifest.Annotation{Key: full, Value: value}, host, path)
		before, _ := manifest.NewSnapshot([]manifest.Object{good})
		now, _ := manifest.NewSnapshot([]manifest.Object{written})
		state, remarks := after(t, before, now)
		served := state.Served().Ingresses[0]
		kept := state.Kept()["Ingress"] == 1
		if kept != (served != written) || kept && served != good || kept != (count(remarks, diag.ObjectKept) == 1) {
			t.Errorf("kept %t, remarks %v", kept, remarks)
		}
		known := slices.ContainsFunc(annotationNames(), func(name string) bool { return name == key })
		if kept && known && slices.ContainsFunc(guards, func(g string) bool {
			return strings.HasPrefix(key, g) && key != "limit-rate" && key != "limit-rate-after"
		}) {
			t.Errorf("%s: %q guards, and a version without it is served", key, value)
		}
	})
}

func ingressWith(a manifest.Annotation, host, path string) *manifest.Ingress {
	class := "nginx"
	return &manifest.Ingress{
		Meta:      manifest.Meta{Kind: "Ingress", Namespace: "shop", Name: "web", Annotations: []manifest.Annotation{a}},
		ClassName: &class,
		Rules: []manifest.IngressRule{{Host: host, HTTP: true, Paths: []manifest.IngressPath{
			{Path: path, Backend: manifest.IngressBackend{Service: "web", Port: manifest.Port{Number: 80}}},
		}}},
	}
}

// annotationNames are the names of all annotations and their old spellings.
func annotationNames() []string {
	var names []string
	for _, spec := range configmap.Annotations() {
		names = append(names, spec.Key.String())
		for _, alias := range spec.Aliases {
			names = append(names, alias.String())
		}
	}
	return names
}
