package reload

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/render"
)

func TestParseHAProxyLine(t *testing.T) {
	const dir = "/w/generations/id"
	tests := []struct {
		line string
		want logLine
	}{
		{
			"[ALERT]    (17496) : config : parsing [/w/generations/id/haproxy.cfg:12] : unknown keyword 'x' in 'global' section",
			logLine{grave, 17496, "parsing [haproxy.cfg:12] : unknown keyword 'x' in 'global' section", diag.Pos{File: "haproxy.cfg", Line: 12}},
		},
		{
			"[WARNING]  (5) : config : parsing [service.cfg:3] : a 'http-request' rule placed after a 'use_backend' rule",
			logLine{warning, 5, "parsing [service.cfg:3] : a 'http-request' rule placed after a 'use_backend' rule", diag.Pos{File: "service.cfg", Line: 3}},
		},
		{
			"[ALERT] (5) : Proxy 'b', server 's' [namespace-a.cfg:9] verify is enabled",
			logLine{grave, 5, "Proxy 'b', server 's' [namespace-a.cfg:9] verify is enabled", diag.Pos{File: "namespace-a.cfg", Line: 9}},
		},
		{"[ALERT] (5) : error in file 'a.cfg' line 7", logLine{grave, 5, "error in file 'a.cfg' line 7", diag.Pos{File: "a.cfg", Line: 7}}},
		{"[NOTICE]   (5) : haproxy version is 2.6.12", logLine{remark, 5, "haproxy version is 2.6.12", diag.Pos{}}},
		{"[ALERT] (99999999999999999999) : x", logLine{grave, 0, "x", diag.Pos{}}},
		{"Configuration file is valid", logLine{text: "Configuration file is valid"}},
		{"", logLine{}},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, parseHAProxyLine(test.line, dir), cmp.AllowUnexported(logLine{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.line, diff)
		}
	}
}

func TestSplitWords(t *testing.T) {
	tests := []struct {
		line string
		want []string // nil if it cannot be split
	}{
		{`server a 10.0.0.1:80`, []string{"server", "a", "10.0.0.1:80"}},
		{"a\tb  c \v d # e", []string{"a", "b", "c", "d"}},
		{`a#b c`, []string{"a"}},
		{`a\ b 'c d'e "f g" h\x41\#`, []string{"a b", "c de", "f g", "hA#"}},
		{`'a\x41'`, []string{`a\x41`}},
		{`"" ''`, []string{"", ""}},
		{`"$HOME"`, nil}, {`"a`, nil}, {`'a`, nil}, {`a\`, nil}, {`a\x4`, nil}, {`a\x00`, nil}, {`a\q`, nil},
		{`$HOME`, []string{"$HOME"}},
	}
	for _, test := range tests {
		got, ok := splitWords(test.line)
		if ok != (test.want != nil) || ok && !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, %t", test.line, got, ok)
		}
	}
}

func TestReadHAProxyConfig(t *testing.T) {
	text := `# comment
global
    maxconn 5
defaults d
backend b from d
    # another
    server s1 10.0.0.1:80 weight 5 ssl verify none
    option redispatch 1
    server s\ 2 10.0.0.1:80
frontend f
    server-name x
`
	want := []haproxySection{
		{},
		{kind: "global", head: "global", rules: []string{"maxconn 5"}},
		{kind: "defaults", name: "d", head: "defaults d"},
		{
			kind: "backend", name: "b", head: "backend b from d", rules: []string{"option redispatch 1", `server s\ 2 10.0.0.1:80`},
			servers: []haproxyServer{{"s1", "10.0.0.1:80", []string{"weight", "5", "ssl", "verify", "none"}}},
		},
		{kind: "frontend", name: "f", head: "frontend f", rules: []string{"server-name x"}},
	}
	if diff := cmp.Diff(want, readHAProxyConfig([]byte(text)), cmp.AllowUnexported(haproxySection{}, haproxyServer{})); diff != "" {
		t.Errorf("sections (-want +got):\n%s", diff)
	}
}

// FuzzHAProxyText: foreign text makes no panic, and a configuration is equal to itself.
func FuzzHAProxyText(f *testing.F) {
	f.Add([]byte("backend b\n server a 1.2.3.4:5 weight 3\n"))
	f.Add([]byte("[ALERT] (1) : [a.cfg:1] x\n#<PID> \n1 master 0 [failed: 1] 0d 2.6\n"))
	f.Add([]byte("1\n# be_id\n2 b1 1 s1 127.0.0.1 2 0 5 5 2 1 0 2 0 0 0 0 - 18081 - 0\n"))
	f.Add([]byte("certs/a.pem:1 [alpn h2 ] a.test !b.test # x\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		text := string(data)
		haproxyDialect.readAll(text, "/d")
		for _, l := range readCrtList(data) {
			l.names()
		}
		if _, err := parseServerStates(text); err == nil && !strings.HasPrefix(text, "1") {
			t.Error("states of a version that is not known")
		}
		if p, err := parseProcesses(text); err == nil && (p.master == 0 || len(p.workers) == 0 && len(p.old) > 0) {
			t.Errorf("processes %+v", p)
		}
		fingerprint(data)
		ordered("maps/a.map", data)
		file := []render.File{{Path: "a.cfg", Data: data}}
		if plan, why := planChange(file, file, inventory{}); why != "" || len(plan.servers) > 0 {
			t.Errorf("a difference to itself: %q", why)
		}
		// Taking all servers away and bringing them back is all that may be done without a reload.
		without := []render.File{{Path: "a.cfg", Data: withoutServers(data)}}
		if _, why := planChange(without, file, inventory{}); strings.Contains(why, "has changed") {
			t.Errorf("%q", why)
		}
	})
}

// withoutServers removes the lines of servers.
func withoutServers(data []byte) []byte {
	var kept []byte
	section := ""
	for line := range bytes.Lines(data) {
		text := strings.TrimSpace(string(line))
		if word := firstWord(text); slices.Contains(sectionWords, word) {
			section = word
		}
		if _, ok := readServer(text); !ok || section != "backend" && section != "listen" {
			kept = append(kept, line...)
		}
	}
	return kept
}

func TestPlanReasons(t *testing.T) {
	known := inventory{
		lists:    map[string]listName{"maps/routes.map": {kindMap, "maps/routes.map"}, "lists/banned.list": {kindACL, "lists/banned.list"}},
		crtLists: map[string]string{"certs/list": "certs/list"},
		certs:    map[string]string{"certs/a.pem": "certs/a.pem"},
	}
	base := func() gate {
		g := one(1, "a 127.0.0.1:1")
		g.list, g.certs = "certs/a.pem a.test\n", map[string]string{"a.pem": "A"}
		return g
	}
	tests := []struct {
		name   string
		change func(*gate)
		why    string
	}{
		{"nothing", func(*gate) {}, ""},
		{"a rule", func(g *gate) { g.extra = "    http-request set-header x secret" }, `"http-request" has changed in frontend web`},
		{"a backend more", func(g *gate) { g.backends = append(g.backends, pool{name: "c"}) }, "backend c is new"},
		{"a backend less", func(g *gate) { g.backends = nil }, "backend b is gone"},
		{"a rule of a backend", func(g *gate) { g.backends[0].rules = "    timeout server 1s\n" }, `"timeout" has changed in backend b`},
		{"a certificate nobody names", func(g *gate) { g.certs["b.pem"] = "B" }, "certs/b.pem is new, and no crt-list says what for"},
		{"a name without certificate", func(g *gate) { g.list += "certs/b.pem b.test\n" }, "names certs/b.pem, which the process does not know"},
		{"a name twice", func(g *gate) { g.certs["b.pem"] = "B"; g.list += "certs/b.pem a.test\n" }, "a name is in two lines"},
		{"the default", func(g *gate) { g.certs["b.pem"] = "B"; g.list = "certs/b.pem b.test\n" + g.list }, "default certificate"},
		{"no list", func(g *gate) { g.list = "" }, "the file certs/list is gone"},
		{"a pattern that cannot be said", func(g *gate) { g.banned = "a;b\n" }, "cannot be said"},
		{"a new map", func(g *gate) { g.certs["x.map"] = "x" }, "the file certs/x.map is new"},
		{"another file", func(g *gate) { g.certs["a.pem"], g.certs["a.key"] = "A2", "x" }, "the file certs/a.key is new"},
		{"another certificate", func(g *gate) { g.certs["a.pem"] = "A2" }, ""},
		{"another route", func(g *gate) { g.routes = "/ c\n" }, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			to := base()
			test.change(&to)
			_, why := planChange(sorted(base()), sorted(to), known)
			if !strings.Contains(why, test.why) || test.why == "" && why != "" || strings.Contains(why, "secret") {
				t.Errorf("%q, want %q", why, test.why)
			}
		})
	}
}

func TestOrdered(t *testing.T) {
	tests := map[string]bool{
		"var(x),map_str(maps/a.map)": false, "path,map_beg(maps/a.map,none)": false, "path,map(maps/a.map)": false, "path,map_str_int(maps/a.map)": false,
		"src,map_ip(maps/a.map)": false, "path,map_reg(maps/a.map)": true, "path,map_regm(maps/a.map)": true, "path,map_end(maps/a.map)": true,
		"path,map_beg(maps/a.map) path,map_sub(maps/a.map)": true, "nothing": true, "map_str(maps/a.map) -f maps/a.map": true,
		"path,map_beg(maps/a.mapped)": true,
	}
	for config, want := range tests {
		if got := ordered("maps/a.map", []byte(config)); got != want {
			t.Errorf("%s: %t", config, got)
		}
	}
}

func TestParseProcesses(t *testing.T) {
	const failed32 = `#<PID>          <type>          <reloads>       <uptime>        <version>
24792           master          2 [failed: 1]   0d00h00m07s     3.2.26-1
# workers
# old workers
25880           worker          2               0d00h00m02s     3.2.26-1
25890           worker          1               0d00h00m02s     3.2.26-1
`
	const two26 = `22278           master          3 [failed: 0]   0d00h00m05s     2.6.12-1+deb12u4
# workers
23458           worker          0               0d00h00m00s     2.6.12-1+deb12u4
# old workers
23255           worker          1               0d00h00m00s     2.6.12-1+deb12u4
# programs
`
	for text, want := range map[string]haproxyProcesses{
		failed32: {master: 24792, reloads: 2, failed: 1, workers: []int{25890}, old: []int{25880}},
		two26:    {master: 22278, reloads: 3, workers: []int{23458}, old: []int{23255}},
	} {
		got, err := parseProcesses(text)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(haproxyProcesses{}), cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("%v, (-want +got):\n%s", err, diff)
		}
	}
	if _, err := parseProcesses("Unknown command."); err == nil {
		t.Error("an answer without a master was accepted")
	}
}

// BenchmarkPlanChange finds the one server that is new among 10,000 backends in 100 files.
func BenchmarkPlanChange(b *testing.B) {
	var from []render.File
	for i := range 100 {
		var text bytes.Buffer
		for j := range 100 {
			fmt.Fprintf(&text, "# Ingress ns%d/web%d\nbackend ns%d_web%d_80 from endpoints\n    server 10.%d.%d.1:80 10.%d.%d.1:80\n", i, j, i, j, i, j, i, j)
		}
		from = append(from, render.File{Path: fmt.Sprintf("namespace-%03d.cfg", i), Data: text.Bytes()})
	}
	to := slices.Clone(from)
	to[50].Data = append(slices.Clone(to[50].Data), "    server new 10.0.0.1:80\n"...)
	for b.Loop() {
		if plan, why := planChange(from, to, inventory{}); why != "" || len(plan.servers) != 1 {
			b.Fatal(why)
		}
	}
}
