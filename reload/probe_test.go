package reload

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var errNothing = errors.New("exit status 1")

func TestParseNginxBuild(t *testing.T) {
	tests := map[string]struct {
		text string
		want Build
	}{
		"Debian": {
			"nginx version: nginx/1.22.1\nbuilt with OpenSSL 3.0.22\n" +
				"configure arguments: --with-cc-opt='-g -O2 -fPIC' --prefix=/usr/share/nginx --modules-path=/usr/lib/nginx/modules --with-stream=dynamic --with-stream_ssl_module\n",
			Build{
				Product: "nginx", Version: "1.22.1", ModulesPath: "/usr/lib/nginx/modules", Stream: LinkageDynamic,
				Options: []string{
					"--with-cc-opt=-g -O2 -fPIC", "--prefix=/usr/share/nginx", "--modules-path=/usr/lib/nginx/modules",
					"--with-stream=dynamic", "--with-stream_ssl_module",
				},
			},
		},
		"nginx.org": {
			"nginx version: nginx/1.30.0 (Ubuntu)\nconfigure arguments: --prefix=/etc/nginx --with-stream",
			Build{
				Product: "nginx", Version: "1.30.0", ModulesPath: "/etc/nginx/modules", Stream: LinkageStatic,
				Options: []string{"--prefix=/etc/nginx", "--with-stream"},
			},
		},
		"nothing chosen": {
			"nginx version: openresty/1.25.3.2\nconfigure arguments:\n",
			Build{Product: "openresty", Version: "1.25.3.2", ModulesPath: "/usr/local/nginx/modules", Stream: LinkageNone},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := parseNginxBuild(test.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("build (-want +got):\n%s", diff)
			}
		})
	}
	if _, err := parseNginxBuild("Usage: cat"); err == nil {
		t.Error("accepted something else")
	}
}

func TestParseHAProxyBuild(t *testing.T) {
	for text, want := range map[string]string{
		"HAProxy version 2.6.12-1+deb12u1 2023/12/16 - https://haproxy.org/\n":       "2.6.12",
		"HAProxy version 3.3-dev5-1234 2026/01/01\nFeature list : -51DEGREES +EPOLL": "3.3-dev5",
		"HA-Proxy version 1.8.30 2021/04/12\n":                                       "1.8.30",
	} {
		got, err := parseHAProxyBuild(text)
		if err != nil || got.Version != want || got.Product != "haproxy" {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	if _, err := parseHAProxyBuild("nginx version: nginx/1.22.1"); err == nil {
		t.Error("accepted something else")
	}
}

func TestProbe(t *testing.T) {
	eachNginx(t, func(t *testing.T, bin string) {
		b, err := ProbeNginx(t.Context(), bin)
		if err != nil || !strings.HasPrefix(b.Version, "1.") || len(b.Options) == 0 {
			t.Fatalf("%+v, %v", b, err)
		}
		if b.Stream == LinkageDynamic {
			if _, err := os.Stat(b.StreamModule); err != nil {
				t.Error(err)
			}
		}
		if _, err := ProbeHAProxy(t.Context(), bin); err == nil {
			t.Error("an nginx passed for an HAProxy")
		}
	})
	if bin, err := exec.LookPath("haproxy"); err == nil {
		if b, err := ProbeHAProxy(t.Context(), bin); err != nil || b.Version == "" {
			t.Errorf("%+v, %v", b, err)
		}
	}
	if _, err := ProbeNginx(t.Context(), filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no binary: %v", err)
	}
}
