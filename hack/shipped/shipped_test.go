package shipped

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestContainersOfTheManifests(t *testing.T) {
	for _, proxy := range []string{"nginx", "haproxy"} {
		manifest := filepath.Join("..", "..", "deploy", proxy+".yaml")
		args := Read(t, manifest, "headgate", "/elsewhere").Args("--http-port=1")
		if !slices.Contains(args, "--http-port=1") || !slices.Contains(args, "--work-dir=/elsewhere") {
			t.Errorf("%s: arguments %q", proxy, args)
		}
		script := Read(t, manifest, proxy, "/elsewhere").command(Read(t, manifest, proxy, "/elsewhere").spec.Command, "/bin/true")
		if text := strings.Join(script.Args, " "); !strings.Contains(text, "/elsewhere") || strings.Contains(text, volume) {
			t.Errorf("%s: command %q", proxy, text)
		}
	}
}

// TestLiveness: the shipped probe lets an HAProxy live that waits for its configuration or has a socket, and no other.
func TestLiveness(t *testing.T) {
	dir := t.TempDir()
	c := Read(t, filepath.Join("..", "..", "deploy", "haproxy.yaml"), "haproxy", dir)
	lives := func() bool { return c.Liveness("/bin/true").Run() == nil }
	if !lives() {
		t.Error("without a configuration")
	}
	for _, name := range []string{"current", "run"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "current", "haproxy.cfg"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if lives() {
		t.Error("with a configuration and without a socket it is left alone")
	}
	socket, err := net.Listen("unix", filepath.Join(dir, "run", "master.sock"))
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	if !lives() {
		t.Error("with a socket")
	}
}
