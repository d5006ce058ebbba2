package netns

import (
	"net"
	"os"
	"testing"
)

func TestMain(m *testing.M) { os.Exit(Main(m)) }

func TestAddressesAreLocal(t *testing.T) {
	Require(t)
	for _, address := range []string{"10.244.3.7:80", "10.96.0.10:443", "127.0.0.1:80"} {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			t.Errorf("listening: %v", err)
			continue
		}
		defer listener.Close()
		connection, err := net.Dial("tcp", address)
		if err != nil {
			t.Errorf("connecting: %v", err)
			continue
		}
		connection.Close()
	}
	// Without IPv6, or where it may not be set up, the file is missing or holds 0.
	if allowed, err := os.ReadFile("/proc/sys/net/ipv6/ip_nonlocal_bind"); err == nil && string(allowed) == "1\n" {
		listener, err := net.Listen("tcp", "[fd00:10:244::7]:80")
		if err != nil {
			t.Fatalf("listening with IPv6: %v", err)
		}
		listener.Close()
	}
	if connection, err := net.Dial("tcp", "192.0.2.1:80"); err == nil {
		connection.Close()
		t.Error("there is a way out of the namespace")
	}
}
