package configmap

import (
	"slices"
	"strings"

	"github.com/headgate/headgate/manifest"
)

// guardGroups are the groups whose keys decide who gets in, whether a key guards by itself or says how another one does.
var guardGroups = []string{"access", "auth", "client-certificate", "firewall", "limit"}

func (s *Spec) narrows() bool { return s.Guards || slices.Contains(guardGroups, s.Group) }

// ChangedGuard finds an annotation that decides who gets in and that now has another value than before, or that was not there before. One
// that is only missing now is none: before was narrower then. It returns the annotation as it is written now.
func ChangedGuard(before, now *manifest.Meta, prefix string) (string, bool) {
	old := map[Key]string{}
	for _, a := range before.Annotations {
		if spec := annotations.declared(a.Key, prefix); spec != nil {
			old[spec.Key] = strings.Trim(a.Value, blanks)
		}
	}
	for _, a := range now.Annotations {
		spec := annotations.declared(a.Key, prefix)
		if spec == nil || !spec.narrows() {
			continue
		}
		if value, there := old[spec.Key]; !there || value != strings.Trim(a.Value, blanks) {
			return a.Key, true
		}
	}
	return "", false
}

// declared finds the declaration of an annotation that is written in full.
func (t *table) declared(full, prefix string) *Spec {
	if prefix == "" {
		prefix = DefaultPrefix
	}
	name, found := strings.CutPrefix(full, prefix+"/")
	if !found {
		return nil
	}
	return t.byName[name]
}

// Spoilt lists the keys, as they are written now, that had a usable value before and have one now that cannot be used.
func (s Set) Spoilt(before Set) []string {
	var keys []string
	for _, e := range s.entries {
		if old, ok := before.find(e.spec.Key); e.refused && ok && old.full != "" && old.given && !old.refused {
			keys = append(keys, e.full)
		}
	}
	return keys
}

// RetainSettings returns the global ConfigMap with the former values of those keys that had a usable value before and have one now that
// cannot be used, and lists these keys. A key that decides who gets in is not among them: its new value may have been meant to narrow.
func RetainSettings(before, now *manifest.ConfigMap) (*manifest.ConfigMap, []string) {
	old, _ := ParseSettings(before)
	written, _ := ParseSettings(now)
	spoilt := slices.DeleteFunc(written.Spoilt(old), func(key string) bool { return settings.byName[strings.ToLower(key)].narrows() })
	return retainEntries(before, now, func(key string) (string, bool) {
		if !slices.Contains(spoilt, key) {
			return "", false
		}
		e, _ := old.find(settings.byName[strings.ToLower(key)].Key)
		return e.full, true
	})
}

// retainEntries puts entries of before in the place of entries of now. former returns the key of the entry to take, and false for an entry
// that stays. The entries that were replaced keep their keys.
func retainEntries(before, now *manifest.ConfigMap, former func(key string) (string, bool)) (*manifest.ConfigMap, []string) {
	var keys []string
	merged := *now
	merged.Data = slices.Clone(now.Data)
	for i, e := range merged.Data {
		key, replace := former(e.Key)
		if !replace {
			continue
		}
		if old, ok := before.Get(key); ok {
			merged.Data[i].Value = old.Value
			keys = append(keys, e.Key)
		}
	}
	if keys == nil {
		return now, nil
	}
	return &merged, keys
}
