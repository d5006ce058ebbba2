package translate

import (
	"strings"
	"testing"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/policy"
)

// toy is a dialect of one annotation, toy.example/do, whose words fill the same families as ingress-nginx's annotations.
func toy(meta *manifest.Meta) (policy.Ingress, diag.List) {
	var asked policy.Ingress
	var diags diag.List
	a, ok := meta.Annotation("toy.example/do")
	if !ok {
		return asked, nil
	}
	at := policy.Origin{Name: "do", Key: a.Key, Pos: a.Pos, Given: true}
	for word := range strings.FieldsSeq(a.Value) {
		switch word {
		case "slowly":
			asked.Limits.PerSecond = policy.PerRoute[int]{Value: policy.Value[int]{Origin: at, V: 5}}
			asked.Limits.BurstFactor.V = 2
		case "safely":
			asked.Redirect.ForceTLS = policy.PerRoute[bool]{Value: policy.Value[bool]{Origin: at, V: true}}
		case "binary":
			asked.Backend.Protocol = policy.PerRoute[policy.Protocol]{Value: policy.Value[policy.Protocol]{Origin: at, V: policy.GRPC}}
		case "nowhere":
			asked.Rewrite.Target = policy.PerRoute[string]{Value: policy.Value[string]{Origin: at, V: "/a/../b"}}
		case "privately":
			asked.Closed.Hosts = policy.ForHost(policy.Value[string]{Origin: at, V: "nobody can do things privately"})
		}
	}
	asked.Written = []policy.Origin{at}
	return asked, diags
}

func toyIngress(name, host, do string) string {
	return `
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ` + name + `, namespace: shop, annotations: {toy.example/do: "` + do + `", nginx.ingress.kubernetes.io/limit-rpm: "1"}}
spec:
  ingressClassName: nginx
  rules: [{host: ` + host + `, http: {paths: [{path: /` + name + `, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]
`
}

func runToy(t *testing.T, text string) (*model.Config, diag.List) {
	t.Helper()
	objects, remarks := manifest.Load([]manifest.Input{{Name: "in.yaml", Data: []byte(text)}}, manifest.LoadOptions{})
	if len(remarks) > 0 {
		t.Fatal(remarks)
	}
	snap, _ := manifest.NewSnapshot(objects)
	settings := DefaultSettings()
	settings.Class.AssumeName, settings.PlaceholderEndpoints = true, true
	settings.Dialect = toy
	return Run(snap, settings)
}

// routeOf finds the route of a path.
func routeOf(t *testing.T, config *model.Config, host, path string) model.Route {
	t.Helper()
	for _, s := range config.Servers {
		for _, r := range s.Routes {
			if s.Host == host && r.Match.Path == path {
				return r
			}
		}
	}
	t.Fatalf("%s%s has no route", host, path)
	return model.Route{}
}

// TestAnotherDialect fills the families from other words: nothing below the dialect is different, and ingress-nginx's annotations mean
// nothing.
func TestAnotherDialect(t *testing.T) {
	config, diags := runToy(t, toyIngress("a", "a.example", "slowly safely binary")+toyIngress("b", "b.example", "nowhere"))
	r := routeOf(t, config, "a.example", "/a")
	limit, ok := config.LimitByID(r.Limit)
	if !ok || len(limit.Rates) != 1 || limit.Rates[0].Requests != 5 || limit.Rates[0].Burst != 10 {
		t.Errorf("the limit is %+v", limit)
	}
	if r.TLSRedirect == nil || r.Protocol != model.GRPC {
		t.Errorf("the route is %+v", r)
	}
	broken := diags[max(0, indexOfCode(diags, diag.RewriteTarget)):]
	if len(broken) == 0 || broken[0].Key != "toy.example/do" || broken[0].Pos.Line == 0 {
		t.Errorf("the diagnostics do not name what the object wrote: %v", diags)
	}
}

func indexOfCode(list diag.List, code diag.CodeInfo) int {
	for i, d := range list {
		if d.Code == code.Code {
			return i
		}
	}
	return -1
}

// TestAGuardOfTheHostClosesTheHost: what one Ingress asks for the whole host holds for the paths of the others there, and nowhere else.
func TestAGuardOfTheHostClosesTheHost(t *testing.T) {
	config, _ := runToy(t, toyIngress("a", "a.example", "privately")+toyIngress("b", "a.example", "slowly")+toyIngress("c", "c.example", "slowly"))
	for path, closed := range map[string]bool{"/a": true, "/b": true, "/c": false} {
		host := "a.example"
		if path == "/c" {
			host = "c.example"
		}
		if r := routeOf(t, config, host, path); r.Closed != "" != closed {
			t.Errorf("%s%s: closed %q", host, path, r.Closed)
		}
	}
}
