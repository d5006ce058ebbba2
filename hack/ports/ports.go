// Package ports gives tests ports for the proxies that they start.
package ports

import (
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
	blocks = 40
	size   = 500
)

// T is what a test is to this package; *testing.T is one.
type T interface {
	Helper()
	Fatal(args ...any)
}

// block is the ports of this process.
var block struct {
	sync.Mutex
	lock  *os.File // held until the process ends
	start int
	next  int
}

// Free returns a port that nobody listens to, over TCP or UDP. No other test is given it for a while, in this process or in another.
func Free(t T) int {
	t.Helper()
	block.Lock()
	defer block.Unlock()
	if block.lock == nil {
		if err := takeBlock(); err != nil {
			t.Fatal(err)
		}
	}
	for range size {
		port := block.start + block.next%size
		block.next++
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
			block.lock, block.start = lock, first+i*size
			return nil
		}
		if err := lock.Close(); err != nil {
			return err
		}
	}
	return fmt.Errorf("%d other processes test at the same time", blocks)
}

func isFree(port int) bool {
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
