// Package netns runs the tests of a package in a network namespace of their own, in which the addresses of Pods and Services are local.
//
// A real API server refuses EndpointSlices with loopback addresses, so tests that send traffic to endpoints need others. In the
// namespace every address of PodCIDR and ServiceCIDR, and of PodCIDR6 where the machine has IPv6, can be listened on without being
// configured, and nothing leaves it.
package netns

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// Program is what runs in the namespace: a *testing.M, or a program that measures.
type Program interface {
	// Run does the work and returns the exit code.
	Run() int
}

// The networks whose addresses are local in the namespace.
const (
	PodCIDR     = "10.244.0.0/16"
	PodCIDR6    = "fd00:10:244::/64"
	ServiceCIDR = "10.96.0.0/16"
)

// marker tells the second run of a test binary, inside, from the first.
const marker = "HEADGATE_NETNS"

// Main is for TestMain: os.Exit(netns.Main(m)). It runs the test binary again in a new namespace, as root there. Where the machine
// does not allow that it runs the tests as they are, and those that call [Require] are skipped.
func Main(m Program) int {
	if Inside() {
		return m.Run()
	}
	code, err := again()
	if err != nil {
		fmt.Fprintf(os.Stderr, "no network namespace for the tests: %v\n", err)
		return m.Run()
	}
	return code
}

// Inside reports whether the test runs in a namespace of its own.
func Inside() bool { return os.Getenv(marker) != "" }

// Require skips the test if it does not run in a namespace of its own.
func Require(t testing.TB) {
	t.Helper()
	if !Inside() {
		t.Skip("no network namespace here: this needs root or user namespaces, and iproute2")
	}
}

// again runs this binary inside and returns its exit code.
func again() (int, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	ip, err := exec.LookPath("ip")
	if err != nil {
		return 0, err
	}
	// The shell sets the namespace up and becomes the test binary, so that a failure before that is not taken for a failing test.
	script := []string{ip + " link set lo up"}
	for _, network := range []string{PodCIDR, ServiceCIDR} {
		script = append(script, ip+" route add local "+network+" dev lo")
	}
	// IPv6 is not everywhere, and asks for more before a program may bind such an address.
	script = append(script,
		"("+ip+" -6 route add local "+PodCIDR6+" dev lo && echo 1 >/proc/sys/net/ipv6/ip_nonlocal_bind) 2>/dev/null || true",
		`exec "$0" "$@"`)
	probe := exec.Command("/bin/sh", "-ec", strings.Join(script, "\n"), "/bin/true")
	probe.SysProcAttr = isolated()
	if out, err := probe.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%w: %s", err, out)
	}
	command := exec.Command("/bin/sh", append([]string{"-ec", strings.Join(script, "\n"), self}, os.Args[1:]...)...)
	command.SysProcAttr = isolated()
	command.Env = append(os.Environ(), marker+"=1")
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	err = command.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return max(exit.ExitCode(), 1), nil
	}
	return 0, err
}

// isolated asks for a new network namespace; without root, for a user namespace in which it may be set up.
func isolated() *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if uid := os.Getuid(); uid != 0 {
		attributes.Cloneflags |= syscall.CLONE_NEWUSER
		attributes.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: uid, Size: 1}}
		attributes.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	return attributes
}
