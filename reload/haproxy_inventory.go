package reload

import (
	"regexp"
	"strings"
)

// inventory asks the process what the files are to it.
func (r *haproxyRuntime) inventory(o HAProxyOptions) (inventory, error) {
	known := inventory{lists: map[string]listName{}, crtLists: map[string]string{}, certs: map[string]string{}}
	for _, kind := range []string{kindACL, kindMap} {
		text, err := r.ask("show " + kind)
		if err != nil {
			return known, err
		}
		// What is used as both is a map.
		for _, m := range listLine.FindAllStringSubmatch(text, -1) {
			known.lists[o.pathInTree(m[1])] = listName{kind, m[1]}
		}
	}
	for command, names := range map[string]map[string]string{"show ssl crt-list": known.crtLists, "show ssl cert": known.certs} {
		text, err := r.ask(command)
		if err != nil {
			return known, err
		}
		for line := range strings.Lines(text) {
			if name := strings.TrimSpace(line); name != "" && name[0] != '#' {
				names[o.pathInTree(name)] = name
			}
		}
	}
	version, err := r.ask("show version")
	known.old = strings.HasPrefix(version, "2.")
	return known, err
}

// listLine reads "0 (maps/hosts.map) pattern loaded from file 'maps/hosts.map' used by map at file 'haproxy.cfg' line 14.".
var listLine = regexp.MustCompile(`(?m)^-?\d+ \(([^()]+)\) `)
