package watch

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/yaml"

	"github.com/headgate/headgate/manifest"
)

// TestConvertLikeFiles reads each manifest as a file and as the API server would send it: both ways must give the same object.
func TestConvertLikeFiles(t *testing.T) {
	decode := func(into any, convert func(any) manifest.Object) func(t *testing.T, text string) manifest.Object {
		return func(t *testing.T, text string) manifest.Object {
			t.Helper()
			if err := yaml.UnmarshalStrict([]byte(text), into); err != nil {
				t.Fatal(err)
			}
			return convert(into)
		}
	}
	tests := []struct {
		name string
		live func(t *testing.T, text string) manifest.Object
		text string
	}{
		{"Ingress", decode(&networkingv1.Ingress{}, converter(convertIngress)), `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  {namespace: a, name: web, uid: 6e7e7f6c-0000-4000-8000-000000000001, creationTimestamp: "2026-01-02T03:04:05Z", annotations: {z.example/b: "2", a.example/a: "1"}}
spec:
  ingressClassName: nginx
  defaultBackend: {service: {name: fallback, port: {number: 8080}}}
  tls: [{hosts: [a.example, b.example], secretName: cert}, {}]
  rules:
  - host: only.example
  - http: {paths: [{path: /a, pathType: Exact, backend: {service: {name: s, port: {name: http}}}}]}
  - host: "*.example"
    http: {paths: [{pathType: Prefix, path: /r, backend: {resource: {apiGroup: g.example, kind: Bucket, name: x}}}]}
`},
		{"IngressClass", decode(&networkingv1.IngressClass{}, converter(convertClass)), `
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx, annotations: {ingressclass.kubernetes.io/is-default-class: "true"}}
spec: {controller: k8s.io/ingress-nginx}
`},
		{"Service", decode(&corev1.Service{}, converter(convertService)), `
apiVersion: v1
kind: Service
metadata: {namespace: a, name: web}
spec:
  type: ClusterIP
  clusterIP: 10.96.0.7
  clusterIPs: [10.96.0.7, "fd00::7"]
  publishNotReadyAddresses: true
  sessionAffinity: ClientIP
  sessionAffinityConfig: {clientIP: {timeoutSeconds: 60}}
  ports:
  - {name: http, protocol: TCP, port: 80, targetPort: web, appProtocol: kubernetes.io/h2c}
  - {name: dns, protocol: UDP, port: 53, targetPort: 5353}
`},
		{"ExternalName", decode(&corev1.Service{}, converter(convertService)), `
apiVersion: v1
kind: Service
metadata: {namespace: a, name: out}
spec: {type: ExternalName, externalName: a.example}
`},
		{"EndpointSlice", decode(&discoveryv1.EndpointSlice{}, converter(convertSlice)), `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {namespace: a, name: web-1, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{name: http, protocol: TCP, port: 8080}, {}]
endpoints:
- {addresses: [10.244.0.1], conditions: {ready: true, serving: true}, nodeName: node-1, zone: z, hints: {forZones: [{name: z}]}, targetRef: {kind: Pod, namespace: a, name: web-0}}
- {addresses: [10.244.0.2], conditions: {ready: false, terminating: true}}
- {addresses: [10.244.0.3]}
`},
		{"Secret", decode(&corev1.Secret{}, converter(convertSecret)), `
apiVersion: v1
kind: Secret
metadata: {namespace: a, name: s}
type: Opaque
data: {b: Qg==, a: QQ==}
`},
		{"ConfigMap", decode(&corev1.ConfigMap{}, converter(convertConfigMap)), `
apiVersion: v1
kind: ConfigMap
metadata: {namespace: a, name: c}
data: {b: "2", a: "1"}
`},
	}
	placeless := cmp.Options{
		cmpopts.IgnoreUnexported(manifest.Meta{}),
		cmpopts.IgnoreFields(manifest.Annotation{}, "Pos"),
		cmpopts.IgnoreFields(manifest.ConfigEntry{}, "Pos"),
		cmpopts.EquateEmpty(),
		cmp.Comparer(func(a, b manifest.Bytes) bool { return string(a) == string(b) }),
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fromFile, remarks := manifest.Load([]manifest.Input{{Name: "in.yaml", Data: []byte(test.text)}}, manifest.LoadOptions{})
			if len(fromFile) != 1 || len(remarks) != 0 {
				t.Fatalf("%d objects from the file, remarks %v", len(fromFile), remarks)
			}
			if diff := cmp.Diff(fromFile[0], test.live(t, test.text), placeless); diff != "" {
				t.Errorf("the object from a file (-) and from the API server (+):\n%s", diff)
			}
		})
	}
}

func TestConvertLeavesOutWhatKubectlKeeps(t *testing.T) {
	o := &networkingv1.Ingress{}
	o.Annotations = map[string]string{corev1.LastAppliedConfigAnnotation: "{}", "a": "b"}
	if got := convertIngress(o).(*manifest.Ingress).Annotations; len(got) != 1 || got[0].Key != "a" {
		t.Errorf("annotations %v", got)
	}
	if len(o.Annotations) != 2 {
		t.Error("the object that was converted is changed")
	}
}
