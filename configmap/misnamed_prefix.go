package configmap

import (
	"slices"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
)

// dialect is a prefix under which other controllers, or older versions, look for annotations.
type dialect struct {
	prefix string
	// owner is who reads the prefix, empty where nobody does.
	owner string
	// names are the annotations that have a counterpart of another name, or of the same name with another form of value.
	names []misnaming
	reach reach
}

// reach says what annotations beyond its list a dialect shares with ours: without a word all, those that people expect to have included.
type reach uint8

const (
	// reachSame is for dialects of which nothing but names that are ours is meant for us.
	reachSame reach = iota + 1
	// reachList is for those that have nothing else in common.
	reachList
)

// foreign speaks of an annotation under a prefix that is not read, if it was most likely meant to do something here.
func (p *annotationParser) foreign(a manifest.Annotation, prefix, name string) {
	i := slices.IndexFunc(dialects, func(d dialect) bool { return d.prefix == strings.ToLower(prefix) })
	if i < 0 {
		p.nearPrefix(a, prefix, name)
		return
	}
	from := &dialects[i]
	d := diag.AnnotationPrefix.At(a.Pos, p.ref, a.Key, "the prefix %s is not read here; the annotation has no effect", diag.Quote(prefix))
	if from.owner != "" {
		d.Message = "is an annotation of " + from.owner + "; it has no effect here"
	}
	m, ok := from.counterpart(name)
	switch {
	case ok && prefix == DefaultPrefix:
		// The operator chose another prefix, most likely so that the old controller can go on reading its own.
		d.Hint = m.hint(p.opts.Prefix)
		p.diags.Add(d)
	case ok:
		p.addMisnamed(d, m, a)
	case from.owner != "":
		d.Severity = diag.Info
		p.diags.Add(d)
	}
}

// counterpart is what an annotation of the dialect is called here.
func (d *dialect) counterpart(name string) (misnaming, bool) {
	m, ok := find(d.names, name)
	switch {
	case ok || d.reach == reachList:
		return m, ok
	case annotations.byName[name] != nil:
		return misnaming{meant: annotations.key(name)}, true
	case d.reach == reachSame:
		return m, false
	}
	return find(misnamedAnnotations, name)
}

// nearPrefix speaks of a prefix that is ours but for a slip.
func (p *annotationParser) nearPrefix(a manifest.Annotation, prefix, name string) {
	if diag.Nearest(strings.ToLower(prefix), []string{p.opts.Prefix}) == "" {
		return
	}
	d := diag.AnnotationPrefix.At(a.Pos, p.ref, a.Key, "the prefix %s is not read here; the annotation has no effect", diag.Quote(prefix))
	m, ok := known(name)
	if !ok {
		m.advice = "did you mean the prefix " + p.opts.Prefix + "?"
	}
	p.addMisnamed(d, m, a)
}

// unprefixed speaks of a key without a slash: the prefix joined by something else, or no prefix before a name that only Headgate knows.
func (p *annotationParser) unprefixed(a manifest.Annotation) {
	name, joined := strings.CutPrefix(a.Key, p.opts.Prefix)
	if joined {
		name = strings.TrimLeft(name, ".-_")
	}
	if !joined && annotations.byName[name] == nil {
		return
	}
	d := diag.AnnotationPrefix.At(a.Pos, p.ref, a.Key, "there is no prefix and slash in front of the name; the annotation has no effect")
	m, _ := known(name)
	p.addMisnamed(d, m, a)
}

// known is what is meant by a name under a wrong prefix: itself, if there is an annotation of that name.
func known(name string) (misnaming, bool) {
	if annotations.byName[name] != nil {
		return misnaming{meant: annotations.key(name)}, true
	}
	return guess(name)
}
