package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/headgate/headgate/hack/proxies"
)

func TestRunHAProxy(t *testing.T) {
	for _, binary := range proxies.HAProxy(t) {
		t.Run(binary.Version, func(t *testing.T) {
			w := newWorld(t)
			w.write(w.manifests("shop.example", "one"))
			w.start("--proxy", "haproxy", "--proxy-bin", binary.Path)
			w.awaitAnswer("shop.example", "200 one")
			w.await("readiness", func() string { return w.page("/readyz") }, "200 ok")

			w.write(w.manifests("shop.example", "two"))
			w.awaitAnswer("shop.example", "200 two")
			w.write(w.manifests("store.example", "two"))
			w.awaitAnswer("store.example", "200 two")
			w.awaitAnswer("shop.example", "404")
			metrics := w.page("/metrics")
			for _, want := range []string{
				`headgate_reloads_total{method="start",reason="start",result="ok"} 1`,
				`headgate_reloads_total{method="runtime",reason="endpoints",result="ok"} 1`,
			} {
				if !strings.Contains(metrics, want) {
					t.Errorf("no %s in the metrics:\n%s", want, metrics)
				}
			}
			w.await("old workers", func() string { return w.page("/metrics") }, "headgate_proxy_old_workers 0")
			w.write(w.manifests("store.example", "two") + "---\n" + strings.ReplaceAll(w.manifests("more.example", "one"), "shop", "more"))
			w.awaitAnswer("more.example", "200 one")
			w.awaitLog("backend more_web")
			w.await("metrics", func() string { return w.page("/metrics") }, `headgate_reload_causes_total{cause="files"} `)
			w.await("access log", w.out.String, `"GET / HTTP/1.1" 200`)
			if code := w.end(); code != exitFine {
				t.Errorf("exit code %d", code)
			}
			w.awaitAnswer("store.example", "refused") // the proxy does not outlive headgate
		})
	}
}

// TestRunBesideHAProxy: somebody else starts HAProxy, as soon as there is a configuration, and headgate leaves it alone at the end.
func TestRunBesideHAProxy(t *testing.T) {
	for _, binary := range proxies.HAProxy(t) {
		t.Run(binary.Version, func(t *testing.T) {
			w := newWorld(t)
			w.write(w.manifests("shop.example", "one"))
			master, runtime := filepath.Join(w.workDir, "run", "master.sock"), filepath.Join(w.workDir, "run", "runtime.sock")
			w.start("--proxy", "haproxy", "--proxy-version", binary.Version, "--master-socket", master, "--runtime-socket", runtime)
			script := `until [ -e "$1/current/haproxy.cfg" ]; do sleep 0.05; done
				cd / && exec "$0" -W -db -S "$2,mode,600" -f "$1/current"`
			cmd := exec.Command("/bin/sh", "-c", script, binary.Path, w.workDir, master)
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // it may have ended
				_ = cmd.Wait()                                      // it was killed
			})
			w.awaitAnswer("shop.example", "200 one")
			// A process that headgate has not found yet would be reloaded.
			w.await("readiness", func() string { return w.page("/readyz") }, "200 ok")
			w.write(w.manifests("shop.example", "two"))
			w.awaitAnswer("shop.example", "200 two")
			w.awaitLog("method=runtime")
			if code := w.end(); code != exitFine {
				t.Errorf("exit code %d", code)
			}
			w.awaitAnswer("shop.example", "200 two")
		})
	}
}
