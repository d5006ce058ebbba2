package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"sync/atomic"
	"time"

	"k8s.io/client-go/rest"

	"github.com/headgate/headgate/hack/testcluster"
)

// The ways in which a middleman misbehaves, beside the status codes that it answers with.
const (
	honest = iota
	hangs
	closes
	cuts
)

// apiFaultTime is how long the API server misbehaves.
const apiFaultTime = 5 * time.Second

// middleman passes requests on to the API server, as long as it is honest.
type middleman struct {
	server     *httptest.Server
	kubeconfig string
	behaviour  atomic.Int64
	// release lets go of the requests that hang.
	release chan struct{}
}

func newMiddleman(s *scene, cluster *testcluster.Cluster) *middleman {
	target, err := url.Parse(cluster.Config.Host)
	s.Must(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(cluster.Config.CAData)
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.FlushInterval = -1
	proxy.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true}
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	m := &middleman{release: make(chan struct{})}
	proxy.ModifyResponse = func(res *http.Response) error {
		res.Body = &gated{ReadCloser: res.Body, m: m}
		return nil
	}
	m.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { m.handle(w, r, proxy) }))
	m.server.EnableHTTP2 = true
	m.server.Config.ErrorLog = nil
	m.server.StartTLS()
	s.Cleanup(func() {
		close(m.release)
		m.server.CloseClientConnections()
		m.server.Close()
	})
	m.kubeconfig = filepath.Join(s.TempDir(), "kubeconfig")
	config := rest.CopyConfig(cluster.Config)
	config.Host = m.server.URL
	config.CAData = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: m.server.Certificate().Raw})
	cluster.WriteKubeconfig(m.kubeconfig, config)
	return m
}

func (m *middleman) handle(w http.ResponseWriter, r *http.Request, next http.Handler) {
	switch code := m.behaviour.Load(); code {
	case honest:
		next.ServeHTTP(w, r)
	case hangs:
		select {
		case <-m.release:
		case <-r.Context().Done():
		}
	case closes:
		panic(http.ErrAbortHandler)
	case cuts:
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[{"metadata":{"na`)
		_ = http.NewResponseController(w).Flush() // the client may have gone
		panic(http.ErrAbortHandler)
	default:
		w.Header().Set("Content-Type", "application/json")
		if code == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", "3600")
		}
		w.WriteHeader(int(code))
		fmt.Fprintf(w, `{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"chaos","reason":%q,"code":%d}`, reasons[code], code)
	}
}

var reasons = map[int64]string{
	http.StatusTooManyRequests: "TooManyRequests", http.StatusForbidden: "Forbidden", http.StatusGone: "Expired", http.StatusInternalServerError: "InternalError",
}

// gated is an answer that goes silent while the middleman hangs.
type gated struct {
	io.ReadCloser
	m *middleman
}

func (g *gated) Read(p []byte) (int, error) {
	n, err := g.ReadCloser.Read(p)
	for g.m.behaviour.Load() == hangs {
		select {
		case <-g.m.release:
			return 0, io.ErrUnexpectedEOF
		case <-time.After(50 * time.Millisecond):
		}
	}
	return n, err
}

// apiFault lets the API server misbehave for some seconds, in which objects go on changing.
func apiFault(behaviour int64) func(*scene) string {
	return func(s *scene) string {
		s.api.behaviour.Store(behaviour)
		if behaviour != hangs {
			s.api.server.CloseClientConnections()
		}
		time.Sleep(apiFaultTime)
		s.api.behaviour.Store(honest)
		return ""
	}
}
