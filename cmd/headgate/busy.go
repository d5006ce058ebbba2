package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
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
	// proxy is what listens on the ports.
	proxy applier
	// note is the file that tells the next Headgate which ports the proxy holds: it may go on serving without this one.
	note string
	log  *slog.Logger
	// held are the ports of the last Config that came to the proxy, offered those of the newest. listening is whether the proxy can be
	// the one who holds a port now.
	held, offered []string
	listening     bool
}

// heldPortsFile is where a work dir notes the ports that its proxy holds, one a line.
const heldPortsFile = "ports"

// newPortGuard reads what an earlier Headgate has noted in a work dir.
func newPortGuard(proxy applier, workDir string, log *slog.Logger) (*portGuard, error) {
	g := &portGuard{proxy: proxy, note: filepath.Join(workDir, heldPortsFile), log: log}
	data, err := os.ReadFile(g.note)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading which ports the proxy holds: %w", err)
	}
	g.held = strings.Split(strings.TrimSpace(string(data)), "\n")
	return g, nil
}

// look finds out whether the proxy listens, before a Config is made for it.
func (g *portGuard) look(ctx context.Context) { g.listening = g.proxy.Listens(ctx) }

// leaveOut returns the streams that can be listened on, and what there is to say about the others.
func (g *portGuard) leaveOut(l *model.Listen, streams []model.Stream) ([]model.Stream, diag.List) {
	var remarks diag.List
	g.offered = nil
	free := slices.DeleteFunc(slices.Clone(streams), func(s model.Stream) bool {
		name := fmt.Sprintf("%s %d", s.Protocol, s.Port)
		if address, busy := busyAddress(l, &s); busy && !(g.listening && slices.Contains(g.held, name)) {
			remarks.Add(diag.PortBusy.At(s.From.Pos, s.From.Ref, s.From.Path,
				"%s port %d is held by another process (%s); it is not opened, and tried again every %s", s.Protocol, s.Port, address, busyRetry))
			return true
		}
		g.offered = append(g.offered, name)
		return false
	})
	return free, remarks
}

// served notes that the newest Config has come to the proxy.
func (g *portGuard) served() {
	if slices.Equal(g.held, g.offered) {
		return
	}
	g.held = g.offered
	if err := replaceFile(g.note, []byte(strings.Join(g.held, "\n")), 0o644); err != nil {
		g.log.Warn("cannot persist the list of open ports; after a restart they may be reported as in use", "error", err)
	}
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
