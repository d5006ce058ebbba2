package reload

import (
	"bytes"
	"slices"
	"strings"
)

// listPlan is a change of a map or a list of patterns.
type listPlan struct {
	listName
	// want is the whole list. With whole, it replaces the old one at once; otherwise single entries are added, set and removed.
	want  []string
	whole bool
	// ordered says that the order of the entries may matter.
	ordered          bool
	add, set, remove []string
	// place is where the configuration first speaks of the list.
	place int
}

// maxSingle is up to how many entries are changed one by one.
const maxSingle = 100

// list takes a changed list into the plan.
func (p *planner) list(name listName, c fileChange) string {
	old, want := readList(c.old.Data, name.kind), readList(c.new.Data, name.kind)
	config := configText(p.to)
	plan := listPlan{
		listName: name, want: want, place: bytes.Index(config, []byte(c.path())),
		ordered: name.kind == kindMap && ordered(c.path(), config),
	}
	if !sayable(name.name) {
		return "the file " + c.path() + " has a name that no command can say"
	}
	for _, entry := range want {
		if len(entry) > maxPayload {
			return "an entry of " + c.path() + " is longer than a command can be"
		}
		if name.kind == kindACL && !sayable(entry) {
			return "an entry of " + c.path() + " cannot be said in a command"
		}
	}
	plan.diff(old)
	plan.whole = len(plan.add)+len(plan.set)+len(plan.remove) > maxSingle || !plan.simple(old) ||
		plan.ordered && !slices.Equal(plan.result(old), want)
	p.plan.lists = append(p.plan.lists, plan)
	return ""
}

// diff finds the single steps.
func (l *listPlan) diff(old []string) {
	before, after := byKey(l.kind, old), byKey(l.kind, l.want)
	for _, entry := range l.want {
		was, ok := before[keyOf(l.kind, entry)]
		switch {
		case !ok:
			l.add = append(l.add, entry)
		case was != entry:
			l.set = append(l.set, entry)
		}
	}
	for _, entry := range old {
		if _, ok := after[keyOf(l.kind, entry)]; !ok {
			l.remove = append(l.remove, entry)
		}
	}
}

// simple reports whether single steps lead from the old list to the new one: no key is twice in either, and all can be said.
func (l *listPlan) simple(old []string) bool {
	for _, list := range [][]string{old, l.want} {
		if len(byKey(l.kind, list)) != len(list) {
			return false
		}
	}
	for _, entry := range l.set {
		key, value := cutEntry(entry)
		if !sayable(key) || !sayable(value) {
			return false
		}
	}
	return !slices.ContainsFunc(l.remove, func(entry string) bool { return !sayable(keyOf(l.kind, entry)) })
}

// result is the list that single steps lead to.
func (l *listPlan) result(old []string) []string {
	changed := byKey(l.kind, l.set)
	var list []string
	for _, entry := range old {
		if slices.Contains(l.remove, entry) {
			continue
		}
		if now, ok := changed[keyOf(l.kind, entry)]; ok {
			entry = now
		}
		list = append(list, entry)
	}
	return append(list, l.add...)
}

// keyOf is what commands call an entry.
func keyOf(kind, entry string) string {
	if kind == kindACL {
		return entry
	}
	key, _ := cutEntry(entry)
	return key
}

func byKey(kind string, entries []string) map[string]string {
	m := make(map[string]string, len(entries))
	for _, e := range entries {
		m[keyOf(kind, e)] = e
	}
	return m
}

// crtListPlan is a change of a crt-list.
type crtListPlan struct {
	name        string
	add, remove []crtLine
	want        []crtLine
}

// crtList takes a changed crt-list into the plan. Its first line is the default certificate, which only a reload can change, and lines
// that are added stand at the end, so no name may be in two.
func (p *planner) crtList(name string, c fileChange) string {
	old, want := readCrtList(c.old.Data), readCrtList(c.new.Data)
	if len(old) == 0 || len(want) == 0 || old[0].text() != want[0].text() {
		return "the first line of " + c.path() + " has changed, which makes the default certificate"
	}
	plan := crtListPlan{name: name, want: want, add: missingLines(want, old), remove: missingLines(old, want)}
	owner := map[string]string{}
	for _, line := range want {
		for _, host := range line.names() {
			if by, taken := owner[host]; taken && by != line.text() {
				return "a name is in two lines of " + c.path()
			}
			owner[host] = line.text()
		}
	}
	for _, line := range plan.add {
		if !sayable(line.file) || len(line.text()) > maxPayload {
			return "a line of " + c.path() + " cannot be said in a command"
		}
	}
	p.plan.crtLists = append(p.plan.crtLists, plan)
	return ""
}

// missingLines returns the lines of one list that are not in another.
func missingLines(of, in []crtLine) []crtLine {
	there := map[string]bool{}
	for _, l := range in {
		there[l.text()] = true
	}
	return slices.DeleteFunc(slices.Clone(of), func(l crtLine) bool { return there[l.text()] })
}

// maxPayload keeps a command with its lines below the size of HAProxy's smallest usual buffer, 16 KiB less a reserve.
const maxPayload = 12 << 10

// payloads cuts entries into pieces that a command can hold.
func payloads(entries []string) []string {
	var pieces []string
	var piece strings.Builder
	for _, e := range entries {
		if piece.Len() > 0 && piece.Len()+len(e) >= maxPayload {
			pieces = append(pieces, piece.String())
			piece.Reset()
		}
		piece.WriteString(e)
		piece.WriteByte('\n')
	}
	if piece.Len() > 0 {
		pieces = append(pieces, piece.String())
	}
	return pieces
}
