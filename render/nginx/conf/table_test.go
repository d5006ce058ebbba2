package conf

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headgate/headgate/hack/proxies"
	"github.com/headgate/headgate/render"
)

// A text in which nginx evaluates variables has to be of a kind that writes dollar signs as a variable, and the other way round: so
// every such kind is tried on a real nginx with a variable that does not exist.
func TestEvaluationIsAsInTheTable(t *testing.T) {
	statements := []string{
		`return 200 {{.}};`, `return 301 {{.}};`, `set $x {{.}};`, `add_header A {{.}};`, `proxy_set_header A {{.}};`, `grpc_set_header A {{.}};`,
		`fastcgi_param A {{.}};`, `auth_basic {{.}};`, `if ($host = {{.}}) { return 403; }`, `proxy_set_body {{.}};`, `proxy_cache_key {{.}};`,
		`proxy_ssl_name {{.}};`, `proxy_redirect {{.}} /;`, `proxy_redirect /a {{.}};`, `proxy_cookie_path {{.}} /;`, `proxy_cookie_domain a {{.}};`,
		`sub_filter {{.}} x;`, `sub_filter x {{.}};`, `auth_request_set $x {{.}};`, `fastcgi_index {{.}};`,
	}
	for _, binary := range proxies.Nginx(t) {
		t.Run(binary.String(), func(t *testing.T) {
			for _, statement := range statements {
				printed, err := execute(t, "http/server", statement, "a$nosuch")
				if err != nil {
					t.Fatal(err)
				}
				guarded := strings.Contains(printed, "${dollar}")
				raw := strings.ReplaceAll(printed, "${dollar}", "$")
				if output, ok := check(t, binary.Path, "geo $dollar { default \"$\"; }\nserver { location / {\n"+printed+"} }"); !ok {
					t.Errorf("%s: nginx refuses %s: %s", statement, printed, output)
				}
				output, ok := check(t, binary.Path, "server { location / {\n"+raw+"} }")
				if evaluates := !ok && strings.Contains(output, `unknown "nosuch" variable`); evaluates != guarded {
					t.Errorf("%s: nginx evaluates: %v, the table says %v (%s)", statement, evaluates, guarded, output)
				}
			}
		})
	}
}

// Every directive of the table belongs to the newest nginx that is here, unless it came later. One that stands in a wrong place, or
// without arguments, is refused with other words than one that does not exist.
func TestDirectivesExist(t *testing.T) {
	binaries := proxies.Nginx(t)
	newest := binaries[len(binaries)-1]
	for name := range directives {
		if streamOnly[name] || strings.HasPrefix(name, "stream") || name == "upstream/sticky" {
			continue
		}
		directive := name[strings.LastIndexByte(name, '/')+1:]
		if _, ok := directiveSince[directive]; !ok && !knows(t, newest, directive) {
			t.Errorf("%s is not known to nginx %s", name, newest.Version)
		}
	}
	for _, binary := range binaries {
		version, err := render.ParseVersion("nginx", binary.Version)
		if err != nil {
			t.Fatal(err)
		}
		for directive, since := range directiveSince {
			if want := !version.Before(since); knows(t, binary, directive) != want {
				t.Errorf("nginx %s knows %s: %t, the test says since %s", binary.Version, directive, !want, since)
			}
		}
	}
}

// directiveSince are the directives of the table that are younger than the oldest nginx.
var directiveSince = map[string]render.Version{
	"http2": {Major: 1, Minor: 25, Patch: 1}, "proxy_pass_trailers": {Major: 1, Minor: 27, Patch: 2}, "ssl_certificate_cache": {Major: 1, Minor: 27, Patch: 4},
	"keepalive_min_timeout": {Major: 1, Minor: 27, Patch: 4}, "add_header_inherit": {Major: 1, Minor: 29, Patch: 3},
}

func knows(t *testing.T, binary proxies.Binary, directive string) bool {
	t.Helper()
	output, _ := check(t, binary.Path, directive+";")
	return !strings.Contains(output, "unknown directive")
}

// streamOnly are the directives of the table that only the stream module has, which some binaries load as a module.
var streamOnly = names("preread_buffer_size preread_timeout proxy_protocol proxy_protocol_timeout proxy_requests proxy_responses proxy_timeout " +
	"proxy_ssl ssl_alpn ssl_handshake_timeout ssl_preread")

// check asks nginx whether it accepts the content of an http block.
func check(t *testing.T, binary, http string) (output string, ok bool) {
	t.Helper()
	dir := t.TempDir()
	config := "pid nginx.pid; events { }\nhttp {\naccess_log off;\n"
	for _, temporary := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		config += temporary + "_temp_path tmp;\n"
	}
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(config+http+"\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	command := exec.Command(binary, "-t", "-p", dir, "-c", file, "-e", "stderr")
	command.Stdout, command.Stderr = &out, &out
	err := command.Run()
	return out.String(), err == nil
}
