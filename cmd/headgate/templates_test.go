package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headgate/headgate/hack/proxies"
)

// The example of docs/templates.md calls functions of sprig; the real proxies have to accept what it prints.
func TestTheExampleTemplates(t *testing.T) {
	const folder, input = "../../docs/examples/templates", "../../docs/examples/templates.yaml"
	for proxy, want := range map[string]struct {
		binaries []proxies.Binary
		text     string
	}{
		"nginx":   {proxies.Nginx(t), "deny all;"},
		"haproxy": {proxies.HAProxy(t), `http-response set-header X-Robots-Tag noindex,nofollow`},
	} {
		for _, binary := range want.binaries {
			t.Run(proxy+"-"+binary.Version, func(t *testing.T) {
				args := []string{"render", "--proxy", proxy, "-f", input, "--check-with", binary.Path}
				if got := headgate(t, "", args...); got.code != 0 || strings.Contains(got.out, want.text) {
					t.Fatalf("without the templates: exit %d\n%s\n%s", got.code, got.out, got.errout)
				}
				got := headgate(t, "", append(args, "--templates", folder)...)
				if got.code != 0 || !strings.Contains(got.out, want.text) {
					t.Errorf("exit %d\n%s\n%s", got.code, got.out, got.errout)
				}
				if proxy == "nginx" && strings.Count(got.out, want.text) != 1 {
					t.Errorf("%q stands %d times, want it for one of two hosts", want.text, strings.Count(got.out, want.text))
				}
			})
		}
	}
}

// Templates that were written for other views are refused when they are loaded, with what to do.
func TestTemplatesForOtherViews(t *testing.T) {
	for _, proxy := range []string{"nginx", "haproxy"} {
		for text, code := range map[string]int{"1\n": 0, "0": exitUsage, "": exitUsage} {
			folder := t.TempDir()
			if err := os.Mkdir(filepath.Join(folder, proxy), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, proxy, "VIEWS"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			got := headgate(t, "", "render", "--proxy", proxy, "-f", "../../docs/examples/templates.yaml", "--templates", folder)
			if got.code != code || code != 0 && !strings.Contains(got.errout, proxy+"/VIEWS: these templates were written for version") {
				t.Errorf("%s with %q: exit %d, want %d\n%s", proxy, text, got.code, code, got.errout)
			}
		}
	}
}
