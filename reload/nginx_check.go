package reload

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/headgate/headgate/diag"
)

// nginxChecker runs nginx -t.
type nginxChecker struct {
	bin     string
	workDir string
	timeout time.Duration
}

// maxCheckText bounds how much of a checker's output is kept.
const maxCheckText = 8 << 10

// check has nginx read a staged tree. Nothing is bound or served, but certificates are read and names resolved.
func (c nginxChecker) check(ctx context.Context, tree Tree) (diag.List, error) {
	limited, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	output := &cutBuffer{limit: 8 * maxCheckText}
	cmd := exec.CommandContext(limited, c.bin, "-t", "-e", "stderr", "-p", c.workDir, "-c", filepath.Join(tree.Dir, NginxConfig))
	cmd.Dir = c.workDir
	cmd.Env = childEnv()
	cmd.Stdout, cmd.Stderr = output, output
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	said := parseNginxLog(output.String(), tree.Dir)
	var exit *exec.ExitError
	switch {
	case err == nil:
		return said.warnings(), nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case limited.Err() != nil:
		return nil, fmt.Errorf("running %s -t: it did not end within %s", c.bin, c.timeout)
	case errors.As(err, &exit) && exit.Exited():
		return nil, said.refusal(tree.Generation, exit)
	default:
		return nil, fmt.Errorf("running %s: %w", c.bin, err)
	}
}

// childEnv is the environment of a proxy's process: what libraries need, and no secrets of ours.
func childEnv() []string {
	var env []string
	for _, name := range []string{"PATH", "HOME", "TZ", "LANG", "LD_LIBRARY_PATH", "OPENSSL_CONF", "SSL_CERT_FILE", "SSL_CERT_DIR"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// cutBuffer keeps the beginning of what is written to it.
type cutBuffer struct {
	strings.Builder
	limit int
}

// Write implements io.Writer and never refuses.
func (b *cutBuffer) Write(p []byte) (int, error) {
	b.Builder.Write(p[:min(len(p), b.limit-b.Len())])
	return len(p), nil
}

// nginxLine is one line of nginx's log.
type nginxLine struct {
	level string
	pid   int
	text  string
	pos   diag.Pos
}

// nginxLines are lines of nginx's log.
type nginxLines []nginxLine

var (
	// "2026/11/23 01:30:40 [emerg] 21045#21045: mkdir() … failed", or "nginx: [emerg] unknown directive … in /x/nginx.conf:3"
	logLine = regexp.MustCompile(`^(?:nginx: |\d{4}/\d\d/\d\d \d\d:\d\d:\d\d )\[(\w+)\] (?:(\d+)#\d+: )?(?:\*\d+ )?(.*)$`)
	// " in /x/nginx.conf:3" at the end of a text
	logPlace = regexp.MustCompile(` in (\S+):(\d+)$`)
)

// parseNginxLine reads one line; other lines than nginx's own have no level. Paths below dir become relative.
func parseNginxLine(line, dir string) nginxLine {
	m := logLine.FindStringSubmatch(line)
	if m == nil {
		return nginxLine{text: line}
	}
	l := nginxLine{level: m[1], text: strings.ReplaceAll(m[3], dir+"/", "")}
	l.pid, _ = strconv.Atoi(m[2]) // no number, no pid
	if place := logPlace.FindStringSubmatch(l.text); place != nil {
		l.pos.File = place[1]
		if n, err := strconv.Atoi(place[2]); err == nil {
			l.pos.Line = n
		}
	}
	return l
}

func parseNginxLog(text, dir string) nginxLines {
	var lines nginxLines
	seen := map[string]bool{}
	for line := range strings.Lines(text) {
		l := parseNginxLine(strings.TrimRight(line, "\r\n"), dir)
		// nginx says some things twice: on stderr, and in the log that is stderr, too.
		if l.text != "" && !seen[l.text] {
			seen[l.text] = true
			lines = append(lines, l)
		}
	}
	return lines
}

// grave reports whether a line tells why nginx did not start or reload.
func (l nginxLine) grave() bool { return l.level == "emerg" }

// warnings returns what nginx warned of.
func (ls nginxLines) warnings() diag.List {
	var list diag.List
	for _, l := range ls {
		if l.level == "warn" {
			list.Add(diag.CheckWarned.At(l.pos, diag.Ref{}, "", "nginx warns: %s; the configuration is used as it is", l.text))
		}
	}
	return list
}

// refusal makes an error of the lines of a check that did not pass.
func (ls nginxLines) refusal(generation string, exit error) *CheckError {
	e := &CheckError{Generation: generation}
	e.Text = ls.text()
	for _, l := range ls {
		if l.grave() && e.Pos.IsZero() {
			e.Pos = l.pos
		}
	}
	if e.Text == "" {
		e.Text = exit.Error()
	}
	return e
}

// text joins the lines that tell why, or all if there is none.
func (ls nginxLines) text() string {
	var grave, all []string
	for _, l := range ls {
		all = append(all, l.text)
		if l.grave() {
			grave = append(grave, l.text)
		}
	}
	if len(grave) == 0 {
		grave = all
	}
	text := strings.Join(grave, "; ")
	if len(text) > maxCheckText {
		text = strings.ToValidUTF8(text[:maxCheckText], "") + "…"
	}
	return text
}
