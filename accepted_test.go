package headgate_test

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// checks are how the proxies judge a tree without running it.
var checks = map[string]func(bin, dir string) *exec.Cmd{
	"nginx": func(bin, dir string) *exec.Cmd {
		return exec.Command(bin, "-t", "-q", "-p", dir, "-c", filepath.Join(dir, "nginx.conf"), "-e", "stderr")
	},
	"haproxy": func(bin, dir string) *exec.Cmd { return exec.Command(bin, "-c", "-q", "-f", dir) },
}

// TestAccepted has the real proxies check what every case is rendered to, logs and all.
func TestAccepted(t *testing.T) {
	for _, r := range runners {
		for _, binary := range r.binaries(t) {
			t.Run(r.target.name+"-"+binary.Version, func(t *testing.T) {
				forEachCase(t, func(t *testing.T, tc *testCase) {
					tc.settings.DefaultCertificate = testCertificate(t)
					tc.proxy, tc.version = r.target.name, binary.Version
					cfg, _ := tc.translate(tc.objects)
					w := &world{tc: tc, cfg: cfg}
					logs := cfg.Global.Log
					w.openStreams(t, r.target.name, binary)
					cfg.Global.Log = logs
					proxy, err := r.target.make(tc)
					if err != nil {
						t.Fatal(err)
					}
					result, err := proxy.Render(cfg)
					if err != nil {
						t.Fatal(err)
					}
					dir := t.TempDir()
					writeTree(t, dir, result.Files)
					cmd := checks[r.target.name](binary.Path, dir)
					cmd.Dir = dir
					if output, err := cmd.CombinedOutput(); err != nil {
						t.Errorf("refused: %v\n%s", err, output)
					}
				})
			})
		}
	}
}
