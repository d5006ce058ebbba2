// Command demo shows Headgate on one machine, without a cluster: it answers at every endpoint of the demo manifests, makes a TLS Secret,
// runs headgate beside these, and says what to ask. Ctrl-C ends all of it.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/watch"
)

// demo is what the flags say.
type demo struct {
	headgate, proxy, manifests string
	httpPort, httpsPort        int
	status                     string
}

func main() {
	var d demo
	flag.StringVar(&d.headgate, "headgate", "bin/headgate", "the binary to run")
	flag.StringVar(&d.proxy, "proxy", "nginx", "the proxy to run")
	flag.StringVar(&d.manifests, "f", "testdata/demo", "the folder of manifests")
	flag.IntVar(&d.httpPort, "http-port", 8080, "the port for plain HTTP")
	flag.IntVar(&d.httpsPort, "https-port", 8443, "the port for HTTP over TLS")
	flag.StringVar(&d.status, "status-address", "127.0.0.1:10254", "the address of health and metrics")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := d.run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// run starts everything and waits for the end.
func (d *demo) run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "headgate-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	secret := filepath.Join(dir, "secret.yaml")
	if err := writeSecret(secret, "demo", "shop-tls", "shop.localhost"); err != nil {
		return fmt.Errorf("making the TLS Secret: %w", err)
	}
	stop, err := d.answer()
	if err != nil {
		return err
	}
	defer stop()
	cmd := exec.Command(d.headgate, "run", "--source", "files", "-f", d.manifests, "-f", secret, "--proxy", d.proxy,
		"--work-dir", filepath.Join(dir, "work"), "--bind", "127.0.0.1", "--allow-local-endpoints", "--http-port", fmt.Sprint(d.httpPort),
		"--https-port", fmt.Sprint(d.httpsPort), "--status-address", d.status)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	// A process group of its own: Ctrl-C comes to this program alone, which then ends headgate in good order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting headgate: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	go d.explain(ctx)
	select {
	case err := <-ended:
		return fmt.Errorf("headgate ended: %w", err)
	case <-ctx.Done():
		fmt.Println("\ndemo: stopping")
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
		return <-ended
	}
}

// answer listens on every endpoint that the manifests name.
func (d *demo) answer() (stop func(), err error) {
	inputs, _, err := watch.ReadPaths([]string{d.manifests}, nil)
	if err != nil {
		return nil, err
	}
	objects, _ := manifest.Load(inputs, manifest.LoadOptions{})
	var servers []*http.Server
	var serving sync.WaitGroup
	stop = func() {
		for _, s := range servers {
			_ = s.Close() // the demo is over
		}
		serving.Wait()
	}
	for _, e := range endpointsOf(objects) {
		listener, err := net.Listen("tcp", e.address)
		if err != nil {
			stop()
			return nil, fmt.Errorf("answering for an endpoint of Service %s: %w", e.service, err)
		}
		server := &http.Server{Handler: e, ReadHeaderTimeout: 10 * time.Second}
		servers = append(servers, server)
		serving.Go(func() { _ = server.Serve(listener) }) // ends by Close
	}
	return stop, nil
}

// endpoint is one address of a Service.
type endpoint struct{ service, address string }

func endpointsOf(objects []manifest.Object) []endpoint {
	var found []endpoint
	for _, o := range objects {
		slice, ok := o.(*manifest.EndpointSlice)
		if !ok {
			continue
		}
		for _, e := range slice.Endpoints {
			for _, p := range slice.Ports {
				found = append(found, endpoint{slice.Service, net.JoinHostPort(e.Addresses[0], fmt.Sprint(p.Port))})
			}
		}
	}
	return found
}

// ServeHTTP tells who answers and what came.
func (e endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "service %s at %s: %s %s (Host %s, X-Forwarded-Proto %s, X-Forwarded-For %s)\n", e.service, e.address, r.Method,
		r.URL.RequestURI(), r.Host, r.Header.Get("X-Forwarded-Proto"), r.Header.Get("X-Forwarded-For"))
}

// explain waits until the proxy serves and says what to ask.
func (d *demo) explain(ctx context.Context) {
	for ready := false; !ready; {
		select {
		case <-ctx.Done():
			return
		case <-time.After(200 * time.Millisecond):
		}
		res, err := http.Get("http://" + d.status + "/readyz")
		if err == nil {
			ready = res.StatusCode == http.StatusOK
			res.Body.Close()
		}
	}
	fmt.Printf(`
Headgate serves %[1]s through %[2]s. In another terminal:

  curl http://blog.localhost:%[3]d/                          # one of the three endpoints of Service web
  curl -i http://shop.localhost:%[3]d/cart?item=1            # a TLS host: 308 to https
  curl -k --resolve shop.localhost:%[4]d:127.0.0.1 https://shop.localhost:%[4]d/api/orders    # Service api
  curl -k --resolve shop.localhost:%[4]d:127.0.0.1 https://shop.localhost:%[4]d/api/version   # an exact path wins: Service web
  curl http://archive.localhost:%[3]d/archive/42             # rewritten to /posts/42
  curl http://anyone.tenants.localhost:%[3]d/                # a wildcard host
  curl -i http://127.0.0.1:%[3]d/                            # no such host: 404
  curl http://%[5]s/metrics

Then edit %[1]s/services.yaml: remove an endpoint of web, say, and ask again. Or break the file: the last good configuration
goes on serving. Ctrl-C ends the demo.

`, d.manifests, d.proxy, d.httpPort, d.httpsPort, d.status)
}
