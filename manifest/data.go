package manifest

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/headgate/headgate/diag"
)

// readSecret reads a Secret. No message about one shows anything of its values.
func readSecret(r *objectReader) Object {
	s := &Secret{Type: r.root.string("type")}
	values := make(map[string]Bytes)
	r.readData("data", func(key string, v value) {
		text, ok := r.dataText(v, "key", key)
		content, err := base64.StdEncoding.DecodeString(text)
		if ok && err != nil {
			r.report(diag.FieldInvalid, v, "the value of the key %s is not base64", diag.Quote(key))
		}
		values[key] = content
	})
	r.readData("stringData", func(key string, v value) {
		text, _ := r.dataText(v, "key", key)
		values[key] = Bytes(text)
	})
	size := 0
	for key, content := range values {
		size += len(content)
		s.Data = append(s.Data, SecretEntry{Key: key, Value: content})
	}
	slices.SortFunc(s.Data, func(a, b SecretEntry) int { return strings.Compare(a.Key, b.Key) })
	if size > maxSecretSize {
		r.report(diag.FieldInvalid, r.root, "the values have %d bytes, more than the %d that the API server takes", size, maxSecretSize)
	}
	s.Meta = r.meta
	return s
}

// readConfigMap reads a ConfigMap. An entry that is wrong costs only itself: with the whole object, settings that guard something
// would go as well.
func readConfigMap(r *objectReader) Object {
	c := &ConfigMap{}
	r.tolerant = true
	r.readData("data", func(key string, v value) {
		if text, ok := r.dataText(v, "key", key); ok {
			c.Data = append(c.Data, ConfigEntry{Key: key, Value: text, Pos: r.fields.pos(v.at)})
		}
	})
	slices.SortFunc(c.Data, func(a, b ConfigEntry) int { return strings.Compare(a.Key, b.Key) })
	c.Meta = r.meta
	return c
}

// readData hands the entries of a field with valid keys to a function.
func (r *objectReader) readData(name string, read func(key string, v value)) {
	data := r.root.mapping(name)
	if !data.present() {
		return
	}
	for _, e := range entries(data.node) {
		key := resolve(e.key).Value
		if problem := checkDataKey(key); problem != "" {
			r.reportNode(diag.FieldInvalid, e.key, "%s %s", diag.Quote(key), problem)
			continue
		}
		read(key, data.enter(field{name: key}, e.value))
	}
}
