package conf

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/headgate/headgate/hack/proxies"
	"github.com/headgate/headgate/render/engine/lex"
)

// liveTemplate lets nginx say every text in several ways, and asks for each in several ways.
const liveTemplate = `
daemon off;
pid nginx.pid;
error_log stderr;
events { worker_connections 64; }
http {
    access_log off;
    client_body_temp_path tmp;
    proxy_temp_path tmp;
    fastcgi_temp_path tmp;
    uwsgi_temp_path tmp;
    scgi_temp_path tmp;
    map_hash_bucket_size 512;
    map_hash_max_size 4096;
    variables_hash_max_size 8192;
    geo $dollar { default "$"; }
    map $http_key $found {
        {{- range .Keys}}
        {{.Text}} {{.Number}};
        {{- end}}
        default none;
    }
    {{- range .Texts}}
    map $host {{.Mapped}} { default {{.Text}}; }
    geo {{.Geo}} { default {{.Text}}; }
    {{- end}}
    server {
        listen {{.Listen}};
        merge_slashes off;
        location = /key { return 200 $found; }
        {{- range .Texts}}
        location = {{.Return}} { return 200 {{.Text}}; }
        location = {{.ReturnMapped}} { return 200 {{.MappedValue}}; }
        location = {{.ReturnGeo}} { return 200 {{.GeoValue}}; }
        location = {{.Set}} { set $x {{.Text}}; return 200 $x; }
        {{- with .Line}}
        location = {{.Header}} { add_header X {{.Text}}; return 204; }
        location = {{.If}} { if ($http_key = {{.Text}}) { return 200 yes; } return 200 no; }
        location = {{.Path}} { return 200 {{.Number}}; }
        location ~ {{.Regex}} { return 200 {{.Number}}; }
        {{- end}}
        {{- end}}
    }
}
`

type liveView struct {
	Listen any
	Texts  []liveText
	Keys   []liveLine
}

// liveText is one text. Line is nil for texts that cannot stand in a header line or a path.
type liveText struct {
	Text                                 string
	Return, ReturnMapped, ReturnGeo, Set Path
	Mapped, Geo                          Name
	MappedValue, GeoValue                Expr
	Line                                 *liveLine
}

type liveLine struct {
	Text             string
	Number           int
	Header, If, Path Path
	Regex            Regex
}

// Any text that is printed as a literal comes back as itself from a real nginx.
func TestLiteralsComeBack(t *testing.T) {
	for _, binary := range proxies.Nginx(t) {
		t.Run(binary.String(), func(t *testing.T) {
			view := newLiveView(t, liveTexts(rand.New(rand.NewPCG(1, 2))))
			address := startNginx(t, binary.Path, liveTemplate, func(dir string) any {
				view.Listen = Socket(filepath.Join(dir, "s"))
				return &view
			})
			for i := range view.Texts {
				askForText(t, address, &view.Texts[i])
			}
			for _, key := range view.Keys {
				if got := get(t, address, "/key", key.Text); got.body != fmt.Sprint(key.Number) {
					t.Errorf("the key %q found %q, not %d", key.Text, got.body, key.Number)
				}
			}
		})
	}
}

func askForText(t *testing.T, address string, text *liveText) {
	t.Helper()
	for _, path := range []Path{text.Return, text.ReturnMapped, text.ReturnGeo, text.Set} {
		if got := get(t, address, string(path), ""); got.body != text.Text {
			t.Errorf("%s: %q came back as %q", path, text.Text, got.body)
		}
	}
	line := text.Line
	if line == nil {
		return
	}
	if got := get(t, address, string(line.Header), ""); got.header != line.Text {
		t.Errorf("the header %q came back as %q", line.Text, got.header)
	}
	if got := get(t, address, string(line.If), line.Text); got.body != "yes" {
		t.Errorf("%q is not equal to itself in a condition", line.Text)
	}
	if got := get(t, address, string(line.If), line.Text+"x"); got.body != "no" {
		t.Errorf("%q is equal to more than itself in a condition", line.Text)
	}
	for _, path := range []string{string(line.Path), fmt.Sprintf("/regex/%d/%s", line.Number, line.Text)} {
		if got := get(t, address, escape(path), ""); got.body != fmt.Sprint(line.Number) {
			t.Errorf("the path %q was answered by %q, not %d", path, got.body, line.Number)
		}
	}
}

// liveTexts are hostile texts, and random mixtures of them.
func liveTexts(random *rand.Rand) []string {
	var texts []string
	for _, text := range hostile {
		if !strings.Contains(text, "\x00") {
			texts = append(texts, text)
		}
	}
	pieces := len(texts)
	for range 150 {
		var b strings.Builder
		for range 1 + random.IntN(6) {
			if random.IntN(3) == 0 {
				b.WriteByte(byte(1 + random.IntN(255)))
			} else {
				b.WriteString(texts[random.IntN(pieces)])
			}
		}
		texts = append(texts, b.String())
	}
	return texts
}

func newLiveView(t *testing.T, texts []string) liveView {
	var view liveView
	seen := map[string]bool{}
	for i, text := range texts {
		view.Texts = append(view.Texts, newLiveText(t, i, text))
		// nginx compares keys of a map without regard to case.
		line := view.Texts[i].Line
		if folded := foldASCII(text); line != nil && !seen[folded] {
			seen[folded] = true
			view.Keys = append(view.Keys, *line)
		}
	}
	return view
}

func newLiveText(t *testing.T, i int, text string) liveText {
	t.Helper()
	path := func(kind string) Path { return Path(fmt.Sprintf("/%s/%d", kind, i)) }
	mapped, geo := Name(fmt.Sprintf("mapped_%d", i)), Name(fmt.Sprintf("geo_%d", i))
	live := liveText{Text: text, Return: path("return"), ReturnMapped: path("mapped"), ReturnGeo: path("geo"), Set: path("set"),
		Mapped: mapped, Geo: geo, MappedValue: Variable(mapped), GeoValue: Variable(geo)}
	if text == "" || strings.TrimSpace(text) != text || checkPlain(text) != nil {
		return live
	}
	live.Line = &liveLine{Text: text, Number: i, Header: path("header"), If: path("if"),
		Path: Path(fmt.Sprintf("/path/%d/", i) + text), Regex: regex(t, fmt.Sprintf("^/regex/%d/%s$", i, LiteralRegex(text)))}
	return live
}

func foldASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

func escape(path string) string {
	var b strings.Builder
	for i := range len(path) {
		if c := path[i]; c == '/' || lex.IsAlnum(c) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// startNginx runs a real nginx with a template until the test ends, and returns its address, the socket "s" in the folder that view gets.
func startNginx(t *testing.T, binary, text string, view func(dir string) any) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "nginx") // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	var config bytes.Buffer
	set, err := load(t, "", text)
	if err != nil {
		t.Fatal(err)
	}
	if err := set.Execute(&config, "x", view(dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "nginx.conf"), config.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	command := exec.Command(binary, "-p", dir, "-c", "nginx.conf", "-e", "stderr", "-g", "master_process off;")
	command.Stdout, command.Stderr = &output, &output
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	t.Cleanup(func() {
		_ = command.Process.Kill()
		<-ended
	})
	for range 500 {
		connection, err := net.Dial("unix", socket)
		if err == nil {
			connection.Close()
			return socket
		}
		select {
		case <-ended:
			ended <- nil
			t.Fatalf("nginx ended: %s", output.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Fatalf("nginx does not answer: %s", output.String())
	return ""
}

type answer struct {
	status, body, header, location string
}

// get asks as it is told: net/http would refuse or change hostile bytes in a request.
func get(t *testing.T, socket, path, key string) answer {
	t.Helper()
	connection, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(connection, "GET %s HTTP/1.0\r\nKey: %s\r\n\r\n", path, key)
	raw, err := io.ReadAll(connection)
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	got := answer{body: string(body)}
	if fields := bytes.Fields(head); len(fields) > 1 {
		got.status = string(fields[1])
	}
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		if value, ok := bytes.CutPrefix(line, []byte("X: ")); ok {
			got.header = string(value)
		}
		if value, ok := bytes.CutPrefix(line, []byte("Location: ")); ok {
			got.location = string(value)
		}
	}
	if _, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(raw)), nil); err != nil {
		t.Errorf("%s: the answer is broken: %v", path, err)
	}
	return got
}
