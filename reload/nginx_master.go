package reload

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// The titles that nginx gives its processes.
const (
	masterTitle   = "nginx: master process"
	retiringTitle = "nginx: worker process is shutting down"
)

// readPID reads a pid file. A missing or empty one gives an *UnreachableError: nginx makes it when it starts.
func readPID(file string) (int, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(bytes.TrimSpace(data)) == 0 {
		return 0, &UnreachableError{
			Text: fmt.Sprintf("there is no pid in %s, so nginx has not started yet", file),
			Hint: "nginx has to start with the configuration in the work dir, and its pid directive has to name this file on a shared volume",
		}
	}
	if err != nil {
		return 0, &UnreachableError{Text: "reading the pid file", Err: err}
	}
	pid, err := strconv.Atoi(string(bytes.TrimSpace(data)))
	if err != nil || pid < 1 {
		return 0, &UnreachableError{Text: fmt.Sprintf("the pid file %s does not hold a process number", file)}
	}
	return pid, nil
}

// procTitle returns what a process calls itself.
func procTitle(pid int) (string, error) {
	data, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(strings.ReplaceAll(string(data), "\x00", " ")), nil
}

// startedAs reports whether a pid file names a process: nginx writes it when it has read its configuration and opened its sockets.
func startedAs(file string, pid int) bool {
	noted, err := readPID(file)
	return err == nil && noted == pid
}

// signalMaster signals the nginx master that a pid file names. The process is held by a handle before it is looked at, so that the
// number cannot pass to another process in between.
func signalMaster(file string, sig syscall.Signal) error {
	pid, err := readPID(file)
	if err != nil {
		return err
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return &UnreachableError{Text: fmt.Sprintf("finding process %d", pid), Err: err}
	}
	defer func() { _ = process.Release() }() // it only fails for a process that was released before
	title, err := procTitle(pid)
	if errors.Is(err, fs.ErrNotExist) {
		return &UnreachableError{
			Text: fmt.Sprintf("process %d, which %s names, does not exist", pid, file),
			Hint: "if nginx is running, share the process namespace (shareProcessNamespace: true in the Pod)",
		}
	}
	// Without the right to see it, the kernel's answer to the signal decides.
	if err == nil && !strings.HasPrefix(title, masterTitle) {
		return &UnreachableError{
			Text: fmt.Sprintf("process %d, which %s names, is not an nginx master process", pid, file),
			Hint: "the pid file may be a leftover; share the process namespace (shareProcessNamespace: true in the Pod)",
		}
	}
	return explainSignal(pid, process.Signal(sig))
}

// explainSignal makes an error of a signal that was not delivered.
func explainSignal(pid int, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, os.ErrProcessDone), errors.Is(err, syscall.ESRCH):
		return &UnreachableError{Text: fmt.Sprintf("nginx (process %d) has just ended", pid)}
	case errors.Is(err, syscall.EPERM):
		return &UnreachableError{
			Text: fmt.Sprintf("signalling nginx (process %d)", pid), Err: err,
			Hint: "both containers have to run as the same user: set securityContext.runAsUser alike, or give headgate the KILL capability",
		}
	default:
		return &UnreachableError{Text: fmt.Sprintf("signalling nginx (process %d)", pid), Err: err}
	}
}
