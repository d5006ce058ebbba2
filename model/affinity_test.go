package model

import "testing"

func TestSideIsThatOfIngressNginx(t *testing.T) {
	b := Backend{ID: "default_web_80", Namespace: "default", Service: "web", Port: "80"}
	if got, want := b.Side(), "6cde5721ec2c7e2bce07cff7d0e4ac37"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestEndpointIDs(t *testing.T) {
	a := Affinity{Secret: Secret("a")}
	b := Affinity{Secret: Secret("b")}
	one, two := Endpoint{Address: "10.0.0.1", Port: 8080}, Endpoint{Address: "10.0.0.1", Port: 8081}
	if a.ID(one) != a.ID(one) {
		t.Error("an ID has to be the same at all times")
	}
	if a.ID(one) == a.ID(two) || a.ID(one) == b.ID(one) {
		t.Error("endpoints and secrets have to tell IDs apart")
	}
	if len(a.ID(one)) != 32 {
		t.Errorf("an ID has %d digits, not 32", len(a.ID(one)))
	}
	v6 := Endpoint{Address: "fd00::1", Port: 80}
	if joinHostPort(v6) != "[fd00::1]:80" {
		t.Errorf("got %s", joinHostPort(v6))
	}
}
