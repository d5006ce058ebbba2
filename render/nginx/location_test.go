package nginx

import (
	"strings"
	"testing"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/translate"
)

// TestFaultyRouteCostsItself: what nginx cannot be told of one route closes that route, and nothing else of the host.
func TestFaultyRouteCostsItself(t *testing.T) {
	target, err := New(Options{Version: DefaultVersion})
	if err != nil {
		t.Fatal(err)
	}
	empty, _ := manifest.NewSnapshot(nil)
	cfg, _ := translate.Run(empty, translate.DefaultSettings())
	faulty := model.Route{
		Match: model.PathMatch{Path: "/faulty", Kind: model.PathPrefix}, Backend: "app", Protocol: model.Protocol(99),
		From: model.Origin{Ref: diag.Ref{Kind: "Ingress", Namespace: "other", Name: "faulty"}},
	}
	sound := model.Route{Match: model.PathMatch{Path: "/sound", Kind: model.PathExact}, Backend: "app"}
	cfg.Servers = append(cfg.Servers, model.Server{Host: "shared.example", Routes: []model.Route{faulty, sound}})
	cfg.Backends = []model.Backend{{ID: "app"}}
	cfg.Endpoints = []model.Endpoints{{Backend: "app", Members: []model.Endpoint{{Address: "10.0.0.1", Port: 80}}}}
	result, err := target.Render(cfg)
	if err != nil {
		t.Fatal(err)
	}
	blamed := 0
	for _, d := range result.Diagnostics {
		if d.Code == diag.RenderRefused.Code && d.Ref.Name == "faulty" {
			blamed++
		}
	}
	if blamed != 1 {
		t.Errorf("the faulty object is blamed %d times: %v", blamed, result.Diagnostics)
	}
	for _, f := range result.Files {
		if f.Path != "hosts/shared.example.conf" {
			continue
		}
		_, soundText, _ := strings.Cut(string(f.Data), "location = /sound {")
		if !strings.Contains(soundText, "proxy_pass http://app;") || strings.Count(string(f.Data), "return 503;") != 2 {
			t.Errorf("the two locations of the faulty route should answer 503, and the sound one forward:\n%s", f.Data)
		}
		return
	}
	t.Error("the host is missing")
}
