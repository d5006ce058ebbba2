package reload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// haproxyMaster is the socket of a master process.
type haproxyMaster struct {
	path string
}

// reloadTimeout bounds the wait for the answer to a reload: HAProxy answers when the new worker stands.
const reloadTimeout = 60 * time.Second

// command asks the master one question on a connection of its own.
func (m haproxyMaster) command(ctx context.Context, text string, limit time.Duration) (string, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", m.path)
	if err != nil {
		return "", &UnreachableError{
			Text: "the master process of HAProxy does not listen to " + m.path, Err: errors.Unwrap(err),
			Hint: "HAProxy has to run in master-worker mode with -S " + m.path + ",mode,600 on a volume that both see",
		}
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // the read below then ends
	defer stop()
	if err := conn.SetDeadline(time.Now().Add(limit)); err != nil {
		return "", err
	}
	if _, err := io.WriteString(conn, text+"\n"); err != nil {
		return "", fmt.Errorf("%s: %w", text, err)
	}
	if err := conn.(*net.UnixConn).CloseWrite(); err != nil {
		return "", fmt.Errorf("%s: %w", text, err)
	}
	answer, err := io.ReadAll(io.LimitReader(conn, maxAnswer))
	if err != nil && !errors.Is(err, unix.ECONNRESET) { // an old master resets the connection when it executes itself anew
		return "", fmt.Errorf("%s: %w", text, err)
	}
	return strings.TrimSpace(string(answer)), nil
}

// reloadAnswer is what the master says about a reload.
type reloadAnswer uint8

const (
	reloadOpen reloadAnswer = iota // HAProxy before 2.7 does not say
	reloadDone
	reloadRefused
)

// reload has the master start a new worker. The text says why that failed.
func (m haproxyMaster) reload(ctx context.Context, dir string) (reloadAnswer, string, error) {
	said, err := m.command(ctx, "reload", reloadTimeout)
	// A master that is still starting, or that somebody else has told to reload, has to be told again.
	for end := time.Now().Add(reloadTimeout); err == nil && strings.Contains(said, "Another reload is still in progress") && time.Now().Before(end); {
		select {
		case <-ctx.Done():
			return reloadOpen, "", ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
		said, err = m.command(ctx, "reload", reloadTimeout)
	}
	if err != nil {
		return reloadOpen, "", err
	}
	result, log, _ := strings.Cut(said, "\n")
	switch result {
	case "Success=1":
		return reloadDone, "", nil
	case "Success=0":
		return reloadRefused, haproxyDialect.readAll(strings.TrimPrefix(log, "--\n"), dir).text(), nil
	}
	return reloadOpen, "", nil
}

// haproxyProcesses is what "show proc" tells.
type haproxyProcesses struct {
	master  int
	reloads int
	failed  int // reloads in a row that failed
	// workers are the processes that serve, old those that finish their last connections, the youngest first.
	workers, old []int
}

// processes asks the master for its processes.
func (m haproxyMaster) processes(ctx context.Context) (haproxyProcesses, error) {
	text, err := m.command(ctx, "show proc", commandTimeout)
	if err != nil {
		return haproxyProcesses{}, err
	}
	return parseProcesses(text)
}

// patiently asks the master for its processes, and again if it does not listen: a master that executes itself anew is deaf for a moment.
// It is so for longer where it has many files to read. One whose socket is gone, or that does not answer in time, is not asked again.
func (m haproxyMaster) patiently(ctx context.Context, allowance time.Duration) (p haproxyProcesses, err error) {
	const least = 2 * time.Second
	for end := time.Now().Add(least + allowance); time.Now().Before(end); {
		if p, err = m.processes(ctx); err == nil || isLate(err) || errors.Is(err, fs.ErrNotExist) {
			return p, err
		}
		select {
		case <-ctx.Done():
			return p, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return p, err
}

// processLine reads "22278           master          2 [failed: 1]   0d00h00m05s     2.6.12-1+deb12u4".
var processLine = regexp.MustCompile(`^(\d+)\s+(\w+)\s+(\d+)(?:\s+\[failed: (\d+)\])?\s`)

// parseProcesses reads the answer to "show proc".
func parseProcesses(text string) (haproxyProcesses, error) {
	var p haproxyProcesses
	old, ages := false, map[int]int{}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "# ") {
			old = strings.HasPrefix(line, "# old workers")
		}
		m := processLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		pid, errPID := strconv.Atoi(m[1])
		reloads, errReloads := strconv.Atoi(m[3])
		if err := errors.Join(errPID, errReloads); err != nil {
			return p, fmt.Errorf("show proc: %w", err)
		}
		ages[pid] = reloads
		switch {
		case m[2] == "master":
			p.master, p.reloads = pid, reloads
			p.failed, _ = strconv.Atoi(m[4]) // no count, no failure
		case m[2] == "worker" && old:
			p.old = append(p.old, pid)
		case m[2] == "worker":
			p.workers = append(p.workers, pid)
		}
	}
	if p.master == 0 {
		return p, errors.New("show proc: the answer names no master process")
	}
	slices.SortStableFunc(p.old, func(a, b int) int { return ages[a] - ages[b] })
	// After a reload that failed, HAProxy 3.2 lists the worker that goes on serving as an old one: it is the youngest.
	if len(p.workers) == 0 && len(p.old) > 0 {
		p.workers, p.old = p.old[:1:1], p.old[1:]
	}
	return p, nil
}

// peer returns the number of the process that listens to the socket, 0 if there is none. A socket that refuses may belong to a master
// that is just executing itself anew.
func (m haproxyMaster) peer(ctx context.Context) int {
	for range 15 {
		var d net.Dialer
		conn, err := d.DialContext(ctx, "unix", m.path)
		if err == nil {
			defer conn.Close()
			return peerOf(conn)
		}
		if !errors.Is(err, unix.ECONNREFUSED) {
			return 0
		}
		time.Sleep(20 * time.Millisecond)
	}
	return 0
}

// peerOf returns the number of the process at the other end of a UNIX socket.
func peerOf(conn net.Conn) int {
	raw, err := conn.(*net.UnixConn).SyscallConn()
	if err != nil {
		return 0
	}
	pid := 0
	_ = raw.Control(func(fd uintptr) { // it fails for a closed connection only
		if cred, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil {
			pid = int(cred.Pid)
		}
	})
	return pid
}
