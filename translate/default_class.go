package translate

import (
	"cmp"
	"slices"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
)

// defaultClass is the IngressClass that the API server would write into a new Ingress without a class: of several default classes the
// newest, of equally old ones the first by name. It is nil if there is none, and for objects that an API server has seen already.
func (t *translator) defaultClass() *manifest.IngressClass {
	if !t.settings.Class.FillDefault {
		return nil
	}
	var chosen *manifest.IngressClass
	for _, class := range t.snap.Classes {
		if class.IsDefault() && (chosen == nil || class.Created.After(chosen.Created)) {
			chosen = class
		}
	}
	return chosen
}

// fillClass reports whether an Ingress without a class is ours by the default class.
func (t *translator) fillClass(ing *manifest.Ingress, class *manifest.IngressClass) bool {
	ours := t.acceptsClass(ing, class.Name)
	verdict := "it is not taken"
	if ours {
		verdict = "it is taken"
	}
	t.report(diag.ClassDefault, &ing.Meta, "spec.ingressClassName",
		"the Ingress names no class and gets the default IngressClass %s, as from the API server; %s", class.Name, verdict)
	return ours
}

// maxClasses bounds how many classes a message lists.
const maxClasses = 10

// checkNoneTaken warns of an input of which no Ingress was taken: nearly always a class is written otherwise than was meant.
func (t *translator) checkNoneTaken(taken int) {
	all := len(t.snap.Ingresses)
	if taken > 0 || all == 0 {
		return
	}
	classes := t.classesOfInput()
	if more := len(classes) - maxClasses; more > 0 {
		classes = append(classes[:maxClasses], "and "+itoa(more)+" more")
	}
	named := cmp.Or(strings.Join(classes, ", "), "none")
	where := ""
	if ns := t.settings.WatchNamespace; ns != "" {
		where = " in namespace " + ns
	}
	d := diag.NoneTaken.At(diag.Pos{}, diag.Ref{}, "--ingress-class", "0 of %d Ingresses taken%s; classes in the input: %s", all, where, named)
	d.Hint = "Ingresses are taken if their IngressClass has the controller " + t.settings.Class.Controller +
		" (--controller-class), or their annotation " + classAnnotation + " is " + t.settings.Class.Name + " (--ingress-class)"
	t.diags.Add(d)
}

// classesOfInput are the classes that Ingresses name and those that there are, the latter with their controllers, sorted.
func (t *translator) classesOfInput() []string {
	var names []string
	for _, ing := range t.snap.Ingresses {
		name := ""
		if a, ok := ing.Annotation(classAnnotation); ok {
			name = a.Value
		}
		if ing.ClassName != nil {
			name = *ing.ClassName
		}
		if name == "" {
			continue
		}
		if _, ok := t.snap.Class(name); !ok {
			names = append(names, diag.Quote(name))
		}
	}
	for _, class := range t.snap.Classes {
		names = append(names, class.Name+" (controller "+class.Controller+")")
	}
	slices.Sort(names)
	return slices.Compact(names)
}
