package manifest

import (
	"math/rand"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate/headgate/diag"
)

func load(t *testing.T, inputs ...Input) []Object {
	t.Helper()
	objects, diags := Load(inputs, LoadOptions{})
	if len(diags) > 0 {
		t.Fatalf("the input is not clean: %v", diags)
	}
	return objects
}

const zoo = `
{apiVersion: v1, kind: Service, metadata: {name: b, namespace: ny}, spec: {ports: [{port: 1}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: a, namespace: ny}, spec: {ports: [{port: 1}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: c, namespace: la}, spec: {ports: [{port: 1}]}}
---
{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: la}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: m, namespace: la}}
---
{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: nginx}, spec: {controller: c}}
---
{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: s2, namespace: ny, labels: {kubernetes.io/service-name: a}}, addressType: IPv4}
---
{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: s1, namespace: ny, labels: {kubernetes.io/service-name: a}}, addressType: IPv4}
---
{apiVersion: v1, kind: Endpoints, metadata: {name: a, namespace: ny}, subsets: [{addresses: [{ip: 10.0.0.1}]}]}
---
{apiVersion: v1, kind: Endpoints, metadata: {name: b, namespace: ny}, subsets: [{addresses: [{ip: 10.0.0.1}, {ip: "::2"}]}]}
`

func TestSnapshotLooksUp(t *testing.T) {
	s, diags := NewSnapshot(load(t, Input{Name: "f", Data: []byte(zoo)}),
		WithResolved([]ResolvedName{{Name: "z.example"}, {Name: "a.example", Addresses: []string{"192.0.2.1"}}}), WithClassesUnreadable())
	if len(diags) > 0 {
		t.Error(diags)
	}
	var names []string
	for _, svc := range s.Services {
		names = append(names, svc.Namespace+"/"+svc.Name)
	}
	if want := []string{"la/c", "ny/a", "ny/b"}; !cmp.Equal(names, want) {
		t.Errorf("Services %v, want %v", names, want)
	}
	if svc := s.Service("ny", "a"); svc == nil || svc.Name != "a" || s.Service("la", "a") != nil {
		t.Error("Service")
	}
	if s.Secret("la", "s") == nil || s.Secret("ny", "s") != nil || s.ConfigMap("la", "m") == nil || s.ConfigMap("la", "s") != nil {
		t.Error("Secret or ConfigMap")
	}
	if c, ok := s.Class("nginx"); !ok || c.Controller != "c" {
		t.Error("Class")
	}
	if _, ok := s.Class("other"); ok || !s.ClassesUnreadable {
		t.Error("Class of another name, or ClassesUnreadable")
	}
	if s.Resolved[0].Name != "a.example" {
		t.Error("Resolved is not sorted")
	}
	if a, ok := s.ResolvedName("a.example"); !ok || !cmp.Equal(a, []string{"192.0.2.1"}) {
		t.Error("ResolvedName")
	}
	if a, ok := s.ResolvedName("z.example"); !ok || len(a) > 0 {
		t.Error("ResolvedName without addresses")
	}
	if _, ok := s.ResolvedName("b.example"); ok {
		t.Error("ResolvedName that was not asked for")
	}
}

func TestSnapshotPrefersSlicesToEndpoints(t *testing.T) {
	s, _ := NewSnapshot(load(t, Input{Name: "f", Data: []byte(zoo)}))
	kinds := func(service string) []string {
		var kinds []string
		for _, slice := range s.SlicesOf("ny", service) {
			kinds = append(kinds, slice.Kind+" "+slice.Name+" "+slice.AddressType)
		}
		return kinds
	}
	if diff := cmp.Diff([]string{"EndpointSlice s1 IPv4", "EndpointSlice s2 IPv4"}, kinds("a")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Endpoints b IPv4", "Endpoints b IPv6"}, kinds("b")); diff != "" {
		t.Error(diff)
	}
	if len(s.Slices) != 4 {
		t.Errorf("%d slices", len(s.Slices))
	}
}

func TestSnapshotDoesNotDependOnOrder(t *testing.T) {
	objects := load(t, Input{Name: "f", Data: []byte(zoo)}, Input{Name: "g", Data: []byte(zoo)})
	want, wantDiags := NewSnapshot(objects)
	random := rand.New(rand.NewSource(1))
	for range 20 {
		random.Shuffle(len(objects), func(i, j int) { objects[i], objects[j] = objects[j], objects[i] })
		got, diags := NewSnapshot(append(objects, objects[0]))
		if diff := cmp.Diff(places(want), places(got)); diff != "" {
			t.Fatal(diff)
		}
		diags.Sort()
		wantDiags.Sort()
		if diff := cmp.Diff(wantDiags, diags); diff != "" {
			t.Fatal(diff)
		}
	}
}

func places(s *Snapshot) []string {
	var all []string
	add := func(m *Meta) { all = append(all, m.Ref().String()+" "+m.Pos("").String()) }
	for _, o := range s.Services {
		add(&o.Meta)
	}
	for _, o := range s.Slices {
		add(&o.Meta)
	}
	for _, o := range s.Secrets {
		add(&o.Meta)
	}
	return all
}

func TestRepeatedObjects(t *testing.T) {
	secret := func(created, value string) string {
		return "{apiVersion: v1, kind: Secret, metadata: {name: s, creationTimestamp: " + created + "}, stringData: {k: " + value + "}}\n"
	}
	tests := []struct {
		name   string
		inputs []Input
		want   int // the length of the value that counts
		places []string
	}{
		{"smaller line", []Input{{"f", []byte(secret("null", "a") + "---\n" + secret("null", "bb"))}}, 1, []string{"f:3:1"}},
		{"smaller file", []Input{{"g", []byte(secret("null", "a"))}, {"f", []byte(secret("null", "bb"))}}, 2, []string{"g:1:1"}},
		{"older", []Input{{"f", []byte(secret("2024-05-06T00:00:00Z", "a"))}, {"g", []byte(secret("2023-05-06T00:00:00Z", "bb"))}}, 2, []string{"f:1:1"}},
		{"of known age", []Input{{"f", []byte(secret("null", "a"))}, {"g", []byte(secret("2023-05-06T00:00:00Z", "bb"))}}, 2, []string{"f:1:1"}},
		{"three", []Input{{"f", []byte(secret("null", "a"))}, {"g", []byte(secret("null", "bb"))}, {"h", []byte(secret("null", "ccc"))}}, 1, []string{"g:1:1", "h:1:1"}},
		{"same file twice", []Input{{"f", []byte(secret("null", "a"))}, {"f", []byte(secret("null", "a"))}}, 1, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, diags := NewSnapshot(load(t, test.inputs...))
			if len(s.Secrets) != 1 {
				t.Fatalf("%d Secrets", len(s.Secrets))
			}
			if got, _ := s.Secrets[0].Get("k"); len(got) != test.want {
				t.Errorf("the one of length %d counts, want %d", len(got), test.want)
			}
			var got []string
			for _, d := range diags {
				if d.Code != diag.ObjectRepeated.Code {
					t.Errorf("unexpected %s", d)
				}
				got = append(got, d.Pos.String())
			}
			if diff := cmp.Diff(test.places, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNewMeta(t *testing.T) {
	created := time.Date(2024, 5, 6, 0, 0, 0, 0, time.UTC)
	m := NewMeta(diag.Ref{Kind: "Ingress", Namespace: "shop", Name: "web"}, "u", created, map[string]string{"b": "2", "a": "1"})
	if diff := cmp.Diff([]Annotation{{Key: "a", Value: "1"}, {Key: "b", Value: "2"}}, m.Annotations); diff != "" {
		t.Error(diff)
	}
	if m.Ref().String() != "Ingress shop/web" || m.UID != "u" || !m.Created.Equal(created) || !m.Pos("spec").IsZero() {
		t.Errorf("%+v", m)
	}
}
