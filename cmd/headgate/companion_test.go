package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/headgate/headgate/hack/ports"
	"github.com/headgate/headgate/hack/proxies"
)

// datagrams sends back what it gets.
func datagrams(t *testing.T) int {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		buffer := make([]byte, 2048)
		for {
			n, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			_, _ = conn.WriteTo(append([]byte("echo "), buffer[:n]...), from)
		}
	}()
	return conn.LocalAddr().(*net.UDPAddr).Port
}

// question sends a datagram and returns the answer.
func question(port int) string {
	conn, err := net.Dial("udp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return err.Error()
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := conn.Write([]byte("x")); err != nil {
		return err.Error()
	}
	buffer := make([]byte, 2048)
	n, err := conn.Read(buffer)
	if err != nil {
		return err.Error()
	}
	return string(buffer[:n])
}

func udpManifests(port, endpoint int) string {
	return fmt.Sprintf(`---
apiVersion: v1
kind: ConfigMap
metadata: {name: udp, namespace: edge}
data: {"%d": "shop/dns:53"}
---
apiVersion: v1
kind: Service
metadata: {name: dns, namespace: shop}
spec: {ports: [{port: 53, protocol: UDP}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: dns-1, namespace: shop, labels: {kubernetes.io/service-name: dns}}
addressType: IPv4
ports: [{port: %d, protocol: UDP}]
endpoints: [{addresses: [127.0.0.1]}]
`, port, endpoint)
}

// TestNginxForwardsUDPBesideHAProxy starts with HTTP alone, adds a UDP port, moves its endpoint and takes it away again.
func TestNginxForwardsUDPBesideHAProxy(t *testing.T) {
	w := newWorld(t)
	port, first, second := ports.Free(t), datagrams(t), datagrams(t)
	shop := w.manifests("shop.example", "one")
	w.write(shop)
	w.start("--proxy", "haproxy", "--proxy-bin", proxies.HAProxy(t)[0].Path, "--udp-services-configmap", "edge/udp",
		"--udp-proxy-bin", proxies.Nginx(t)[0].Path)
	w.awaitAnswer("shop.example", "200 one")
	for _, endpoint := range []int{first, second} {
		w.write(shop + udpManifests(port, endpoint))
		w.await("answer over UDP", func() string { return question(port) }, "echo x")
	}
	w.write(shop)
	w.await("closed port", func() string { return question(port) }, "refused")
	w.awaitAnswer("shop.example", "200 one")
	if code := w.end(); code != exitFine {
		t.Errorf("exit code %d", code)
	}
}

// TestTroubleWithUDPLeavesTCPOpen has an nginx that refuses every configuration from some time on: TCP ports that are opened by then stay
// open.
func TestTroubleWithUDPLeavesTCPOpen(t *testing.T) {
	w := newWorld(t)
	trouble := filepath.Join(t.TempDir(), "trouble")
	nginx := writeTemp(t, "nginx", "#!/bin/sh\ncase \"$*\" in *-t*) if [ -e "+trouble+" ]; then exit 1; fi;; esac\nexec "+proxies.Nginx(t)[0].Path+" \"$@\"\n")
	if err := os.Chmod(nginx, 0o755); err != nil {
		t.Fatal(err)
	}
	udp, first, second, endpoint := ports.Free(t), ports.Free(t), ports.Free(t), datagrams(t)
	write := func(udp int, tcp ...int) {
		list := ""
		for _, port := range tcp {
			list += fmt.Sprintf("\"%d\": \"shop/web:80\", ", port)
		}
		w.write(w.manifests("shop.example", "one") + udpManifests(udp, endpoint) +
			"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: tcp, namespace: edge}\ndata: {" + list + "}\n")
	}
	direct := func(port int) string {
		w := *w
		w.httpPort = port
		return w.get("any")
	}
	write(udp)
	w.start("--proxy", "haproxy", "--proxy-bin", proxies.HAProxy(t)[0].Path, "--udp-services-configmap", "edge/udp",
		"--tcp-services-configmap", "edge/tcp", "--udp-proxy-bin", nginx)
	w.await("answer over UDP", func() string { return question(udp) }, "echo x")
	writeOver(t, trouble, "")
	write(ports.Free(t), first)
	w.await("the first port", func() string { return direct(first) }, "200 one")
	w.awaitLog("check-refused")
	w.await("metrics", func() string { return w.page("/metrics") }, "headgate_udp_proxy_successful 0")
	write(ports.Free(t), first, second)
	w.await("the second port", func() string { return direct(second) }, "200 one")
	w.await("the first port after that", func() string { return direct(first) }, "200 one")
	w.await("answer over the UDP port of before", func() string { return question(udp) }, "echo x")
}

// TestUDPIsRefusedWithoutACompanion says what to do.
func TestUDPIsRefusedWithoutACompanion(t *testing.T) {
	w := newWorld(t)
	w.write(w.manifests("shop.example", "one") + udpManifests(ports.Free(t), datagrams(t)))
	w.start("--proxy", "haproxy", "--proxy-bin", proxies.HAProxy(t)[0].Path, "--udp-services-configmap", "edge/udp", "--udp-proxy-bin", "none")
	w.awaitAnswer("shop.example", "200 one")
	w.awaitLog("udp-unsupported")
}
