package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestAnEmptyInputFails(t *testing.T) {
	const service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n"
	for _, tt := range []struct {
		name, input string
		args        []string
		code        int
	}{
		{"nothing", "", nil, exitFindings},
		{"comments", "# nothing\n---\n", nil, exitFindings},
		{"no Ingress", service, nil, exitFindings},
		{"allowed", service, []string{"--allow-empty"}, exitFine},
		{"a TCP port", service + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: tcp}\ndata: {\"9000\": default/web:80}\n", []string{"--tcp-services-configmap", "default/tcp"}, exitFine},
		{"an Ingress of others", strings.ReplaceAll(shop, "ingressClassName: nginx", "ingressClassName: other"), nil, exitFine},
	} {
		for _, verb := range []string{"lint", "render"} {
			got := headgate(t, tt.input, append([]string{verb, "-f", "-"}, tt.args...)...)
			if got.code != tt.code || strings.Contains(got.out+got.errout, "error[1024 input-empty]") != (tt.code == exitFindings) {
				t.Errorf("%s of %s: exit code %d, want %d: %s%s", verb, tt.name, got.code, tt.code, got.errout, got.out)
			}
		}
	}
}

func TestNamespaceOfObjectsWithoutOne(t *testing.T) {
	input := strings.ReplaceAll(shop, ", namespace: shop", "")
	if strings.Contains(input, "namespace:") {
		t.Fatal("the input names a namespace")
	}
	for args, want := range map[string]string{"": "default_web_80", "-n team": "team_web_80", "--namespace=other": "other_web_80"} {
		got := headgate(t, input, append([]string{"routes", "-f", "-"}, strings.Fields(args)...)...)
		if got.code != exitFine || !strings.Contains(got.out, want) {
			t.Errorf("%q: exit code %d, want a route to %s:\n%s%s", args, got.code, want, got.out, got.errout)
		}
	}
}

// With json and sarif nothing but the diagnostics stands in their stream.
func TestDiagnosticsForProgramsStandAlone(t *testing.T) {
	certificate, err := newSelfSigned(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	input := writeTemp(t, "shop.yaml", tlsShop(string(certificate)))
	for _, format := range []string{"json", "sarif"} {
		dir := filepath.Join(t.TempDir(), "out")
		for _, args := range [][]string{{"-o", dir}, {"--check", dir}, {"--check", dir, "--http-port", "8080"}} {
			got := headgate(t, "", append([]string{"render", "-f", input, "--format", format}, args...)...)
			if !json.Valid([]byte(got.errout)) {
				t.Errorf("%s %v: standard error is not JSON: %q", format, args, got.errout)
			}
		}
		if got := headgate(t, "", "lint", "-f", input, "--format", format); !json.Valid([]byte(got.out)) {
			t.Errorf("%s: standard output is not JSON: %q", format, got.out)
		}
	}
}
