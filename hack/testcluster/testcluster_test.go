package testcluster

import (
	"context"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"
)

func get(t *testing.T, config *rest.Config, path string) error {
	t.Helper()
	client, err := rest.UnversionedRESTClientFor(rawConfig(config))
	if err != nil {
		t.Fatal(err)
	}
	return client.Get().AbsPath(path).Do(context.Background()).Error()
}

func TestCluster(t *testing.T) {
	c := Start(t)
	const services = "/api/v1/namespaces/default/services"
	const account = `{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "reader"}}`
	c.Apply(account)
	c.Apply(`
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules: [{apiGroups: [""], resources: [services], verbs: [list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: reader, namespace: default}]
`)
	reader := c.As("default", "reader")
	// The API server learns of a new role a moment after it has taken it.
	deadline := time.Now().Add(time.Minute)
	for err := get(t, reader, services); err != nil; err = get(t, reader, services) {
		if !apierrors.IsForbidden(err) || time.Now().After(deadline) {
			t.Fatalf("what the role allows: %v", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err := get(t, reader, "/api/v1/namespaces/default/secrets"); !apierrors.IsForbidden(err) {
		t.Errorf("what the role does not allow: %v", err)
	}
	c.StopAPI()
	if err := get(t, c.Config, "/readyz"); err == nil {
		t.Error("the API server answers although it was stopped")
	}
	c.StartAPI()
	const path = "/api/v1/namespaces/default/serviceaccounts/reader"
	if err := get(t, c.Config, path); err != nil {
		t.Errorf("an object from before the restart: %v", err)
	}
	c.Delete(account)
	if err := get(t, c.Config, path); !apierrors.IsNotFound(err) {
		t.Errorf("a deleted object: %v", err)
	}
}
