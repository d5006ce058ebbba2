package main

import (
	"context"
	"io"
	"log/slog"

	"github.com/headgate/headgate/diag"
)

// newLogger makes the log of run. What it says is constant text with values beside it.
func newLogger(w io.Writer, format, level string) *slog.Logger {
	var threshold slog.Level
	_ = threshold.UnmarshalText([]byte(level)) // the flag takes known levels only
	opts := &slog.HandlerOptions{Level: threshold}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}

// remarkLog logs each diagnostic when it appears and when it has gone, not each time that it is made anew.
type remarkLog struct {
	log   *slog.Logger
	known map[diag.Diagnostic]bool
}

// update logs what is different from the last time.
func (l *remarkLog) update(list diag.List) {
	now := make(map[diag.Diagnostic]bool, len(list))
	for _, d := range list {
		if !l.known[d] && !now[d] {
			l.log.LogAttrs(context.Background(), levelOf(d.Severity), "diagnostic", attributes(d)...)
		}
		now[d] = true
	}
	for d := range l.known {
		if !now[d] {
			l.log.LogAttrs(context.Background(), slog.LevelInfo, "diagnostic gone", attributes(d)...)
		}
	}
	l.known = now
}

func levelOf(s diag.Severity) slog.Level {
	switch s {
	case diag.Info:
		return slog.LevelInfo
	case diag.Warning:
		return slog.LevelWarn
	default:
		return slog.LevelError
	}
}

func attributes(d diag.Diagnostic) []slog.Attr {
	attrs := []slog.Attr{slog.String("code", d.Code.String()), slog.String("text", d.Message)}
	for _, a := range []slog.Attr{
		slog.String("place", d.Pos.String()), slog.String("object", d.Ref.String()), slog.String("key", d.Key), slog.String("hint", d.Hint),
	} {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	return attrs
}
