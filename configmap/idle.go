package configmap

import (
	"cmp"
	"net/netip"
	"reflect"
	"slices"
	"strings"
)

// Idle says with which values a guarding key protects nothing. What protects nothing closes nothing, even if it is not supported.
type Idle uint8

const (
	// IdleUnstated is for keys that guard nothing; a key that guards states another one.
	IdleUnstated Idle = iota
	// IdleNever is for keys that protect whatever they say.
	IdleNever
	// IdleOff is for switches and limits: the default, false, off and numbers up to 0 protect nothing.
	IdleOff
	// IdleOpen is for lists of those who are let in: one that holds the whole address space, IPv4 and IPv6, keeps nobody out.
	IdleOpen
)

// protects reports whether a value of a guarding key asks for protection, as far as the value alone can tell.
func (t *table) protects(spec *Spec, value any) bool {
	if !spec.Guards || t.isDefault(spec.Key, value) {
		return false
	}
	switch v := value.(type) {
	case []netip.Prefix:
		return spec.Idle != IdleOpen || !isWholeSpace(v)
	case bool:
		return v || spec.Idle != IdleOff
	case int:
		return v > 0 || spec.Idle != IdleOff
	case string:
		return v != "off" || spec.Idle != IdleOff
	default:
		return true
	}
}

// isDefault reports whether a value is the default of its key.
func (t *table) isDefault(key Key, value any) bool { return reflect.DeepEqual(t.defaults[key], value) }

// isWholeSpace reports whether a list of prefixes holds all IPv4 and all IPv6 addresses.
func isWholeSpace(list []netip.Prefix) bool {
	sorted := slices.Clone(list)
	slices.SortFunc(sorted, func(a, b netip.Prefix) int {
		return cmp.Or(a.Addr().Compare(b.Addr()), cmp.Compare(a.Bits(), b.Bits()))
	})
	return holdsAll(sorted, netip.IPv4Unspecified()) && holdsAll(sorted, netip.IPv6Unspecified())
}

// holdsAll walks through the address space from its first address on; prefixes are sorted and either disjoint or inside each other.
func holdsAll(sorted []netip.Prefix, next netip.Addr) bool {
	bits := next.BitLen()
	for _, p := range sorted {
		if p.Addr().BitLen() != bits || p.Addr().Compare(next) < 0 {
			continue // of the other family, or inside one that was passed
		}
		if p.Addr() != next {
			return false
		}
		if next = lastOf(p).Next(); !next.IsValid() || next.BitLen() != bits {
			return true
		}
	}
	return false
}

// lastOf is the last address of a prefix.
func lastOf(p netip.Prefix) netip.Addr {
	raw := p.Addr().AsSlice()
	for i := p.Bits(); i < len(raw)*8; i++ {
		raw[i/8] |= 1 << (7 - i%8)
	}
	last, _ := netip.AddrFromSlice(raw)
	return last
}

// isOpen reports whether a value is a list of those who are let in that keeps nobody out.
func isOpen(spec *Spec, value any) bool {
	list, ok := value.([]netip.Prefix)
	return ok && spec.Idle == IdleOpen && isWholeSpace(list)
}

// keepsNobodyOut is what is said of such a list.
const keepsNobodyOut = "the list holds all addresses and keeps nobody out"

// inForce reports whether a key that others need is written and does something. What cannot be read may have been meant to.
func (p *parser) inForce(key Key, elsewhere func(Key) bool) bool {
	spec := p.table.byName[key.String()]
	if spec == nil {
		return elsewhere(key)
	}
	i := slices.IndexFunc(p.found, func(e entry) bool { return e.spec == spec && e.full != "" && (e.given || e.refused) })
	switch {
	case i < 0 && spec.Global != nil:
		return elsewhere(spec.Global)
	case i < 0:
		return false
	case p.found[i].refused:
		return true
	case p.missing(spec, elsewhere) != "":
		return false
	case spec.Guards:
		return p.table.protects(spec, p.found[i].value)
	default:
		return !p.table.isDefault(spec.Key, p.found[i].value)
	}
}

// missing names what a key needs and does not have, or "": then it has an effect.
func (p *parser) missing(spec *Spec, elsewhere func(Key) bool) string {
	if len(spec.Needs) == 0 || slices.ContainsFunc(spec.Needs, func(k Key) bool { return p.inForce(k, elsewhere) }) {
		return ""
	}
	names := make([]string, len(spec.Needs))
	for i, k := range spec.Needs {
		names[i] = k.String()
	}
	if last := len(names) - 1; last > 0 {
		names = []string{strings.Join(names[:last], ", ") + " or " + names[last]}
	}
	return names[0]
}

// inForce is the same for settings that annotations need.
func (s Set) inForce(key Key) bool {
	p := parser{table: settings, found: s.entries}
	return p.inForce(key, func(Key) bool { return false })
}

// isInherited reports whether an annotation says what would hold without it.
func (o *AnnotationOptions) isInherited(t *table, spec *Spec, value any) bool {
	if spec.Global == nil {
		return t.isDefault(spec.Key, value)
	}
	if e, ok := o.Settings.find(spec.Global); ok && e.given {
		return reflect.DeepEqual(e.value, value)
	}
	return settings.isDefault(spec.Global, value)
}
