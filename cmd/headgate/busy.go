package main

import (
	"net/netip"
	"slices"
	"time"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/reload"
)

// busyRetry is how long a port that somebody else holds is left alone.
const busyRetry = 10 * time.Second

// portGuard leaves out the TCP and UDP ports that another process holds. A proxy that cannot listen on one of its ports takes over nothing
// of a configuration: one entry would hold back everything.
type portGuard struct {
	// adopts says that the proxy may have served before Headgate started, so that ports that are held may be its own.
	adopts bool
	// offered are the streams of the last Config, held those of the last that came to the proxy. It is known what the proxy holds once
	// one has come there.
	offered, held []model.Stream
	known         bool
}

// leaveOut removes what cannot be listened on.
func (g *portGuard) leaveOut(cfg *model.Config) diag.List {
	var remarks diag.List
	if g.known || !g.adopts {
		cfg.Streams = slices.DeleteFunc(cfg.Streams, func(s model.Stream) bool {
			address, busy := busyAddress(&cfg.Global.Listen, &s)
			if !busy || g.holds(&s) {
				return false
			}
			remarks.Add(diag.PortBusy.At(s.From.Pos, s.From.Ref, s.From.Path,
				"%s port %d is held by another process (%s); it is not opened, and tried again every %s", s.Protocol, s.Port, address, busyRetry))
			return true
		})
	}
	g.offered = slices.Clone(cfg.Streams)
	return remarks
}

// holds reports whether it is the proxy itself that holds the port.
func (g *portGuard) holds(s *model.Stream) bool {
	return slices.ContainsFunc(g.held, func(old model.Stream) bool { return old.Protocol == s.Protocol && old.Port == s.Port })
}

// served notes that the last Config has come to the proxy.
func (g *portGuard) served() { g.held, g.known = g.offered, true }

// busyAddress finds an address that a stream cannot listen on.
func busyAddress(l *model.Listen, s *model.Stream) (netip.AddrPort, bool) {
	for _, addr := range l.All() {
		address := netip.AddrPortFrom(addr, uint16(s.Port))
		if reload.PortBusy(s.Protocol.String(), address) {
			return address, true
		}
	}
	return netip.AddrPort{}, false
}
