package reload

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// nginxDialect is nginx's way to log.
var nginxDialect = dialect{
	product: "nginx",
	read:    parseNginxLine,
	settles: func(text string) bool { return !retriedByNginx(text) && !harmlessToNginx(text) },
}

// checker returns one that runs nginx -t.
func (o NginxOptions) checker() checker {
	return checker{
		dialect: nginxDialect, bin: o.Bin, workDir: o.WorkDir, timeout: o.CheckTimeout,
		args: func(tree Tree) []string {
			return []string{"-t", "-e", "stderr", "-p", o.WorkDir, "-c", filepath.Join(tree.Dir, NginxConfig)}
		},
	}
}

var (
	// It reads "2026/11/23 01:30:40 [emerg] 21045#21045: mkdir() … failed", or "nginx: [emerg] unknown directive … in /x/nginx.conf:3".
	nginxLogLine = regexp.MustCompile(`^(?:nginx: |\d{4}/\d\d/\d\d \d\d:\d\d:\d\d )\[(\w+)\] (?:(\d+)#\d+: )?(?:\*\d+ )?(.*)$`)
	// It finds " in /x/nginx.conf:3" at the end of a text.
	nginxPlace = regexp.MustCompile(` in (\S+):(\d+)$`)
)

var nginxWeights = map[string]weight{"emerg": grave, "warn": warning}

// parseNginxLine reads one line of nginx's log.
func parseNginxLine(line, dir string) logLine {
	m := nginxLogLine.FindStringSubmatch(line)
	if m == nil {
		return logLine{text: line}
	}
	l := logLine{weight: nginxWeights[m[1]], text: strings.ReplaceAll(m[3], dir+"/", "")}
	l.pid, _ = strconv.Atoi(m[2]) // no number, no pid
	if place := nginxPlace.FindStringSubmatch(l.text); place != nil {
		l.pos.File = place[1]
		if n, err := strconv.Atoi(place[2]); err == nil {
			l.pos.Line = n
		}
	}
	return l
}

// retriedByNginx reports whether nginx tries again by itself, five times in 2.5 s, before it gives up with a line of its own.
func retriedByNginx(text string) bool {
	return strings.HasPrefix(text, "bind() to ") && strings.HasSuffix(text, "(98: Address already in use)")
}

// harmlessToNginx reports whether nginx goes on in spite of a grave line: it could not remove the name of a socket that it does not need
// any more.
func harmlessToNginx(text string) bool { return strings.HasPrefix(text, "unlink() ") }
