package nginx

import (
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/nginx/conf"
)

func addresses4(count int) []netip.AddrPort {
	var list []netip.AddrPort
	for i := range count {
		list = append(list, netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 8080))
	}
	return list
}

func TestRingKeysFallToTheirMembers(t *testing.T) {
	for _, count := range []int{1, 3, 200} {
		r := newRing(addresses4(count))
		for i, key := range r.keysFor(count, "|side") {
			if key == "" || r.member(key) != i {
				t.Errorf("of %d members, the key %q for member %d falls to %d", count, key, i, r.member(key))
			}
		}
	}
}

func TestRingMovesFewKeys(t *testing.T) {
	small, large := newRing(addresses4(4)), newRing(addresses4(5))
	moved := 0
	for i := range 1000 {
		key := fmt.Sprint("client ", i)
		if before, after := small.member(key), large.member(key); before != after {
			moved++
			if after != 4 {
				t.Fatalf("%s moved from member %d to %d, which was there before", key, before, after)
			}
		}
	}
	if moved < 100 || moved > 300 {
		t.Errorf("a fifth member took %d of 1000 keys", moved)
	}
}

// limited is a Config with one route, whose Limit has a given ID.
func limited(id string) *model.Config {
	backend := model.Backend{ID: "shop_web_80", Namespace: "shop", Service: "web", Port: "80"}
	cfg := &model.Config{
		Backends:  []model.Backend{backend},
		Endpoints: []model.Endpoints{{Backend: backend.ID, Members: []model.Endpoint{{Address: "10.0.0.1", Port: 80}}}},
		Limits:    []model.Limit{{ID: id, Connections: 1}},
		Servers: []model.Server{{Certificate: "default", Routes: []model.Route{{
			Match: model.PathMatch{Kind: model.PathPrefix, Path: "/"}, Backend: backend.ID, Status: 503, Limit: id,
		}}}},
	}
	cfg.Global.Listen = model.Listen{HTTPPort: 80, HTTPSPort: 443}
	cfg.Global.Limits = model.Limits{Key: model.Key{{Source: model.KeyClient}}, RateStatus: 503, ConnectionStatus: 503}
	cfg.Global.Proxy.DefaultType = "text/html"
	cfg.Global.Log.ErrLevel = "notice"
	cfg.Global.Log.Escape = "default"
	return cfg
}

func TestLimitThatCannotBePrintedClosesItsRoutes(t *testing.T) {
	for id, closed := range map[string]bool{"shop_web": false, "shop web": true} {
		target, err := New(Options{})
		if err != nil {
			t.Fatal(err)
		}
		cfg := limited(id)
		r := rendering{target: target, cfg: cfg, printed: map[string]printed{}, unprinted: map[string]bool{}, traffic: map[*model.Route]*trafficView{}}
		r.limits()
		v, err := r.location(&cfg.Servers[0], &cfg.Servers[0].Routes[0])
		if err != nil {
			t.Fatal(err)
		}
		if got := v.Answer == 503; got != closed {
			t.Errorf("%s: closed is %t, want %t", id, got, closed)
		}
		if !closed && (v.Limits == nil || !strings.HasPrefix(string(v.Limits.Zone), id)) {
			t.Errorf("%s: the location has the limits %+v", id, v.Limits)
		}
	}
}

func TestZonesAreNamedAfterWhatNginxHoldsOnTo(t *testing.T) {
	type zones struct{ connections, rate conf.Name }
	named := func(change func(*model.Config)) zones {
		cfg := limited("shop_web")
		cfg.Limits[0].Rates = []model.Rate{{Requests: 1, Seconds: 1, Burst: 1}}
		change(cfg)
		r := rendering{cfg: cfg}
		return zones{r.connectionZone(&cfg.Limits[0]), r.rateZone(&cfg.Limits[0], 0)}
	}
	same := named(func(*model.Config) {})
	if same != named(func(cfg *model.Config) { cfg.Limits[0].Connections = 7 }) {
		t.Error("a number of connections needs no new zone, and a new one forgets who is connected")
	}
	for what, change := range map[string]func(*model.Config){
		"an allow-list": func(cfg *model.Config) { cfg.Limits[0].Free = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} },
		"another key":   func(cfg *model.Config) { cfg.Global.Limits.Key = model.Key{{Source: model.KeyHost}} },
	} {
		if other := named(change); same.connections == other.connections || same.rate == other.rate {
			t.Errorf("with %s nginx refuses the zones %v", what, other)
		}
	}
	for i := range reflect.TypeFor[model.Rate]().NumField() {
		other := named(func(cfg *model.Config) { reflect.ValueOf(&cfg.Limits[0].Rates[0]).Elem().Field(i).SetInt(60) })
		if same.rate == other.rate || same.connections != other.connections {
			t.Errorf("with another %s the zones are %v, without %v", reflect.TypeFor[model.Rate]().Field(i).Name, other, same)
		}
	}
}

// TestSessionsKeepTheHeadersOfAllResponses: nginx drops what the http block adds where a location adds headers itself.
func TestSessionsKeepTheHeadersOfAllResponses(t *testing.T) {
	for _, c := range []struct {
		name    string
		hsts    *model.HSTS
		cookies int
		want    []conf.Header
	}{
		{"neither", nil, 0, nil},
		{"HSTS alone", &model.HSTS{MaxAge: 1}, 0, nil},
		{"cookies alone", nil, 2, []conf.Header{"Set-Cookie", "Set-Cookie"}},
		{"both", &model.HSTS{MaxAge: 1}, 1, []conf.Header{"Strict-Transport-Security", "Set-Cookie"}},
	} {
		cfg := &model.Config{Global: model.Global{HSTS: c.hsts}}
		r := rendering{cfg: cfg}
		var got []conf.Header
		for _, h := range r.responseHeaders(&trafficView{Cookies: make([]conf.Expr, c.cookies)}) {
			got = append(got, h.Name)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
