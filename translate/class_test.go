package translate

import (
	"testing"

	"github.com/headgate/headgate/manifest"
)

// TestClassesByName: where IngressClasses may not be read, Ingresses are taken by the name of their class.
func TestClassesByName(t *testing.T) {
	own, foreign := "nginx", "other"
	annotated := func(class string) []manifest.Annotation {
		return []manifest.Annotation{{Key: classAnnotation, Value: class}}
	}
	for name, tc := range map[string]struct {
		ingress manifest.Ingress
		without bool
		want    bool
	}{
		"own class":                           {ingress: manifest.Ingress{ClassName: &own}, want: true},
		"foreign class":                       {ingress: manifest.Ingress{ClassName: &foreign}},
		"foreign class, classless are taken":  {ingress: manifest.Ingress{ClassName: &foreign}, without: true},
		"foreign class, own annotation":       {ingress: manifest.Ingress{ClassName: &foreign, Meta: manifest.Meta{Annotations: annotated(own)}}, want: true},
		"own class, foreign annotation":       {ingress: manifest.Ingress{ClassName: &own, Meta: manifest.Meta{Annotations: annotated(foreign)}}, want: true},
		"no class":                            {},
		"no class, classless are taken":       {without: true, want: true},
		"foreign annotation, classless taken": {ingress: manifest.Ingress{Meta: manifest.Meta{Annotations: annotated(foreign)}}, without: true},
	} {
		t.Run(name, func(t *testing.T) {
			snap, _ := manifest.NewSnapshot(nil, manifest.WithClassesUnreadable())
			tr := translator{snap: snap, settings: DefaultSettings()}
			tr.settings.Class.WithoutClass = tc.without
			if got := tr.isOurs(&tc.ingress); got != tc.want {
				t.Errorf("taken is %t, want %t", got, tc.want)
			}
		})
	}
}

// TestASlipInAClassIsSaid: a class that nobody has and that is ours but for a slip is more than a remark.
func TestASlipInAClassIsSaid(t *testing.T) {
	for name, want := range map[string]string{"ngnix": "did you mean nginx?", "nginx-2": "", "traefik": "", "ngx": "", "nginx2": ""} {
		t.Run(name, func(t *testing.T) {
			snap, _ := manifest.NewSnapshot([]manifest.Object{
				&manifest.IngressClass{Meta: manifest.Meta{Kind: "IngressClass", Name: "nginx"}, Controller: DefaultSettings().Class.Controller},
				&manifest.IngressClass{Meta: manifest.Meta{Kind: "IngressClass", Name: "nginx2"}, Controller: "example.com/other"},
			})
			tr := translator{snap: snap, settings: DefaultSettings()}
			if tr.isOurs(&manifest.Ingress{ClassName: &name}) {
				t.Fatal("taken")
			}
			got := ""
			if len(tr.diags) > 0 {
				got = tr.diags[0].Hint
			}
			if got != want {
				t.Errorf("the hint is %q, want %q", got, want)
			}
		})
	}
}
