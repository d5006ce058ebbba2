// Package proxies tells tests which real nginx and HAProxy binaries there are.
package proxies

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/headgate/headgate/hack/cache"
)

// T is what this package needs of a test. A testing.TB has it.
type T interface {
	Helper()
	Fatalf(format string, args ...any)
	Skipf(format string, args ...any)
}

// Binary is a proxy that can be run.
type Binary struct {
	Path string
	// Version is major.minor.patch, as the binary itself says.
	Version string
}

// String names the binary for a subtest: its version.
func (b Binary) String() string { return b.Version }

// Nginx returns the nginx binaries, oldest suite first. It skips the test if there is none.
func Nginx(t T) []Binary { return find(t, "nginx", "HEADGATE_TEST_NGINX") }

// HAProxy returns the HAProxy binaries, oldest suite first. It skips the test if there is none.
func HAProxy(t T) []Binary { return find(t, "haproxy", "HEADGATE_TEST_HAPROXY") }

// find looks where the environment says, then in the list that hack/install.sh wrote, then on this machine's path.
func find(t T, name, variable string) []Binary {
	t.Helper()
	paths := strings.Fields(os.Getenv(variable))
	if len(paths) == 0 {
		paths = listed(variable)
	}
	if len(paths) == 0 {
		paths = installed(name)
	}
	var found []Binary
	for _, path := range paths {
		version, err := ask(path)
		if err != nil {
			t.Fatalf("asking %s for its version: %v", path, err)
		}
		found = append(found, Binary{Path: path, Version: version})
	}
	if len(found) == 0 {
		t.Skipf("no %s here; hack/install.sh installs some", name)
	}
	return found
}

func listed(variable string) []string {
	file, err := os.Open(filepath.Join(cache.Dir(), "proxies.env"))
	if err != nil {
		return nil
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if value, ok := strings.CutPrefix(lines.Text(), variable+"="); ok {
			return strings.Fields(strings.Trim(value, `"`))
		}
	}
	return nil
}

func installed(name string) []string {
	for _, candidate := range []string{name, "/usr/sbin/" + name} {
		if path, err := exec.LookPath(candidate); err == nil {
			return []string{path}
		}
	}
	return nil
}

var version = regexp.MustCompile(`(?:nginx/|HAProxy version )(\d+\.\d+\.\d+)`)

func ask(path string) (string, error) {
	out, err := exec.Command(path, "-v").CombinedOutput()
	if err != nil {
		return "", err
	}
	match := version.FindSubmatch(out)
	if match == nil {
		return "", os.ErrInvalid
	}
	return string(match[1]), nil
}
