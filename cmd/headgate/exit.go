package main

import (
	"errors"
	"fmt"

	"github.com/headgate/headgate/render/engine"
)

// The exit codes are part of the command line: scripts depend on them.
const (
	exitFine     = 0 // nothing to complain about
	exitFindings = 1 // diagnostics at or above --fail-on, or a comparison found a difference
	exitUsage    = 2 // the command line, the environment or the configuration file is wrong
	exitRefused  = 3 // the proxy's own check refused the configuration
	exitIO       = 4 // something could not be read, written, started or reached
)

// exitError ends the command with a code of its own. A nil err means that everything has been said already.
type exitError struct {
	code int
	err  error
}

// Error implements error.
func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

// Unwrap returns the cause.
func (e *exitError) Unwrap() error { return e.err }

// usageError says that the user asked for something that the command line does not know.
func usageError(format string, args ...any) error {
	return &exitError{code: exitUsage, err: fmt.Errorf(format, args...)}
}

// errFindings ends a command that has printed what it found.
var errFindings = &exitError{code: exitFindings}

// exitCode returns the code for an error, and the text to print, if any. A template that asks for what is not there is as wrong as one
// that does not load. What else carries no code of its own is a failure to read, write or reach something.
func exitCode(err error) (int, string) {
	var exit *exitError
	var template *engine.TemplateError
	switch {
	case err == nil:
		return exitFine, ""
	case errors.As(err, &exit):
		if exit.err == nil {
			return exit.code, ""
		}
		return exit.code, exit.err.Error()
	case errors.As(err, &template):
		return exitUsage, err.Error()
	default:
		return exitIO, err.Error()
	}
}
