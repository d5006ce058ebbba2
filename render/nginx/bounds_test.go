package nginx

import (
	"slices"
	"strings"
	"testing"

	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/translate"
)

// TestLeastValues: what nginx would refuse, and everything else with it, is raised and reported.
func TestLeastValues(t *testing.T) {
	target, err := New(Options{Version: DefaultVersion})
	if err != nil {
		t.Fatal(err)
	}
	empty, _ := manifest.NewSnapshot(nil)
	cfg, _ := translate.Run(empty, translate.DefaultSettings())
	cfg.Global.Process.WorkerConnections = 1
	cfg.Global.Proxy.Buffers, cfg.Global.Proxy.BufferSize, cfg.Global.Proxy.MaxTempFileSize = 1, 4096, 1
	cfg.Global.Client.LargeHeaderBufferSize = 1
	result, err := target.Render(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, d := range result.Diagnostics {
		keys = append(keys, d.Key)
	}
	slices.Sort(keys)
	want := []string{"large-client-header-buffers", "max-worker-connections", "proxy-buffers-number", "proxy-max-temp-file-size"}
	if !slices.Equal(keys, want) {
		t.Errorf("reported are %v, want %v", keys, want)
	}
	for _, f := range result.Files {
		for _, line := range []string{"worker_connections 64;", "proxy_buffers 3 4k;", "proxy_max_temp_file_size 4k;", "large_client_header_buffers 4 512;"} {
			if f.Path == "nginx.conf" && !strings.Contains(string(f.Data), line) {
				t.Errorf("nginx.conf lacks %q", line)
			}
		}
	}
}
