package configmap

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
)

func transport(name string) model.Transport {
	if name == "udp" {
		return model.UDP
	}
	return model.TCP
}

func TestStreamEntries(t *testing.T) {
	db := func(port int, key string) StreamEntry {
		return StreamEntry{Port: port, Key: key, Namespace: "shop", Service: "db", ServicePort: manifest.Port{Number: 5432}}
	}
	for _, c := range []struct {
		protocol, key, value string
		want                 func(*StreamEntry)
		said                 []string
	}{
		{"tcp", "9000", "shop/db:5432", func(*StreamEntry) {}, nil},
		{"tcp", "9000", " shop/db:5432\n", func(*StreamEntry) {}, nil},
		{"tcp", "9000", "shop/db:pg", func(e *StreamEntry) { e.ServicePort = manifest.Port{Name: "pg"} }, nil},
		{"tcp", "9000", "shop/db:5432:PROXY", func(e *StreamEntry) { e.AcceptProxy = true }, nil},
		{"tcp", "9000", "shop/db:5432::proxy", func(e *StreamEntry) { e.SendProxy = model.ProxyV1 }, nil},
		{"tcp", "9000", "shop/db:5432:Proxy:PROXY", func(e *StreamEntry) { e.AcceptProxy, e.SendProxy = true, model.ProxyV1 }, nil},
		{"tcp", "9000", "shop/db:5432::proxy-v2", func(e *StreamEntry) { e.SendProxy = model.ProxyV2 }, nil},
		{"tcp", "9000", "shop/db:5432:proxy-v2", func(*StreamEntry) {}, []string{"warning stream-option"}},
		{"tcp", "9000", "shop/db:5432:::db-tls", func(e *StreamEntry) { e.TLSSecret = Reference{Namespace: "shop", Name: "db-tls"} }, nil},
		{"tcp", "9000", "shop/db:5432:PROXY::edge/db-tls", func(e *StreamEntry) {
			e.AcceptProxy, e.TLSSecret = true, Reference{Namespace: "edge", Name: "db-tls"}
		}, nil},
		{"tcp", "9000", "shop/db:5432:::a/b/c", nil, []string{"error stream-invalid"}},
		{"udp", "9000", "shop/db:5432:::db-tls", nil, []string{"error stream-invalid"}},
		{"tcp", "9000", "shop/db:5432:TLS", func(*StreamEntry) {}, []string{"warning stream-option"}},
		{"udp", "9000", "shop/db:5432:PROXY", func(*StreamEntry) {}, []string{"warning stream-option"}},
		{"tcp", "9000", "shop/db", nil, []string{"error stream-invalid"}},
		{"tcp", "9000", "db:5432", nil, []string{"error stream-invalid"}},
		{"tcp", "9000", "shop/db:", nil, []string{"error stream-invalid"}},
		{"tcp", "9000", "shop/db:0", nil, []string{"error stream-invalid"}},
		{"tcp", "9000", "shop/db:5432:::", nil, []string{"error stream-invalid"}},
		{"tcp", "9000", "shop/db:5432::::", nil, []string{"error stream-invalid"}},
		{"tcp", "9000", "shop/../db:5432", nil, []string{"error stream-invalid"}},
		{"tcp", "9000", "", nil, []string{"error stream-invalid"}},
		{"tcp", "http", "shop/db:5432", nil, []string{"error stream-invalid"}},
		{"tcp", "0", "shop/db:5432", nil, []string{"error stream-invalid"}},
		{"tcp", "65536", "shop/db:5432", nil, []string{"error stream-invalid"}},
		{"tcp", "-1", "shop/db:5432", nil, []string{"error stream-invalid"}},
	} {
		t.Run(c.protocol+" "+c.key+": "+c.value, func(t *testing.T) {
			var want []StreamEntry
			if c.want != nil {
				e := db(9000, "9000")
				c.want(&e)
				want = append(want, e)
			}
			got, diags := ParseStreams(configMap(c.key, c.value), transport(c.protocol))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.said, slugs(diags)); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
		})
	}
	got, diags := ParseStreams(configMap("09000", "shop/db:5432", "9000", "x/y:1", "9001", "shop/db:5432"), model.TCP)
	if diff := cmp.Diff([]StreamEntry{db(9000, "09000"), db(9001, "9001")}, got); diff != "" {
		t.Errorf("two keys of one port (-want +got):\n%s", diff)
	}
	if len(diags) != 1 {
		t.Errorf("said %v", diags)
	}
}

func TestPortGrants(t *testing.T) {
	set, diags := ParseSettings(configMap("stream-port-grants", "shop=9000-9002,81-80,5432 data=53 shop=x =1 big=99999"))
	items, _ := set.List(StreamPortGrants)
	grants, void := ParsePortGrants(items)
	if diff := cmp.Diff([]string{"shop=81-80", "big=99999"}, void); diff != "" {
		t.Errorf("what names no port (-want +got):\n%s", diff)
	}
	for _, c := range []struct {
		namespace string
		port      int
		want      bool
	}{
		{"shop", 9000, true}, {"shop", 9002, true}, {"shop", 5432, true}, {"shop", 9003, false}, {"shop", 53, false}, {"data", 53, true},
		{"data", 9000, false}, {"", 1, false}, {"shop", 80, false}, {"big", 99999, false}, {"shop", 1, false},
	} {
		if got := grants.Allows(c.namespace, c.port); got != c.want {
			t.Errorf("%s may open %d: %t", c.namespace, c.port, got)
		}
	}
	if diff := cmp.Diff([]string{"warning item-skipped", "warning item-skipped"}, slugs(diags)); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}
