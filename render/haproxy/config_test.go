package haproxy

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render"
)

// testGlobal has the defaults of the global ConfigMap, on loopback.
func testGlobal() model.Global {
	return model.Global{
		Listen: model.Listen{HTTPPort: 8080, HTTPSPort: 8443, Addresses: []netip.Addr{netip.MustParseAddr("127.0.0.1")}, HTTP2: true},
		Client: model.Client{
			KeepAlive: 75, KeepAliveRequests: 1000, HeaderTimeout: 60, BodyTimeout: 60, HeaderBuffer: 1 << 10,
			LargeHeaderBuffers: 4, LargeHeaderBufferSize: 8 << 10, BodySize: 1 << 20, HTTP2Streams: 128,
		},
		Forward: model.Forwarded{
			Header: "X-Forwarded-For", HostHeader: "X-Forwarded-Host", RequestID: true,
			Trusted: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")},
		},
		TLS: model.TLS{
			DefaultCertificate: "default", Protocols: []string{"TLSv1.2", "TLSv1.3"}, Curves: "auto", SessionCache: true,
			SessionSize: 10 << 20, SessionTimeout: 600, BufferSize: 4 << 10,
			Ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256",
		},
		HSTS: &model.HSTS{MaxAge: 31536000, IncludeSubdomains: true},
		Proxy: model.Proxy{
			ConnectTimeout: 5, SendTimeout: 60, ReadTimeout: 60, NextUpstream: []string{"error", "timeout"}, NextUpstreamTries: 3,
			KeepAlive: 320, KeepAliveTimeout: 60, KeepAliveRequests: 10000,
		},
		Log:     model.Log{Access: true, Format: nginxFormat},
		Process: model.Process{WorkerConnections: 1024, ShutdownTimeout: 240},
	}
}

// testConfig is a Config with the given servers; the catch-all answers 404 unless it is among them.
func testConfig(servers ...model.Server) *model.Config {
	cfg := &model.Config{Global: testGlobal(), Servers: servers}
	if !slices.ContainsFunc(servers, func(s model.Server) bool { return s.Host == "" }) {
		cfg.Servers = append(cfg.Servers, model.Server{Routes: []model.Route{{Match: prefix("/"), Status: 404}}})
	}
	cfg.Global.TLS.DefaultCertificate = "default"
	cfg.Certificates = []model.Certificate{testCertificate("default")}
	for i := range cfg.Servers {
		s := &cfg.Servers[i]
		if s.Certificate == "" {
			s.Certificate = "default"
		}
		for j := range s.Routes {
			r := &s.Routes[j]
			for _, id := range []string{r.Backend, r.Fallback} {
				if id != "" && !slices.ContainsFunc(cfg.Backends, func(b model.Backend) bool { return b.ID == id }) {
					cfg.Backends = append(cfg.Backends, model.Backend{ID: id, Namespace: "ns", Service: id, Port: "80"})
					cfg.Endpoints = append(cfg.Endpoints, model.Endpoints{Backend: id})
				}
			}
			if r.Status == 0 {
				r.Status = 503
			}
			r.From = model.Origin{Ref: diag.Ref{Kind: "Ingress", Namespace: "ns", Name: "web"}, Path: "spec"}
		}
	}
	cfg.Normalize()
	return cfg
}

func prefix(p string) model.PathMatch { return model.PathMatch{Kind: model.PathPrefix, Path: p} }
func exact(p string) model.PathMatch  { return model.PathMatch{Kind: model.PathExact, Path: p} }
func regex(p string) model.PathMatch  { return model.PathMatch{Kind: model.PathRegex, Path: p} }

func server(host string, routes ...model.Route) model.Server {
	return model.Server{Host: host, Routes: routes, Regex: len(routes) > 0 && routes[0].Match.Kind == model.PathRegex}
}

// to is a route to a backend.
func to(match model.PathMatch, backend string) model.Route {
	return model.Route{Match: match, Backend: backend}
}

// testCertificate is a certificate whose subject is its ID.
func testCertificate(id string, names ...string) model.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: id}, DNSNames: names,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	chain, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	return model.Certificate{
		ID: id, Names: names,
		Chain: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: chain}),
		Key:   pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
	}
}

// mustRender renders with a fresh target.
func mustRender(t testing.TB, cfg *model.Config) render.Result {
	t.Helper()
	target, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	result, err := target.Render(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// file returns the text of one file.
func file(t testing.TB, r render.Result, path string) string {
	t.Helper()
	for _, f := range r.Files {
		if f.Path == path {
			return string(f.Data)
		}
	}
	t.Fatalf("there is no file %s", path)
	return ""
}
