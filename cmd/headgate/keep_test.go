package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/headgate/headgate/hack/netns"
	"github.com/headgate/headgate/hack/proxies"
	"github.com/headgate/headgate/hack/testcluster"
)

const bothClasses = otherClass + "---\napiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: nginx}\nspec: {controller: k8s.io/ingress-nginx}\n"

const otherClass = "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: other}\nspec: {controller: example.com/other}\n"

// tenants are Ingresses with a host each, all in the namespace of the shop.
func tenants(annotation string) string {
	var b strings.Builder
	for i := range 12 {
		fmt.Fprintf(&b, "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: t%d, namespace: shop, annotations: {%s}}\n", i, annotation)
		fmt.Fprintf(&b, "spec: {ingressClassName: nginx, rules: [{host: t%d.example, http: {paths: [{path: /, pathType: Prefix, ", i)
		b.WriteString("backend: {service: {name: web, port: {number: 80}}}}]}}]}\n")
	}
	return b.String()
}

// backendAt is the Service of all tenants, with one endpoint.
func backendAt(ip, port string) string {
	return "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {ports: [{port: 80}]}\n---\n" +
		"apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}\n" +
		"addressType: IPv4\nports: [{port: " + port + ", protocol: TCP}]\nendpoints: [{addresses: [" + ip + "]}]\n"
}

// steady asks for all tenants again and again until it is stopped, and fails the test for each answer that is not the wanted one.
func (w *world) steady(want string) (stop func()) {
	w.t.Helper()
	var sent, lost atomic.Int64
	ended, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ; i++ {
			select {
			case <-ended:
				return
			default:
			}
			host := fmt.Sprintf("t%d.example", i%12)
			sent.Add(1)
			if got := w.get(host); !strings.HasPrefix(got, want) {
				if lost.Add(1) <= 3 {
					w.t.Errorf("%s answers %q, want %q", host, got, want)
				}
			}
		}
	}()
	stop = sync.OnceFunc(func() {
		close(ended)
		<-done
		w.t.Logf("%d of %d requests lost", lost.Load(), sent.Load())
	})
	w.t.Cleanup(stop)
	return stop
}

// eachProxy runs a test with the newest of either proxy, as a child of headgate.
func eachProxy(t *testing.T, test func(t *testing.T, flags ...string)) {
	nginx, haproxy := proxies.Nginx(t), proxies.HAProxy(t)
	t.Run("nginx", func(t *testing.T) { test(t, "--proxy-bin", nginx[len(nginx)-1].Path) })
	t.Run("haproxy", func(t *testing.T) { test(t, "--proxy", "haproxy", "--proxy-bin", haproxy[len(haproxy)-1].Path) })
}

// put replaces a file of the input.
func (w *world) put(name, text string) {
	w.t.Helper()
	writeOver(w.t, filepath.Join(w.input, name), text)
}

// TestMistakesCostNoRequest makes one mistake after the other in files while requests come.
func TestMistakesCostNoRequest(t *testing.T) {
	eachProxy(t, func(t *testing.T, flags ...string) {
		w := newWorld(t)
		_, port, _ := net.SplitHostPort(w.endpoints["one"])
		w.put("backend.yaml", backendAt("127.0.0.1", port))
		w.put("classes.yaml", bothClasses)
		w.put("tenants.yaml", tenants(""))
		certificate, key := keyPair(t, "shop.example")
		_, otherKey := keyPair(t, "shop.example")
		w.put("secret.yaml", shopSecret(certificate, key))
		w.put("tls.yaml", strings.Replace(shop[:strings.Index(shop, "---")], "spec:\n", "spec:\n  tls: [{hosts: [shop.example], secretName: cert}]\n", 1))
		w.start(flags...)
		w.awaitAnswer("t11.example", "200 one")
		serial := w.serial("shop.example")
		w.steady("200 one")

		w.put("tenants.yaml", tenants(`nginx.ingress.kubernetes.io/load-balance: "ewwma"`))
		w.awaitMetric(`headgate_objects_kept{kind="Ingress"} 12`)
		w.put("tenants.yaml", tenants(""))
		w.awaitMetric(`headgate_objects_kept{kind="Ingress"} 0`)

		w.put("secret.yaml", shopSecret(certificate, otherKey))
		w.awaitMetric(`headgate_objects_kept{kind="Secret"} 1`)
		if got := w.serial("shop.example"); got != serial {
			t.Errorf("the host shows certificate %s, want the last good one, %s", got, serial)
		}
		w.put("secret.yaml", shopSecret(certificate, key))
		w.awaitMetric(`headgate_objects_kept{kind="Secret"} 0`)

		w.put("classes.yaml", otherClass)
		w.awaitMetric("headgate_withdrawal_held_hosts 13")
		w.awaitLog("IngressClass nginx has gone")
		w.put("classes.yaml", bothClasses)
		w.awaitMetric("headgate_withdrawal_held_hosts 0")

		w.writeSlowly("tenants.yaml", tenants(`nginx.ingress.kubernetes.io/load-balance: "round_robin"`))
		w.awaitLog("input-unsettled")

		w.inPlace("tenants.yaml", "")
		w.awaitMetric("headgate_withdrawal_held_hosts 12")
		w.awaitLog("tenants.yaml is empty")
		w.put("tenants.yaml", tenants(""))
		w.awaitMetric("headgate_withdrawal_held_hosts 0")
	})
}

// TestADeletedIngressClassCostsNoRequest does to a real API server what `helm uninstall ingress-nginx` does, and makes a mistake in it.
func TestADeletedIngressClassCostsNoRequest(t *testing.T) {
	netns.Require(t)
	cluster := testcluster.Start(t)
	servePod(t, "10.244.7.1")
	cluster.Apply("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}")
	cluster.Apply(bothClasses)
	cluster.Apply(backendAt("10.244.7.1", "8080"))
	eachProxy(t, func(t *testing.T, flags ...string) {
		cluster.Apply(tenants(""))
		w := newWorld(t)
		w.launch(append([]string{"--source", "kube", "--kubeconfig", cluster.Kubeconfig}, flags...)...)
		w.awaitAnswer("t11.example", "200 10.244.7.1")
		stop := w.steady("200 10.244.7.1")
		cluster.Apply(tenants(`nginx.ingress.kubernetes.io/load-balance: "ewwma"`))
		w.awaitMetric(`headgate_objects_kept{kind="Ingress"} 12`)
		cluster.Delete(strings.TrimPrefix(bothClasses, otherClass))
		w.awaitMetric("headgate_withdrawal_held_hosts 12")
		w.awaitLog("IngressClass nginx has gone")
		cluster.Apply(bothClasses)
		w.awaitMetric("headgate_withdrawal_held_hosts 0")
		cluster.Apply(tenants(""))
		w.awaitMetric(`headgate_objects_kept{kind="Ingress"} 0`)
		stop()
		// What is deleted goes at once, all of it.
		cluster.Delete(tenants(""))
		w.awaitAnswer("t0.example", "404")
		w.awaitMetric("headgate_withdrawal_held_hosts 0")
	})
}

// TestHostsAreWithdrawnInTheEnd: the delay passes, and only then they go.
func TestHostsAreWithdrawnInTheEnd(t *testing.T) {
	w := newWorld(t)
	w.put("classes.yaml", bothClasses)
	w.put("tenants.yaml", tenants(""))
	w.start("--proxy-bin", proxies.Nginx(t)[0].Path, "--withdrawal-delay", "2s")
	w.awaitAnswer("t0.example", "503")
	w.put("classes.yaml", otherClass)
	w.awaitLog("withdrawal-held")
	w.awaitAnswer("t0.example", "404")
	if log := w.log.String(); !strings.Contains(log, "held-back hosts: the withdrawal delay has passed") {
		t.Error("the hosts went before the delay had passed")
	}
	w.awaitMetric("headgate_withdrawal_held_hosts 0")
}

func (w *world) awaitMetric(line string) {
	w.t.Helper()
	w.await("metrics", func() string { return w.page("/metrics") }, line+"\n")
}

// inPlace writes into the file that is there.
func (w *world) inPlace(name, text string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.input, name), []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// writeSlowly writes a file anew in place, a part at a time, each with an open of its own, as a slow download or a shell loop does.
func (w *world) writeSlowly(name, text string) {
	w.t.Helper()
	w.inPlace(name, "")
	const parts = 10
	for i := range parts {
		time.Sleep(300 * time.Millisecond) // slow is what it is to be
		f, err := os.OpenFile(filepath.Join(w.input, name), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			w.t.Fatal(err)
		}
		if _, err := f.WriteString(text[len(text)*i/parts : len(text)*(i+1)/parts]); err != nil {
			w.t.Fatal(err)
		}
		f.Close()
	}
}

// serial is the serial number of the certificate that a host shows.
func (w *world) serial(host string) string {
	w.t.Helper()
	conn, err := tls.Dial("tcp", net.JoinHostPort("127.0.0.1", fmt.Sprint(w.httpsPort)), &tls.Config{ServerName: host, InsecureSkipVerify: true})
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.String()
}

// keyPair makes a certificate for a host and its key, in base64.
func keyPair(t *testing.T, host string) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	encode := func(kind string, der []byte) string {
		return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	return encode("CERTIFICATE", der), encode("PRIVATE KEY", keyDER)
}

func shopSecret(certificate, key string) string {
	return fmt.Sprintf("apiVersion: v1\nkind: Secret\nmetadata: {name: cert, namespace: shop}\ntype: kubernetes.io/tls\ndata: {tls.crt: %s, tls.key: %s}\n", certificate, key)
}
