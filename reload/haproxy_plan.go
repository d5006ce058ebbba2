package reload

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/headgate/headgate/render"
)

// haproxyPlan is a change of the files that the running process can be told of.
type haproxyPlan struct {
	servers  []serverPlan
	lists    []listPlan
	crtLists []crtListPlan
	certs    certPlan
}

// certPlan is a change of certificates. The names are those of the files, the process calls them the same.
type certPlan struct {
	add, change []render.File
	remove      []string
}

// inventory is what the files of a tree are to the process that runs it.
type inventory struct {
	// lists are maps and pattern lists, crtLists and certs what they say; all by path in the tree, with the process's own name.
	lists    map[string]listName
	crtLists map[string]string
	certs    map[string]string
	// old says that the process is older than 3.0.
	old bool
}

type listName struct{ kind, name string }

// planner works out what a change of files means for the process.
type planner struct {
	to       []render.File
	defaults []haproxySection
	known    inventory
	plan     haproxyPlan
}

// planChange compares two trees. If the process cannot be told of the change, it says why not instead.
func planChange(from, to []render.File, known inventory) (haproxyPlan, string) {
	p := planner{to: to, known: known, defaults: defaultsOf(to)}
	for _, change := range diffFiles(from, to) {
		if why := p.file(change); why != "" {
			return haproxyPlan{}, why
		}
	}
	if why := p.plan.reconcile(known); why != "" {
		return haproxyPlan{}, why
	}
	return p.plan, ""
}

// defaultsOf returns the sections of defaults of a tree.
func defaultsOf(files []render.File) []haproxySection {
	var sections []haproxySection
	for _, f := range files {
		if isConfig(f.Path) && (bytes.HasPrefix(f.Data, []byte("defaults")) || bytes.Contains(f.Data, []byte("\ndefaults"))) {
			sections = append(sections, readHAProxyConfig(f.Data)...)
		}
	}
	return slices.DeleteFunc(sections, func(s haproxySection) bool { return s.kind != "defaults" })
}

// configText is all configuration of a tree.
func configText(files []render.File) []byte {
	var text []byte
	for _, f := range files {
		if isConfig(f.Path) {
			text = append(text, f.Data...)
		}
	}
	return text
}

// isConfig reports whether HAProxy reads a file because of its place and name.
func isConfig(file string) bool { return path.Ext(file) == ".cfg" && path.Dir(file) == "." }

// fileChange is a file that is new, gone or different; what is not there is nil.
type fileChange struct{ old, new *render.File }

func (c fileChange) path() string {
	if c.new != nil {
		return c.new.Path
	}
	return c.old.Path
}

// diffFiles compares two sorted lists. The marker is different always and does not count.
func diffFiles(from, to []render.File) []fileChange {
	var changes []fileChange
	i, j := 0, 0
	for i < len(from) || j < len(to) {
		var c fileChange
		switch {
		case j == len(to) || i < len(from) && from[i].Path < to[j].Path:
			c.old = &from[i]
			i++
		case i == len(from) || to[j].Path < from[i].Path:
			c.new = &to[j]
			j++
		default:
			if !bytes.Equal(from[i].Data, to[j].Data) {
				c = fileChange{&from[i], &to[j]}
			}
			i, j = i+1, j+1
		}
		if (c.old != nil || c.new != nil) && c.path() != HAProxyMarkerFile {
			changes = append(changes, c)
		}
	}
	return changes
}

// file takes one change into the plan, or says why it cannot.
func (p *planner) file(c fileChange) string {
	name := c.path()
	_, isCert := p.known.certs[name]
	switch {
	case isConfig(name):
		return p.configuration(c)
	case c.new == nil && isCert:
		p.plan.certs.remove = append(p.plan.certs.remove, p.known.certs[name])
	case c.new != nil && c.old != nil && isCert:
		p.plan.certs.change = append(p.plan.certs.change, render.File{Path: p.known.certs[name], Data: c.new.Data})
	case c.old == nil && path.Ext(name) == ".pem":
		p.plan.certs.add = append(p.plan.certs.add, render.File{Path: name, Data: c.new.Data})
	case c.old == nil:
		return "the file " + name + " is new"
	case c.new == nil:
		return "the file " + name + " is gone"
	case p.known.crtLists[name] != "":
		return p.crtList(p.known.crtLists[name], c)
	case p.known.lists[name].kind != "":
		return p.list(p.known.lists[name], c)
	default:
		return "the file " + name + " has changed, which HAProxy reads only when it loads"
	}
	return ""
}

// configuration takes changed servers into the plan. Nothing else in a configuration can change.
func (p *planner) configuration(c fileChange) string {
	if c.old == nil || c.new == nil {
		what := " is gone"
		f := c.old
		if c.old == nil {
			what, f = " is new", c.new
		}
		return sectionsOf(f) + what
	}
	before, after := readHAProxyConfig(c.old.Data), readHAProxyConfig(c.new.Data)
	if s := lonelySection(after, before); s != nil {
		return s.title() + " is new"
	}
	if s := lonelySection(before, after); s != nil {
		return s.title() + " is gone"
	}
	for i := range after {
		if before[i].head != after[i].head {
			return after[i].title() + " stands in another place"
		}
		if word := changedRule(before[i].rules, after[i].rules); word != "" {
			return fmt.Sprintf("%q has changed in %s", word, after[i].title())
		}
		if why := p.backend(before[i], after[i]); why != "" {
			return why
		}
	}
	return ""
}

// lonelySection returns the first of some sections that others do not have.
func lonelySection(of, in []haproxySection) *haproxySection {
	count := map[string]int{}
	for i := range in {
		count[in[i].head]++
	}
	for i := range of {
		if count[of[i].head]--; count[of[i].head] < 0 {
			return &of[i]
		}
	}
	return nil
}

// sectionsOf names what a file holds.
func sectionsOf(f *render.File) string {
	for _, s := range readHAProxyConfig(f.Data) {
		if s.kind != "" {
			return s.title()
		}
	}
	return "the file " + f.Path
}

// title names a section.
func (s *haproxySection) title() string {
	switch {
	case s.kind == "":
		return "what stands before the first section"
	case s.name == "" || s.kind == "global":
		return "section " + s.kind
	default:
		return s.kind + " " + s.name
	}
}

// changedRule returns the first word of the first line that differs; the rest may be secret.
func changedRule(before, after []string) string {
	for i := range max(len(before), len(after)) {
		switch {
		case i >= len(after):
			return firstWord(before[i])
		case i >= len(before) || before[i] != after[i]:
			return firstWord(after[i])
		}
	}
	return ""
}

func firstWord(line string) string {
	word, _, _ := strings.Cut(line, " ")
	return word
}

// reconcile checks that certificates and the lists that name them change together.
func (p *haproxyPlan) reconcile(known inventory) string {
	named := map[string]bool{}
	for _, l := range p.crtLists {
		for _, line := range l.add {
			named[line.file] = true
		}
	}
	for _, f := range p.certs.add {
		if !named[f.Path] {
			return "the file " + f.Path + " is new, and no crt-list says what for"
		}
		delete(named, f.Path)
	}
	for _, name := range known.certs {
		delete(named, name)
	}
	for file := range named {
		return "a crt-list names " + file + ", which the process does not know"
	}
	return ""
}
