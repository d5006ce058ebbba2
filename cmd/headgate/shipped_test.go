package main

import (
	"context"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/headgate/headgate/hack/proxies"
	"github.com/headgate/headgate/hack/shipped"
)

// ship runs headgate with the arguments of a manifest of deploy/, except for the source, what only a cluster has, and ports, and the
// proxy by its command.
func ship(t *testing.T, w *world, proxy string, binary proxies.Binary) *shipped.Runtime {
	t.Helper()
	manifest := filepath.Join("..", "..", "deploy", proxy+".yaml")
	ours := []string{"run", "--source", "--work-dir", "--http-port", "--https-port", "--configmap", "--status-address", "--proxy-version", "--session-key-secret", "--replicas-of", "--log-format"}
	args := slices.DeleteFunc(shipped.Read(t, manifest, "headgate", w.workDir).Args(), func(arg string) bool {
		name, _, _ := strings.Cut(arg, "=")
		return slices.Contains(ours, name)
	})
	w.start(append(args, "--proxy-version", binary.Version)...)
	c := shipped.Read(t, manifest, proxy, w.workDir).Keep(binary.Path)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the container:\n%s", c.Output())
		}
	})
	return c
}

// eachShipped runs a test with every proxy that deploy/ has a manifest for.
func eachShipped(t *testing.T, test func(t *testing.T, w *world, c *shipped.Runtime)) {
	for proxy, binaries := range map[string][]proxies.Binary{proxyNginx: proxies.Nginx(t), proxyHAProxy: proxies.HAProxy(t)} {
		for _, binary := range binaries {
			t.Run(proxy+"-"+binary.Version, func(t *testing.T) {
				w := newWorld(t)
				w.write(w.manifests("shop.example", "one"))
				c := ship(t, w, proxy, binary)
				test(t, w, c)
			})
		}
	}
}

// TestShippedCommandsSurvive: the proxy comes back after a crash, and after its port was busy, and follows its input further.
func TestShippedCommandsSurvive(t *testing.T) {
	eachShipped(t, func(t *testing.T, w *world, c *shipped.Runtime) {
		w.awaitAnswer("shop.example", "200 one")
		c.Crash()
		w.await("another start", func() string { return strconv.Itoa(c.Starts()) }, "2")
		w.awaitAnswer("shop.example", "200 one")
		w.await("readiness", func() string { return w.page("/readyz") }, "200 ok")

		busy := occupyAfterCrash(t, w, c)
		starts := c.Starts()
		w.await("two starts in vain", func() string { return strconv.FormatBool(c.Starts() > starts+1) }, "true")
		busy.Close()
		w.awaitAnswer("shop.example", "200 one")
		w.write(w.manifests("shop.example", "two"))
		w.awaitAnswer("shop.example", "200 two")
	})
}

// occupyAfterCrash kills the proxy and takes its port before the next one does.
func occupyAfterCrash(t *testing.T, w *world, c *shipped.Runtime) net.Listener {
	t.Helper()
	for {
		c.Crash()
		var listener net.Listener
		w.await("the port", func() string {
			var err error
			if listener, err = net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(w.httpPort)); err == nil || w.get("shop.example") == "200 one" {
				return "done"
			}
			return err.Error()
		}, "done")
		if listener != nil {
			return listener
		}
	}
}

// TestShippedPreStop: the hook makes the proxy finish by itself.
func TestShippedPreStop(t *testing.T) {
	eachShipped(t, func(t *testing.T, w *world, c *shipped.Runtime) {
		w.awaitAnswer("shop.example", "200 one")
		w.await("readiness", func() string { return w.page("/readyz") }, "200 ok")
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		if ended, err := c.Terminate(ctx); err != nil || !ended {
			t.Errorf("the proxy ended by the hook: %t, %v", ended, err)
		}
		w.awaitAnswer("shop.example", "refused")
	})
}
