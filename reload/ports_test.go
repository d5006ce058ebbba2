package reload

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"testing"

	"github.com/headgate/headgate/hack/ports"
)

func TestPortBusy(t *testing.T) {
	for _, c := range []struct{ network, held, asked string }{
		{"tcp", "127.0.0.1", "127.0.0.1"},
		{"tcp", "127.0.0.1", "0.0.0.0"},
		{"tcp", "0.0.0.0", "127.0.0.1"},
		{"udp", "127.0.0.1", "0.0.0.0"},
		{"tcp", "::1", "::"},
		{"udp", "::1", "::1"},
	} {
		t.Run(c.network+" "+c.held+" "+c.asked, func(t *testing.T) {
			release, port := hold(t, c.network, c.held)
			asked := netip.AddrPortFrom(netip.MustParseAddr(c.asked), port)
			if !PortBusy(c.network, asked) {
				t.Errorf("%s counts as free", asked)
			}
			other := map[string]string{"tcp": "udp", "udp": "tcp"}[c.network]
			if PortBusy(other, asked) {
				t.Errorf("%s counts as busy for %s", asked, other)
			}
			release()
			if PortBusy(c.network, asked) {
				t.Errorf("%s counts as busy after its release", asked)
			}
		})
	}
}

// hold takes a port and returns what gives it back.
func hold(t *testing.T, network, address string) (release func(), port uint16) {
	t.Helper()
	// Neither protocol may lose the port to somebody's outgoing connection.
	at := net.JoinHostPort(address, strconv.Itoa(ports.Free(t)))
	if network == "udp" {
		conn, err := net.ListenPacket(network, at)
		if err != nil {
			t.Skip(err)
		}
		return func() { _ = conn.Close() }, uint16(conn.LocalAddr().(*net.UDPAddr).Port)
	}
	listener, err := net.Listen(network, at)
	if err != nil {
		t.Skip(err)
	}
	return func() { _ = listener.Close() }, uint16(listener.Addr().(*net.TCPAddr).Port)
}

// TestClosedConnectionsDoNotKeepAPortBusy leaves connections in TIME_WAIT on the port.
func TestClosedConnectionsDoNotKeepAPortBusy(t *testing.T) {
	release, port := hold(t, "tcp", "127.0.0.1")
	listener, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	release()
	_ = listener.Close()
	if PortBusy("tcp", netip.MustParseAddrPort(fmt.Sprintf("127.0.0.1:%d", port))) {
		t.Error("the port counts as busy")
	}
}
