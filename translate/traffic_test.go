package translate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/translate"
)

// object is an Ingress or a Service of the namespace shop, as YAML.
type object string

// ingress leads a path of host.example to port 80 of a Service. The annotations are "key: value", without prefix.
func ingress(name, path, service string, annotations ...string) object {
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: %s\n  namespace: shop\n  annotations:\n", name)
	for _, a := range annotations {
		fmt.Fprintf(&b, "    nginx.ingress.kubernetes.io/%s\n", a)
	}
	fmt.Fprintf(&b, "spec:\n  ingressClassName: nginx\n  rules:\n  - host: host.example\n    http:\n      paths:\n"+
		"      - {path: %q, pathType: Prefix, backend: {service: {name: %s, port: {number: 80}}}}\n", path, service)
	return object(b.String())
}

func service(name string, spec ...string) object {
	return object(fmt.Sprintf("apiVersion: v1\nkind: Service\nmetadata: {name: %s, namespace: shop}\nspec: {%s}\n",
		name, strings.Join(append(spec, "ports: [{port: 80}]"), ", ")))
}

// run translates objects; the codes are those of the diagnostics, in order.
func run(t *testing.T, settings translate.Settings, objects ...object) (*model.Config, []string) {
	t.Helper()
	cfg, diags := translated(t, settings, objects...)
	var codes []string
	for _, d := range diags {
		codes = append(codes, fmt.Sprintf("%s %s", d.Ref.Name, d.Code))
	}
	return cfg, codes
}

// remarks are the diagnostics of a translation, as they are printed, without places.
func remarks(t *testing.T, settings translate.Settings, objects ...object) []string {
	t.Helper()
	_, diags := translated(t, settings, objects...)
	var lines []string
	for _, d := range diags {
		d.Pos = diag.Pos{}
		lines = append(lines, d.String())
	}
	return lines
}

func translated(t *testing.T, settings translate.Settings, objects ...object) (*model.Config, diag.List) {
	t.Helper()
	var texts []string
	for _, o := range objects {
		texts = append(texts, string(o))
	}
	parsed, diags := manifest.Load([]manifest.Input{{Name: "in.yaml", Data: []byte(strings.Join(texts, "---\n"))}}, manifest.LoadOptions{})
	if worst, some := diags.Worst(); some && worst >= diag.Error {
		t.Fatalf("the input is wrong: %v", diags)
	}
	snap, _ := manifest.NewSnapshot(parsed)
	return translate.Run(snap, settings)
}

func settings() translate.Settings {
	s := translate.DefaultSettings()
	s.Class.AssumeName = true
	s.PlaceholderEndpoints = true
	return s
}

// route returns the route of host.example with a path.
func route(t *testing.T, cfg *model.Config, path string) *model.Route {
	t.Helper()
	server := &cfg.Servers[cfg.ServerFor("host.example")]
	for i := range server.Routes {
		if server.Routes[i].Match.Path == path {
			return &server.Routes[i]
		}
	}
	t.Fatalf("host.example has no route %s", path)
	return nil
}

func backend(t *testing.T, cfg *model.Config, name string) *model.Backend {
	t.Helper()
	b, ok := cfg.BackendByID(model.ID("shop", name, "80"))
	if !ok {
		t.Fatalf("there is no backend %s", name)
	}
	return b
}

func TestBalance(t *testing.T) {
	client := model.Balance{Algorithm: model.HashKey, Key: model.Key{{Source: model.KeyClient}}}
	for value, want := range map[string]model.Balance{
		"round_robin": {}, "rr": {},
		"least_conn": {Algorithm: model.LeastConnections}, "lc": {Algorithm: model.LeastConnections},
		"sed": {Algorithm: model.LeastConnections}, "nq": {Algorithm: model.LeastConnections},
		"ewma": {Algorithm: model.LeastLatency}, "random": {Algorithm: model.TwoChoices}, "random two": {Algorithm: model.TwoChoices},
		"ip_hash": client, "sh": client,
		"dh": {Algorithm: model.HashKey, Key: model.Key{{Source: model.KeyHost}}},
	} {
		cfg, codes := run(t, settings(), ingress("web", "/", "web", "load-balance: "+value), service("web"))
		if diff := cmp.Diff(want, backend(t, cfg, "web").Balance); diff != "" || len(codes) > 0 {
			t.Errorf("%s: diagnostics %v, difference (-want +got):\n%s", value, codes, diff)
		}
	}
}

func TestHashComesBeforeLoadBalance(t *testing.T) {
	cfg, _ := run(t, settings(), ingress("web", "/", "web", "load-balance: lc", "upstream-hash-by: ${request_uri}-x$http_X_User$cookie_a$arg_b",
		`upstream-hash-by-subset: "true"`), service("web"))
	want := model.Balance{Algorithm: model.HashKey, Subset: 3, Key: model.Key{
		{Source: model.KeyTarget}, {Source: model.KeyText, Name: "-x"}, {Source: model.KeyHeader, Name: "x-user"},
		{Source: model.KeyCookie, Name: "a"}, {Source: model.KeyParameter, Name: "b"},
	}}
	if diff := cmp.Diff(want, backend(t, cfg, "web").Balance); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
}

func TestBackendConflicts(t *testing.T) {
	older := ingress("z", "/z", "web", "load-balance: lc", "affinity: cookie")
	for name, c := range map[string]struct {
		younger object
		cookie  string
		want    []string
	}{
		"the same":       {ingress("a", "/a", "web", "load-balance: lc", "affinity: cookie"), "INGRESSCOOKIE", nil},
		"nothing":        {ingress("a", "/a", "web"), "INGRESSCOOKIE", nil},
		"another choice": {ingress("a", "/a", "web", "load-balance: rr"), "INGRESSCOOKIE", []string{"a " + diag.BackendConflict.String()}},
		"another mode": {ingress("a", "/a", "web", "affinity: cookie", "affinity-mode: persistent"), "INGRESSCOOKIE",
			[]string{"a " + diag.BackendConflict.String()}},
		"another cookie": {ingress("a", "/a", "web", "affinity: cookie", "session-cookie-name: x"), "x", []string{"a " + diag.BackendConflict.String()}},
	} {
		cfg, codes := run(t, settings(), older, c.younger, service("web"))
		if diff := cmp.Diff(c.want, codes); diff != "" {
			t.Errorf("%s: diagnostics (-want +got):\n%s", name, diff)
		}
		if b := backend(t, cfg, "web"); b.Balance.Algorithm != model.LeastConnections || b.Affinity.Persistent || b.Affinity.Cookie != c.cookie {
			t.Errorf("%s: the older Ingress does not hold: %+v", name, b)
		}
	}
}

func TestClientAffinity(t *testing.T) {
	sticky := service("web", "sessionAffinity: ClientIP")
	cfg, _ := run(t, settings(), ingress("web", "/", "web"), sticky)
	if got := backend(t, cfg, "web").ClientAffinity; got == nil || got.Timeout != 10800 {
		t.Errorf("got %+v, want the default of 10800 seconds", got)
	}
	cfg, _ = run(t, settings(), ingress("web", "/", "web", "load-balance: lc"), sticky)
	if got := backend(t, cfg, "web").ClientAffinity; got != nil {
		t.Errorf("an Ingress that chooses comes before the Service, but got %+v", got)
	}
	cfg, _ = run(t, settings(), ingress("web", "/", "web", "affinity: cookie"), sticky)
	if b := backend(t, cfg, "web"); b.Affinity == nil || b.ClientAffinity != nil {
		t.Errorf("a session cookie comes before the Service, but got %+v and %+v", b.Affinity, b.ClientAffinity)
	}
}

// A canary takes part in the sessions of its path, whatever its own Service says about clients.
func TestCanaryWithClientAffinity(t *testing.T) {
	cfg, _ := run(t, settings(), ingress("web", "/", "web", "affinity: cookie"), ingress("side", "/", "side", `canary: "true"`, `canary-weight: "10"`),
		service("web"), service("side", "sessionAffinity: ClientIP"))
	if b := backend(t, cfg, "side"); b.Affinity == nil || b.ClientAffinity != nil {
		t.Errorf("got %+v and %+v", b.Affinity, b.ClientAffinity)
	}
}

func TestServiceAddress(t *testing.T) {
	for name, c := range map[string]struct {
		annotation string
		spec       string
		want       []model.Endpoint
	}{
		"asked for":    {`"true"`, "clusterIP: 10.96.0.7", []model.Endpoint{{Address: "10.96.0.7", Port: 80}}},
		"headless":     {`"true"`, "clusterIP: None", nil},
		"not readable": {`"yes"`, "clusterIP: 10.96.0.7", nil},
	} {
		cfg, _ := run(t, settings(), ingress("web", "/", "web", "service-upstream: "+c.annotation), service("web", c.spec))
		e, _ := cfg.EndpointsOf("shop_web_80")
		if diff := cmp.Diff(c.want, e.Members); diff != "" {
			t.Errorf("%s: members (-want +got):\n%s", name, diff)
		}
	}
}

func TestSession(t *testing.T) {
	cfg, _ := run(t, settings(),
		ingress("a", "/all", "web", "affinity: cookie", `session-cookie-max-age: "600"`, `session-cookie-expires: "-1"`, "session-cookie-path: /x",
			"session-cookie-domain: d.example", `session-cookie-secure: "true"`, "session-cookie-samesite: none",
			`session-cookie-conditional-samesite-none: "true"`),
		ingress("b", "/plain", "web"), service("web"))
	age, expires := 600, -1
	want := &model.SessionCookie{Expires: &expires, MaxAge: &age, Domain: "d.example", Path: "/x", Secure: true, SameSite: "None", LenientSameSite: true}
	if diff := cmp.Diff(want, route(t, cfg, "/all").Session); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
	if got := route(t, cfg, "/plain").Session; got != nil {
		t.Errorf("the cookie is given out by an Ingress that did not ask for it: %+v", got)
	}
}

func TestCookiePath(t *testing.T) {
	regex := []string{"affinity: cookie", `use-regex: "true"`}
	for path, want := range map[string]string{
		"/app":           "/app",
		"/app(/|$)(.*)":  "/app",
		"/app/v[0-9]+/x": "/app/",
		"/app.*":         "/",
		"/a/b/?$":        "/a/",
		"/a/bc*":         "/a/",
		"/a|/b":          "/",
		"/x/(a|b)":       "/x/",
		"/x/y(a)|/z":     "/",
		"/a/*":           "/",
	} {
		cfg, _ := run(t, settings(), ingress("web", path, "web", regex...), service("web"))
		server := &cfg.Servers[cfg.ServerFor("host.example")]
		got := ""
		for i := range server.Routes {
			if s := server.Routes[i].Session; s != nil {
				got = s.Path
			}
		}
		if got != want {
			t.Errorf("%s: got the cookie path %q, want %q", path, got, want)
		}
	}
	cfg, codes := run(t, settings(), ingress("web", "/a;Domain=evil", "web", "affinity: cookie"), service("web"))
	if got := route(t, cfg, "/a;Domain=evil").Session.Path; got != "/" {
		t.Errorf("a path that would end the attribute became %q", got)
	}
	if diff := cmp.Diff([]string{"web " + diag.CookiePath.String()}, codes); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

func TestSessionSecrets(t *testing.T) {
	objects := []object{ingress("a", "/a", "a", "affinity: cookie"), ingress("b", "/b", "b", "affinity: cookie"), service("a"), service("b")}
	cfg, _ := run(t, settings(), objects...)
	a, b := backend(t, cfg, "a").Affinity.Secret, backend(t, cfg, "b").Affinity.Secret
	if cmp.Equal([]byte(a), []byte(b)) {
		t.Error("two backends have one secret")
	}
	other := settings()
	other.SessionKey = model.Secret("another key")
	cfg, _ = run(t, other, objects...)
	if cmp.Equal([]byte(a), []byte(backend(t, cfg, "a").Affinity.Secret)) {
		t.Error("the operator's key changes nothing")
	}
}

func TestCanaryStaysOnItsPath(t *testing.T) {
	cfg, codes := run(t, settings(),
		ingress("main", "/a", "main"), ingress("other", "/b", "main"),
		ingress("canary", "/a", "new", `canary: "true"`, `canary-weight: "20"`),
		ingress("nowhere", "/c", "new", `canary: "true"`), ingress("itself", "/b", "main", `canary: "true"`),
		service("main"), service("new"))
	if diff := cmp.Diff([]string{"nowhere " + diag.CanaryIgnored.String(), "itself " + diag.CanaryIgnored.String()}, codes); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
	split := route(t, cfg, "/a").Split
	if split == nil || len(split.Branches) != 1 || split.Branches[0].Backend != "shop_new_80" || split.Branches[0].Weight != 20 || split.Branches[0].Total != 100 {
		t.Errorf("got %+v", split)
	}
	if got := route(t, cfg, "/b").Split; got != nil {
		t.Errorf("another path to the same Service has the canary, too: %+v", got)
	}
}

func TestCanaryRules(t *testing.T) {
	for name, c := range map[string]struct {
		annotations []string
		want        model.Branch
	}{
		"header":         {[]string{"canary-by-header: X_Canary"}, model.Branch{Header: &model.HeaderRule{Name: "x-canary"}}},
		"value":          {[]string{"canary-by-header: X", "canary-by-header-value: v", "canary-by-header-pattern: p"}, model.Branch{Header: &model.HeaderRule{Name: "x", Value: "v"}}},
		"pattern":        {[]string{"canary-by-header: X", "canary-by-header-pattern: ^v[23]$"}, model.Branch{Header: &model.HeaderRule{Name: "x", Pattern: "^v[23]$"}}},
		"broken pattern": {[]string{"canary-by-header: X", `canary-by-header-pattern: "[][**da?$&*"`}, model.Branch{Header: &model.HeaderRule{Name: "x", Broken: true}}},
		"odd characters": {[]string{"canary-by-header: X", `canary-by-header-pattern: "a,b"`}, model.Branch{Header: &model.HeaderRule{Name: "x"}}},
		"named group":    {[]string{"canary-by-header: X", `canary-by-header-pattern: "(a+)+$"`}, model.Branch{Header: &model.HeaderRule{Name: "x", Broken: true}}},
		"odd header":     {[]string{"canary-by-header: X.Y"}, model.Branch{}},
		"cookie":         {[]string{"canary-by-cookie: my.cookie"}, model.Branch{Cookie: "my.cookie"}},
		"negative":       {[]string{`canary-weight: "-5"`}, model.Branch{}},
		"too much":       {[]string{`canary-weight: "500"`, `canary-weight-total: "200"`}, model.Branch{Weight: 200, Total: 200}},
		"small total":    {[]string{`canary-weight: "10"`, `canary-weight-total: "10"`}, model.Branch{Weight: 10}},
	} {
		cfg, _ := run(t, settings(), ingress("main", "/a", "main"), ingress("canary", "/a", "new", append(c.annotations, `canary: "true"`)...), service("main"), service("new"))
		got := route(t, cfg, "/a").Split.Branches[0]
		c.want.Backend, c.want.From = got.Backend, got.From
		if c.want.Total == 0 {
			c.want.Total = 100
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: difference (-want +got):\n%s", name, diff)
		}
	}
}

func TestCanariesShareTheWhole(t *testing.T) {
	// Of the same second, Ingresses are taken in descending order of their names.
	cfg, codes := run(t, settings(), ingress("main", "/a", "main"),
		ingress("canary-3", "/a", "one", `canary: "true"`, `canary-weight: "80"`),
		ingress("canary-2", "/a", "two", `canary: "true"`, `canary-weight: "1"`, `canary-weight-total: "300"`),
		ingress("canary-1", "/a", "three", `canary: "true"`, `canary-weight: "50"`),
		service("main"), service("one"), service("two"), service("three"))
	var got []string
	for _, b := range route(t, cfg, "/a").Split.Branches {
		got = append(got, fmt.Sprintf("%s %d/%d", b.Backend, b.Weight, b.Total))
	}
	if diff := cmp.Diff([]string{"shop_one_80 80/100", "shop_two_80 1/300", "shop_three_80 59/300"}, got); diff != "" {
		t.Errorf("shares (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"canary-1 " + diag.CanaryShare.String()}, codes); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

func TestCanarySessions(t *testing.T) {
	cfg, _ := run(t, settings(), ingress("main", "/a", "main", "affinity: cookie", "affinity-mode: persistent", "session-cookie-name: sid"),
		ingress("sticky", "/a", "new", `canary: "true"`), ingress("legacy", "/a", "old", `canary: "true"`, "affinity-canary-behavior: legacy"),
		service("main"), service("new"), service("old"))
	split := route(t, cfg, "/a").Split
	if !split.KeepsSessions || !split.Branches[0].Sessions || split.Branches[1].Sessions {
		t.Errorf("got %+v", split)
	}
	if a := backend(t, cfg, "new").Affinity; a == nil || a.Cookie != "sid" || !a.Persistent {
		t.Errorf("the canary has the affinity %+v, not that of the main backend", a)
	}
	if a := backend(t, cfg, "old").Affinity; a != nil {
		t.Errorf("the legacy canary has the affinity %+v", a)
	}
}

func TestLimits(t *testing.T) {
	for _, c := range []struct {
		name        string
		replicas    int
		annotations []string
		want        []model.Limit
	}{
		{"none", 0, []string{`limit-rps: "0"`, `limit-connections: "-1"`, "limit-allowlist: 10.0.0.0/8"}, nil},
		{"all", 0, []string{`limit-rps: "10"`, `limit-rpm: "100"`, `limit-connections: "4"`}, []model.Limit{
			{Connections: 4, Rates: []model.Rate{{Requests: 10, Seconds: 1, Burst: 50}, {Requests: 100, Seconds: 60, Burst: 500}}}}},
		{"divided", 2, []string{`limit-rps: "10"`, `limit-connections: "3"`, `limit-burst-multiplier: "1"`}, []model.Limit{
			{Connections: 2, Rates: []model.Rate{{Requests: 5, Seconds: 1, Burst: 5}}}}},
		{"not even", 3, []string{`limit-rps: "10"`, `limit-rpm: "1"`}, []model.Limit{
			{Rates: []model.Rate{{Requests: 200, Seconds: 60, Burst: 17}, {Requests: 1, Seconds: 60, Burst: 2}}}}},
		{"never nothing", 1000, []string{`limit-rpm: "1"`, `limit-connections: "1"`, `limit-burst-multiplier: "-7"`}, []model.Limit{
			{Connections: 1, Rates: []model.Rate{{Requests: 1, Seconds: 60}}}}},
		{"huge", 0, []string{`limit-rps: "2000000000"`, `limit-burst-multiplier: "2000000000"`}, []model.Limit{
			{Rates: []model.Rate{{Requests: 1000000, Seconds: 1, Burst: 1000000}}}}},
	} {
		s := settings()
		s.Replicas = c.replicas
		cfg, _ := run(t, s, ingress("web", "/a", "web", c.annotations...), service("web"))
		for i := range c.want {
			c.want[i].ID, c.want[i].From = "shop_web", cfg.Limits[i].From
		}
		if diff := cmp.Diff(c.want, cfg.Limits); diff != "" {
			t.Errorf("%s: difference (-want +got):\n%s", c.name, diff)
		}
		if len(c.want) > 0 && route(t, cfg, "/a").Limit != "shop_web" {
			t.Errorf("%s: the route does not name its limit", c.name)
		}
	}
}

func TestReplicasOfService(t *testing.T) {
	s := settings()
	s.Replicas = 7
	s.ReplicaService = translate.Name{Namespace: "edge", Name: "headgate"}
	slice := object("apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: x, namespace: edge, labels: {kubernetes.io/service-name: headgate}}\n" +
		"addressType: IPv4\nports: [{port: 80}]\nendpoints:\n- {addresses: [10.0.0.1]}\n- {addresses: [10.0.0.2]}\n- {addresses: [10.0.0.3], conditions: {ready: false}}\n")
	for name, c := range map[string]struct {
		objects []object
		want    int
	}{
		"two ready": {[]object{slice}, 35},
		"not there": {nil, 10},
	} {
		cfg, _ := run(t, s, append(c.objects, ingress("web", "/a", "web", `limit-rps: "70"`), service("web"))...)
		if got := cfg.Limits[0].Rates[0].Requests; got != c.want {
			t.Errorf("%s: got %d requests in a second, want %d", name, got, c.want)
		}
	}
}

func TestCanaryTakesOtherAnnotationsFromTheMainIngress(t *testing.T) {
	_, codes := run(t, settings(), ingress("main", "/a", "main"),
		ingress("canary", "/a", "new", `canary: "true"`, "load-balance: lc", `ssl-redirect: "false"`), service("main"), service("new"))
	if diff := cmp.Diff([]string{"canary " + diag.CanaryInherits.String()}, codes); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

func TestUnreadableLimitsOpenNothing(t *testing.T) {
	for _, annotation := range []string{"limit-rps: ten", `limit-rpm: "1.5"`, "limit-connections: x", "limit-allowlist: everybody", `limit-rps: "99999999999999999999"`} {
		cfg, codes := run(t, settings(), ingress("web", "/a", "web", annotation), service("web"))
		if route(t, cfg, "/a").Closed == "" || len(codes) == 0 {
			t.Errorf("%s: the Ingress is served without its limit (diagnostics %v)", annotation, codes)
		}
	}
}

func TestBandwidth(t *testing.T) {
	cfg, _ := run(t, settings(), ingress("web", "/a", "web", `limit-rate: "50"`, `limit-rate-after: "100"`), service("web"))
	if diff := cmp.Diff(&model.Bandwidth{Rate: 51200, After: 102400}, route(t, cfg, "/a").Bandwidth); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
}
