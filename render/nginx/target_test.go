package nginx

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
)

// TestTemplateThatFailsCostsWhatItPrints: a template of the user's that fails for some views costs those, and the user is told which one failed.
func TestTemplateThatFailsCostsWhatItPrints(t *testing.T) {
	for _, c := range []struct {
		name, file, template string
		closed               bool
	}{
		{"sound", "limit.tmpl", "# {{.Origin}}\n", false},
		{"no such place", "limit.tmpl", "# {{(index .Rates 7).Rate}}\n", true},
		{"no such place in an upstream", "upstream.tmpl", "# {{(index .Members 7).Address}}\n", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			override := fstest.MapFS{"nginx/" + c.file: {Data: []byte(c.template)}}
			target, err := New(Options{Templates: override, TemplatesName: "own"})
			if err != nil {
				t.Fatal(err)
			}
			cfg := emptyConfig()
			of := limited("shop_web")
			cfg.Limits, cfg.Backends, cfg.Endpoints = of.Limits, of.Backends, of.Endpoints
			cfg.Servers = append(cfg.Servers, model.Server{Host: "one.example", Certificate: "default", Routes: of.Servers[0].Routes})
			cfg.Normalize()
			result, err := target.Render(cfg)
			if err != nil {
				t.Fatal(err)
			}
			text := string(fileOf(t, result, "hosts/one.example.conf"))
			if got := strings.Contains(text, "return 503;") && !strings.Contains(text, "proxy_pass"); got != c.closed {
				t.Errorf("closed: %t\n%s", got, text)
			}
			if c.closed != (len(result.Diagnostics) == 1) {
				t.Fatalf("diagnostics: %v", result.Diagnostics)
			}
			if c.closed {
				if d := result.Diagnostics[0]; d.Code != diag.TemplateFault.Code || !strings.Contains(d.Message, "nginx/"+strings.TrimSuffix(c.file, ".tmpl")) {
					t.Errorf("said %v", d)
				}
			}
		})
	}
}
