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
	"sync"
	"syscall"
	"time"

	"github.com/headgate/headgate/hack/rig"
	"github.com/headgate/headgate/hack/shipped"
)

const (
	httpPort, httpsPort, statusPort = 8000, 8001, 8002
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
}

func startEdge(s *scene, headgate string) *edge {
	e := &edge{scene: s, binary: headgate, workDir: filepath.Join(s.TempDir(), "w"), http: fmt.Sprintf("127.0.0.1:%d", httpPort)}
	s.Must(os.Mkdir(e.workDir, 0o700))
	args := e.args()
	e.headgate = keep(s.Rig, "headgate", func() *exec.Cmd { return command(headgate, args) })
	s.Cleanup(e.headgate.end)
	if s.setup.mode == sidecar {
		manifest := filepath.Join("deploy", s.setup.proxy+".yaml")
		container := shipped.Read(s.Rig, manifest, s.setup.proxy, e.workDir)
		e.proxy = keep(s.Rig, s.setup.proxy, func() *exec.Cmd { return container.Command(s.setup.binary.Path) })
		s.Cleanup(e.proxy.end)
	}
	for end := time.Now().Add(recoveryTimeout); ; time.Sleep(20 * time.Millisecond) {
		if status, _ := ask(e.status("/readyz"), ""); status == http.StatusOK {
			break
		}
		if time.Now().After(end) {
			s.Fatalf("headgate does not become ready:\n%s", e.lastWords())
		}
	}
	go e.headgate.watchHealth(e.status("/healthz"))
	return e
}

func (e *edge) status(path string) string {
	return fmt.Sprintf("http://127.0.0.1:%d%s", statusPort, path)
}

// args are headgate's arguments: those of a child written here, those beside a proxy read from the shipped manifest.
func (e *edge) args() []string {
	at := e.scene.setup
	own := []string{"--confirm-timeout=" + confirmTimeout.String(), "--stop-timeout=5s"}
	ports := []string{"--http-port=" + strconv.Itoa(httpPort), "--https-port=" + strconv.Itoa(httpsPort), "--status-address=127.0.0.1:" + strconv.Itoa(statusPort)}
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

// kept is a process that is started again when it has ended.
type kept struct {
	rig   *rig.Rig
	name  string
	make  func() *exec.Cmd
	log   *os.File
	ended chan struct{}

	mu  sync.Mutex
	cmd *exec.Cmd
	// out is where the process logs to.
	out      *os.File
	starts   int
	stopping bool
}

// keep starts a process and keeps it running.
func keep(r *rig.Rig, name string, command func() *exec.Cmd) *kept {
	log, err := os.Create(filepath.Join(r.TempDir(), name+".log"))
	r.Must(err)
	k := &kept{rig: r, name: name, make: command, log: log, out: log, ended: make(chan struct{})}
	r.Must(k.start())
	go k.attend()
	return k
}

func (k *kept) start() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.stopping {
		return nil
	}
	k.cmd = k.make()
	k.cmd.Stderr = k.out // the access log goes nowhere
	k.starts++
	return k.cmd.Start()
}

// restart ends the process in good order and has it started again with another log.
func (k *kept) restart(log *os.File) {
	k.mu.Lock()
	before := k.cmd.Process.Pid
	k.out = log
	k.mu.Unlock()
	_ = syscall.Kill(before, syscall.SIGTERM) // it may have ended by itself
	for k.pid() == before {
		time.Sleep(20 * time.Millisecond)
	}
}

// attend starts the process again whenever it ends.
func (k *kept) attend() {
	defer close(k.ended)
	for {
		k.mu.Lock()
		cmd := k.cmd
		k.mu.Unlock()
		_ = cmd.Wait()                                      // how it ended stands in its log
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // as a container ends with its first process
		k.mu.Lock()
		stopping := k.stopping
		k.mu.Unlock()
		if stopping {
			return
		}
		time.Sleep(500 * time.Millisecond)
		if err := k.start(); err != nil {
			fmt.Fprintf(k.log, "cannot be started: %v\n", err)
			return
		}
	}
}

func (k *kept) pid() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.cmd.Process.Pid
}

func (k *kept) restarts() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.starts - 1
}

// end ends the process for good.
func (k *kept) end() {
	k.mu.Lock()
	k.stopping = true
	pid := k.cmd.Process.Pid
	k.mu.Unlock()
	_ = syscall.Kill(pid, syscall.SIGCONT) // it may have ended by itself, as below
	_ = syscall.Kill(pid, syscall.SIGTERM)
	select {
	case <-k.ended:
	case <-time.After(stopTimeout):
		_ = syscall.Kill(-pid, syscall.SIGKILL)
		<-k.ended
	}
	k.log.Close()
}

// watchHealth kills a process that calls itself sick three times in a row, as a liveness probe does.
func (k *kept) watchHealth(url string) {
	const every, patience = time.Second, 3
	for sick := 0; ; time.Sleep(every) {
		select {
		case <-k.ended:
			return
		default:
		}
		if status, _ := ask(url, ""); status == http.StatusOK {
			sick = 0
			continue
		}
		if sick++; sick == patience {
			fmt.Fprintln(k.log, "chaos: /healthz failed three times; restarting")
			_ = syscall.Kill(k.pid(), syscall.SIGTERM) // it may have ended by itself
			sick = -10
		}
	}
}

func (k *kept) lastWords() string {
	const most = 3000
	text, err := os.ReadFile(k.log.Name())
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("--- %s:\n%s\n", k.name, text[max(0, len(text)-most):])
}
