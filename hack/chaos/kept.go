package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/headgate/headgate/hack/rig"
)

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

// watchHealth ends a process that is not well three times in a row, as a liveness probe does.
func (k *kept) watchHealth(well func() bool) {
	const every, patience = time.Second, 3
	for sick := 0; ; time.Sleep(every) {
		select {
		case <-k.ended:
			return
		default:
		}
		if well() {
			sick = 0
			continue
		}
		if sick++; sick == patience {
			fmt.Fprintln(k.log, "chaos: the liveness probe failed three times; restarting")
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
