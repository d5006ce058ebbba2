package shipped

import (
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
