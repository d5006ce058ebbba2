package configmap

import (
	"os"
	"strings"
	"testing"
)

// otherDefaults are the settings whose default is not written as ingress-nginx has it, with the reason. The value is what the table has.
var otherDefaults = map[Key]struct{ value, reason string }{
	WorkerProcesses:          {"auto", "the number of CPUs, which the proxy counts"},
	DisableIPv6DNS:           {"false", "ingress-nginx looks at its pod"},
	ServerNameHashBucketSize: {"0", "computed from the longest host by both"},
	BrotliTypes:              {"application/xml+rss " + compressed, "the list is the same, written out"},
}

// TestDefaultsAreThoseOfIngressNginx compares every setting that has ingress-nginx's name with the default that it has there.
func TestDefaultsAreThoseOfIngressNginx(t *testing.T) {
	data, err := os.ReadFile("testdata/ingress-nginx-settings.tsv")
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for line := range strings.Lines(string(data)) {
		name, want, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		spec := settings.byName[name]
		if spec == nil {
			t.Errorf("ingress-nginx has the setting %s, the table has not", name)
			continue
		}
		compared++
		if spec.Inert != "" {
			continue
		}
		if other, ok := otherDefaults[spec.Key]; ok {
			want = other.value
		}
		if spec.Default != want {
			t.Errorf("%s has the default %q, in ingress-nginx %q", name, spec.Default, want)
		}
	}
	if compared < 190 {
		t.Errorf("only %d settings were compared", compared)
	}
}
