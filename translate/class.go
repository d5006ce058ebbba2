package translate

import (
	"cmp"
	"slices"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
)

// classAnnotation is the old way to name a class. It does not change with the annotations prefix.
const classAnnotation = "kubernetes.io/ingress.class"

// takeIngresses chooses the Ingresses that are ours, reads what they ask for and puts them in order.
func (t *translator) takeIngresses() {
	read := t.dialect()
	taken := 0
	for _, ing := range t.snap.Ingresses {
		if t.takes(ing) {
			t.take(ing, read)
			taken++
		}
	}
	t.takeRefused(read)
	slices.SortStableFunc(t.ingresses, olderFirst)
	t.admitPlaces()
	t.checkNoneTaken(taken)
}

// takeRefused adds the places of Ingresses that could not be read, in which an error was found before. Nothing more is said of them.
func (t *translator) takeRefused(read Dialect) {
	said := len(t.diags)
	for _, ing := range t.snap.Refused {
		if t.takes(ing) {
			asked, _ := read(&ing.Meta)
			t.ingresses = append(t.ingresses, &ingress{Ingress: ing, policy: asked, refused: true})
		}
	}
	t.diags = t.diags[:said]
}

// take reads what an Ingress that is ours asks for, and adds it; one that is refused keeps its places.
func (t *translator) take(ing *manifest.Ingress, read Dialect) *ingress {
	asked, diags := read(&ing.Meta)
	t.diags = append(t.diags, diags...)
	refused := asked.Closed.Whole || t.suspicious(ing)
	if t.tooManyPlaces(ing) {
		ing, refused = cutPlaces(ing), true
	}
	taken := &ingress{Ingress: ing, policy: asked, refused: refused}
	t.ingresses = append(t.ingresses, taken)
	return taken
}

// olderFirst is the order in which Ingresses get hosts and paths. Ingresses of the same second, or without a time as in most files,
// are taken in descending order of namespace/name: this is ingress-nginx's order, and who wins a conflict hangs on it.
func olderFirst(a, b *ingress) int {
	return cmp.Or(
		a.Created.Compare(b.Created),
		strings.Compare(b.Namespace+"/"+b.Name, a.Namespace+"/"+a.Name),
	)
}

// takes reports whether an Ingress is ours.
func (t *translator) takes(ing *manifest.Ingress) bool {
	s := &t.settings
	if s.WatchNamespace != "" && ing.Namespace != s.WatchNamespace {
		return false
	}
	if !t.isOurs(ing) {
		return false
	}
	if s.NoCatchAll && ing.DefaultBackend != nil {
		t.report(diag.CatchAllIgnored, &ing.Meta, "spec.defaultBackend",
			"catch-all Ingresses are switched off; the whole Ingress is ignored")
		return false
	}
	return true
}

// Taken returns the Ingresses of a Snapshot that are Headgate's, in its order.
func Taken(snap *manifest.Snapshot, settings Settings) []*manifest.Ingress {
	t := newTranslator(snap, settings)
	return slices.DeleteFunc(slices.Clone(snap.Ingresses), func(ing *manifest.Ingress) bool { return !t.takes(ing) })
}

// isOurs reports whether the class of an Ingress is ours. Nothing is said of Ingresses that somebody else takes.
//
// Where IngressClasses may not be read, their names have to do. ingress-nginx looks at the annotation alone then, and serves none of the
// Ingresses that name their class as they should.
func (t *translator) isOurs(ing *manifest.Ingress) bool {
	class := &t.settings.Class
	if ing.ClassName != nil && !t.snap.ClassesUnreadable {
		return t.acceptsClass(ing, *ing.ClassName)
	}
	if ing.ClassName != nil && *ing.ClassName == class.Name {
		return true
	}
	if a, ok := ing.Annotation(classAnnotation); ok {
		return a.Value == class.Name
	}
	if ing.ClassName != nil {
		return false
	}
	if byDefault := t.defaultClass(); byDefault != nil {
		return t.fillClass(ing, byDefault)
	}
	if !class.WithoutClass {
		t.reportNoClass(ing)
	}
	return class.WithoutClass
}

// acceptsClass reports whether an IngressClass of that name is ours.
func (t *translator) acceptsClass(ing *manifest.Ingress, name string) bool {
	want := &t.settings.Class
	class, ok := t.snap.Class(name)
	switch {
	case ok:
		return class.Controller == want.Controller || want.ByName && name == want.Name
	case want.AssumeName && len(t.snap.Classes) == 0 && name == want.Name:
		return true
	}
	d := diag.ClassMissing.At(ing.Pos("spec.ingressClassName"), ing.Ref(), "spec.ingressClassName", "IngressClass %s is not in the input; the Ingress is not taken",
		diag.Quote(name))
	if near := t.nearClass(name); near != "" {
		d.Severity, d.Hint = diag.Warning, "did you mean "+near+"?"
	}
	t.diags.Add(d)
	return false
}

// nearClass is the class of ours that a name which no IngressClass has is but for a slip; empty if there is none.
func (t *translator) nearClass(name string) string {
	want := &t.settings.Class
	var ours []string
	for _, class := range t.snap.Classes {
		if class.Name == name {
			return ""
		}
		if class.Controller == want.Controller || want.ByName && class.Name == want.Name {
			ours = append(ours, class.Name)
		}
	}
	if want.AssumeName && len(t.snap.Classes) == 0 {
		ours = append(ours, want.Name)
	}
	if slices.Contains(ours, name) || len(name) < minClassSlip {
		return ""
	}
	near := diag.Nearest(name, ours)
	if near != "" && withoutNumber(name) == withoutNumber(near) {
		return "" // another one of its kind, which is still to come
	}
	return near
}

func withoutNumber(name string) string { return strings.TrimRight(name, "0123456789-") }

// minClassSlip is the length from which a class can be another one with a slip in it: shorter names are near everything.
const minClassSlip = 4

// classSlip is what an Ingress writes for its class if that is empty or one of ours but for a slip; empty otherwise.
func (t *translator) classSlip(ing *manifest.Ingress) string {
	a, annotated := ing.Annotation(classAnnotation)
	switch {
	case ing.ClassName != nil && *ing.ClassName == "":
		return "an empty class"
	case ing.ClassName != nil && t.nearClass(*ing.ClassName) != "":
		return "class " + *ing.ClassName
	case ing.ClassName == nil && annotated && len(a.Value) >= minClassSlip && diag.Nearest(a.Value, []string{t.settings.Class.Name}) != "":
		if _, there := t.snap.Class(a.Value); !there && withoutNumber(a.Value) != withoutNumber(t.settings.Class.Name) {
			return "class " + a.Value
		}
	}
	return ""
}

// suspiciousTexts are what ingress-nginx refuses in hosts, paths, TLS hosts and secret names. Nothing of it can do harm here, where a
// value cannot become configuration; but an object that was refused before should not come alive by a change of the controller.
var suspiciousTexts = []string{
	"/etc/passwd", "/etc/shadow", "/etc/group", "/etc/nginx", "/etc/ingress-controller", "/var/run/secrets", "_by_lua",
}

// suspicious reports, with a diagnostic, whether an Ingress holds one of the suspicious texts.
func (t *translator) suspicious(ing *manifest.Ingress) bool {
	check := func(path, value string) bool {
		if !isSuspicious(value) {
			return false
		}
		t.report(diag.SuspiciousText, &ing.Meta, path,
			"%s matches a known attack pattern; the Ingress is rejected and its paths are closed", diag.Quote(value))
		return true
	}
	for i, rule := range ing.Rules {
		if check(rulePath(i)+".host", rule.Host) {
			return true
		}
		for j, p := range rule.Paths {
			if check(pathPath(i, j)+".path", p.Path) {
				return true
			}
		}
	}
	for i, tls := range ing.TLS {
		if check(tlsPath(i)+".secretName", tls.SecretName) || slices.ContainsFunc(tls.Hosts, func(h string) bool { return check(tlsPath(i)+".hosts", h) }) {
			return true
		}
	}
	return false
}

func isSuspicious(value string) bool {
	if slices.ContainsFunc(suspiciousTexts, func(s string) bool { return strings.Contains(value, s) }) {
		return true
	}
	for _, directive := range []string{"alias", "root"} {
		if _, rest, found := strings.Cut(value, directive); found && strings.HasPrefix(rest, " ") && strings.Contains(rest, ";") {
			return true
		}
	}
	return false
}

// rulePath, pathPath and tlsPath are JSON paths into an Ingress.
func rulePath(i int) string    { return "spec.rules[" + itoa(i) + "]" }
func pathPath(i, j int) string { return rulePath(i) + ".http.paths[" + itoa(j) + "]" }
func tlsPath(i int) string     { return "spec.tls[" + itoa(i) + "]" }
