package headgate_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// patience is how long a test waits for what must come. A slow machine may need a good part of it.
const patience = time.Minute

// sockets are the lines of a table of the kernel, of TCP sockets over IPv4 or IPv6, as fields. Sockets that listen stand first.
func sockets(table string, each func(fields []string) (more bool)) {
	file, err := os.Open("/proc/net/" + table)
	if err != nil {
		return
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Scan() // the heading
	for lines.Scan() && each(strings.Fields(lines.Text())) {
	}
}

// listening are the sockets that take connections, as a process's descriptors name them, with their ports.
func listening() map[string]int {
	found := map[string]int{}
	for _, table := range []string{"tcp", "tcp6"} {
		sockets(table, func(fields []string) bool {
			const listen = "0A"
			if len(fields) < 10 || fields[3] != listen {
				return false
			}
			port, _ := strconv.ParseUint(fields[1][strings.IndexByte(fields[1], ':')+1:], 16, 16)
			found["socket:["+fields[9]+"]"] = int(port)
			return true
		})
	}
	return found
}

// listeningOn are the ports that a process takes connections on.
func listeningOn(pid int, listening map[string]int) (ports []int) {
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	descriptors, _ := os.ReadDir(dir)
	for _, d := range descriptors {
		target, _ := os.Readlink(filepath.Join(dir, d.Name()))
		if port, ok := listening[target]; ok {
			ports = append(ports, port)
		}
	}
	return ports
}

// acceptors are the worker processes that take connections on a port: those that do, but for their master.
func acceptors(port int) (workers []int) {
	all := listening()
	entries, _ := os.ReadDir("/proc")
	parents := map[int]bool{}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err == nil && slices.Contains(listeningOn(pid, all), port) {
			workers = append(workers, pid)
			parents[parentOf(pid)] = true
		}
	}
	return slices.DeleteFunc(workers, func(pid int) bool { return parents[pid] })
}

func parentOf(pid int) int {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	fields := strings.Fields(string(status[bytes.LastIndexByte(status, ')')+1:]))
	if len(fields) < 2 {
		return 0
	}
	parent, _ := strconv.Atoi(fields[1])
	return parent
}

// awaitRetreat waits until workers of before a reload take no more connections: new ones serve for a while beside them.
func awaitRetreat(t *testing.T, workers []int) {
	t.Helper()
	eventually(t, "the workers of before the reload take no more connections", func() bool {
		all := listening()
		return !slices.ContainsFunc(workers, func(pid int) bool { return len(listeningOn(pid, all)) > 0 })
	})
}

// awaitRead waits until the process at the other end of a connection over 127.0.0.1 has read all that was sent.
func awaitRead(t *testing.T, conn net.Conn) {
	t.Helper()
	near, far := conn.LocalAddr().(*net.TCPAddr).Port, conn.RemoteAddr().(*net.TCPAddr).Port
	from, to := fmt.Sprintf(":%04X", far), fmt.Sprintf(":%04X", near)
	eventually(t, "what was sent is read", func() bool {
		unread := false
		sockets("tcp", func(fields []string) bool {
			if len(fields) > 4 && strings.HasSuffix(fields[1], from) && strings.HasSuffix(fields[2], to) {
				unread = !strings.HasSuffix(fields[4], ":00000000")
				return false
			}
			return true
		})
		return !unread
	})
}
