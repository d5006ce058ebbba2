package main

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/headgate/headgate/reload"
	"github.com/headgate/headgate/watch"
)

// health is what /healthz and /readyz answer.
type health struct {
	source func() watch.State
	proxy  func() reload.Status
	// signs are the parts that show signs of life, by name, and how long they may show none.
	signs   map[string]func() time.Time
	silence time.Duration
}

// maxSilence is how long a part may show no sign of life, besides the time that the proxy's own check may take. It does so every few
// seconds, but a slow disk or a machine that is short of everything must not end a headgate whose proxy serves.
const maxSilence = 3 * time.Minute

// unhealthy says why a restart is better than to go on; empty means that it is not.
func (h health) unhealthy(now time.Time) string {
	if fault := h.proxy().Fault; fault != nil {
		return fault.Error()
	}
	for name, sign := range h.signs {
		if silent := now.Sub(sign()); silent > h.silence {
			return fmt.Sprintf("the %s does not go on: no sign of life for %s", name, silent.Round(time.Second))
		}
	}
	return ""
}

// unready says why traffic should not come yet; empty means that it should. A source that was lost later on, or a newer configuration
// that was rejected, does not count: the last good one is serving.
func (h health) unready() string {
	if source := h.source(); !source.Synced {
		if source.Problem != "" {
			return "the input has not been read yet: " + source.Problem
		}
		return "the input has not been read yet"
	}
	if proxy := h.proxy(); !proxy.Ready {
		return fmt.Sprintf("the proxy serves no confirmed configuration (%s); the log says why", proxy.State)
	}
	return ""
}

// pulse is the sign of life of something that works in one goroutine.
type pulse struct{ last atomic.Int64 }

// beat shows a sign of life.
func (p *pulse) beat() { p.last.Store(time.Now().UnixNano()) }

// rest says that the work is done, or that of another part has to be waited for: there is nothing that could be stuck.
func (p *pulse) rest() { p.last.Store(0) }

// sign is when the last sign of life was shown, or now while there is no work.
func (p *pulse) sign() time.Time {
	if last := p.last.Load(); last != 0 {
		return time.Unix(0, last)
	}
	return time.Now()
}
