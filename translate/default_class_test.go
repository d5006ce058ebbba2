package translate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/headgate/headgate/translate"
)

func class(name, controller, created string, byDefault bool) object {
	return object(fmt.Sprintf("apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: %s, creationTimestamp: %q, "+
		"annotations: {ingressclass.kubernetes.io/is-default-class: \"%t\"}}\nspec: {controller: %s}\n", name, created, byDefault, controller))
}

// classless is an Ingress that names no class, or one by the old annotation.
func classless(annotation string) object {
	text := strings.Replace(string(ingress("web", "/", "one")), "  ingressClassName: nginx\n", "", 1)
	if annotation != "" {
		text = strings.Replace(text, "  annotations:\n", "  annotations:\n    kubernetes.io/ingress.class: "+annotation+"\n", 1)
	}
	return object(text)
}

func TestDefaultClass(t *testing.T) {
	const ours, theirs, early, late = "k8s.io/ingress-nginx", "example.com/other", "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"
	for _, c := range []struct {
		name    string
		live    bool
		objects []object
		taken   bool
	}{
		{"of our controller", false, []object{classless(""), class("dflt", ours, early, true)}, true},
		{"not marked", false, []object{classless(""), class("dflt", ours, early, false)}, false},
		{"of another controller", false, []object{classless(""), class("dflt", theirs, early, true)}, false},
		{"the newest of two", false, []object{classless(""), class("a", theirs, early, true), class("b", ours, late, true)}, true},
		{"the newest is not ours", false, []object{classless(""), class("a", ours, early, true), class("b", theirs, late, true)}, false},
		{"the first by name of equally old ones", false, []object{classless(""), class("a", ours, early, true), class("b", theirs, early, true)}, true},
		{"the old annotation names a class", false, []object{classless("other"), class("dflt", ours, early, true)}, false},
		{"the object comes from an API server", true, []object{classless(""), class("dflt", ours, early, true)}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := settings()
			s.Class.FillDefault = !c.live
			cfg, codes := run(t, s, append(c.objects, service("one"))...)
			if taken := len(cfg.Servers) == 2; taken != c.taken {
				t.Errorf("taken: %t; %v", taken, codes)
			}
			if warned := slices.Contains(codes, " 3040 none-taken"); warned == c.taken {
				t.Errorf("warned that nothing was taken: %t", warned)
			}
		})
	}
}

// TestNoneTaken wants the classes of the input in the warning.
func TestNoneTaken(t *testing.T) {
	private := object(strings.Replace(string(ingress("web", "/", "one")), "ingressClassName: nginx", "ingressClassName: nginx-private", 1))
	lines := remarks(t, settings(), private, classless("old"), class("public", "example.com/other", "2024-01-01T00:00:00Z", false))
	want := `0 of 1 Ingresses taken; classes in the input: "nginx-private", public (controller example.com/other)`
	if !slices.ContainsFunc(lines, func(l string) bool {
		return strings.HasPrefix(l, "warning[3040 none-taken]") && strings.Contains(l, want)
	}) {
		t.Errorf("%q is not in %q", want, lines)
	}
	if lines := remarks(t, translate.DefaultSettings()); len(lines) > 0 {
		t.Errorf("an input without an Ingress is remarked on: %q", lines)
	}
}
