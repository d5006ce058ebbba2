package conf

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/headgate/headgate/hack/ports"
	"github.com/headgate/headgate/hack/proxies"
)

// echoTemplate lets HAProxy say every text in several ways, and asks for each in several ways.
const echoTemplate = `
global
    default-path config
defaults
    mode http
    timeout client 20s
    timeout connect 5s
    timeout server 20s
    timeout http-request 20s
frontend f
    bind {{.Listen}}
{{range .Texts}}
    http-request return status 200 content-type text/plain string {{.Text}} if { req.hdr(ask) {{.String}} }
    http-request return status 200 content-type text/plain lf-string {{.Text}} if { req.hdr(ask) {{.Format}} }
{{with .Line}}
    http-request return status 200 content-type text/plain lf-string {{.Value}} if { req.hdr(ask) {{.Argument}} }
    http-request return status 200 hdr X {{.Text}} if { req.hdr(ask) {{.Header}} }
    acl {{.Same}} req.fhdr(text) -m str -- {{.Text}}
    acl {{.Like}} req.fhdr(text) -m reg -- {{.Pattern}}
    http-request set-var(txn.converted) {{.Converted}} if { req.hdr(ask) {{.Convert}} }
    http-request return status 200 content-type text/plain string same if { req.hdr(ask) {{.Same}} } {{.Same}}
    http-request return status 200 content-type text/plain string like if { req.hdr(ask) {{.Like}} } {{.Like}}
    http-request return status 200 content-type text/plain lf-string %[var(txn.converted)] if { req.hdr(ask) {{.Convert}} }
{{end}}
{{end}}
    http-request return status 200 content-type text/plain lf-string %[req.fhdr(text),map_str(keys.map,none)] if { req.hdr(ask) key }
    http-request return status 404
`

type echoView struct {
	Listen netip.AddrPort
	Texts  []echoText
}

// echoText is one text. Line is nil for texts that cannot stand in a header line.
type echoText struct {
	Text           string
	String, Format Name
	Line           *echoLine
}

type echoLine struct {
	Text, Pattern                         string
	Value                                 Format
	Converted                             Expr
	Argument, Header, Same, Like, Convert Name
}

func newEchoText(i int, text string) echoText {
	name := func(kind string) Name { return Name(fmt.Sprintf("%s.%d", kind, i)) }
	v := echoText{Text: text, String: name("string"), Format: name("format")}
	if strings.ContainsFunc(text, isControl) || strings.TrimSpace(text) != text {
		return v
	}
	pattern := "^"
	for i := range len(text) {
		pattern += fmt.Sprintf(`\x%02x`, text[i])
	}
	pattern += "$"
	v.Line = &echoLine{
		Text: text, Pattern: pattern, Value: Text("<").Value(Fetch("str", text)).Text(">"),
		Converted: Fetch("req.fhdr", "text").Then("regsub", pattern, Replacement("["+text+"]"), "i"),
		Argument:  name("argument"), Header: name("header"), Same: name("same"), Like: name("like"), Convert: name("convert"),
	}
	return v
}

const hostile = "\\\"'$%#{}[]()<>|&!;,= \t\n\r\x01\x7f~^*?+-@:/.azAZ09\x80\xff\xc3\xa9"

func hostileTexts(rng *rand.Rand) []string {
	texts := []string{
		"-i", "-f", "--", "-m", "!a", "{", "}", "or", "||", "if", "unless", "%[env(HOME)]", "%%", "%", "%{+Q}o", "${HOME}", "$HOME", `"$HOME"`, `\x41`, `\`, `\\`,
		"'", `"`, `'"`, "''", "a#b", "#", "global", ".if", "a b", "é", `\n`, "%[str('a')]", "),", "',", `\'`, `'\''`, "]", "%]", "$", "a'b c$d\\e",
	}
	for len(texts) < 220 {
		b := make([]byte, 1+rng.IntN(24))
		for i := range b {
			if b[i] = hostile[rng.IntN(len(hostile))]; rng.IntN(3) == 0 {
				b[i] = byte(1 + rng.IntN(255))
			}
		}
		texts = append(texts, string(b))
	}
	return texts
}

// Any text that is printed as a literal comes back as itself from a real HAProxy.
func TestLiteralsComeBack(t *testing.T) {
	for _, binary := range proxies.HAProxy(t) {
		t.Run(binary.String(), func(t *testing.T) {
			texts := hostileTexts(rand.New(rand.NewPCG(3, 4)))
			view := echoView{Listen: netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(ports.Free(t)))}
			for i, text := range texts {
				view.Texts = append(view.Texts, newEchoText(i, text))
			}
			url := startLiterals(t, binary.Path, view)
			for i := range view.Texts {
				askForText(t, url, &view.Texts[i])
			}
			for i := range keys(texts) {
				if got := ask(t, url, "key", keys(texts)[i].Key); got.body != "text:"+fmt.Sprint(i) {
					t.Errorf("the key %q found %q", keys(texts)[i].Key, got.body)
				}
			}
		})
	}
}

// keyView is a line of a map.
type keyView struct {
	Key   string
	Value Name
}

// keys are the texts that can be keys of a map.
func keys(texts []string) []keyView {
	var entries []keyView
	seen := map[string]bool{}
	for _, text := range texts {
		if text[0] != '#' && text[0] != '\xa0' && !strings.ContainsFunc(text, isControl) && !strings.Contains(text, " ") && !seen[text] {
			entries = append(entries, keyView{text, Name(fmt.Sprintf("text:%d", len(entries)))})
			seen[text] = true
		}
	}
	return entries
}

func startLiterals(t *testing.T, binary string, view echoView) string {
	t.Helper()
	conf, err := execute(Language{}, "", echoTemplate, view)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for i := range view.Texts {
		texts = append(texts, view.Texts[i].Text)
	}
	lines, err := execute(Lines{}, MapContext, "{{range .}}\n{{.Key}} {{.Value}}\n{{end}}\n", keys(texts))
	if err != nil {
		t.Fatal(err)
	}
	return startText(t, binary, view.Listen, map[string]string{"haproxy.cfg": conf, "keys.map": lines})
}

// startText runs a real HAProxy with files until the test ends, and returns the URL at which it listens.
func startText(t *testing.T, binary string, listen netip.AddrPort, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var output strings.Builder
	cmd := exec.Command(binary, "-db", "-f", filepath.Join(dir, "haproxy.cfg"))
	cmd.Env = []string{"HOME=/leaked"}
	cmd.Stderr = &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	url := "http://" + listen.String()
	for range 200 {
		if resp, err := http.Get(url); err == nil {
			resp.Body.Close()
			return url
		}
		time.Sleep(25 * time.Millisecond)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	t.Fatalf("HAProxy does not start: %s", output.String())
	return ""
}

func askForText(t *testing.T, url string, text *echoText) {
	t.Helper()
	for _, name := range []Name{text.String, text.Format} {
		if got := ask(t, url, string(name), ""); got.body != text.Text {
			t.Errorf("%s: %q came back as %q", name, text.Text, got.body)
		}
	}
	line := text.Line
	if line == nil {
		return
	}
	if got := ask(t, url, string(line.Argument), ""); got.body != "<"+line.Text+">" {
		t.Errorf("as an argument %q came back as %q", line.Text, got.body)
	}
	if got := ask(t, url, string(line.Header), ""); got.header.Get("X") != line.Text {
		t.Errorf("as a header %q came back as %q", line.Text, got.header.Get("X"))
	}
	for name, want := range map[Name]string{line.Same: "same", line.Like: "like", line.Convert: "[" + line.Text + "]"} {
		if got := ask(t, url, string(name), line.Text); got.body != want {
			t.Errorf("%s: asked for %q, got %q", name, line.Text, got.body)
		}
		if got := ask(t, url, string(name), "other "+line.Text); got.body == want {
			t.Errorf("%s: another text than %q was taken for it", name, line.Text)
		}
	}
}

// reply is what HAProxy answers.
type reply struct {
	header http.Header
	body   string
}

// ask sends a text in a header as it is.
func ask(t *testing.T, url, what, text string) reply {
	t.Helper()
	req, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header["Ask"] = []string{what}
	if text != "" {
		req.Header["Text"] = []string{text}
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatalf("%s with the text %q: %v", what, text, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{header: resp.Header, body: string(body)}
}

// A word is read back by the rules of HAProxy's line parser as it was, and no quote, blank or comment begins outside of it.
func FuzzWord(f *testing.F) {
	for _, text := range hostileTexts(rand.New(rand.NewPCG(1, 1))) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		word, err := appendWord(nil, text)
		if err != nil {
			if text != "" && !strings.Contains(text, "\x00") && len(text) <= maxWord {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if got, ok := readWord(string(word)); !ok || got != text {
			t.Errorf("%q is printed as %s, which reads as %q", text, word, got)
		}
	})
}

// readWord reads one word as parse_line does, and reports false if there is more than one or the environment is asked.
func readWord(s string) (string, bool) {
	var b strings.Builder
	var quote byte
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\n' || c == '\r' || quote == 0 && strings.IndexByte(" \t\v\f#", c) >= 0 || quote == '"' && c == '$':
			return "", false
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case c == '\\' && quote != '\'':
			i++
			switch {
			case i < len(s) && strings.IndexByte(`\#'" `, s[i]) >= 0:
				b.WriteByte(s[i])
			case i+2 < len(s) && s[i] == 'x':
				var n byte
				if _, err := fmt.Sscanf(s[i+1:i+3], "%02x", &n); err != nil {
					return "", false
				}
				b.WriteByte(n)
				i += 2
			default:
				return "", false
			}
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), quote == 0
}
