package configmap

import (
	"fmt"
	"slices"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
)

// ParseSettings reads the global ConfigMap. Nil stands for one without keys: every key that has a default has it then.
func ParseSettings(cm *manifest.ConfigMap) (Set, diag.List) {
	p := settingParser{parser: parser{table: settings}}
	if cm != nil {
		p.ref = cm.Ref()
		known := p.recognise(cm)
		outcomes := make([]outcome, len(known))
		for i, w := range known {
			outcomes[i] = p.read(w)
		}
		for i, w := range known {
			p.conclude(w, outcomes[i])
		}
	}
	p.fillDefaults()
	return Set{entries: p.sorted(), table: settings, closed: p.closed}, p.diags
}

type settingParser struct {
	parser
	closed string
}

// recognise finds the declarations of the keys. A key in another case counts where the exact one is absent.
func (p *settingParser) recognise(cm *manifest.ConfigMap) []written {
	var known []written
	var odd []manifest.ConfigEntry
	for _, e := range cm.Data {
		if spec := p.table.byName[e.Key]; spec != nil {
			known = append(known, written{spec: spec, full: e.Key, text: e.Value, pos: e.Pos, namespace: cm.Namespace})
			continue
		}
		odd = append(odd, e)
	}
	for _, e := range odd {
		spec := p.table.byName[strings.ToLower(e.Key)]
		if spec == nil {
			p.unknown(e)
			continue
		}
		if slices.ContainsFunc(known, func(w written) bool { return w.spec == spec }) {
			p.diags.Add(diag.SettingCase.At(e.Pos, p.ref, e.Key, "ignored: %s is set too and takes precedence", spec.Key))
			continue
		}
		p.diags.Add(diag.SettingCase.At(e.Pos, p.ref, e.Key, "is read as %s", spec.Key))
		known = append(known, written{spec: spec, full: e.Key, text: e.Value, pos: e.Pos, namespace: cm.Namespace})
	}
	return known
}

func (p *settingParser) unknown(e manifest.ConfigEntry) {
	if slices.Contains(deadSettings, e.Key) {
		p.diags.Add(diag.SettingInert.At(e.Pos, p.ref, e.Key, "was removed from ingress-nginx, though its documentation still has it; it has no effect"))
		return
	}
	d := diag.SettingUnknown.At(e.Pos, p.ref, e.Key, "is not a setting that Headgate knows; it has no effect")
	m, _ := guessSetting(e.Key)
	if d.Hint = m.settingHint(); m.protects(e.Value) {
		d.Severity = diag.Error
		d.Message += ": what it was meant to guard is open"
	}
	p.diags.Add(d)
}

// conclude reports what a setting came to. A global guard that cannot be built closes all routes.
func (p *settingParser) conclude(w written, o outcome) {
	missing := p.missing(w.spec, func(Key) bool { return false })
	switch {
	case o.fault != nil && missing != "":
		d := diag.SettingInvalid.At(w.pos, p.ref, w.full, "%s %s; it has no effect without %s anyway", w.quoted(), o.fault.reason, missing)
		d.Severity, d.Hint = diag.Warning, o.fault.hint
		p.diags.Add(d)
	case o.fault != nil:
		p.punish(w, o.fault)
	case o.empty || w.spec.Obeyed || p.table.isDefault(w.spec.Key, o.value):
	case w.spec.Inert != "":
		p.diags.Add(diag.SettingInert.At(w.pos, p.ref, w.full, "%s", w.spec.Inert))
	case missing != "":
		p.diags.Add(diag.ValueWithoutEffect.At(w.pos, p.ref, w.full, "it has no effect without %s", missing))
	case p.table.protects(w.spec, o.value):
		p.close(fmt.Sprintf("the setting %s restricts access to all routes and is not supported yet", w.full))
		d := diag.SettingNotObeyed.At(w.pos, p.ref, w.full, "is recognised but not supported yet; because it restricts access, all routes return 503")
		d.Severity = diag.Error
		p.diags.Add(d)
	case isOpen(w.spec, o.value):
		d := diag.ValueWithoutEffect.At(w.pos, p.ref, w.full, keepsNobodyOut)
		d.Severity = diag.Info
		p.diags.Add(d)
	default:
		p.diags.Add(diag.SettingNotObeyed.At(w.pos, p.ref, w.full, "is recognised but not supported yet; ignored"))
	}
}

func (p *settingParser) punish(w written, f *fault) {
	then := cost(w.spec, f).String()
	switch {
	case w.asksNothing() || cost(w.spec, f) == UseDefault:
		then = UseDefault.String() + w.spec.fallback()
	case cost(w.spec, f) == CloseRoute:
		then = "all routes answer 503"
		p.close(fmt.Sprintf("the setting %s %s", w.full, f.reason))
	}
	d := diag.SettingInvalid.At(w.pos, p.ref, w.full, "%s %s; %s", w.quoted(), f.reason, then)
	d.Hint = f.hintFor(w)
	p.diags.Add(d)
}

func (p *settingParser) close(reason string) {
	if p.closed == "" {
		p.closed = reason
	}
}

// fillDefaults adds the keys that were not written, or not validly.
func (p *settingParser) fillDefaults() {
	at := make(map[Key]int, len(p.found))
	for i, e := range p.found {
		at[e.spec.Key] = i
	}
	for i := range p.table.specs {
		spec := &p.table.specs[i]
		value, ok := p.table.defaults[spec.Key]
		if !ok {
			continue
		}
		if n, written := at[spec.Key]; !written {
			p.found = append(p.found, entry{spec: spec, value: value, given: true})
		} else if !p.found[n].given {
			p.found[n].value, p.found[n].given = value, true
		}
	}
}
