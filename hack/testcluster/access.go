package testcluster

import (
	"context"
	"encoding/json"

	"k8s.io/apimachinery/pkg/runtime"
)

// Access is a thing to do to a kind of objects in a namespace.
type Access struct {
	Verb      string `json:"verb"`
	Group     string `json:"group"`
	Resource  string `json:"resource"`
	Namespace string `json:"namespace"`
}

// Allowed asks the API server whether a ServiceAccount may do something.
func (c *Cluster) Allowed(namespace, account string, access Access) bool {
	c.t.Helper()
	type spec struct {
		User       string   `json:"user"`
		Groups     []string `json:"groups"`
		Attributes Access   `json:"resourceAttributes"`
	}
	body, err := json.Marshal(map[string]any{
		"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
		"spec": spec{
			User:       "system:serviceaccount:" + namespace + ":" + account,
			Groups:     []string{"system:serviceaccounts", "system:serviceaccounts:" + namespace, "system:authenticated"},
			Attributes: access,
		},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	answer, err := c.client().Post().AbsPath("/apis/authorization.k8s.io/v1/subjectaccessreviews").Body(body).
		SetHeader("Content-Type", runtime.ContentTypeJSON).Do(context.Background()).Raw()
	if err != nil {
		c.t.Fatalf("asking what %s/%s may do: %v", namespace, account, err)
	}
	var review struct{ Status struct{ Allowed bool } }
	if err := json.Unmarshal(answer, &review); err != nil {
		c.t.Fatal(err)
	}
	return review.Status.Allowed
}
