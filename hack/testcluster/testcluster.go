// Package testcluster runs a real etcd and kube-apiserver for a test. There are no controllers and no nodes: what a test wants to see in
// the cluster, EndpointSlices included, it applies itself.
package testcluster

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/headgate/headgate/hack/cache"
	"github.com/headgate/headgate/hack/ports"
)

// ServiceCIDR is where ClusterIPs come from.
const ServiceCIDR = "10.96.0.0/16"

const (
	readyTimeout = 5 * time.Minute
	adminToken   = "admin"
)

// T is what a cluster needs of a test. A testing.TB has it.
type T interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Skip(args ...any)
	Cleanup(clean func())
	TempDir() string
}

// Cluster is an API server for one test. All of it listens on loopback addresses and ends with the test.
type Cluster struct {
	// Config is that of an administrator.
	Config *rest.Config
	// Kubeconfig is a file with the same.
	Kubeconfig string

	t      T
	dir    string
	binary string
	etcd   string
	port   int
	server *process
}

// Start starts a cluster and waits until it is ready. It skips the test if etcd or kube-apiserver is not installed; hack/install.sh
// provides both.
func Start(t T) *Cluster {
	t.Helper()
	etcd, err := exec.LookPath("etcd")
	if err != nil {
		t.Skip("no etcd here; hack/install.sh installs it")
	}
	binary, ok := cache.Binary("kube-apiserver")
	if !ok {
		t.Skip("no kube-apiserver here; hack/install.sh builds it")
	}
	c := &Cluster{t: t, dir: t.TempDir(), binary: binary, port: ports.Free(t)}
	c.startEtcd(etcd)
	c.prepare()
	c.StartAPI()
	return c
}

func (c *Cluster) path(name string) string { return filepath.Join(c.dir, name) }

func (c *Cluster) startEtcd(binary string) {
	c.t.Helper()
	c.etcd = fmt.Sprintf("http://127.0.0.1:%d", ports.Free(c.t))
	peer := fmt.Sprintf("http://127.0.0.1:%d", ports.Free(c.t))
	p := run(c.t, c.path("etcd.log"), binary,
		"--data-dir", c.path("etcd"), "--unsafe-no-fsync", "--log-level", "warn",
		"--listen-client-urls", c.etcd, "--advertise-client-urls", c.etcd,
		"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "default="+peer)
	c.t.Cleanup(p.kill)
}

// prepare writes the credentials that the API server starts with and its clients use.
func (c *Cluster) prepare() {
	c.t.Helper()
	c.write("tokens.csv", []byte(adminToken+`,admin,admin,"system:masters"`+"\n"))
	certificate, key := selfSigned(c.t)
	c.write("server.crt", certificate)
	c.write("server.key", key)
	c.Config = &rest.Config{
		Host:            fmt.Sprintf("https://127.0.0.1:%d", c.port),
		BearerToken:     adminToken,
		TLSClientConfig: rest.TLSClientConfig{CAData: certificate},
		QPS:             1000,
		Burst:           1000,
	}
	c.Kubeconfig = c.path("kubeconfig")
	c.WriteKubeconfig(c.Kubeconfig, c.Config)
}

// WriteKubeconfig writes a file with which other programs reach the cluster as the one that config is for.
func (c *Cluster) WriteKubeconfig(path string, config *rest.Config) {
	c.t.Helper()
	file := api.NewConfig()
	file.Clusters["test"] = &api.Cluster{Server: config.Host, CertificateAuthorityData: config.CAData}
	file.AuthInfos["test"] = &api.AuthInfo{Token: config.BearerToken}
	file.Contexts["test"] = &api.Context{Cluster: "test", AuthInfo: "test"}
	file.CurrentContext = "test"
	if err := clientcmd.WriteToFile(*file, path); err != nil {
		c.t.Fatal(err)
	}
}

func (c *Cluster) write(name string, data []byte) {
	c.t.Helper()
	if err := os.WriteFile(c.path(name), data, 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// StartAPI starts the API server again after StopAPI, at the same address and with the same objects, and waits until it is ready.
func (c *Cluster) StartAPI() {
	c.t.Helper()
	c.server = run(c.t, c.path("kube-apiserver.log"), c.binary,
		"--etcd-servers="+c.etcd, "--bind-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", c.port),
		// Nothing listens there; the address must only not be a loopback one.
		"--advertise-address=192.0.2.1",
		"--tls-cert-file="+c.path("server.crt"), "--tls-private-key-file="+c.path("server.key"), "--cert-dir="+c.path("certificates"),
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-signing-key-file="+c.path("server.key"), "--service-account-key-file="+c.path("server.key"),
		"--token-auth-file="+c.path("tokens.csv"), "--authorization-mode=RBAC",
		"--service-cluster-ip-range="+ServiceCIDR, "--profiling=false")
	c.t.Cleanup(c.server.kill)
	c.awaitReady()
}

// StopAPI kills the API server, as a crash would.
func (c *Cluster) StopAPI() { c.server.kill() }

// ownObjects are what an API server makes by itself, for the last part only after it has called itself ready: no test shall meet a
// change that it has not made, or a namespace that is not there yet.
var ownObjects = []string{
	"/api/v1/namespaces/default",
	"/api/v1/namespaces/kube-system/configmaps/kube-apiserver-legacy-service-account-token-tracking",
	"/api/v1/namespaces/default/services/kubernetes",
	"/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes",
}

func (c *Cluster) awaitReady() {
	c.t.Helper()
	client := c.client()
	ctx, cancel := context.WithTimeout(context.Background(), readyTimeout)
	defer cancel()
	for _, path := range append([]string{"/readyz"}, ownObjects...) {
		c.awaitAnswer(ctx, client, path)
	}
}

// awaitAnswer asks for a path until there is something.
func (c *Cluster) awaitAnswer(ctx context.Context, client rest.Interface, path string) {
	c.t.Helper()
	for {
		err := client.Get().AbsPath(path).Do(ctx).Error()
		if err == nil {
			return
		}
		select {
		case <-c.server.ended:
			c.t.Fatalf("kube-apiserver ended:\n%s", tail(c.path("kube-apiserver.log")))
		case <-ctx.Done():
			c.t.Fatalf("kube-apiserver does not become ready: %s: %v\n%s", path, err, tail(c.path("kube-apiserver.log")))
		case <-time.After(50 * time.Millisecond):
		}
	}
}
