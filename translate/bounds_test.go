package translate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/translate"
)

// endpoints is an EndpointSlice of a Service with so many addresses and ports.
func endpoints(service string, addresses, ports int) object {
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: %s-1, namespace: shop, labels: {kubernetes.io/service-name: %s}}\n"+
		"addressType: IPv4\nports:\n", service, service)
	for i := range ports {
		fmt.Fprintf(&b, "- {port: %d}\n", i+1000)
	}
	b.WriteString("endpoints:\n")
	for i := range addresses {
		fmt.Fprintf(&b, "- {addresses: [10.1.%d.%d]}\n", i/250, i%250+1)
	}
	return object(b.String())
}

// with puts another text into an object.
func (o object) with(old, replacement string) object {
	return object(strings.ReplaceAll(string(o), old, replacement))
}

func countCode(codes []string, code diag.CodeInfo) int {
	return len(slices.DeleteFunc(slices.Clone(codes), func(c string) bool { return !strings.HasSuffix(c, " "+code.String()) }))
}

func TestEndpointsAreBounded(t *testing.T) {
	objects := []object{
		ingress("a", "/a", "many"), ingress("b", "/b", "large"), ingress("c", "/c", "web"),
		service("many"), service("large"), service("web"),
		endpoints("many", 200, 500), endpoints("large", 5000, 1), endpoints("web", 2, 1),
	}
	cfg, codes := run(t, settings(), objects...)
	for name, want := range map[string]int{"many": 0, "large": 5000, "web": 2} {
		e, ok := cfg.EndpointsOf(model.ID("shop", name, "80"))
		if !ok || e.Unknown || len(e.Members) != want {
			t.Errorf("Service %s has %d endpoints, want %d", name, len(e.Members), want)
		}
	}
	if !slices.Contains(codes, "many "+diag.EndpointsBound.String()) || countCode(codes, diag.EndpointsBound) != 1 {
		t.Errorf("the diagnostics are %v", codes)
	}
}

func TestEndpointsOfNamespacesAreBounded(t *testing.T) {
	objects := []object{
		ingress("other", "/other", "web").with("namespace: shop", "namespace: other"),
		service("web").with("namespace: shop", "namespace: other"), endpoints("web", 3000, 1).with("namespace: shop", "namespace: other"),
	}
	for i := range 13 {
		name := fmt.Sprintf("s%d", i)
		objects = append(objects, ingress("i"+name, "/"+name, name).with("host.example", "shop.example"), service(name), endpoints(name, 8000, 1))
	}
	cfg, codes := run(t, settings(), objects...)
	sum := 0
	for _, e := range cfg.Endpoints {
		sum += len(e.Members)
	}
	if sum != 12*8000+3000 || countCode(codes, diag.EndpointsBound) != 1 {
		t.Errorf("%d endpoints, diagnostics %v", sum, codes)
	}
}

func TestPathsOfAnIngressAreBounded(t *testing.T) {
	for n, want := range map[int]int{4999: 4999, 5000: 4999, 20000: 4999} {
		var paths strings.Builder
		for i := range n {
			fmt.Fprintf(&paths, "      - {path: /p%d, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}\n", i)
		}
		big := ingress("big", "/x", "web").with("      - {path: \"/x\", pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}\n", paths.String()).
			with("host.example", "big.example")
		cfg, codes := run(t, settings(), big, ingress("bystander", "/", "web"), service("web"), endpoints("web", 1, 1))
		server := &cfg.Servers[cfg.ServerFor("big.example")]
		closed := 0
		for i := range server.Routes {
			if server.Routes[i].Closed != "" {
				closed++
			}
		}
		if refused := n > 4999; len(server.Routes) != want+1 || refused != (closed == want+1) || refused != (countCode(codes, diag.SizeBound) == 1) {
			t.Errorf("%d paths become %d routes, %d of them closed, diagnostics %v", n, len(server.Routes), closed, codes)
		}
		if r := route(t, cfg, "/"); r.Closed != "" || r.Backend == "" {
			t.Errorf("the bystander is not served: %+v", r)
		}
	}
}

func TestCanariesOfAPathAreBounded(t *testing.T) {
	objects := []object{ingress("main", "/", "web"), service("web"), endpoints("web", 1, 1)}
	for i := range 15 {
		name := fmt.Sprintf("c%02d", i)
		objects = append(objects, ingress(name, "/", name, `canary: "true"`, `canary-weight: "1"`), service(name), endpoints(name, 1, 1))
	}
	cfg, codes := run(t, settings(), objects...)
	if n := len(route(t, cfg, "/").Split.Branches); n != 10 || countCode(codes, diag.CanariesBound) != 5 {
		t.Errorf("%d canaries, diagnostics %v", n, codes)
	}
}

func TestNamesOfCanariesAreBounded(t *testing.T) {
	objects := []object{service("web"), endpoints("web", 1, 1), service("new"), endpoints("new", 1, 1)}
	for i := range 50 {
		host := fmt.Sprintf("h%d.example", i)
		objects = append(objects, ingress(fmt.Sprintf("m%d", i), "/", "web").with("host.example", host),
			ingress(fmt.Sprintf("c%d", i), "/", "new", `canary: "true"`, fmt.Sprintf("canary-by-header: X-%d", i), "canary-by-cookie: same").with("host.example", host))
	}
	cfg, codes := run(t, settings(), objects...)
	split := 0
	for i := range cfg.Servers {
		for j := range cfg.Servers[i].Routes {
			if cfg.Servers[i].Routes[j].Split != nil {
				split++
			}
		}
	}
	if split != 39 || countCode(codes, diag.CanariesBound) != 11 {
		t.Errorf("%d paths split, diagnostics %v", split, codes)
	}
}

func TestLimitsOfNamespacesAreBounded(t *testing.T) {
	objects := []object{service("web"), endpoints("web", 1, 1)}
	for i := range 1005 {
		objects = append(objects, ingress(fmt.Sprintf("i%d", i), fmt.Sprintf("/p%d", i), "web", `limit-rps: "5"`))
	}
	objects = append(objects, ingress("free", "/free", "web"))
	cfg, codes := run(t, settings(), objects...)
	closed := 0
	for _, r := range cfg.Servers[cfg.ServerFor("host.example")].Routes {
		if r.Closed != "" {
			closed++
		} else if r.Source.Ingress != "free" && r.Limit == "" && r.Match.Path != "/" {
			t.Errorf("%s is open without its limit", r.Match.Path)
		}
	}
	if len(cfg.Limits) != 1000 || closed < 5 || closed > 6 || countCode(codes, diag.SizeBound) != 5 {
		t.Errorf("%d limits, %d closed routes, diagnostics %v", len(cfg.Limits), closed, codes)
	}
}

func TestPortsAreBounded(t *testing.T) {
	var data strings.Builder
	for i := range 2100 {
		fmt.Fprintf(&data, "  \"%d\": shop/web:80\n", 20000+i)
	}
	s := settings()
	s.TCPServices = translate.Name{Namespace: "shop", Name: "tcp"}
	cfg, codes := run(t, s, service("web"), endpoints("web", 1, 1),
		object("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: tcp, namespace: shop}\ndata:\n"+data.String()))
	if len(cfg.Streams) != 2000 || countCode(codes, diag.PortsBound) != 100 {
		t.Errorf("%d ports are open, %d diagnostics", len(cfg.Streams), len(codes))
	}
}

func TestPortsOfNamespacesAreBounded(t *testing.T) {
	var entries []string
	for i := range 210 {
		entries = append(entries, fmt.Sprintf("%d:80", 20000+i))
	}
	greedy := service("web").with("namespace: shop}", `namespace: shop, annotations: {"headgate.io/tcp-ports": "`+strings.Join(entries, `\n`)+`"}}`)
	modest := service("web").with("namespace: shop}", `namespace: other, annotations: {"headgate.io/tcp-ports": "30000:80"}}`)
	s := settings()
	s.ConfigMap = translate.Name{Namespace: "system", Name: "config"}
	cfg, codes := run(t, s, greedy, modest, endpoints("web", 1, 1),
		endpoints("web", 1, 1).with("namespace: shop", "namespace: other"),
		object("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config, namespace: system}\ndata: {stream-port-grants: \"shop=20000-29999 other=30000\"}\n"))
	if len(cfg.Streams) != 201 || countCode(codes, diag.PortsBound) != 10 {
		t.Errorf("%d ports are open, diagnostics %v", len(cfg.Streams), codes)
	}
}

// A Service with many endpoints behind paths that are each rewritten in a way of their own is a section of HAProxy for each path.
func TestServersOfNamespacesAreBounded(t *testing.T) {
	objects := []object{
		service("web"), endpoints("web", 4000, 1),
		ingress("guest", "/", "web").with("namespace: shop", "namespace: other").with("host.example", "other.example"),
		service("web").with("namespace: shop", "namespace: other"), endpoints("web", 1, 1).with("namespace: shop", "namespace: other"),
	}
	for i := range 60 {
		objects = append(objects, ingress(fmt.Sprintf("i%d", 90-i), fmt.Sprintf("/p%d(.*)", i), "web", "rewrite-target: /$1"))
	}
	cfg, codes := run(t, settings(), objects...)
	open := 0
	for _, r := range cfg.Servers[cfg.ServerFor("host.example")].Routes {
		if r.Closed == "" && r.Rewrite != nil && r.Match.Path != "/" {
			open++
		}
	}
	// The "/" of the host is one way more.
	if open != 49 && open != 50 || countCode(codes, diag.EndpointsBound) != 60-open {
		t.Errorf("%d paths are open, diagnostics %v", open, codes)
	}
	if r := &cfg.Servers[cfg.ServerFor("other.example")].Routes[0]; r.Closed != "" {
		t.Errorf("another namespace is not served: %+v", r)
	}
}

// Patterns that are hard to judge must not hold up Headgate.
func TestWorkOnPatternsIsBounded(t *testing.T) {
	objects := []object{
		service("web"), endpoints("web", 1, 1),
		ingress("other", "/x(/|$)(.*)", "web", `use-regex: "true"`).with("namespace: shop", "namespace: other").with("host.example", "other.example"),
		service("web").with("namespace: shop", "namespace: other"),
	}
	for i := range 200 {
		path := fmt.Sprintf("/%dx([a-d]{0,9}(b|c)?[b-e]{1,9}){2}[c-f]{0,9}(d|%d)$", i, i)
		objects = append(objects, ingress(fmt.Sprintf("i%03d", i), path, "web", `use-regex: "true"`))
	}
	cfg, _ := run(t, settings(), objects...)
	if said := strings.Join(remarks(t, settings(), objects...), "\n"); !strings.Contains(said, "too intricate to look at more") {
		t.Errorf("all patterns were read, however hard they are:\n%.2000s", said)
	}
	if r := &cfg.Servers[cfg.ServerFor("other.example")].Routes[0]; r.Closed != "" || r.Backend == "" || r.Match.Path != "/x(/|$)(.*)" {
		t.Errorf("the pattern of another namespace is not served: %+v", r)
	}
}
