// Package ports gives tests ports for the proxies that they start.
package ports

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// Ports are taken from below those that the system gives to outgoing connections: a port is not listened to for a while after a test
// was given it, and must not become the end of somebody's connection meanwhile.
const (
	first  = 12000
	blocks = 80
	size   = 250
)

// T is what a test is to this package; *testing.T is one.
type T interface {
	Helper()
	Fatal(args ...any)
}

// pool is the ports of this process.
var pool struct {
	sync.Mutex
	locks []*os.File // held until the process ends
	ports []int
	next  int
}

// Free returns a port that nobody listens to, over TCP or UDP. No other test is given it, in this process or in another, unless all
// ports have been given: what has it may listen to it now and then only.
func Free(t T) int {
	t.Helper()
	pool.Lock()
	defer pool.Unlock()
	for range blocks * size {
		if pool.next == len(pool.ports) {
			if err := takeBlock(); err != nil && len(pool.ports) == 0 {
				t.Fatal(err)
			}
			pool.next %= len(pool.ports)
		}
		port := pool.ports[pool.next]
		pool.next++
		if isFree(port) {
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

// takeBlock takes a block that no other process has: go test runs the tests of several packages at the same time, and to look whether
// a port is free would be in the way of a test that has just been given it.
func takeBlock() error {
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("headgate-test-ports-%d", os.Getuid()))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for i := range blocks {
		lock, err := os.OpenFile(filepath.Join(dir, fmt.Sprint(i)), os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return err
		}
		if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
			pool.locks = append(pool.locks, lock)
			for port := first + i*size; port < first+(i+1)*size; port++ {
				pool.ports = append(pool.ports, port)
			}
			return nil
		}
		if err := lock.Close(); err != nil {
			return err
		}
	}
	return errors.New("other processes that test at the same time have all ports")
}

func isFree(port int) bool {
	// A process that somebody starts meanwhile has our sockets until it has become its program, and the port stays in use that long.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	address := fmt.Sprintf(":%d", port)
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return false
	}
	defer listener.Close()
	conn, err := net.ListenPacket("udp", address)
	if err != nil {
		return false
	}
	return conn.Close() == nil
}
