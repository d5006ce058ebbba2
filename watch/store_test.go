package watch

import (
	"testing"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestWhatAListLacksWasNotDeleted: only an event says that an object was deleted.
func TestWhatAListLacksWasNotDeleted(t *testing.T) {
	ingress := func(name, version string) *networkingv1.Ingress {
		return &networkingv1.Ingress{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, ResourceVersion: version}}
	}
	s := newStore(converter(convertIngress), func() {})
	lost := func() (names string) {
		for _, o := range s.appendUnlisted(nil, "ingresses") {
			names += o.Ref.Name
		}
		return names
	}
	check := func(err error, step, want string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if got := lost(); got != want {
			t.Errorf("%s: lost are %q, want %q", step, got, want)
		}
	}
	check(s.Replace([]any{ingress("a", "1"), ingress("b", "1"), ingress("c", "1")}, "1"), "the first list", "")
	check(s.Delete(ingress("a", "2")), "deleted", "")
	check(s.Replace([]any{ingress("b", "1")}, "3"), "a list without one", "c")
	check(s.Replace([]any{ingress("b", "1")}, "4"), "the same list", "c")
	check(s.Add(ingress("c", "5")), "it comes back", "")
	check(s.Replace([]any{ingress("c", "5")}, "6"), "a list without another", "b")
	check(s.Replace([]any{ingress("b", "7"), ingress("c", "5")}, "7"), "it is listed again", "")
}

// TestWhatCountsAsAChange: a list or an event that says what is known already is none.
func TestWhatCountsAsAChange(t *testing.T) {
	ingress := func(name, version, class string) *networkingv1.Ingress {
		return &networkingv1.Ingress{
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, ResourceVersion: version}, Spec: networkingv1.IngressSpec{IngressClassName: &class},
		}
	}
	changes := 0
	s := newStore(converter(convertIngress), func() { changes++ })
	replace := func(objects ...any) func() error { return func() error { return s.Replace(objects, "1") } }
	for _, step := range []struct {
		name string
		do   func() error
		want int
	}{
		{"the first list, although it is empty", replace(), 1},
		{"the same", replace(), 0},
		{"objects", replace(ingress("a", "1", "x"), ingress("b", "1", "x")), 1},
		{"the same ones", replace(ingress("a", "1", "x"), ingress("b", "1", "x")), 0},
		{"other versions that mean the same", replace(ingress("a", "2", "x"), ingress("b", "2", "x")), 0},
		{"one means something else", replace(ingress("a", "3", "y"), ingress("b", "2", "x")), 1},
		{"one vanished", replace(ingress("a", "3", "y")), 1},
		{"another one in its place", replace(ingress("c", "4", "y")), 1},
		{"all vanished", replace(), 1},
		{"an event brings one", func() error { return s.Add(ingress("a", "5", "x")) }, 1},
		{"the same event", func() error { return s.Update(ingress("a", "5", "x")) }, 0},
		{"an event that means the same", func() error { return s.Update(ingress("a", "6", "x")) }, 0},
		{"an event that means something else", func() error { return s.Update(ingress("a", "7", "y")) }, 1},
		{"deleted", func() error { return s.Delete(ingress("a", "8", "y")) }, 1},
		{"deleted again", func() error { return s.Delete(ingress("a", "8", "y")) }, 0},
	} {
		before := changes
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		if got := changes - before; got != step.want {
			t.Errorf("%s: %d changes, want %d", step.name, got, step.want)
		}
	}
}
