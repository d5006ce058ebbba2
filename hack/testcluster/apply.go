package testcluster

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/rest"
)

// kinds says where objects live. A kind that is missing here is added when a test needs it.
var kinds = map[string]struct {
	plural string
	global bool
}{
	"ClusterRole":        {"clusterroles", true},
	"ClusterRoleBinding": {"clusterrolebindings", true},
	"ConfigMap":          {"configmaps", false},
	"Deployment":         {"deployments", false},
	"EndpointSlice":      {"endpointslices", false},
	"Ingress":            {"ingresses", false},
	"IngressClass":       {"ingressclasses", true},
	"Namespace":          {"namespaces", true},
	"Pod":                {"pods", false},
	"Role":               {"roles", false},
	"RoleBinding":        {"rolebindings", false},
	"Secret":             {"secrets", false},
	"Service":            {"services", false},
	"ServiceAccount":     {"serviceaccounts", false},
}

// Apply creates or changes the objects of a YAML or JSON text, like kubectl apply --server-side. Fields that the API server does not
// know are an error.
func (c *Cluster) Apply(manifests string) {
	c.t.Helper()
	c.each(manifests, func(client rest.Interface, path string, o *unstructured.Unstructured) error {
		body, err := json.Marshal(o)
		if err != nil {
			return err
		}
		return client.Patch(types.ApplyPatchType).AbsPath(path).Param("fieldManager", "test").Param("force", "true").
			Param("fieldValidation", "Strict").Body(body).Do(context.Background()).Error()
	})
}

// Delete removes the objects of a YAML or JSON text.
func (c *Cluster) Delete(manifests string) {
	c.t.Helper()
	c.each(manifests, func(client rest.Interface, path string, _ *unstructured.Unstructured) error {
		return client.Delete().AbsPath(path).Do(context.Background()).Error()
	})
}

// As returns the configuration of a ServiceAccount, which must exist, with a token that the API server issued for it.
func (c *Cluster) As(namespace, account string) *rest.Config {
	c.t.Helper()
	client := c.client()
	path := fmt.Sprintf("/api/v1/namespaces/%s/serviceaccounts/%s/token", namespace, account)
	body := []byte(`{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":3600}}`)
	answer, err := client.Post().AbsPath(path).Body(body).SetHeader("Content-Type", runtime.ContentTypeJSON).Do(context.Background()).Raw()
	if err != nil {
		c.t.Fatalf("asking for a token of %s/%s: %v", namespace, account, err)
	}
	var token struct{ Status struct{ Token string } }
	if err := json.Unmarshal(answer, &token); err != nil {
		c.t.Fatal(err)
	}
	config := rest.AnonymousClientConfig(c.Config)
	config.BearerToken = token.Status.Token
	return config
}

func (c *Cluster) each(manifests string, act func(client rest.Interface, path string, o *unstructured.Unstructured) error) {
	c.t.Helper()
	client := c.client()
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader([]byte(manifests)), 4096)
	for {
		o := &unstructured.Unstructured{}
		err := decoder.Decode(&o.Object)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			c.t.Fatalf("reading manifests to apply: %v", err)
		}
		if len(o.Object) == 0 {
			continue
		}
		path, err := pathOf(o)
		if err == nil {
			err = act(client, path, o)
		}
		if err != nil {
			c.t.Fatalf("%s %s/%s: %v", o.GetKind(), o.GetNamespace(), o.GetName(), err)
		}
	}
}

func pathOf(o *unstructured.Unstructured) (string, error) {
	kind, ok := kinds[o.GetKind()]
	if !ok {
		return "", errors.New("a kind that package testcluster does not know")
	}
	path := "/apis/" + o.GetAPIVersion()
	if o.GroupVersionKind().Group == "" {
		path = "/api/" + o.GetAPIVersion()
	}
	if !kind.global {
		if o.GetNamespace() == "" {
			o.SetNamespace("default")
		}
		path += "/namespaces/" + o.GetNamespace()
	}
	return path + "/" + kind.plural + "/" + o.GetName(), nil
}

func (c *Cluster) client() rest.Interface {
	c.t.Helper()
	client, err := rest.UnversionedRESTClientFor(rawConfig(c.Config))
	if err != nil {
		c.t.Fatal(err)
	}
	return client
}

// rawConfig is for requests that no typed client makes.
func rawConfig(config *rest.Config) *rest.Config {
	raw := rest.CopyConfig(config)
	raw.GroupVersion = &schema.GroupVersion{}
	raw.NegotiatedSerializer = serializer.NewCodecFactory(runtime.NewScheme()).WithoutConversion()
	return raw
}
