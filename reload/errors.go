package reload

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/headgate/headgate/diag"
)

// CheckError means that the proxy's own checker refused a staged tree. Nothing was put in place.
type CheckError struct {
	// Generation is the refused tree's id.
	Generation string
	// Text is what the checker said, trimmed and cut, with paths relative to the tree.
	Text string
	// Pos is the place that the checker named, with a file relative to the tree; it is zero if it named none.
	Pos diag.Pos
}

// Error implements error.
func (e *CheckError) Error() string {
	return fmt.Sprintf("the proxy's check refused the configuration, which was not put in place: %s", e.Text)
}

// ReloadError means that the proxy did not take over a generation that was put in place.
type ReloadError struct {
	// Generation is the id of the tree that is not served.
	Generation string
	// Text is what the proxy said, or what was waited for in vain.
	Text string
}

// Error implements error.
func (e *ReloadError) Error() string {
	return "the proxy did not take over the configuration: " + e.Text
}

// DriftError means that a process claims to run a generation, but is not what its files say: somebody else has changed it.
type DriftError struct {
	// Generation is what the process claims to run.
	Generation string
	// Text names the first difference.
	Text string
}

// Error implements error.
func (e *DriftError) Error() string {
	return "the proxy does not run what its files say: " + e.Text
}

// LateError means that the proxy was told of a generation and has neither taken it over nor refused it in the time allowed. That says
// nothing about the configuration: a process can be stopped, or short of processor time.
type LateError struct {
	// Generation is the id of the tree that is waited for.
	Generation string
	// Serving is what the proxy answered last, empty if it did not answer.
	Serving string
	// Waited is how long it was waited for.
	Waited time.Duration
	// Err is why there was no answer.
	Err error
}

// Error implements error.
func (e *LateError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("the proxy did not answer within %s, and is waited for: %v", e.Waited, e.Err)
	}
	return fmt.Sprintf("the proxy still served generation %q after %s, and is waited for", e.Serving, e.Waited)
}

// Unwrap returns why there was no answer.
func (e *LateError) Unwrap() error { return e.Err }

// MuteError means that a process runs and cannot be asked for its generation any more: somebody has removed its socket. A process that
// reads the configuration again under another name can be asked again.
type MuteError struct {
	// Text says what is gone.
	Text string
}

// Error implements error.
func (e *MuteError) Error() string {
	return "the proxy runs and cannot be asked which configuration it serves: " + e.Text
}

// UnreachableError means that there is no proxy to talk to, which says nothing about the configuration.
type UnreachableError struct {
	Text string
	// Hint, if not empty, says what the user can do.
	Hint string
	// Err is the cause, if there is one.
	Err error
}

// Error implements error.
func (e *UnreachableError) Error() string {
	parts := []string{e.Text}
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	text := strings.Join(parts, ": ")
	if e.Hint != "" {
		text += " (" + e.Hint + ")"
	}
	return text
}

// Unwrap returns the cause.
func (e *UnreachableError) Unwrap() error { return e.Err }

// RejectedError is what [Applier.Apply] returns for a generation that was refused or rolled back, now and each time that the same bytes
// are offered again. It wraps the *CheckError or *ReloadError.
type RejectedError struct {
	// Generation is the id of the rejected tree.
	Generation string
	// Serving is the id of the generation that goes on serving, empty if there is none.
	Serving string
	Err     error
}

// Error implements error.
func (e *RejectedError) Error() string {
	if e.Serving == "" {
		return fmt.Sprintf("generation %s was rejected and no other one is serving: %v", e.Generation, e.Err)
	}
	return fmt.Sprintf("generation %s was rejected and %s goes on serving: %v", e.Generation, e.Serving, e.Err)
}

// Unwrap returns the proxy's own error.
func (e *RejectedError) Unwrap() error { return e.Err }

// Transient reports whether the same files may well be accepted when they are offered again: the error is not the proxy's verdict on
// them, but that of a full disk, an absent proxy or a cancelled context.
func Transient(err error) bool {
	var rejected *RejectedError
	return err != nil && !errors.As(err, &rejected)
}

// Diagnostic turns an error of [Applier.Apply] into a diagnostic, for the places that show one list of everything that is wrong.
func Diagnostic(err error) diag.Diagnostic {
	var (
		refused     *CheckError
		unreachable *UnreachableError
		late        *LateError
		crowded     *CrowdedError
	)
	switch {
	case errors.As(err, &refused):
		return diag.CheckRefused.At(refused.Pos, diag.Ref{}, "", "%s", refused.Error())
	case errors.As(err, &unreachable):
		d := diag.ProxyUnreachable.At(diag.Pos{}, diag.Ref{}, "", "%s", unreachable.Text)
		d.Hint = unreachable.Hint
		return d
	case errors.As(err, &crowded):
		return diag.OldWorkers.At(diag.Pos{}, diag.Ref{}, "", "%d old workers are finishing their connections, and %d may; the change waits", crowded.Old, crowded.Most)
	case errors.As(err, &late):
		return diag.ProxyLate.At(diag.Pos{}, diag.Ref{}, "", "generation %s is not served yet: the proxy is late and is waited for", late.Generation)
	default:
		return diag.ReloadFailed.At(diag.Pos{}, diag.Ref{}, "", "%v", err)
	}
}
