package configmap

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
)

// AnnotationOptions are the operator's rules for annotations.
type AnnotationOptions struct {
	// Prefix stands before the slash of each annotation; empty means [DefaultPrefix].
	Prefix string
	// RiskLevel is the highest risk that is allowed.
	RiskLevel Risk
	// Blocklist are texts that no value may contain.
	Blocklist []string
	// AllowSnippets lets raw configuration through.
	AllowSnippets bool
	// Settings are the global ones, which give the defaults.
	Settings Set
}

// OptionsFrom reads the operator's rules from the global settings. A level of risk that is none of the four words acts as Low.
func OptionsFrom(settings Set, prefix string) AnnotationOptions {
	level, _ := settings.String(AnnotationsRiskLevel)
	blocklist, _ := settings.List(AnnotationValueWordBlocklist)
	snippets, _ := settings.Bool(AllowSnippetAnnotations)
	risk := max(slices.Index([]string{Low.String(), Medium.String(), High.String(), Critical.String()}, level), 0)
	return AnnotationOptions{Prefix: prefix, RiskLevel: Risk(risk), Blocklist: blocklist, AllowSnippets: snippets, Settings: settings}
}

// Verdict is what the annotations of an object as a whole come to.
type Verdict struct {
	// Rejected says that the object as a whole is refused. Its Set still tells what kind of paths it would have had.
	Rejected bool
	// Closed, if not empty, is why every route of the object answers 503; HostClosed, why its hosts do.
	Closed, HostClosed string
}

// ParseAnnotations reads the annotations of one object. Whatever is not understood, not allowed or not supported gives a diagnostic, and
// what guards something closes the routes if it cannot be built.
func ParseAnnotations(meta *manifest.Meta, opts AnnotationOptions) (Set, Verdict, diag.List) {
	return annotations.parseAnnotations(meta, opts)
}

func (t *table) parseAnnotations(meta *manifest.Meta, opts AnnotationOptions) (Set, Verdict, diag.List) {
	if opts.Prefix == "" {
		opts.Prefix = DefaultPrefix
	}
	p := annotationParser{
		parser: parser{table: t, ref: meta.Ref(), found: make([]entry, 0, len(meta.Annotations))},
		opts:   opts,
		meta:   meta,
	}
	var taken []written
	for _, a := range meta.Annotations {
		if p.blocked(a) {
			p.keepRefused(a)
			continue
		}
		spec := p.recognise(a)
		switch {
		case spec == nil:
		case p.allowed(spec, a):
			taken = append(taken, written{spec: spec, full: a.Key, text: a.Value, pos: a.Pos, namespace: meta.Namespace})
		case p.verdict.Rejected:
			p.keepRefused(a)
		}
	}
	kept := p.settleSpellings(taken)
	outcomes := make([]outcome, len(kept))
	for i, w := range kept {
		outcomes[i] = p.read(w)
	}
	for i, w := range kept {
		p.conclude(w, outcomes[i])
	}
	return Set{entries: p.sorted(), table: t, prefix: opts.Prefix}, p.verdict, p.diags
}

type annotationParser struct {
	parser
	opts    AnnotationOptions
	verdict Verdict
	meta    *manifest.Meta
}

func fullKey(prefix string, key Key) string {
	if prefix == "" || key == IngressClass {
		return key.String()
	}
	return prefix + "/" + key.String()
}

// recognise finds the declaration of an annotation, and speaks of those that were most likely meant for Headgate.
func (p *annotationParser) recognise(a manifest.Annotation) *Spec {
	if a.Key == IngressClass.String() {
		return p.table.byName[a.Key]
	}
	prefix, name, found := strings.Cut(a.Key, "/")
	switch {
	case !found:
		p.unprefixed(a)
	case prefix != p.opts.Prefix:
		p.foreign(a, prefix, name)
	default:
		if spec := p.table.byName[name]; spec != nil {
			return spec
		}
		p.unknown(a, name)
	}
	return nil
}

// retired are annotations of older versions of ingress-nginx; it accepts them without effect.
var retired = []string{
	"enable-influxdb", "influxdb-measurement", "influxdb-port", "influxdb-host", "influxdb-server-name",
}

// allowed applies the operator's rules. They hold even for values that nobody looks at.
func (p *annotationParser) allowed(spec *Spec, a manifest.Annotation) bool {
	switch {
	case spec.Risk > p.opts.RiskLevel:
		p.verdict.Rejected = true
		p.diags.Add(diag.AnnotationRisk.At(a.Pos, p.ref, a.Key, "has the risk %s, and the operator allows %s at most; %s",
			spec.Risk, p.opts.RiskLevel, RejectIngress.outcome()))
		return false
	case spec.Type == Snippet && !p.opts.AllowSnippets:
		p.diags.Add(diag.AnnotationSnippet.At(a.Pos, p.ref, a.Key, "snippets are not allowed; this one is left out"))
		return false
	}
	return true
}

// blocked looks for forbidden texts in everything under the prefix, known or not.
func (p *annotationParser) blocked(a manifest.Annotation) bool {
	if !strings.HasPrefix(a.Key, p.opts.Prefix+"/") {
		return false
	}
	for _, word := range p.opts.Blocklist {
		if word != "" && strings.Contains(a.Value, word) {
			p.verdict.Rejected = true
			p.diags.Add(diag.AnnotationBlocked.At(a.Pos, p.ref, a.Key, "the value contains %s, which the operator has forbidden; %s",
				diag.Quote(word), RejectIngress.outcome()))
			return true
		}
	}
	return false
}

// keepRefused keeps the value of an annotation that has the whole object refused: what kind of paths the object would have had must be
// known to close them.
func (p *annotationParser) keepRefused(a manifest.Annotation) {
	spec := p.table.byName[strings.TrimPrefix(a.Key, p.opts.Prefix+"/")]
	if spec == nil {
		return
	}
	if value, _, f := p.table.read(spec, a.Value, ""); f == nil {
		p.keep(entry{spec: spec, value: value, full: a.Key, pos: a.Pos, given: true})
	}
}

// settleSpellings keeps one spelling of each annotation: today's, unless it is empty and an old one is not. An old spelling without
// a value counts as absent.
func (p *annotationParser) settleSpellings(all []written) []written {
	var kept []written
	for _, w := range all {
		rival := slices.IndexFunc(all, func(o written) bool { return o.spec == w.spec && o.full != w.full })
		old := w.full != fullKey(p.opts.Prefix, w.spec.Key)
		if old {
			p.diags.Add(diag.AnnotationDeprecated.At(w.pos, p.ref, w.full, "is an old spelling of %s", fullKey(p.opts.Prefix, w.spec.Key)))
		}
		switch {
		case old && w.isEmpty():
			p.diags.Add(diag.ValueEmpty.At(w.pos, p.ref, w.full, "is empty; treated as unset"))
		case rival >= 0 && old && !all[rival].isEmpty():
			p.diags.Add(diag.AnnotationInert.At(w.pos, p.ref, w.full, "ignored: %s is set too and takes precedence", all[rival].full))
		case rival >= 0 && !old && w.isEmpty() && !all[rival].isEmpty():
			p.diags.Add(diag.ValueEmpty.At(w.pos, p.ref, w.full, "is empty; %s counts", all[rival].full))
		default:
			kept = append(kept, w)
		}
	}
	return kept
}

// conclude turns the outcome of one annotation into a verdict on the object.
func (p *annotationParser) conclude(w written, o outcome) {
	missing := p.missing(w.spec, p.opts.Settings.inForce)
	switch {
	case o.fault != nil && missing != "" && cost(w.spec, o.fault) != RejectIngress:
		d := diag.AnnotationInvalid.At(w.pos, p.ref, w.full, "%s %s; it has no effect without %s anyway", w.quoted(), o.fault.reason, missing)
		d.Severity, d.Hint = diag.Warning, o.fault.hintFor(w)
		p.diags.Add(d)
	case o.fault != nil:
		p.punish(w, o.fault)
	case o.empty || w.spec.Obeyed:
	case w.spec.Inert != "":
		p.diags.Add(diag.AnnotationInert.At(w.pos, p.ref, w.full, "%s", w.spec.Inert))
	case missing != "" && !p.table.isDefault(w.spec.Key, o.value):
		p.withoutEffect(w, missing)
	case missing == "" && p.table.protects(w.spec, o.value):
		p.unsupportedGuard(w)
	default:
		p.notObeyed(w, o)
	}
}

// withoutEffect says that an annotation needs another one that is not there.
func (p *annotationParser) withoutEffect(w written, missing string) {
	text := "it has no effect without %s"
	if w.spec.Guards {
		text = "it guards nothing without %s; the paths are served without it"
	}
	p.diags.Add(diag.ValueWithoutEffect.At(w.pos, p.ref, w.full, text, missing))
}

// unsupportedGuard closes what a guard that cannot be built was to protect.
func (p *annotationParser) unsupportedGuard(w written) {
	reason := fmt.Sprintf("%s restricts access to the route and is not supported yet", w.full)
	closed := "the routes of the Ingress answer 503"
	p.close(reason)
	if w.spec.Scope == ScopeServer {
		closed = "its paths answer 503, and so do all paths of hosts that belong to its namespace"
		p.verdict.HostClosed = cmp.Or(p.verdict.HostClosed, reason)
	}
	d := diag.AnnotationNotObeyed.At(w.pos, p.ref, w.full, "is recognised but not supported yet; because it restricts access, %s", closed)
	d.Severity = diag.Error
	p.diags.Add(d)
}

func (p *annotationParser) notObeyed(w written, o outcome) {
	d := diag.AnnotationNotObeyed.At(w.pos, p.ref, w.full, "is recognised but not supported yet; ignored")
	switch {
	case w.spec.Type == Snippet:
		d.Severity = diag.Error
	case p.opts.isInherited(p.table, w.spec, o.value):
		d.Severity = diag.Info
		d.Message = "is recognised but not supported yet; the value equals the default, so behaviour does not change"
	case isOpen(w.spec, o.value):
		d = diag.ValueWithoutEffect.At(w.pos, p.ref, w.full, keepsNobodyOut)
		d.Severity = diag.Info
	}
	p.diags.Add(d)
}

func (p *annotationParser) punish(w written, f *fault) {
	cost := cost(w.spec, f)
	if w.asksNothing() {
		cost = UseDefault
	}
	reason := fmt.Sprintf("%s %s", w.full, f.reason)
	switch cost {
	case RejectIngress:
		p.verdict.Rejected = true
	case CloseRoute:
		p.close(reason)
	case CloseHost:
		p.verdict.HostClosed = reason
	}
	d := diag.AnnotationInvalid.At(w.pos, p.ref, w.full, "%s %s; %s", w.quoted(), f.reason, cost.outcome())
	d.Hint = f.hintFor(w)
	if cost == UseDefault {
		d.Message += w.spec.fallback()
	}
	if cost == UseDefault && (!w.spec.Guards || w.asksNothing()) {
		d.Severity = diag.Warning
	}
	p.diags.Add(d)
}

func (p *annotationParser) close(reason string) {
	if p.verdict.Closed == "" {
		p.verdict.Closed = reason
	}
}
