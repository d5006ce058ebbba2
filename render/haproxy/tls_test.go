package haproxy

import (
	"crypto/tls"
	"strings"
	"testing"

	"github.com/headgate/headgate/hack/proxies"
	"github.com/headgate/headgate/model"
)

// tlsConfig has a host for each way to a certificate.
func tlsConfig() *model.Config {
	with := func(host, certificate string) model.Server {
		s := server(host, to(prefix("/"), "a"))
		s.Certificate = certificate
		return s
	}
	cfg := testConfig(with("a.test", "a"), with("b.test", ""), with("*.w.test", "w"), with("one.w.test", "a"), with("two.w.test", ""), with("same.w.test", "w"))
	// The default certificate is valid for a name of another host, which must not matter.
	cfg.Certificates = []model.Certificate{
		testCertificate("default", "a.test", "x.w.test"), testCertificate("a", "a.test", "b.test"), testCertificate("w", "*.w.test"),
	}
	cfg.Normalize()
	return cfg
}

func TestCertificates(t *testing.T) {
	shown := map[string]string{
		"": "default", "a.test": "a", "A.TEST": "a", "b.test": "default", "x.w.test": "w", "one.w.test": "a", "two.w.test": "default",
		"same.w.test": "w", "x.y.w.test": "default", "nosuch.test": "default",
	}
	for _, binary := range proxies.HAProxy(t) {
		t.Run(binary.String(), func(t *testing.T) {
			p := start(t, binary.Path, tlsConfig())
			for name, want := range shown {
				if got, err := certificateFor(p, name); err != nil || got != want {
					t.Errorf("%q got the certificate %q (%v), not %q", name, got, err, want)
				}
			}
		})
	}
}

func TestUnknownNamesAreRefused(t *testing.T) {
	for _, binary := range proxies.HAProxy(t) {
		t.Run(binary.String(), func(t *testing.T) {
			cfg := tlsConfig()
			cfg.Global.TLS.RejectUnknown = true
			p := start(t, binary.Path, cfg)
			for name, want := range map[string]string{"a.test": "a", "b.test": "default", "two.w.test": "default", "x.w.test": "w"} {
				if got, err := certificateFor(p, name); err != nil || got != want {
					t.Errorf("%q got the certificate %q (%v), not %q", name, got, err, want)
				}
			}
			for _, name := range []string{"", "nosuch.test", "x.y.w.test"} {
				if got, err := certificateFor(p, name); err == nil {
					t.Errorf("%q got the certificate %q", name, got)
				}
			}
		})
	}
}

func certificateFor(p proxy, name string) (string, error) {
	conn, err := tls.Dial("tcp", p.https, &tls.Config{ServerName: name, InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}})
	if err != nil {
		return "", err
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].Subject.CommonName, nil
}

// Only the files with certificates hold keys, and they are marked.
func TestKeysAreInTheirFilesOnly(t *testing.T) {
	for _, f := range mustRender(t, tlsConfig()).Files {
		isKey := strings.HasPrefix(f.Path, "certs/")
		if f.Sensitive != isKey || isKey && f.Mode != 0o600 {
			t.Errorf("%s: sensitive %v, mode %o", f.Path, f.Sensitive, f.Mode)
		}
	}
}
