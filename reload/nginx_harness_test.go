package reload

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/headgate/headgate/render"
)

// eachNginx runs a test with every nginx binary that HEADGATE_TEST_NGINX lists, separated by blanks or colons, or with the one in PATH.
func eachNginx(t *testing.T, test func(t *testing.T, bin string)) {
	bins := strings.FieldsFunc(os.Getenv("HEADGATE_TEST_NGINX"), func(r rune) bool { return r == ' ' || r == ':' })
	if len(bins) == 0 {
		bin, err := exec.LookPath("nginx")
		if err != nil {
			t.Skip("there is no nginx; install one or set HEADGATE_TEST_NGINX")
		}
		bins = []string{bin}
	}
	for i, bin := range bins {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Log(bin)
			test(t, bin)
		})
	}
}

// shortDir makes a folder whose path leaves room for the name of a socket.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "hg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// occupy listens to a port.
func occupy(t *testing.T, port int) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// leaveSocket makes a socket on which nobody listens, as a process does that is killed.
func leaveSocket(t *testing.T, path string) {
	t.Helper()
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	stale.SetUnlinkOnClose(false)
	if err := stale.Close(); err != nil {
		t.Fatal(err)
	}
}

// siteWorkers is how many workers an nginx has.
const siteWorkers = 2

// site is an nginx configuration of one server.
type site struct {
	port  int
	body  string
	extra string // further text in http{}
	log   string // where the error log goes if not to stderr
	// before is text in http{} in front of the marker, and included a file that it can include.
	before, included string
}

func (s site) files() []render.File {
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;\n"
	}
	log := "stderr"
	if s.log != "" {
		log = s.log
	}
	conf := user + "error_log " + log + " notice;\n" + `pid run/nginx.pid;
worker_processes ` + fmt.Sprint(siteWorkers) + `;
worker_shutdown_timeout 5m;
events { worker_connections 256; }
http {
    access_log off;
    client_body_temp_path run/body;
    proxy_temp_path run/proxy;
    fastcgi_temp_path run/fastcgi;
    uwsgi_temp_path run/uwsgi;
    scgi_temp_path run/scgi;
    ` + s.before + `
    ` + markerPlace + `
    ` + s.extra + `
    server {
        listen 127.0.0.1:` + fmt.Sprint(s.port) + `;
        location / { return 200 "` + s.body + `"; }
        location /slow { root current/www; limit_rate 20k; }
        location /endless { alias current/www/slow; limit_rate 100; }
    }
}
`
	return []render.File{
		{Path: "included.conf", Mode: 0o644, Data: []byte(s.included)},
		{Path: "nginx.conf", Mode: 0o644, Data: []byte(conf)},
		{Path: "www/slow", Mode: 0o644, Data: []byte(strings.Repeat("x", slowBytes))},
	}
}

const slowBytes = 40 << 10

// markerPlace is where the configuration of a site gets its marker.
const markerPlace = "# the marker\n"

// nginxMarker returns a marker on a socket.
func nginxMarker(socket string) func(string, []render.File) ([]render.File, error) {
	return func(generation string, files []render.File) ([]render.File, error) {
		text := fmt.Sprintf("server {\n    listen unix:%s;\n    location = %s { return 200 %q; }\n}\n", socket, NginxStatusPath, generation)
		marked := slices.Clone(files)
		for i, f := range marked {
			if f.Path == NginxConfig {
				marked[i].Data = bytes.Replace(f.Data, []byte(markerPlace), []byte(text), 1)
			}
		}
		return marked, nil
	}
}

// edge is an Applier on a real nginx.
type edge struct {
	*Applier
	dir  string
	stop func()
}

// superviseNginx runs an Applier on an nginx that it starts.
func superviseNginx(t *testing.T, bin, dir string) edge {
	t.Helper()
	child, err := NewNginxChild(NginxOptions{
		WorkDir: dir, Bin: bin, StopTimeout: patience, Stderr: t.Output(), Log: testLog(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	return runOn(t, child, dir, filepath.Join(dir, NginxStatusSocket))
}

func runOn(t *testing.T, p Proxy, dir, socket string) edge {
	t.Helper()
	a, err := Open(Options{WorkDir: dir, Proxy: p, Marker: nginxMarker(socket), ConfirmTimeout: patience, Log: testLog(t)})
	if err != nil {
		t.Fatal(err)
	}
	return edge{a, dir, start(t, a)}
}

// mustApply applies a site that is fine.
func (e edge) mustApply(t *testing.T, s site) Outcome {
	t.Helper()
	out, err := e.Apply(t.Context(), s.files(), "test")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// master returns the number of the running master process.
func (e edge) master(t *testing.T) int {
	t.Helper()
	var pid int
	soon(t, "a process number", func() bool { // nginx makes the file before it fills it
		var err error
		pid, err = readPID(filepath.Join(e.dir, NginxPIDFile))
		return err == nil
	})
	return pid
}

// fetch asks on a connection of its own.
func fetch(ctx context.Context, port int, path string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d%s", port, path), http.NoBody)
	if err != nil {
		return "", err
	}
	transport := &http.Transport{DisableKeepAlives: true}
	res, err := transport.RoundTrip(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d", res.StatusCode)
	}
	return string(body), err
}

// serves demands that a port soon answers with a body, and with nothing else from then on. Old workers accept connections for some
// 100 ms after new ones do.
func serves(t *testing.T, port int, want string) {
	t.Helper()
	soon(t, fmt.Sprintf("port %d answers %q", port, want), func() bool {
		for range 10 {
			if got, err := fetch(t.Context(), port, "/"); err != nil || got != want {
				return false
			}
		}
		return true
	})
}
