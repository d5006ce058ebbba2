package main

import (
	"bufio"
	"context"
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
)

// gate is a running headgate with its proxy.
type gate struct {
	rig  *rig.Rig
	cmd  *exec.Cmd
	log  string
	http string // where the proxy answers
	// status is where headgate itself answers.
	status string
	ended  chan struct{}
}

const (
	readyTimeout = 2 * time.Minute
	stopTimeout  = 40 * time.Second
	// quietPeriod is how long changes must pause before headgate acts; its default, and part of every latency.
	quietPeriod = 100 * time.Millisecond
)

// start runs headgate on a source and waits until it is ready. Gates with different numbers can run at the same time.
func (b *bench) start(s rig.Source, number int) *gate {
	dir := b.TempDir()
	port := 8000 + 100*number
	g := &gate{
		rig: b.Rig, log: filepath.Join(dir, "log"), ended: make(chan struct{}),
		http: fmt.Sprintf("127.0.0.1:%d", port), status: fmt.Sprintf("127.0.0.1:%d", port+2),
	}
	args := append([]string{
		"run", "--proxy", b.proxy, "--proxy-bin", b.binary.Path, "--work-dir", filepath.Join(dir, "work"), "--bind", "127.0.0.1", "--allow-local-endpoints",
		"--http-port", strconv.Itoa(port), "--https-port", strconv.Itoa(port + 1), "--status-address", g.status,
		"--quiet-period", quietPeriod.String(), "--stop-timeout", "5s",
	}, s.Flags()...)
	log, err := os.Create(g.log)
	b.Must(err)
	defer log.Close()
	g.cmd = exec.Command(b.headgate, args...)
	g.cmd.Stderr = log
	g.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	b.Must(g.cmd.Start())
	go func() {
		_ = g.cmd.Wait() // how it ended stands in its log
		close(g.ended)
	}()
	b.Cleanup(g.stop)
	g.awaitReady()
	return g
}

// stop ends headgate in good order.
func (g *gate) stop() {
	_ = g.cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	select {
	case <-g.ended:
	case <-time.After(stopTimeout):
		_ = g.cmd.Process.Kill() // it may have ended by itself
		<-g.ended
	}
}

func (g *gate) awaitReady() {
	for end := time.Now().Add(readyTimeout); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		select {
		case <-g.ended:
			g.rig.Fatalf("headgate ended:\n%s", g.lastWords())
		default:
		}
		res, err := http.Get("http://" + g.status + "/readyz")
		if err != nil {
			continue
		}
		res.Body.Close()
		if res.StatusCode == http.StatusOK {
			return
		}
	}
	g.rig.Fatalf("headgate does not become ready:\n%s", g.lastWords())
}

// lastWords returns the end of the log.
func (g *gate) lastWords() string {
	const most = 3000
	text, err := os.ReadFile(g.log)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-most):])
}

// methods counts how often the proxy was changed in which way, as the metrics tell it.
type methods struct{ reload, runtime, failed int }

func (g *gate) methods() methods {
	res, err := http.Get("http://" + g.status + "/metrics")
	g.rig.Must(err)
	defer res.Body.Close()
	var m methods
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		labels, value, _ := strings.Cut(lines.Text(), "} ")
		if !strings.HasPrefix(labels, "headgate_reloads_total{") {
			continue
		}
		n, err := strconv.Atoi(value)
		g.rig.Must(err)
		switch {
		case strings.Contains(labels, `result="failed"`):
			m.failed += n
		case strings.Contains(labels, `method="reload"`):
			m.reload += n
		case strings.Contains(labels, `method="runtime"`):
			m.runtime += n
		}
	}
	return m
}

// since is what has happened after an earlier count.
func (m methods) since(earlier methods) methods {
	return methods{m.reload - earlier.reload, m.runtime - earlier.runtime, m.failed - earlier.failed}
}

func (m methods) String() string {
	return fmt.Sprintf("%d reloads, %d without a reload, %d failed", m.reload, m.runtime, m.failed)
}

// answer asks on a connection of its own and returns what came: the status, and which pod answered.
func (g *gate) answer(host, path string) (status int, pod string) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+g.http+path, http.NoBody)
	g.rig.Must(err)
	req.Host = host
	req.Close = true
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err.Error()
	}
	return res.StatusCode, strings.TrimSpace(string(body))
}

// effectTimeout bounds the wait for a change to show.
const effectTimeout = 30 * time.Second

// await asks again and again until the answer is right, and returns how long after start that was.
func (g *gate) await(start time.Time, right func() bool) time.Duration {
	for {
		good := right()
		took := time.Since(start)
		if good {
			return took
		}
		if took > effectTimeout {
			g.rig.Fatalf("a change is not in effect after %s:\n%s", effectTimeout, g.lastWords())
		}
		time.Sleep(2 * time.Millisecond)
	}
}
