package haproxy

import (
	"fmt"
	"reflect"
	"testing"
	"unsafe"

	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/haproxy/conf"
)

// TestEveryFieldNamesASection: routes that do the same share a section, others never do. Whatever field a policy gets, it counts.
func TestEveryFieldNamesASection(t *testing.T) {
	for _, backend := range []string{"", "a", "a_b"} {
		seen := map[conf.Name]string{}
		for what, p := range variations(reflect.TypeFor[policy]()) {
			p := p.Interface().(policy)
			name := p.name(backend)
			if err := name.Check(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if other, ok := seen[name]; ok {
				t.Errorf("a policy with %s and one with %s are both called %s", what, other, name)
			}
			seen[name] = what
			if again := p; again.name(backend) != name {
				t.Errorf("%s: a copy has another name", name)
			}
		}
		if fields := reflect.TypeFor[policy]().NumField(); len(seen) < 2*fields {
			t.Errorf("%d fields make %d names only", fields, len(seen))
		}
	}
}

// TestEveryFieldNamesAStreamBackend is the same for ports.
func TestEveryFieldNamesAStreamBackend(t *testing.T) {
	seen := map[conf.Name]string{}
	for what, u := range variations(reflect.TypeFor[streamUse]()) {
		u := u.Interface().(streamUse)
		name := u.name()
		if other, ok := seen[name]; ok {
			t.Errorf("a use with %s and one with %s are both called %s", what, other, name)
		}
		seen[name] = what
	}
	if len(seen) < 4 {
		t.Errorf("only %d names", len(seen))
	}
}

// variations returns the zero value of a struct and, for each field, some that have only this one set; in what a field points to, each
// field is set alone, too.
func variations(of reflect.Type) map[string]reflect.Value {
	all := map[string]reflect.Value{"nothing": reflect.New(of).Elem()}
	for i := range of.NumField() {
		for what, value := range valuesOf(of.Field(i).Type) {
			v := reflect.New(of).Elem()
			f := v.Field(i)
			reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem().Set(value)
			all[of.Field(i).Name+" "+what] = v
		}
	}
	return all
}

// valuesOf are values of a type that are not its zero value, by a text that describes them.
func valuesOf(of reflect.Type) map[string]reflect.Value {
	values := map[string]reflect.Value{}
	switch of.Kind() {
	case reflect.Pointer:
		for what, v := range variations(of.Elem()) {
			p := reflect.New(of.Elem())
			p.Elem().Set(v)
			values["-> "+what] = p
		}
	case reflect.Struct:
		values = variations(of)
		delete(values, "nothing")
	case reflect.Bool:
		values["true"] = reflect.ValueOf(true).Convert(of)
	case reflect.String:
		for _, text := range []string{"a", "b", "a:b"} {
			values[text] = reflect.ValueOf(text).Convert(of)
		}
	default:
		for _, n := range []int{1, 2} {
			values[fmt.Sprint(n)] = reflect.ValueOf(n).Convert(of)
		}
	}
	return values
}

// TestSectionNamesAreReadable: logs and statistics show them.
func TestSectionNamesAreReadable(t *testing.T) {
	tls := &model.TLSRedirect{Code: 308}
	for _, c := range []struct {
		backend string
		policy  policy
		want    conf.Name
	}{
		{"", policy{answer: 404}, notFoundSection},
		{"", policy{answer: 503}, closedSection},
		{"shop_web_80", policy{answer: 503}, "shop_web_80"},
		{"shop_web_80", policy{answer: 404}, "shop_web_80:or404"},
		{"shop_web_80", policy{answer: 503, redirect: tls, limit: "shop_web"}, "shop_web_80:tls:limit:e81ac150a4f7d58d"},
		{"shop_web_80", policy{answer: 404, protocol: model.GRPC, rewrite: &model.Rewrite{Target: "/"}}, "shop_web_80:or404:grpc:rewrite:c8c273934d2c6a2c"},
	} {
		if got := c.policy.name(c.backend); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

// TestStandInsKeepWhatGuards: requests that come to a default backend are bounded as those that come to the route's own.
func TestStandInsKeepWhatGuards(t *testing.T) {
	route := to(prefix("/"), "own")
	route.Fallback, route.Limit, route.Bandwidth = "other", "l", &model.Bandwidth{Rate: 1000}
	route.TLSRedirect, route.Protocol = &model.TLSRedirect{Code: 308}, model.HTTPS
	route.Rewrite, route.Source = &model.Rewrite{Target: "/x"}, model.Source{Namespace: "ns", Ingress: "web", Path: "/"}
	cfg := testConfig(server("a.test", route))
	cfg.Limits = []model.Limit{{ID: "l", Connections: 1}}
	target, err := New(Options{Version: throttles})
	if err != nil {
		t.Fatal(err)
	}
	r := newRendering(target, cfg)
	own := r.policy(&cfg.Servers[1].Routes[0])
	stand := r.sections[own.fallback]
	if stand == nil || stand.backend != "other" {
		t.Fatalf("the fallback is %q, the sections are %v", own.fallback, r.sections)
	}
	view := r.view(own.fallback, stand)
	if view.Limit == nil || view.Limit.Connections != 1 || view.Bandwidth != 1000 || view.Redirect == nil {
		t.Errorf("the stand-in has the limit %+v, %d bytes a second and the redirect %+v", view.Limit, view.Bandwidth, view.Redirect)
	}
	if view.Rewrite != nil || stand.policy.protocol != model.HTTP || len(view.Headers) == 0 || view.Answer != 0 {
		t.Errorf("the stand-in does what is about the route's own backend: %+v", view)
	}
}
