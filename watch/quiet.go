package watch

import (
	"context"
	"log/slog"
)

// quiet passes on what client-go logs for those who debug. What users must hear about a connection, [Cluster] says itself and once.
type quiet struct{ slog.Handler }

// Enabled asks whether debugging is on, whatever the level of the record.
func (q quiet) Enabled(ctx context.Context, _ slog.Level) bool {
	return q.Handler.Enabled(ctx, slog.LevelDebug)
}

// Handle writes the record at the debug level, if that is on: errors come here without anybody having asked Enabled.
func (q quiet) Handle(ctx context.Context, record slog.Record) error {
	if !q.Enabled(ctx, record.Level) {
		return nil
	}
	record.Level = slog.LevelDebug
	return q.Handler.Handle(ctx, record)
}

// WithAttrs keeps the records quiet.
func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(attrs)} }

// WithGroup keeps the records quiet.
func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name)} }
