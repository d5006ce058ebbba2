package nginx

import (
	"strings"
	"testing"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
)

// TestWithoutStreamModule: what needs the stream module is reported one by one, and all else is served.
func TestWithoutStreamModule(t *testing.T) {
	named := func(name string) model.Origin {
		return model.Origin{Ref: diag.Ref{Kind: "Ingress", Namespace: "shop", Name: name}, Path: "spec"}
	}
	cfg := emptyConfig()
	cfg.Global.Listen.Passthrough = true
	cfg.StreamBackends = []model.StreamBackend{{ID: "db"}}
	cfg.StreamEndpoints = []model.Endpoints{{Backend: "db", Members: []model.Endpoint{{Address: "10.0.0.1", Port: 5432}}}}
	cfg.Streams = []model.Stream{{Protocol: model.TCP, Port: 5432, Backend: "db", From: named("tcp")}, {Protocol: model.UDP, Port: 53, Backend: "db", From: named("udp")}}
	cfg.Passthroughs = []model.Passthrough{{Host: "pass.example", Backend: "db", From: named("pass")}}
	cfg.Global.Streams.Snippets = []model.Snippet{{Text: "# none", Key: "stream-snippet", From: named("snippet")}}
	target, err := New(Options{Version: DefaultVersion, NoStream: true})
	if err != nil {
		t.Fatal(err)
	}
	result, err := target.Render(cfg)
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for _, d := range result.Diagnostics {
		said[d.Ref.Name] = d.Code == diag.StreamModule.Code && d.Severity == diag.StreamModule.Severity
	}
	for _, name := range []string{"tcp", "udp", "pass", "snippet"} {
		if !said[name] {
			t.Errorf("nothing is said of %s: %v", name, result.Diagnostics)
		}
	}
	if len(result.Diagnostics) != 4 {
		t.Errorf("diagnostics: %v", result.Diagnostics)
	}
	for _, f := range result.Files {
		if strings.Contains(string(f.Data), "stream {") || strings.HasPrefix(f.Path, "stream") || strings.HasPrefix(f.Path, "passthrough/") {
			t.Errorf("%s needs the stream module:\n%s", f.Path, f.Data)
		}
	}
	fileOf(t, result, "hosts/_default.conf")
}
