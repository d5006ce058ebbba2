package reload

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate/headgate/diag"
)

func TestParseNginxLine(t *testing.T) {
	const dir = "/w/generations/id"
	tests := []struct {
		line string
		want logLine
	}{
		{
			`nginx: [emerg] unknown directive "nonsense" in /w/generations/id/hosts/a.conf:7`,
			logLine{grave, 0, `unknown directive "nonsense" in hosts/a.conf:7`, diag.Pos{File: "hosts/a.conf", Line: 7}},
		},
		{
			`2026/11/23 01:30:40 [emerg] 21045#21046: bind() to 0.0.0.0:80 failed (98: Address already in use)`,
			logLine{grave, 21045, `bind() to 0.0.0.0:80 failed (98: Address already in use)`, diag.Pos{}},
		},
		{
			`2026/11/23 01:30:40 [error] 5#5: *17 open() "/w/x" failed (2: No such file or directory), client: 127.0.0.1`,
			logLine{remark, 5, `open() "/w/x" failed (2: No such file or directory), client: 127.0.0.1`, diag.Pos{}},
		},
		{
			`nginx: [warn] x in /etc/passwd:99999999999999999999`,
			logLine{warning, 0, `x in /etc/passwd:99999999999999999999`, diag.Pos{File: "/etc/passwd"}},
		},
		{`nginx: configuration file /x test failed`, logLine{text: `nginx: configuration file /x test failed`}},
		{``, logLine{}},
	}
	for _, test := range tests {
		got := parseNginxLine(test.line, dir)
		if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(logLine{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.line, diff)
		}
	}
}

// FuzzNginxLog: foreign text makes no panic, no negative line, and no text without bound.
func FuzzNginxLog(f *testing.F) {
	f.Add("nginx: [emerg] x in /d/y:1\n", "/d")
	f.Add("2026/11/23 01:30:40 [emerg] 1#1: *3 x\r\n", "")
	f.Add(strings.Repeat("nginx: [emerg] é\n", 9), "/")
	f.Fuzz(func(t *testing.T, text, dir string) {
		lines := nginxDialect.readAll(text, dir)
		for _, l := range lines {
			if l.pos.Line < 0 || l.pid < 0 {
				t.Errorf("%+v", l)
			}
		}
		if got := lines.refusal("id", errNothing); got.Text == "" || len(got.Text) > maxCheckText+len("…") {
			t.Errorf("text of %d bytes", len(got.Text))
		}
	})
}

func TestVerdict(t *testing.T) {
	const (
		bind  = "2026/11/23 01:30:40 [emerg] 7#7: bind() to 0.0.0.0:80 failed (98: Address already in use)"
		given = "2026/11/23 01:30:40 [emerg] 7#7: still could not bind()"
		other = "2026/11/23 01:30:40 [emerg] 8#8: io_setup() failed"
		zone  = `2026/11/23 01:30:40 [emerg] 7#7: limit_req "z" uses the "$a" key while previously it used the "$b" key`
		quiet = "2026/11/23 01:30:40 [notice] 7#7: signal 1 (SIGHUP) received"
	)
	tests := map[string]struct {
		lines []string
		want  string
	}{
		"nothing":                    {nil, ""},
		"only notices":               {[]string{quiet}, ""},
		"nginx still tries":          {[]string{bind, bind, bind}, ""},
		"nginx has given up":         {[]string{bind, bind, given}, "bind() to 0.0.0.0:80 failed (98: Address already in use); still could not bind()"},
		"another process":            {[]string{other}, ""},
		"a reload that came to none": {[]string{quiet, zone}, `limit_req "z" uses the "$a" key while previously it used the "$b" key`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			v := &verdict{dialect: nginxDialect, dir: "/w/current"}
			v.expect("id", 7)
			for _, l := range test.lines {
				v.note(l)
			}
			got := ""
			var refused *ReloadError
			if errors.As(v.refusal(), &refused) {
				got = refused.Text
			}
			if got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
			v.acquit("another")
			if (v.refusal() != nil) != (test.want != "") {
				t.Error("acquitted by another generation")
			}
			v.acquit("id")
			v.note(zone)
			if err := v.refusal(); err != nil {
				t.Errorf("after the end: %v", err)
			}
		})
	}
}

func TestEachLine(t *testing.T) {
	long := strings.Repeat("x", maxLogLine)
	var got []string
	rest := eachLine(strings.NewReader("a\r\n\n"+long+"yz\nend"), func(l string) { got = append(got, l) })
	if diff := cmp.Diff([]string{"a", "", long, "yz"}, got); diff != "" || rest != "end" {
		t.Errorf("rest %q, lines (-want +got):\n%s", rest, diff)
	}
}
