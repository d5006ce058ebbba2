package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"testing"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/hack/ports"
	"github.com/headgate/headgate/hack/proxies"
	"github.com/headgate/headgate/model"
)

// idleProxy is an applier that may or may not hold the ports of what it was brought last.
type idleProxy struct {
	applier
	listens bool
}

func (p idleProxy) Listens(context.Context) bool { return p.listens }

// TestPortsOfTheProxyItselfAreNotBusy asks about a port that is held after a restart: it is the proxy's own if an earlier Headgate has
// noted so and the proxy serves.
func TestPortsOfTheProxyItselfAreNotBusy(t *testing.T) {
	port := ports.Free(t)
	holder, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	streams := []model.Stream{{Port: port}}
	for _, tt := range []struct {
		name           string
		noted, listens bool
		want           int
	}{
		{name: "the proxy's own", noted: true, listens: true, want: 1},
		{name: "of a proxy that has ended", noted: true},
		{name: "of another process", listens: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			guardOf := func() *portGuard {
				g, err := newPortGuard(idleProxy{listens: tt.listens}, dir, slog.New(slog.DiscardHandler))
				if err != nil {
					t.Fatal(err)
				}
				return g
			}
			if tt.noted {
				earlier := guardOf()
				earlier.leaveOut(&model.Listen{Addresses: []netip.Addr{netip.MustParseAddr("127.0.0.2")}}, streams)
				earlier.served()
			}
			g := guardOf()
			g.look(t.Context())
			kept, remarks := g.leaveOut(&model.Listen{Addresses: []netip.Addr{netip.MustParseAddr("127.0.0.1")}}, streams)
			if len(kept) != tt.want || len(remarks) != 1-tt.want {
				t.Errorf("%d ports are opened, want %d: %v", len(kept), tt.want, remarks)
			}
			for _, d := range remarks {
				if d.Code != diag.PortBusy.Code {
					t.Errorf("said %v", d)
				}
			}
		})
	}
}

// TestBusyPortHoldsBackNothingElse gives one of two TCP entries a port that somebody else holds: HTTP and the other entry are served, and
// the port is opened once it is free.
func TestBusyPortHoldsBackNothingElse(t *testing.T) {
	w := newWorld(t)
	busy, free := ports.Free(t), ports.Free(t)
	holder, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", busy))
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
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
	w.await("the other port", func() string { return direct(free) }, "200 one")
	_ = holder.Close()
	w.await("the port that was busy", func() string { return direct(busy) }, "200 one")
}
