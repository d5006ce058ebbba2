// Package ports gives tests ports for the proxies that they start.
package ports

import (
	"fmt"
	"net"
	"os"
	"sync/atomic"
)

// next is where Free goes on. Each test process begins somewhere else.
var next atomic.Uint32

// Ports are taken from below those that the system gives to outgoing connections: a port is not listened to for a while after a test
// was given it, and must not become the end of somebody's connection meanwhile.
const first, last = 12000, 32000

// T is what a test is to this package; *testing.T is one.
type T interface {
	Helper()
	Fatal(args ...any)
}

// Free returns a port that nobody listens to, over TCP or UDP, and that no other test of this process was given.
func Free(t T) int {
	t.Helper()
	next.CompareAndSwap(0, uint32(os.Getpid())*131)
	for range last - first {
		port := first + int(next.Add(1))%(last-first)
		if isFree(port) {
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
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
