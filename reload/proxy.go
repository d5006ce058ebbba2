package reload

import (
	"context"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/render"
)

// Proxy is one running proxy, however it is driven: a child process, or a process in another container. An [Applier] calls one method
// at a time, except for Lost and OldWorkers, which must stand concurrent use.
type Proxy interface {
	// Check has the proxy's own checker read a staged tree, or makes sure otherwise that the proxy judges it. It returns a *CheckError
	// if the checker refuses the tree, and any other error if it could not be asked. The diagnostics are what the checker warned of.
	Check(ctx context.Context, tree Tree) (diag.List, error)

	// Apply makes the proxy use the generation that is in place now: it starts the proxy if that is its business, reloads it, or
	// brings the change into the running process. It may return before the proxy is done; [Proxy.Generation] tells. The error is a
	// *ReloadError if the proxy said no, and an *UnreachableError if there is nothing to talk to.
	Apply(ctx context.Context, change Change) (Applied, error)

	// Generation asks the running proxy which generation it serves. A *ReloadError means that the last Apply has failed for good and
	// that waiting is of no use, a *DriftError that the process has to be told again, a *MuteError that it has to be told of the same
	// files under another id; after any other error the question may be asked again.
	Generation(ctx context.Context) (string, error)

	// Lost receives a value when the process is gone although nobody stopped it. It is nil for a proxy whose end is not seen; the
	// Applier asks for the generation from time to time anyway.
	Lost() <-chan struct{}

	// OldWorkers counts the processes that are finishing their last connections after a reload.
	OldWorkers(ctx context.Context) (int, error)

	// Stop ends a proxy that Apply started, gracefully if it can. Of a proxy that somebody else runs it only lets go.
	Stop(ctx context.Context) error
}

// Fitter is a [Proxy] that has the last word about files before they are written: it may have to use other sockets than those that the
// files name.
type Fitter interface {
	// Fit returns the files as they are to be written. The given ones stay as they are.
	Fit(files []render.File) []render.File
}

// Tree is a staged or placed generation on disk.
type Tree struct {
	// Dir is its absolute path. The parent's parent is the work dir.
	Dir string
	// Generation is the id that the marker answers with.
	Generation string
	// Files are all files of the tree, the marker's among them, sorted by path.
	Files []render.File
}

// Change is a step from one generation to another.
type Change struct {
	// To is the tree that `current` names.
	To Tree
	// From is the tree that the proxy was last confirmed to serve. Its Generation is empty if that is not known, and after anything
	// that leaves a doubt about it; then only a full reload will do.
	From Tree
	// Reason is what the caller of [Applier.Apply] gave, for the log.
	Reason string
}

// Method is the way in which a generation reached the process.
type Method string

const (
	// MethodNone means that the process serves the generation already.
	MethodNone Method = "none"
	// MethodStart means that the process starts with the generation.
	MethodStart Method = "start"
	// MethodReload means that the running process read its configuration again.
	MethodReload Method = "reload"
	// MethodRuntime means that the running process was changed without a reload.
	MethodRuntime Method = "runtime"
)

// Applied says what a [Proxy] did with a [Change].
type Applied struct {
	Method Method
	// Why tells in a few words why it was this method, if there was a choice.
	Why string
	// Cause is the kind of that reason, if a process that could have been changed was reloaded instead.
	Cause Cause
}

// Cause is a kind of reason why a running process had to be reloaded.
type Cause string

const (
	// CauseFiles means that the files differ in something that a process reads only when it loads.
	CauseFiles Cause = "files"
	// CauseMany means that the process could have been told of the change, but that a reload is quicker.
	CauseMany Cause = "many"
	// CauseRefused means that the process did not do what it was told to, or only a part of it.
	CauseRefused Cause = "refused"
	// CauseDifferent means that the process did what it was told to and was not what the files say afterwards.
	CauseDifferent Cause = "different"
	// CauseDrift means that somebody else has changed the process.
	CauseDrift Cause = "drift"
	// CauseUnknown means that it was not certain what the process runs.
	CauseUnknown Cause = "unknown"
)
