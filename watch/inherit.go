package watch

import (
	"slices"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
)

// inherit keeps of a file's former objects those that it does not hold any more, because an error may be the only reason; and of a
// ConfigMap the entries that have an error now. It returns the names of what it kept.
func (h *holding) inherit(former []manifest.Object) (kept []string) {
	present := h.refs()
	for _, o := range former {
		if _, refused := o.(*manifest.RefusedIngress); refused {
			continue // it never was in force
		}
		if ref := manifest.RefOf(o); !present[ref] {
			h.objects = append(h.objects, o)
			kept = append(kept, ref.String())
		} else if cm, ok := o.(*manifest.ConfigMap); ok {
			kept = append(kept, h.inheritEntries(cm)...)
		}
	}
	return kept
}

// inheritEntries puts the former entries of a ConfigMap in the place of those that were left out because of an error.
func (h *holding) inheritEntries(former *manifest.ConfigMap) []string {
	i := slices.IndexFunc(h.objects, func(o manifest.Object) bool { return manifest.RefOf(o) == former.Ref() })
	now, ok := h.objects[i].(*manifest.ConfigMap)
	if !ok {
		return nil
	}
	var kept []string
	merged := *now
	merged.Data = slices.Clone(now.Data)
	for _, d := range h.remarks {
		entry, was := former.Get(d.Key)
		if _, is := merged.Get(d.Key); d.Severity != diag.Error || d.Ref != former.Ref() || !was || is {
			continue
		}
		merged.Data = append(merged.Data, entry)
		kept = append(kept, former.Ref().String()+" "+d.Key)
	}
	slices.SortFunc(merged.Data, func(a, b manifest.ConfigEntry) int { return strings.Compare(a.Key, b.Key) })
	if kept != nil {
		h.objects[i] = &merged
	}
	return kept
}
