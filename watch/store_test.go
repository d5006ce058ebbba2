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
