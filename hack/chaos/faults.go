package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/headgate/headgate/hack/rig"
)

// fault is a kind of harm.
type fault struct {
	name, about string
	// only is the one mode that it makes sense in, or "".
	only string
	// kube says that it is about the API server.
	kube bool
	// proxyEnds says that the harm ends the proxy, beside headgate or below it; childEnds that it does so where the proxy is a child.
	proxyEnds, childEnds bool
	// do does the harm, and what an operator would do to end it. It returns why it could not, or "".
	do func(*scene) string
}

// ends reports whether requests may be lost, because the proxy ends.
func (f fault) ends(at setup) bool { return f.proxyEnds || f.childEnds && at.mode == child }

func (f fault) source() string {
	if f.kube {
		return "kube"
	}
	return "files"
}

// faults are all kinds of harm.
var faults = []fault{
	{name: "nothing", about: "no harm: what follows is held against it", do: func(s *scene) string { time.Sleep(2 * time.Second); return "" }},
	{name: "kill-headgate", about: "SIGKILL of headgate at random moments", childEnds: true, do: (*scene).killHeadgate},
	{name: "kill-proxy", about: "SIGKILL of the proxy's first process at random moments", proxyEnds: true, do: (*scene).killProxy},
	{name: "kill-worker", about: "SIGKILL of a worker of the proxy at random moments", proxyEnds: true, do: (*scene).killWorker},
	{name: "stop-headgate", about: "SIGSTOP of headgate for 5 s", do: (*scene).stopHeadgate},
	{name: "stop-proxy", about: "SIGSTOP of all processes of the proxy for longer than --confirm-timeout", do: (*scene).stopProxy},
	{name: "disk-full", about: "no space left where the work dir is", do: (*scene).fillDisk},
	{name: "remove-sockets", about: "all sockets of the work dir are removed", do: (*scene).removeSockets},
	{name: "remove-current", about: "the link to the configuration in place is removed", do: (*scene).removeCurrent},
	{name: "remove-work-dir", about: "the whole work dir is removed", childEnds: true, do: (*scene).removeWorkDir},
	{name: "slow-write", about: "manifests are written in place over 3 s", do: (*scene).writeSlowly},
	{name: "empty-file", about: "manifests are emptied for 2 s", do: (*scene).emptyFiles},
	{name: "busy-log", about: "nobody reads what headgate logs", only: sidecar, do: (*scene).blockLog},
	{name: "two-headgates", about: "a second headgate on the same work dir, and one on the same ports", do: (*scene).startSecond},
	{name: "api-hangs", about: "the API server takes requests and answers nothing", kube: true, do: apiFault(hangs)},
	{name: "api-closes", about: "the API server closes every connection", kube: true, do: apiFault(closes)},
	{name: "api-429", about: "the API server answers 429", kube: true, do: apiFault(429)},
	{name: "api-403", about: "the API server answers 403", kube: true, do: apiFault(403)},
	{name: "api-410", about: "the API server answers 410", kube: true, do: apiFault(410)},
	{name: "api-500", about: "the API server answers 500", kube: true, do: apiFault(500)},
}

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

// stopProxy makes a change come too late, and no other one after it: a configuration that was condemned for that would never be served.
func (s *scene) stopProxy() string {
	s.rest(time.Second)
	s.changing.Lock()
	defer s.changing.Unlock()
	pids := s.edge.proxyPIDs()
	s.signal(syscall.SIGSTOP, pids...)
	s.source.Put("late", site("late.example", "10.244.6.1"))
	time.Sleep(3 * confirmTimeout)
	s.signal(syscall.SIGCONT, pids...)
	s.await("after the stop", "late.example")
	return ""
}

// signal sends a signal to processes, some of which may have ended.
func (s *scene) signal(signal syscall.Signal, pids ...int) {
	for _, pid := range pids {
		_ = syscall.Kill(pid, signal)
	}
}

// fillDisk puts a small file system over the generations, where headgate writes, and fills it.
func (s *scene) fillDisk() string {
	dir := filepath.Join(s.edge.workDir, "generations")
	old := filepath.Join(s.TempDir(), "old")
	if out, err := exec.Command("cp", "-a", dir, old).CombinedOutput(); err != nil {
		s.Fatalf("copying %s: %v: %s", dir, err, out)
	}
	if err := syscall.Mount("chaos", dir, "tmpfs", 0, "size=4m,mode=700"); err != nil {
		return fmt.Sprintf("no file system can be mounted: %v", err)
	}
	s.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	if out, err := exec.Command("cp", "-a", old+"/.", dir).CombinedOutput(); err != nil {
		s.Fatalf("copying %s: %v: %s", old, err, out)
	}
	filler := filepath.Join(dir, ".filler")
	file, err := os.Create(filler)
	s.Must(err)
	defer file.Close()
	for block := make([]byte, 64<<10); ; {
		if _, err := file.Write(block); err != nil {
			break
		}
	}
	time.Sleep(3 * time.Second)
	s.Must(os.Remove(filler))
	return ""
}

func (s *scene) removeSockets() string {
	sockets, err := filepath.Glob(filepath.Join(s.edge.workDir, "run", "*.sock"))
	s.Must(err)
	if len(sockets) == 0 {
		s.Fatalf("there are no sockets in the work dir")
	}
	for _, socket := range sockets {
		s.rest(time.Second)
		_ = os.Remove(socket) // headgate may have made it anew
	}
	time.Sleep(2 * time.Second)
	return ""
}

func (s *scene) removeCurrent() string {
	s.rest(time.Second)
	s.Must(os.Remove(filepath.Join(s.edge.workDir, "current")))
	time.Sleep(2 * time.Second)
	return ""
}

// removeWorkDir empties the folder of the work dir; the folder itself is a mount point in a Pod.
func (s *scene) removeWorkDir() string {
	s.rest(time.Second)
	entries, err := os.ReadDir(s.edge.workDir)
	s.Must(err)
	for _, e := range entries {
		_ = os.RemoveAll(filepath.Join(s.edge.workDir, e.Name())) // headgate may be writing there
	}
	time.Sleep(2 * time.Second)
	return ""
}

// manifests are the files of the hosts that clients ask, with what they hold.
func (s *scene) manifests() map[string][]byte {
	files := map[string][]byte{}
	for host := range hosts {
		path := s.source.(*rig.Folder).Path(host)
		data, err := os.ReadFile(path)
		s.Must(err)
		files[path] = data
	}
	return files
}

// writeSlowly writes the manifests again as a slow program does: from the beginning, in pieces.
func (s *scene) writeSlowly() string {
	for path, data := range s.manifests() {
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
		s.Must(err)
		for piece := range slices.Chunk(data, len(data)/15+1) {
			_, err := file.Write(piece)
			s.Must(err)
			time.Sleep(200 * time.Millisecond)
		}
		s.Must(file.Close())
	}
	return ""
}

func (s *scene) emptyFiles() string {
	files := s.manifests()
	for path := range files {
		s.Must(os.Truncate(path, 0))
	}
	time.Sleep(2 * time.Second)
	for path, data := range files {
		s.Must(os.WriteFile(path, data, 0o600))
	}
	return ""
}

// blockLog starts headgate anew with a log that nobody reads, lets it have much to say, and sees whether changes come through.
func (s *scene) blockLog() string {
	return s.edge.withBlockedLog(func() {
		for i := range 400 {
			name := fmt.Sprintf("noise%d", i)
			s.changing.Lock()
			s.source.Put(name, fmt.Sprintf("apiVersion: v1\nkind: Noise%d\nmetadata: {name: %s}\n---\n{a: [\n", i, name))
			s.changing.Unlock()
		}
		time.Sleep(2 * time.Second)
		s.proveRecovery()
	})
}

// startSecond starts a headgate that wants what the first one has.
func (s *scene) startSecond() string {
	for _, workDir := range []string{s.edge.workDir, filepath.Join(s.TempDir(), "w")} {
		args := []string{
			"run", "--proxy=" + s.setup.proxy, "--proxy-bin=" + s.setup.binary.Path, "--work-dir=" + workDir,
			fmt.Sprintf("--http-port=%d", httpPort), fmt.Sprintf("--https-port=%d", httpsPort), "--status-address=", "--stop-timeout=1s",
		}
		second := command(s.edge.binary, append(args, s.flags()...))
		s.Must(second.Start())
		ended := make(chan struct{})
		go func() {
			_ = second.Wait() // how it ends is its own matter
			close(ended)
		}()
		select {
		case <-ended:
		case <-time.After(4 * time.Second):
			_ = second.Process.Signal(syscall.SIGTERM) // it may have ended
			<-ended
		}
	}
	return ""
}
