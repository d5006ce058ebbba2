package main

import (
	"fmt"
	"net"
	"syscall"
	"time"
)

const repeats = 3

func (s *scene) killHeadgate() string {
	for range repeats {
		s.rest(2 * time.Second)
		s.signal(syscall.SIGKILL, s.edge.headgate.pid())
	}
	return ""
}

func (s *scene) killProxy() string {
	for range repeats {
		s.rest(2 * time.Second)
		if pids := s.edge.proxyPIDs(); len(pids) > 0 {
			s.signal(syscall.SIGKILL, pids[0])
		}
	}
	return ""
}

func (s *scene) killWorker() string {
	for range repeats {
		s.rest(time.Second)
		if pids := s.edge.proxyPIDs(); len(pids) > 1 {
			s.signal(syscall.SIGKILL, pids[1+s.random.IntN(len(pids)-1)])
		}
	}
	return ""
}

func (s *scene) stopHeadgate() string {
	s.rest(time.Second)
	pid := s.edge.headgate.pid()
	s.signal(syscall.SIGSTOP, pid)
	time.Sleep(5 * time.Second)
	s.signal(syscall.SIGCONT, pid)
	return ""
}

// endHeadgate ends headgate in good order, each time a moment after a change, and waits until it is back.
func (s *scene) endHeadgate() string {
	for i := range repeats {
		host := fmt.Sprintf("end%d.example", i)
		s.put(host, "10.244.6.1")
		s.rest(300 * time.Millisecond)
		s.signal(syscall.SIGTERM, s.edge.headgate.pid())
		s.await("after an end of headgate", host)
	}
	return ""
}

// killAll leaves everything that a crash of the machine leaves.
func (s *scene) killAll() string {
	for range repeats {
		s.rest(time.Second)
		s.edge.kill()
		s.proveRecovery()
	}
	return ""
}

// killAllBusy has others take the port before anything is back.
func (s *scene) killAllBusy() string {
	s.rest(time.Second)
	s.edge.kill()
	for end := time.Now().Add(recoveryTimeout); time.Now().Before(end); time.Sleep(time.Millisecond) {
		listener, err := net.Listen("tcp", s.edge.http)
		if err != nil {
			continue // the last of them has not ended yet, or headgate is back already
		}
		time.Sleep(3 * time.Second)
		s.Must(listener.Close())
		return ""
	}
	return "the port was never free"
}

// startAmidChanges switches the link to the configuration again and again while the proxy starts. Whatever it has read, it has to serve
// what is right in the end.
func (s *scene) startAmidChanges() string {
	for round := range repeats {
		if pids := s.edge.proxyPIDs(); len(pids) > 0 {
			s.signal(syscall.SIGKILL, pids[0])
		}
		for i := range 30 {
			s.put(fmt.Sprintf("amid%d.example", i%7), movingPods[(i+round)%len(movingPods)])
			s.rest(100 * time.Millisecond)
		}
	}
	return ""
}

// stopProxy makes a change come too late, and no other one after it: a configuration that was condemned for that would never be served.
func (s *scene) stopProxy() string { return s.late(s.edge.proxyPIDs()) }

// stopMaster does the same to a proxy that goes on serving.
func (s *scene) stopMaster() string { return s.late(s.edge.proxyPIDs()[:1]) }

// late stops processes of the proxy while they would have to take over a change.
func (s *scene) late(pids []int) string {
	s.rest(time.Second)
	s.changing.Lock()
	defer s.changing.Unlock()
	s.signal(syscall.SIGSTOP, pids...)
	s.source.Put("late", s.site("late.example", "10.244.6.1"))
	time.Sleep(3 * confirmTimeout)
	s.signal(syscall.SIGCONT, pids...)
	s.await("after the stop", "late.example")
	return ""
}

// stopWorkers stops one worker after the other. What it has accepted waits, and goes on afterwards.
func (s *scene) stopWorkers() string {
	for _, pid := range s.edge.proxyPIDs()[1:] {
		s.signal(syscall.SIGSTOP, pid)
		time.Sleep(2 * time.Second)
		s.signal(syscall.SIGCONT, pid)
	}
	return ""
}

// signal sends a signal to processes, some of which may have ended.
func (s *scene) signal(signal syscall.Signal, pids ...int) {
	for _, pid := range pids {
		_ = syscall.Kill(pid, signal)
	}
}
