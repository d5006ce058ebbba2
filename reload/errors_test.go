package reload

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/headgate/headgate/diag"
)

// crowdedProxy has as many old processes as it may have.
type crowdedProxy struct{ Proxy }

func (crowdedProxy) Leftover(context.Context) (Leftover, error) {
	return Leftover{Old: 5, Most: 5, Next: 1}, nil
}
func (crowdedProxy) EndOldest(context.Context, int) (int, error) { return 0, nil }

var _ Leaver = crowdedProxy{}

// TestDiagnostics: each way in which a change can go wrong has a code of its own.
func TestDiagnostics(t *testing.T) {
	for _, c := range []struct {
		name, word string
		absent     bool
		want       diag.CodeInfo
		says       string
	}{
		{"the check refuses", "refuse", false, diag.CheckRefused, "unknown word"},
		{"the check cannot be run", "nocheck", false, diag.ReloadFailed, "no such binary"},
		{"the proxy refuses", "fail", false, diag.ReloadFailed, "no room"},
		{"there is no proxy", "two", true, diag.ProxyUnreachable, "no process"},
		{"the proxy is late", "silent", false, diag.ProxyLate, "is waited for"},
		{"old workers are too many", "two", false, diag.OldWorkers, "5 old workers"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, p, _ := openLate(t)
			p.set(func() { p.absent = c.absent })
			if c.want.Code == diag.OldWorkers.Code {
				a.opts.Proxy, a.opts.OldWorkersWait = crowdedProxy{p}, time.Hour
			}
			_, err := a.Apply(t.Context(), word(c.word), "test")
			if err == nil {
				t.Fatal("no error")
			}
			d := Diagnostic(err)
			if d.Code != c.want.Code || d.Severity != c.want.Severity || !strings.Contains(d.Message, c.says) {
				t.Errorf("%v becomes %v, want %s", err, d, c.want.Code)
			}
		})
	}
}
