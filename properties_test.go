package headgate_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate/headgate/manifest"
)

// TestOrderDoesNotMatter shuffles the objects of every case: the bytes and the diagnostics stay the same.
func TestOrderDoesNotMatter(t *testing.T) {
	forEachCase(t, func(t *testing.T, tc *testCase) {
		cfg, diags := tc.translate(tc.objects)
		for seed := range uint64(5) {
			shuffled := slices.Clone(tc.objects)
			rand.New(rand.NewPCG(seed, 1)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			again, diagsAgain := tc.translate(shuffled)
			if diff := cmp.Diff(diags, diagsAgain); diff != "" {
				t.Fatalf("diagnostics depend on the order of the input:\n%s", diff)
			}
			for _, tg := range tc.targets() {
				want, _ := tc.files(t, tg, cfg)
				got, _ := tc.files(t, tg, again)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("%s: files depend on the order of the input:\n%s", tg.name, diff)
				}
			}
		}
	})
}

// TestOneTargetTwice renders every case after another one with the same target: what it keeps from the first must not show.
func TestOneTargetTwice(t *testing.T) {
	for _, tg := range targets {
		forEachCase(t, func(t *testing.T, tc *testCase) {
			other := readCase(t, "testdata/routing/prefix-exact")
			proxy, err := tg.make(tc)
			if err != nil {
				t.Fatal(err)
			}
			first, _ := other.translate(other.objects)
			second, _ := tc.translate(tc.objects)
			if _, err := proxy.Render(first); err != nil {
				t.Fatal(err)
			}
			if _, err := proxy.Render(second); err != nil {
				t.Fatal(err)
			}
			result, err := proxy.Render(second)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for _, f := range result.Files {
				if !f.Sensitive {
					got[f.Path] = string(f.Data)
				}
			}
			want, _ := tc.files(t, tg, second)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: a target that rendered before prints something else:\n%s", tg.name, diff)
			}
		})
	}
}

// TestBystanders adds an Ingress of a host of its own to every case: no file of the case changes.
func TestBystanders(t *testing.T) {
	bystander, diags := manifest.Load([]manifest.Input{{Name: "bystander.yaml", Data: []byte(bystanderYAML)}}, manifest.LoadOptions{})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	forEachCase(t, func(t *testing.T, tc *testCase) {
		// Endpoints are either known or not: the bystander must not turn this around for the others.
		if !slices.ContainsFunc(tc.objects, func(o manifest.Object) bool { _, ok := o.(*manifest.EndpointSlice); return ok }) {
			return
		}
		cfg, _ := tc.translate(tc.objects)
		with, _ := tc.translate(slices.Concat(tc.objects, bystander))
		for _, tg := range tc.targets() {
			before, _ := tc.files(t, tg, cfg)
			after, _ := tc.files(t, tg, with)
			tg.dropShared(before, after)
			for path, data := range before {
				if after[path] != data {
					t.Errorf("%s: %s changes with an Ingress of another host:\n%s", tg.name, path, cmp.Diff(data, after[path]))
				}
			}
		}
	})
}

// dropShared removes the files in which all hosts are listed together.
func (tg target) dropShared(files ...map[string]string) {
	for _, m := range files {
		maps.DeleteFunc(m, func(path, _ string) bool { return slices.Contains(tg.lists, path) })
	}
}

const bystanderYAML = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: by-stander, namespace: by-stander}
spec:
  ingressClassName: nginx
  rules:
  - host: by-stander.test
    http: {paths: [{path: /by, pathType: Prefix, backend: {service: {name: by-stander, port: {number: 80}}}}]}
---
apiVersion: v1
kind: Service
metadata: {name: by-stander, namespace: by-stander}
spec: {ports: [{port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: by-stander, namespace: by-stander, labels: {kubernetes.io/service-name: by-stander}}
addressType: IPv4
ports: [{port: 8080}]
endpoints: [{addresses: [10.99.0.1]}]
`

// TestNoAnnotationIsSilent takes each annotation of each case away: the output or the diagnostics change, for at least one proxy.
// What a case says about an annotation without effect stands in its file silent, one key a line.
func TestNoAnnotationIsSilent(t *testing.T) {
	forEachCase(t, func(t *testing.T, tc *testCase) {
		silent := tc.lines(t, "silent")
		all := tc.everything(t, tc.objects)
		for i, o := range tc.objects {
			ing, ok := o.(*manifest.Ingress)
			if !ok {
				continue
			}
			for j, a := range ing.Annotations {
				without := *ing
				without.Annotations = slices.Delete(slices.Clone(ing.Annotations), j, j+1)
				objects := slices.Clone(tc.objects)
				objects[i] = &without
				key := a.Key[strings.LastIndexByte(a.Key, '/')+1:]
				if tc.everything(t, objects) == all && !slices.Contains(silent, key) {
					t.Errorf("%s of %s changes nothing and nothing is said about it", a.Key, ing.Ref())
				}
			}
		}
	})
}

// everything is all that comes out of a set of objects, as one text.
func (tc *testCase) everything(t *testing.T, objects []manifest.Object) string {
	t.Helper()
	var b strings.Builder
	cfg, diags := tc.translate(objects)
	fmt.Fprintln(&b, diags)
	for _, tg := range tc.targets() {
		files, more := tc.files(t, tg, cfg)
		for _, path := range slices.Sorted(maps.Keys(files)) {
			fmt.Fprintln(&b, path, files[path])
		}
		fmt.Fprintln(&b, more)
	}
	return b.String()
}
