package reload

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/headgate/headgate/render"
)

// isWait reports whether a process that serves cannot be told to load its files for the time being.
func isWait(err error) bool {
	var crowded *CrowdedError
	var late *LateError
	return errors.As(err, &crowded) || errors.As(err, &late)
}

// meanwhile brings what the running process can be told of a tree into it by commands: its endpoints and certificates. Everything else
// waits until the tree can be loaded. It reports whether nothing is left to wait for.
func (d *haproxyDriver) meanwhile(ctx context.Context, to Tree) bool {
	d.owed = to
	if d.running.Generation == "" || d.pending != nil || d.drift != "" {
		return false
	}
	s, err := d.session(ctx)
	if err != nil {
		return false // whatever it is, the load comes
	}
	defer s.close()
	r := &haproxyRuntime{s, d.retiring}
	known, err := r.inventory(d.opts)
	if err != nil {
		return false
	}
	part := planPart(d.running.Files, to.Files, known)
	c := comparison{haproxyRuntime: r, options: d.opts}
	if err = r.do(&part.plan); err == nil {
		err = c.plan(&part.plan)
	}
	switch {
	case err != nil:
		d.drift = err.Error()
		return false
	case len(c.found) > 0:
		d.drift = c.found[0].String()
		return false
	}
	d.running.Files, d.foreseen, d.worker, d.changed = part.files, foresight{}, s.pid, true
	if !part.whole || r.setGeneration(to.Generation) != nil {
		return false
	}
	d.running, d.owed = to, Tree{}
	return true
}

// partPlan is the part of a change that the running process can be told of.
type partPlan struct {
	plan haproxyPlan
	// files are those of the process afterwards.
	files []render.File
	// whole says that this is all of the change.
	whole bool
}

// planPart works it out. Maps and lists of names stay as they are: what they name may be what waits.
func planPart(from, to []render.File, known inventory) partPlan {
	part := partPlan{whole: true}
	p := planner{to: to, known: known, defaults: defaultsOf(from)}
	taken := map[string][]byte{}
	for _, change := range diffFiles(from, to) {
		_, isCert := known.certs[change.path()]
		switch {
		case change.old == nil || change.new == nil || !isCert && !isConfig(change.path()):
			part.whole = false
		case isCert:
			taken[change.path()] = change.new.Data
			_ = p.file(change) // which refuses no certificate that is known
		default:
			text, whole := p.partOf(change)
			taken[change.path()] = text
			part.whole = part.whole && whole
		}
	}
	part.plan, part.files = p.plan, slices.Clone(from)
	for i := range part.files {
		if data, ok := taken[part.files[i].Path]; ok {
			part.files[i].Data = data
		}
	}
	return part
}

// partOf takes the servers of those sections into the plan that differ in nothing else. It returns what the file says then, as far as the
// process can be asked, and whether that is all of the change.
func (p *planner) partOf(c fileChange) (text []byte, whole bool) {
	before, after := readHAProxyConfig(c.old.Data), readHAProxyConfig(c.new.Data)
	fresh := map[string]haproxySection{}
	for _, s := range after {
		if s.name != "" {
			fresh[s.head] = s
		}
	}
	whole = len(before) == len(after)
	for i, s := range before {
		whole = whole && s.head == after[i].head && slices.Equal(s.rules, after[i].rules)
		if now, ok := fresh[s.head]; ok && slices.Equal(s.rules, now.rules) {
			if p.backend(s, now) == "" {
				s.servers = now.servers
			} else {
				whole = false
			}
		}
		text = s.append(text)
	}
	return text, whole
}

// append prints a section as readHAProxyConfig reads it.
func (s *haproxySection) append(text []byte) []byte {
	if s.head != "" {
		text = fmt.Appendln(text, s.head)
	}
	for _, rule := range s.rules {
		text = fmt.Appendln(text, rule)
	}
	for i := range s.servers {
		server := &s.servers[i]
		text = fmt.Appendln(text, strings.Join(append([]string{"server", server.name, server.address}, server.options...), " "))
	}
	return text
}
