package main

import (
	"io"
	"log/slog"
)

// logs are what run writes: its own log with that of the proxy, and the proxy's access log.
type logs struct {
	log         *slog.Logger
	own, access *sink
}

// newLogs makes the logs. Lines that had to be dropped are told of in the log itself.
func newLogs(stdout, stderr io.Writer, flags *runFlags) *logs {
	direct := newLogger(stderr, flags.serve.logFormat, flags.serve.logLevel)
	own := newSink(stderr, logBuffer, func(lines int64) {
		direct.Error("lines of this log were dropped because nobody read it", "lines", lines)
	})
	log := newLogger(own, flags.serve.logFormat, flags.serve.logLevel)
	access := newSink(stdout, accessBuffer, func(lines int64) {
		log.Error("lines on standard output were dropped because nobody read it", "lines", lines)
	})
	return &logs{log: log, own: own, access: access}
}

// close writes what is left.
func (l *logs) close() {
	l.access.close()
	l.own.close()
}
