package main

import (
	"fmt"
	"net"
	"testing"

	"github.com/headgate/headgate/hack/proxies"
)

// TestBusyPortHoldsBackNothingElse gives one of two TCP entries a port that somebody else holds: HTTP and the other entry are served, and
// the port is opened once it is free.
func TestBusyPortHoldsBackNothingElse(t *testing.T) {
	w := newWorld(t)
	holder, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	busy, free := holder.Addr().(*net.TCPAddr).Port, freePort(t)
	w.write(w.manifests("shop.example", "one") + fmt.Sprintf(`---
apiVersion: v1
kind: ConfigMap
metadata: {name: tcp, namespace: edge}
data: {"%d": "shop/web:80", "%d": "shop/web:80"}
`, busy, free))
	w.start("--proxy-bin", proxies.Nginx(t)[0].Path, "--tcp-services-configmap", "edge/tcp")
	w.awaitAnswer("shop.example", "200 one")
	w.awaitLog(fmt.Sprintf("tcp port %d is held by another process", busy))
	direct := func(port int) string {
		w := *w
		w.httpPort = port
		return w.get("any")
	}
	if got := direct(free); got != "200 one" {
		t.Errorf("the other port answers %q", got)
	}
	_ = holder.Close()
	w.await("the port that was busy", func() string { return direct(busy) }, "200 one")
}
