package nginx

import (
	"bytes"
	"testing"

	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
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
	target, err := New(Options{Version: DefaultVersion})
	if err != nil {
		t.Fatal(err)
	}
	empty, _ := manifest.NewSnapshot(nil)
	settings := translate.DefaultSettings()
	settings.DefaultCertificate = model.Certificate{ID: "default", Placeholder: true}
	cfg, _ := translate.Run(empty, settings)
	cfg.Global.TLS.RejectUnknown = reject
	cfg.Certificates = []model.Certificate{{ID: "default"}, {ID: "own"}}
	cfg.Servers = nil
	for name, certificate := range map[string]string{"": "default", "plain.example": "default", "own.example": "own"} {
		cfg.Servers = append(cfg.Servers, model.Server{
			Host: name, Certificate: certificate, Routes: []model.Route{{Match: model.PathMatch{Kind: model.PathPrefix, Path: "/"}, Status: 404}},
		})
	}
	cfg.Normalize()
	result, err := target.Render(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range result.Files {
		if file.Path == hostFile(host) {
			return file.Data
		}
	}
	t.Fatalf("no file %s; diagnostics: %v", hostFile(host), result.Diagnostics)
	return nil
}
