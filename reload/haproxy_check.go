package reload

import (
	"regexp"
	"strconv"
	"strings"
)

// haproxyDialect is HAProxy's way to log. No line means the end of a reload: the master process is asked.
var haproxyDialect = dialect{
	product: "HAProxy",
	read:    parseHAProxyLine,
	settles: func(string) bool { return false },
}

// checker returns one that runs haproxy -c.
func (o HAProxyOptions) checker() checker {
	return checker{
		dialect: haproxyDialect, bin: o.Bin, workDir: o.WorkDir, timeout: o.CheckTimeout,
		args: func(tree Tree) []string { return []string{"-c", "-f", tree.Dir} },
	}
}

var (
	// It reads "[ALERT]    (17496) : config : parsing [/x/haproxy.cfg:12] : unknown keyword".
	haproxyLogLine = regexp.MustCompile(`^\[([A-Z]+)\] +\((\d+)\) : (?:config : )?(.*)$`)
	// It finds "[haproxy.cfg:12]", "file 'haproxy.cfg' line 12" and "'haproxy.cfg:12'".
	haproxyPlace = regexp.MustCompile(`\[([^][\s:]+):(\d+)\]|file '([^']+)' line (\d+)|'([^'\s:]+):(\d+)'`)
)

var haproxyWeights = map[string]weight{"ALERT": grave, "EMERG": grave, "WARNING": warning}

// parseHAProxyLine reads one line of HAProxy's log.
func parseHAProxyLine(line, dir string) logLine {
	line = strings.ReplaceAll(line, dir+"/", "")
	m := haproxyLogLine.FindStringSubmatch(line)
	if m == nil {
		return logLine{text: strings.TrimSpace(line)}
	}
	l := logLine{weight: haproxyWeights[m[1]], text: strings.TrimSpace(m[3])}
	if pid, err := strconv.Atoi(m[2]); err == nil {
		l.pid = pid
	}
	place := haproxyPlace.FindStringSubmatch(l.text)
	for i := 1; i < len(place); i += 2 {
		if place[i] != "" {
			l.pos.File = place[i]
			if n, err := strconv.Atoi(place[i+1]); err == nil {
				l.pos.Line = n
			}
		}
	}
	return l
}
