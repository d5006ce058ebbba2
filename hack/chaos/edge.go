package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/headgate/headgate/hack/rig"
	"github.com/headgate/headgate/hack/shipped"
)

const (
	httpPort, httpsPort, statusPort, backendPort = 8000, 8001, 8002, 9000
	// confirmTimeout is short, so that a proxy that was stopped for some seconds is late.
	confirmTimeout = 2 * time.Second
	// stopTimeout is how long headgate may take to end in good order.
	stopTimeout = 40 * time.Second
)

// edge is headgate and the proxy beside or below it, and somebody who starts again what has ended, as Kubernetes does.
type edge struct {
	scene *scene
	// binary is headgate's.
	binary   string
	workDir  string
	http     string
	headgate *kept
	// proxy is nil for a child.
	proxy *kept
	// unbounded says why the work dir is not on a small file system of its own, nil if it is.
	unbounded error
}

func startEdge(s *scene, headgate string) *edge {
	e := &edge{scene: s, binary: headgate, workDir: filepath.Join(s.TempDir(), "w"), http: fmt.Sprintf("127.0.0.1:%d", s.setup.port(httpPort))}
	s.Must(os.Mkdir(e.workDir, 0o700))
	e.unbounded = syscall.Mount("chaos", e.workDir, "tmpfs", 0, "size=16m,mode=700")
	s.Cleanup(func() { _ = syscall.Unmount(e.workDir, syscall.MNT_DETACH) }) // it may not be mounted
	args := e.args()
	e.headgate = keep(s.Rig, "headgate", func() *exec.Cmd { return command(headgate, args) })
	s.Cleanup(e.headgate.end)
	if s.setup.mode == sidecar {
		manifest := filepath.Join("deploy", s.setup.proxy+".yaml")
		container := shipped.Read(s.Rig, manifest, s.setup.proxy, e.workDir)
		e.proxy = keep(s.Rig, s.setup.proxy, func() *exec.Cmd { return container.Command(s.setup.binary.Path) })
		s.Cleanup(e.proxy.end)
		if container.HasLiveness() {
			go e.proxy.watchHealth(func() bool { return container.Liveness(s.setup.binary.Path).Run() == nil })
		}
	}
	for end := time.Now().Add(recoveryTimeout); ; time.Sleep(20 * time.Millisecond) {
		if status, _ := ask(e.status("/readyz"), ""); status == http.StatusOK {
			break
		}
		if time.Now().After(end) {
			s.Fatalf("headgate does not become ready:\n%s", e.lastWords())
		}
	}
	go e.headgate.watchHealth(func() bool {
		status, _ := ask(e.status("/healthz"), "")
		return status == http.StatusOK
	})
	return e
}

func (e *edge) status(path string) string {
	return fmt.Sprintf("http://127.0.0.1:%d%s", e.scene.setup.port(statusPort), path)
}

// args are headgate's arguments: those of a child written here, those beside a proxy read from the shipped manifest.
func (e *edge) args() []string {
	at := e.scene.setup
	own := []string{"--confirm-timeout=" + confirmTimeout.String(), "--stop-timeout=5s"}
	ports := []string{
		"--http-port=" + strconv.Itoa(at.port(httpPort)), "--https-port=" + strconv.Itoa(at.port(httpsPort)),
		"--status-address=127.0.0.1:" + strconv.Itoa(at.port(statusPort)),
	}
	if at.mode == child {
		args := append([]string{"run", "--proxy=" + at.proxy, "--proxy-bin=" + at.binary.Path, "--work-dir=" + e.workDir}, ports...)
		return append(append(args, own...), e.scene.flags()...)
	}
	manifest := filepath.Join("deploy", at.proxy+".yaml")
	args := shipped.Read(e.scene.Rig, manifest, "headgate", e.workDir).Args(append(ports, "--proxy-version="+at.binary.Version)...)
	args = withoutFlags(args, "--source", "--session-key-secret", "--replicas-of", "--configmap")
	return append(append(args, own...), e.scene.flags()...)
}

// withoutFlags leaves out arguments that name what a scene does not have.
func withoutFlags(args []string, flags ...string) []string {
	var kept []string
	for _, arg := range args {
		name, _, _ := strings.Cut(arg, "=")
		found := false
		for _, f := range flags {
			found = found || f == name
		}
		if !found {
			kept = append(kept, arg)
		}
	}
	return kept
}

func command(binary string, args []string) *exec.Cmd {
	cmd := exec.Command(binary, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	return cmd
}

// proxyPIDs are the processes of the proxy, the master first.
func (e *edge) proxyPIDs() []int {
	if e.proxy != nil {
		return rig.Family(e.proxy.pid())
	}
	return rig.Family(e.headgate.pid())[1:]
}

// kill kills all processes.
func (e *edge) kill() {
	pids := e.proxyPIDs()
	e.scene.signal(syscall.SIGKILL, append(pids, e.headgate.pid())...)
}

func (e *edge) proxyRestarts() int {
	if e.proxy == nil {
		return 0
	}
	return e.proxy.restarts()
}

// lastWords returns the ends of the logs.
func (e *edge) lastWords() string {
	text := e.headgate.lastWords()
	if e.proxy != nil {
		text += e.proxy.lastWords()
	}
	return text
}

// withBlockedLog starts headgate anew with a log that nobody reads for as long as the work takes.
func (e *edge) withBlockedLog(work func()) string {
	reader, writer, err := os.Pipe()
	e.scene.Must(err)
	e.headgate.restart(writer)
	work()
	// From here on it is read: a log whose reader has gone would end headgate.
	go func() { _, _ = io.Copy(io.Discard, reader) }()
	return ""
}
