package proxies

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// TestNginxLoadsItsStreamModule fails if a binary and the modules that it names come from different suites.
func TestNginxLoadsItsStreamModule(t *testing.T) {
	for _, nginx := range Nginx(t) {
		t.Run(nginx.String(), func(t *testing.T) {
			out, err := exec.Command(nginx.Path, "-V").CombinedOutput()
			if err != nil {
				t.Fatal(err)
			}
			modules := regexp.MustCompile(`--modules-path=(\S+)`).FindSubmatch(out)
			if modules == nil {
				t.Fatalf("no modules path in %s", out)
			}
			dir := t.TempDir()
			conf := filepath.Join(dir, "nginx.conf")
			text := "load_module " + filepath.Join(string(modules[1]), "ngx_stream_module.so") + ";\n" +
				"pid " + filepath.Join(dir, "pid") + ";\nerror_log stderr;\nevents {}\nstream {}\n"
			if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command(nginx.Path, "-t", "-p", dir, "-c", conf).CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

func TestHAProxyChecks(t *testing.T) {
	for _, haproxy := range HAProxy(t) {
		t.Run(haproxy.String(), func(t *testing.T) {
			conf := filepath.Join(t.TempDir(), "haproxy.cfg")
			text := "defaults\n  mode http\n  timeout connect 1s\n  timeout client 1s\n  timeout server 1s\nfrontend f\n  bind 127.0.0.1:1\n"
			if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command(haproxy.Path, "-c", "-f", conf).CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
