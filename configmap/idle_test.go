package configmap

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/headgate/headgate/manifest"
)

// aid are values of the keys that others need, with which these have an effect.
var aid = map[Key]string{
	AuthType: "basic", AuthURL: "http://auth.example/", AuthTLSSecret: "shop/ca", BackendProtocol: "HTTPS", ProxySSLSecret: "shop/ca",
	EnableModSecurity: "true", GlobalAuthURL: "http://auth.example/",
}

// aided is the table with those keys supported, so that they close nothing themselves.
var aided = func() *table {
	specs := Annotations()
	for i := range specs {
		if _, ok := aid[specs[i].Key]; ok {
			specs[i].Obeyed = true
		}
	}
	return newTable(specs)
}()

// aids are the keys and values that a key needs.
func aids(spec Spec) []string {
	var pairs []string
	for len(spec.Needs) > 0 {
		need := spec.Needs[0]
		pairs = append(pairs, need.String(), aid[need])
		next := annotations.byName[need.String()]
		if next == nil || spec.Scope == ScopeGlobal {
			break
		}
		spec = *next
	}
	return pairs
}

// withNeeds is an Ingress with an annotation and what that needs.
func withNeeds(key, value string) *manifest.Meta {
	return ingress(append([]string{key, value}, aids(*annotations.byName[key])...)...)
}

// guardValues are, for each guarding annotation and setting, values that protect something and values that do not.
var guardValues = map[Key]struct{ active, idle []string }{
	AuthType:                  {[]string{"basic", "digest"}, nil},
	AuthSecret:                {[]string{"users"}, nil},
	AuthURL:                   {[]string{"http://auth.example/"}, nil},
	AuthSnippet:               {[]string{"deny all;"}, nil},
	AuthResponseHeaders:       {[]string{"X-User"}, []string{","}},
	Satisfy:                   {[]string{"any"}, []string{"all"}},
	AuthTLSSecret:             {[]string{"shop/ca"}, nil},
	AuthTLSVerifyClient:       {[]string{"optional"}, []string{"on", "off"}},
	AuthTLSVerifyDepth:        {[]string{"2"}, []string{"1", "0"}},
	AuthTLSMatchCN:            {[]string{"CN=x"}, nil},
	AllowListSourceRange:      {[]string{"10.0.0.0/8", "0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1,0.0.0.0/2", "::/1", "1.0.0.0/8,0.0.0.0/1,192.0.0.0/2", "", ","}, openLists},
	WhitelistSourceRange:      {[]string{"10.0.0.0/8", "0.0.0.0/0", "::/0", ","}, append(openLists, "")},
	DenyListSourceRange:       {[]string{"10.0.0.0/8", "0.0.0.0/0", "0.0.0.0/0,::/0"}, []string{"", " , "}},
	LimitConnections:          {[]string{"1"}, []string{"0", "-1"}},
	LimitRPS:                  {[]string{"1"}, []string{"0", "-1"}},
	LimitRPM:                  {[]string{"1"}, []string{"0", "-1"}},
	ProxySSLSecret:            {[]string{"shop/ca"}, nil},
	ProxySSLVerify:            {[]string{"on"}, []string{"off"}},
	EnableModSecurity:         {[]string{"true"}, []string{"false"}},
	EnableOWASPCoreRules:      {[]string{"true"}, []string{"false"}},
	EnableOWASPModSecurityCRS: {[]string{"true"}, []string{"false"}},
	ModSecuritySnippet:        {[]string{"SecRuleEngine On"}, nil},
	BlockCIDRs:                {[]string{"10.0.0.0/8", "::/0"}, []string{"", ","}},
	BlockUserAgents:           {[]string{"~*bot"}, []string{"", ","}},
	BlockReferers:             {[]string{"bad.example"}, []string{"", ","}},
	GlobalAuthURL:             {[]string{"http://auth.example/"}, []string{""}},
	GlobalAuthResponseHeaders: {[]string{"X-User"}, []string{"", ","}},
	GlobalAuthSnippet:         {[]string{"deny all;"}, []string{""}},

	AnnotationValueWordBlocklist: {nil, []string{"", ","}},
}

var openLists = []string{
	"0.0.0.0/0,::/0", "::/0,0.0.0.0/1,128.0.0.0/1", "::/0, 128.0.0.0/1, 0.0.0.0/1, 10.0.0.0/8", "1.2.3.4/0,::/0",
	"0.0.0.0/0,::/1,8000::/1", "0.0.0.0/2,64.0.0.0/2,128.0.0.0/2,192.0.0.0/2,::1,::/0",
}

// TestEveryGuardStatesWhenItIsIdle walks through the table: a new guard has to say with which values it protects nothing.
func TestEveryGuardStatesWhenItIsIdle(t *testing.T) {
	for _, spec := range append(Annotations(), Settings()...) {
		values, ok := guardValues[spec.Key]
		switch {
		case spec.Guards != (spec.Idle != IdleUnstated):
			t.Errorf("%s: guards %t, and says that it is idle with %d", spec.Key, spec.Guards, spec.Idle)
		case spec.Guards && (!ok || len(values.active) == 0 && !spec.Obeyed):
			t.Errorf("%s: the test has no value with which it guards", spec.Key)
		}
		for _, need := range spec.Needs {
			if settings.byName[need.String()] == nil && (spec.Scope == ScopeGlobal || annotations.byName[need.String()] == nil) {
				t.Errorf("%s needs %s, which does not exist", spec.Key, need)
			}
		}
	}
}

// TestWhatProtects asks of single values; the default of the key is another one.
func TestWhatProtects(t *testing.T) {
	keys := map[Type]Key{Int: IntKey{"guard"}, Bool: BoolKey{"guard"}, Enum: StringKey{"guard"}}
	for _, c := range []struct {
		kind       Type
		standard   string
		value      any
		never, off bool // whether it protects with IdleNever and with IdleOff
	}{
		{Int, "5", 1, true, true},
		{Int, "5", 0, true, false},
		{Int, "5", -1, true, false},
		{Int, "5", 5, false, false},
		{Int, "0", 0, false, false},
		{Bool, "true", false, true, false},
		{Bool, "false", true, true, true},
		{Enum, "on", "off", true, false},
		{Enum, "on", "optional", true, true},
		{Enum, "on", "on", false, false},
	} {
		for idle, want := range map[Idle]bool{IdleNever: c.never, IdleOff: c.off} {
			spec := Spec{Key: keys[c.kind], Type: c.kind, Default: c.standard, Guards: true, Idle: idle}
			if c.kind == Enum {
				spec.Values = []string{"on", "off", "optional"}
			}
			if got := newTable([]Spec{spec}).protects(&spec, c.value); got != want {
				t.Errorf("%v with the default %s and the idleness %d protects: %t", c.value, c.standard, idle, got)
			}
			if spec.Guards = false; newTable([]Spec{spec}).protects(&spec, c.value) {
				t.Errorf("%v protects although the key is no guard", c.value)
			}
		}
	}
}

// TestIdleGuardsCloseNothing gives every guarding annotation its values, with what it needs and without.
func TestIdleGuardsCloseNothing(t *testing.T) {
	for _, spec := range Annotations() {
		values := guardValues[spec.Key]
		if !spec.Guards || spec.Obeyed {
			continue
		}
		closes := func(table *table, meta *manifest.Meta) bool {
			_, verdict, _ := table.parseAnnotations(meta, lenient)
			return verdict != Verdict{}
		}
		for _, value := range values.active {
			if !closes(only(spec.Key), withNeeds(spec.Key.String(), value)) {
				t.Errorf("%s %q guards and closes nothing", spec.Key, value)
			}
			if len(spec.Needs) > 0 && closes(annotations, ingress(spec.Key.String(), value)) {
				t.Errorf("%s %q closes the route without %s", spec.Key, value, spec.Needs)
			}
		}
		for _, value := range values.idle {
			if closes(only(spec.Key), withNeeds(spec.Key.String(), value)) {
				t.Errorf("%s %q guards nothing and closes the route", spec.Key, value)
			}
		}
	}
}

// only is the aided table in which the key itself is not supported.
func only(key Key) *table {
	specs := slices.Clone(aided.specs)
	for i := range specs {
		if specs[i].Key == key {
			specs[i].Obeyed = false
		}
	}
	return newTable(specs)
}

// TestIdleSettingsCloseNothing is the same for the global ConfigMap.
func TestIdleSettingsCloseNothing(t *testing.T) {
	for _, spec := range Settings() {
		values := guardValues[spec.Key]
		if !spec.Guards || spec.Obeyed {
			continue
		}
		closes := func(pairs ...string) bool {
			set, _ := ParseSettings(configMap(pairs...))
			return set.Closed() != ""
		}
		for _, value := range values.active {
			if len(spec.Needs) > 0 && closes(spec.Key.String(), value) {
				t.Errorf("%s %q closes everything without %s", spec.Key, value, spec.Needs)
			}
			if !closes(append([]string{spec.Key.String(), value}, aids(spec)...)...) {
				t.Errorf("%s %q guards and closes nothing", spec.Key, value)
			}
		}
		for _, value := range values.idle {
			if closes(spec.Key.String(), value) {
				t.Errorf("%s %q guards nothing and closes everything", spec.Key, value)
			}
		}
	}
}

// TestGuardsThatHangTogether has annotations that guard only by each other, or by a setting.
func TestGuardsThatHangTogether(t *testing.T) {
	for _, c := range []struct {
		name     string
		pairs    []string
		settings []string
		closed   bool
	}{
		{"a secret alone", []string{"auth-secret", "users", "auth-realm", "r"}, nil, false},
		{"a secret with its type", []string{"auth-secret", "users", "auth-type", "basic"}, nil, true},
		{"a secret whose type cannot be read", []string{"auth-secret", "users", "auth-type", "Basic"}, nil, true},
		{"satisfy with a list of all", []string{"satisfy", "any", "whitelist-source-range", "0.0.0.0/0,::/0"}, nil, false},
		{"satisfy with a list of some", []string{"satisfy", "any", "whitelist-source-range", "10.0.0.0/8"}, nil, true},
		{"endpoints are verified only over TLS", []string{"proxy-ssl-secret", "shop/ca", "proxy-ssl-verify", "on"}, nil, false},
		{"endpoints are verified over TLS", []string{"proxy-ssl-secret", "shop/ca", "backend-protocol", "HTTPS"}, nil, true},
		{"rules of a firewall that is off", []string{"enable-owasp-core-rules", "true", "enable-modsecurity", "false"}, nil, false},
		{"rules of a firewall that is on for all", []string{"enable-owasp-core-rules", "true"}, []string{"enable-modsecurity", "true"}, true},
		{"rules of a firewall that is off here", []string{"enable-owasp-core-rules", "true", "enable-modsecurity", "false"}, []string{"enable-modsecurity", "true"}, false},
		{"a bad value that nobody asks for", []string{"auth-method", "get"}, nil, false},
		{"a bad value that somebody asks for", []string{"auth-method", "get", "auth-url", "http://a.example/"}, nil, true},
	} {
		opts := lenient
		opts.Settings, _ = ParseSettings(configMap(c.settings...))
		_, verdict, diags := ParseAnnotations(ingress(c.pairs...), opts)
		if closed := verdict != (Verdict{}); closed != c.closed {
			t.Errorf("%s: verdict %+v, want closed %t; %v", c.name, verdict, c.closed, diags)
		}
	}
}

// TestDefaultsFromSettingsAreNoLoss wants no warning where an annotation says what holds anyway.
func TestDefaultsFromSettingsAreNoLoss(t *testing.T) {
	for _, c := range []struct {
		pairs, settings []string
		want            string
	}{
		{[]string{"proxy-read-timeout", "60"}, nil, "info annotation-not-supported"},
		{[]string{"proxy-read-timeout", "60"}, []string{"proxy-read-timeout", "30"}, "warning annotation-not-supported"},
		{[]string{"proxy-read-timeout", "30"}, []string{"proxy-read-timeout", "30"}, "info annotation-not-supported"},
		{[]string{"proxy-body-size", "1024k"}, nil, "info annotation-not-supported"},
		{[]string{"proxy-body-size", "8m"}, nil, "warning annotation-not-supported"},
		{[]string{"enable-modsecurity", "false"}, nil, "info annotation-not-supported"},
		{[]string{"allowlist-source-range", "0.0.0.0/0,::/0"}, nil, "info value-without-effect"},
		{[]string{"allowlist-source-range", "0.0.0.0/0"}, nil, "error annotation-not-supported"},
	} {
		opts := lenient
		opts.Settings, _ = ParseSettings(configMap(c.settings...))
		_, _, diags := ParseAnnotations(ingress(c.pairs...), opts)
		if got := strings.Join(slugs(diags), ", "); got != c.want && !annotations.byName[c.pairs[0]].Obeyed {
			t.Errorf("%v with the settings %v: said %q, want %q", c.pairs, c.settings, got, c.want)
		}
	}
}

func FuzzWholeSpace(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 1, 128, 0, 0, 0, 1}, []byte{1, 2, 3, 4})
	f.Fuzz(func(t *testing.T, raw, probe []byte) {
		var list []netip.Prefix
		for ; len(raw) >= 5; raw = raw[5:] {
			if p, err := netip.AddrFrom4([4]byte(raw)).Prefix(int(raw[4]) % 33); err == nil {
				list = append(list, p)
			}
		}
		if !isWholeSpace(append(list, netip.MustParsePrefix("::/0"))) || len(probe) < 4 {
			return
		}
		addr := netip.AddrFrom4([4]byte(probe))
		if !slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(addr) }) {
			t.Errorf("%v is taken for all addresses and lacks %s", list, addr)
		}
	})
}
