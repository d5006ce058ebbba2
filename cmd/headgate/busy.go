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
}

// leaveOut removes what cannot be listened on. Served is what the proxy serves now, nil if that is not known.
func (g portGuard) leaveOut(cfg, served *model.Config) diag.List {
	if served == nil && g.adopts {
		return nil
	}
	var remarks diag.List
	cfg.Streams = slices.DeleteFunc(cfg.Streams, func(s model.Stream) bool {
		if served != nil && slices.ContainsFunc(served.Streams, func(old model.Stream) bool { return old.Protocol == s.Protocol && old.Port == s.Port }) {
			return false
		}
		address, busy := busyAddress(&cfg.Global.Listen, &s)
		if busy {
			remarks.Add(diag.PortBusy.At(s.From.Pos, s.From.Ref, s.From.Path,
				"%s port %d is held by another process (%s); it is not opened, and tried again every %s", s.Protocol, s.Port, address, busyRetry))
		}
		return busy
	})
	return remarks
}

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
