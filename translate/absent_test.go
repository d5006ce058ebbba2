package translate_test

import "testing"

// TestClosedPlacesThatKeepNothing: what ingress-nginx leaves out is answered as there, unless another path would get its requests.
func TestClosedPlacesThatKeepNothing(t *testing.T) {
	const refused = "server-snippet: deny all;"
	for name, c := range map[string]struct {
		objects []object
		closed  bool
	}{
		"beside":        {[]object{ingress("bad", "/a", "web", refused), ingress("web", "/b", "web")}, false},
		"below":         {[]object{ingress("bad", "/a/b", "web", refused), ingress("web", "/a", "web")}, true},
		"below another": {[]object{ingress("bad", "/ab", "web", refused), ingress("web", "/a", "web")}, false},
		"above":         {[]object{ingress("bad", "/a", "web", refused), ingress("web", "/a/b", "web")}, false},
		"alone":         {[]object{ingress("bad", "/a", "web", refused)}, true},
		"an expression": {[]object{ingress("bad", "/a", "web", refused), ingress("web", "/b", "web", `use-regex: "true"`)}, true},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, _ := run(t, settings(), append(c.objects, service("web"), endpoints("web", 1, 1))...)
			server := &cfg.Servers[cfg.ServerFor("host.example")]
			for i := range server.Routes {
				r := &server.Routes[i]
				if r.From.Ref.Name != "bad" {
					continue
				}
				if r.Backend != "" || r.Closed != "" != c.closed {
					t.Errorf("%s %s leads to %q and is closed by %q", r.Match.Kind, r.Match.Path, r.Backend, r.Closed)
				}
			}
		})
	}
}
