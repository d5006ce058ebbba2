package reload

import (
	"errors"
	"net/netip"

	"golang.org/x/sys/unix"
)

// PortBusy reports whether another process holds a port, so that a proxy could not listen on it. The network is "tcp" or "udp". The port
// is bound for a moment but never listened on: no client can get in between. Whatever else keeps a port from being bound, missing rights
// above all, may be different for the proxy and does not count.
func PortBusy(network string, address netip.AddrPort) bool {
	kind := unix.SOCK_STREAM
	if network == "udp" {
		kind = unix.SOCK_DGRAM
	}
	return errors.Is(tryBind(kind, address), unix.EADDRINUSE)
}

// AddressMissing reports whether this machine does not have an address, so that a proxy could not listen on any port of it.
func AddressMissing(address netip.Addr) bool {
	err := tryBind(unix.SOCK_STREAM, netip.AddrPortFrom(address, 0))
	return errors.Is(err, unix.EADDRNOTAVAIL) || errors.Is(err, unix.EAFNOSUPPORT)
}

// tryBind binds a socket of a kind to an address for a moment.
func tryBind(kind int, address netip.AddrPort) error {
	family := unix.AF_INET
	if address.Addr().Is6() {
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, kind|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if kind == unix.SOCK_STREAM {
		// Connections that were closed a moment ago do not count.
		err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	}
	if err == nil && family == unix.AF_INET6 {
		err = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1)
	}
	if err == nil {
		err = unix.Bind(fd, socketAddress(address))
	}
	return err
}

func socketAddress(address netip.AddrPort) unix.Sockaddr {
	if address.Addr().Is6() {
		return &unix.SockaddrInet6{Port: int(address.Port()), Addr: address.Addr().As16()}
	}
	return &unix.SockaddrInet4{Port: int(address.Port()), Addr: address.Addr().Unmap().As4()}
}
