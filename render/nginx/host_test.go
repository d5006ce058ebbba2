package nginx

import (
	"bytes"
	"strings"
	"testing"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render"
	"github.com/headgate/headgate/translate"
)

// TestCertificateOfHosts: a host names a certificate only where nginx would not show the right one by itself.
func TestCertificateOfHosts(t *testing.T) {
	tests := []struct {
		name     string
		reject   bool
		host     string
		names    string // the file that the host names
		refusing bool
	}{
		{"the catch-all host names the default certificate", false, "", "certs/default.pem", false},
		{"a host with the same one names none", false, "plain.example", "", false},
		{"a host with its own names it", false, "own.example", "certs/own.pem", false},
		{"the catch-all host refuses handshakes", true, "", "", true},
		{"then nginx wants a certificate of every other host", true, "plain.example", "certs/default.pem", false},
		{"its own, if it has one", true, "own.example", "certs/own.pem", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := printedHost(t, test.reject, test.host)
			want := []byte("    ssl_certificate " + test.names + ";\n    ssl_certificate_key " + test.names + ";\n")
			if test.names == "" {
				want = []byte("ssl_certificate")
			}
			if found := bytes.Contains(text, want); found != (test.names != "") {
				t.Errorf("the certificate should be %q:\n%s", test.names, text)
			}
			if refusing := bytes.Contains(text, []byte("ssl_reject_handshake on;")); refusing != test.refusing {
				t.Errorf("handshakes refused: %v\n%s", refusing, text)
			}
		})
	}
}

// printedHost renders three hosts and returns the file of one.
func printedHost(t *testing.T, reject bool, host string) []byte {
	t.Helper()
	cfg := emptyConfig()
	cfg.Global.TLS.RejectUnknown = reject
	cfg.Certificates = []model.Certificate{{ID: "default"}, {ID: "own"}}
	cfg.Servers = nil
	for name, certificate := range map[string]string{"": "default", "plain.example": "default", "own.example": "own"} {
		cfg.Servers = append(cfg.Servers, model.Server{
			Host: name, Certificate: certificate, Routes: []model.Route{{Match: model.PathMatch{Kind: model.PathPrefix, Path: "/"}, Status: 404}},
		})
	}
	return fileOf(t, rendered(t, cfg), hostFile(host))
}

// emptyConfig is what is made of no objects at all.
func emptyConfig() *model.Config {
	empty, _ := manifest.NewSnapshot(nil)
	settings := translate.DefaultSettings()
	settings.DefaultCertificate = model.Certificate{ID: "default", Placeholder: true}
	cfg, _ := translate.Run(empty, settings)
	return cfg
}

func rendered(t *testing.T, cfg *model.Config) render.Result {
	t.Helper()
	target, err := New(Options{Version: DefaultVersion})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Normalize()
	result, err := target.Render(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func fileOf(t *testing.T, result render.Result, path string) []byte {
	t.Helper()
	for _, file := range result.Files {
		if file.Path == path {
			return file.Data
		}
	}
	t.Fatalf("no file %s; diagnostics: %v", path, result.Diagnostics)
	return nil
}

// renderedBackends renders a host beside the catch-all one; each backend has an endpoint.
func renderedBackends(t *testing.T, server model.Server, backends ...model.Backend) render.Result {
	t.Helper()
	cfg := emptyConfig()
	cfg.Servers = append(cfg.Servers, server)
	for _, b := range backends {
		cfg.Backends = append(cfg.Backends, b)
		cfg.Endpoints = append(cfg.Endpoints, model.Endpoints{Backend: b.ID, Members: []model.Endpoint{{Address: "10.0.0.1", Port: 80}}})
	}
	return rendered(t, cfg)
}

// TestRedirectsStayBehindWhatComesFirst: a redirect to https stands in front of all locations only where nothing comes before it in any.
func TestRedirectsStayBehindWhatComesFirst(t *testing.T) {
	tls := func(path string) model.Route {
		return model.Route{Match: model.PathMatch{Kind: model.PathPrefix, Path: path}, Backend: "app", Status: 503, TLSRedirect: &model.TLSRedirect{Code: 308}}
	}
	for _, c := range []struct {
		name   string
		change func(*model.Route)
		want   bool
	}{
		{"all alike", func(*model.Route) {}, true},
		{"a path is redirected to its slash", func(r *model.Route) { r.Match.Path, r.SlashRedirect = "/below/", true }, false},
		{"a path without its slash is no path of the host", func(r *model.Route) { r.Match.Path = "/below/" }, true},
		{"a closed path", func(r *model.Route) { r.Closed = "a guard is missing" }, false},
		{"a path that leads elsewhere", func(r *model.Route) { r.Redirect = &model.Redirect{Code: 302, Host: "new.example", Path: "/"} }, false},
		{"a path without the redirect", func(r *model.Route) { r.TLSRedirect = nil }, false},
		{"another status", func(r *model.Route) { r.TLSRedirect = &model.TLSRedirect{Code: 301} }, false},
		{"another port", func(r *model.Route) { r.TLSRedirect = &model.TLSRedirect{Code: 308, Port: 8443} }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			routes := []model.Route{tls("/"), tls("/below")}
			c.change(&routes[1])
			host := model.Server{Host: "one.example", Certificate: "default", Routes: routes}
			text := string(fileOf(t, renderedBackends(t, host, model.Backend{ID: "app"}), "hosts/one.example.conf"))
			head, _, _ := strings.Cut(text, "    location ")
			if got := strings.Contains(head, "$redirect_host"); got != c.want {
				t.Errorf("the redirect stands in front of the locations: %t\n%s", got, text)
			}
			if !strings.Contains(text, "$redirect_host") {
				t.Errorf("the redirect is lost:\n%s", text)
			}
		})
	}
}

// TestBackendThatCannotBePrintedClosesItsRoutes: without its upstream a location would cost the whole configuration.
func TestBackendThatCannotBePrintedClosesItsRoutes(t *testing.T) {
	good, bad := model.Backend{ID: "shop_web_80"}, model.Backend{ID: "shop web 80"}
	var routes []model.Route
	for path, b := range map[string]model.Backend{"/good": good, "/bad": bad} {
		routes = append(routes, model.Route{Match: model.PathMatch{Kind: model.PathExact, Path: path}, Backend: b.ID, Status: 503})
	}
	result := renderedBackends(t, model.Server{Host: "one.example", Certificate: "default", Routes: routes}, good, bad)
	for _, f := range result.Files {
		if strings.Contains(string(f.Data), bad.ID) {
			t.Errorf("%s names the backend:\n%s", f.Path, f.Data)
		}
	}
	text := string(fileOf(t, result, "hosts/one.example.conf"))
	_, badText, _ := strings.Cut(text, "location = /bad {")
	badText, _, _ = strings.Cut(badText, "    }")
	if !strings.Contains(badText, "return 503;") || strings.Contains(badText, "proxy_pass") {
		t.Errorf("the path is not closed:\n%s", text)
	}
	if !strings.Contains(text, "proxy_pass http://shop_web_80;") {
		t.Errorf("the other path does not lead to its backend:\n%s", text)
	}
	if len(result.Diagnostics) != 1 || result.Diagnostics[0].Code != diag.RenderRefused.Code {
		t.Errorf("diagnostics: %v", result.Diagnostics)
	}
}
