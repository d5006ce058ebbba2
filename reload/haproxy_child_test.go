package reload

import (
	"testing"
)

func TestHAProxyApplies(t *testing.T) {
	eachHAProxy(t, func(t *testing.T, bin string) {
		e, port := superviseHAProxy(t, bin, shortDir(t)), freePort(t)
		one, two := endpoint(t, "one"), endpoint(t, "two")
		g := gate{port: port, routes: "/ b\n", banned: "192.0.2.1\n", backends: []pool{{name: "b", servers: []string{one}}}}
		if out := e.mustApply(t, g); out.Applied.Method != MethodStart {
			t.Errorf("first: %+v", out)
		}
		serves(t, port, "one")
		master := e.processes(t).master
		g.backends[0].servers = []string{two}
		e.mustChange(t, g)
		serves(t, port, "two")
		g.extra = "    http-response set-header x-new yes"
		e.mustReload(t, g, `"http-response" has changed in frontend web`)
		serves(t, port, "two")
		if out := e.mustApply(t, g); !out.Unchanged {
			t.Errorf("equal bytes: %+v", out)
		}
		if now := e.processes(t); now.master != master || now.reloads != 1 {
			t.Errorf("processes %+v", now)
		}
		e.stop()
	})
}
