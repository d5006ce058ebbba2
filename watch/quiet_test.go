package watch

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/go-logr/logr"
)

// Errors pass by Enabled on their way through logr, and must not come out as debug lines in a log of another level.
func TestClientErrorsAreForThoseWhoDebug(t *testing.T) {
	for level, want := range map[slog.Level]int{slog.LevelInfo: 0, slog.LevelError: 0, slog.LevelDebug: 2} {
		var out bytes.Buffer
		handler := slog.NewTextHandler(&out, &slog.HandlerOptions{Level: level})
		log := logr.FromSlogHandler(quiet{handler})
		log.Error(errors.New("EOF"), "watch failed")
		log.Info("reconnecting")
		if got := strings.Count(out.String(), "level=DEBUG"); got != want || strings.Count(out.String(), "\n") != want {
			t.Errorf("at level %s %d debug lines come out, want %d:\n%s", level, got, want, out.String())
		}
	}
}
