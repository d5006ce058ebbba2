package reload

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/headgate/headgate/hack/ports"
)

// TestHAProxyEndpointsDoNotWait: what waits for old workers is the reload, and not the endpoints that change meanwhile.
func TestHAProxyEndpointsDoNotWait(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		dir := shortDir(t)
		child, err := NewHAProxyChild(HAProxyOptions{WorkDir: dir, Bin: bin, StopTimeout: 2 * time.Second, MaxOldWorkers: 1, Log: testLog(t)})
		if err != nil {
			t.Fatal(err)
		}
		e, port := gateOn(t, child, dir, restless), ports.Free(t)
		e.opts.OldWorkersWait = time.Hour
		line, release := slowEndpoint(t, "slow")
		g := one(port, line)
		e.mustApply(t, g)
		answer := slowly(t, port)
		g.extra = "    http-response set-header x-new first"
		e.mustReload(t, g, "http-response")

		// A rule, a route and a backend wait; the endpoints of the backend that is there do not.
		g.extra = "    http-response set-header x-new second"
		g.routes += "/more more\n"
		g.backends = append(g.backends, pool{name: "more", servers: []string{endpoint(t, "more")}})
		for _, name := range []string{"two", "three"} {
			g.backends[0].servers = []string{endpoint(t, name)}
			var crowded *CrowdedError
			if _, err := e.Apply(t.Context(), g.files(), "test"); !errors.As(err, &crowded) {
				t.Errorf("error %v", err)
			}
			serves(t, port, name)
			if st := e.Status(); header(t, port, "x-new") != "first" || !st.Ready || !st.Waits || !e.Listens(t.Context()) {
				t.Errorf("with endpoint %s: x-new %q, %+v", name, header(t, port, "x-new"), st)
			}
		}

		// Without anything that waits, nothing does.
		g.extra = "    http-response set-header x-new first"
		g.routes, g.backends = "/ b\n", g.backends[:1]
		g.backends[0].servers = []string{endpoint(t, "four")}
		if out, err := e.Apply(t.Context(), g.files(), "test"); err != nil || out.Applied.Method != MethodRuntime || e.Status().Waits {
			t.Errorf("%+v, %v, %+v", out.Applied, err, e.Status())
		}
		serves(t, port, "four")

		g.extra = "    http-response set-header x-new third"
		if _, err := e.Apply(t.Context(), g.files(), "test"); err == nil {
			t.Error("it does not wait any more")
		}
		release()
		if n, err := answer.WriteTo(discard{}); err != nil || n < slowBytes {
			t.Errorf("the answer was cut: %d bytes, %v", n, err)
		}
		soon(t, "the reload", func() bool { return header(t, port, "x-new") == "third" })
		e.eventually(t, g)
		if st := e.Status(); st.Waits || st.OldWorkersEnded != 0 {
			t.Errorf("%+v", st)
		}
	})
}

// TestHAProxyEndpointsWithoutMaster: an HAProxy that cannot be told to load anything any more takes endpoints all the same, also while
// something else waits to be loaded.
func TestHAProxyEndpointsWithoutMaster(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		opts := HAProxyOptions{WorkDir: shortDir(t), Bin: bin}
		e, port := besideHAProxy(t, opts, restless), ports.Free(t)
		haproxy := otherHAProxy(t, bin, opts.WorkDir)
		g := one(port, endpoint(t, "one"))
		e.mustApply(t, g)
		e.equal(t, g)
		removeForGood(t, filepath.Join(opts.WorkDir, HAProxyMasterSocket))
		g.extra = "    http-response set-header x-new yes"
		for _, name := range []string{"two", "three", "four"} {
			g.backends[0].servers = []string{endpoint(t, name)}
			var late *LateError
			if _, err := e.Apply(t.Context(), g.files(), "test"); !errors.As(err, &late) {
				t.Errorf("error %v", err)
			}
			serves(t, port, name)
			if st := e.Status(); !st.Ready {
				t.Errorf("%+v", st)
			}
		}
		endGroup(haproxy)
		otherHAProxy(t, bin, opts.WorkDir)
		e.eventually(t, g)
		if got := header(t, port, "x-new"); got != "yes" {
			t.Errorf("x-new %q", got)
		}
	})
}
