package configmap

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
)

// hostile are values that have hurt others: quotes, comments, line ends in every disguise, variables, long and odd numbers.
var hostile = []string{
	"", " ", "true", "0", "-1", "007", "1e9", "99999999999999999999", "8k", "8kk", "8K; deny all", "4 8k", "1h30m", "1y1y", "on", "GET",
	"a\x00b", "a\rb", "a\nb\n", "\u2028x", "\ufeff", "\u202e", "\xff\xfe", "\x85", "#", "}", "{", ";", "'", `"`, `\`, "`", "$", "$host", "${x}", "%[x]",
	"http://a/", "https://$host/x?y=$1", "http://a..b/", "http:a", "//a", "javascript:x", "http://u:p@h/", "ns/name", "../..", "a/b/c",
	"10.0.0.0/8", "10.0.0.1/8,::/0", "fe80::1%eth0", "::ffff:1.2.3.4/96", "*", "~^(a+)+$", "(", "CN=x", "CN=(", "@x", "200 5m, 1s", "404,503",
	"X-A, X-B", "round_robin", "TLSv1.2 TLSv1.3", "off", "/a /b", "/.well-known/x,/y", "x: 1m", strings.Repeat("a", 5000), strings.Repeat("1,", 70000),
}

func FuzzParseAnnotations(f *testing.F) {
	for i, v := range hostile {
		f.Add(uint16(i*7), v)
	}
	f.Fuzz(func(t *testing.T, n uint16, value string) {
		spec := &annotations.specs[int(n)%len(annotations.specs)]
		m := manifest.Meta{Kind: "Ingress", Namespace: "shop", Name: "web"}
		for _, spelling := range append([]Key{spec.Key}, spec.Aliases...) {
			m.Annotations = append(m.Annotations, manifest.Annotation{Key: fullKey(DefaultPrefix, spelling), Value: value})
		}
		set, _, diags := ParseAnnotations(&m, lenient)
		hold(t, set, spec)
		for _, d := range diags {
			if !printable(d.Message) || !printable(d.Hint) {
				t.Errorf("the message %q (hint %q) repeats odd characters", d.Message, d.Hint)
			}
		}
	})
}

func FuzzParseSettings(f *testing.F) {
	for i, v := range hostile {
		f.Add(uint16(i*7), v)
	}
	f.Fuzz(func(t *testing.T, n uint16, value string) {
		spec := &settings.specs[int(n)%len(settings.specs)]
		set, _ := ParseSettings(configMap(spec.Key.String(), value))
		hold(t, set, spec)
	})
}

func FuzzParseStreams(f *testing.F) {
	f.Add("9000", "shop/db:5432:PROXY:PROXY")
	for _, v := range hostile {
		f.Add(v, v)
	}
	f.Fuzz(func(t *testing.T, key, value string) {
		entries, diags := ParseStreams(configMap(key, value), model.TCP)
		if len(entries) == 0 && len(diags) == 0 {
			t.Error("an entry vanished without a word")
		}
		for _, e := range entries {
			if e.Port < 1 || e.Port > 65535 || !isLabel(e.Namespace) || !isLabel(e.Service) || (e.ServicePort == manifest.Port{}) {
				t.Errorf("%q: %q gave %+v", key, value, e)
			}
		}
	})
}

// TestEveryKeyWithEveryHostileValue does at every run what fuzzing does at leisure.
func TestEveryKeyWithEveryHostileValue(t *testing.T) {
	for _, value := range hostile {
		for i := range annotations.specs {
			spec := &annotations.specs[i]
			m := manifest.Meta{Kind: "Ingress", Namespace: "shop", Name: "web"}
			m.Annotations = []manifest.Annotation{{Key: fullKey(DefaultPrefix, spec.Key), Value: value}}
			set, verdict, diags := ParseAnnotations(&m, lenient)
			hold(t, set, spec)
			if !set.Has(spec.Key) && len(diags) == 0 {
				t.Errorf("%s=%q was dropped in silence (%+v)", spec.Key, value, verdict)
			}
		}
		for i := range settings.specs {
			set, _ := ParseSettings(configMap(settings.specs[i].Key.String(), value))
			hold(t, set, &settings.specs[i])
		}
	}
}

// hold checks that what a Set gives out for a key is what its declaration promises.
func hold(t *testing.T, set Set, spec *Spec) {
	t.Helper()
	e, ok := set.find(spec.Key)
	if !ok || !e.given || e.value == nil {
		return
	}
	least, most := spec.Min, spec.Max
	switch v := e.value.(type) {
	case bool, float64, Reference:
	case int:
		if n := int64(v); (least != 0 || most != 0) && (n < least || n > most) || v < -maxInt || v > maxInt {
			t.Errorf("%s gave %d", spec.Key, v)
		}
	case int64:
		if v < 0 || v > maxSize || most != 0 && (v < least || v > most) {
			t.Errorf("%s gave %d bytes", spec.Key, v)
		}
	case BufferCount:
		if v.Number < 1 || v.Number > 1024 || v.Size < 1 || v.Size > spec.Max {
			t.Errorf("%s gave %+v", spec.Key, v)
		}
	case time.Duration:
		if v < 0 || v > (maxSeconds+1)*time.Second {
			t.Errorf("%s gave %s", spec.Key, v)
		}
	case string:
		holdText(t, spec, v)
	case []string:
		for _, item := range v {
			holdText(t, spec, item)
			if item == "" || strings.ContainsAny(item, "\n") {
				t.Errorf("%s gave the item %q", spec.Key, item)
			}
		}
	}
}

func holdText(t *testing.T, spec *Spec, v string) {
	t.Helper()
	if spec.Type == Text || spec.Type == Snippet {
		v = strings.NewReplacer("\n", "", "\t", "").Replace(v)
	}
	if !printable(v) {
		t.Errorf("%s gave %q", spec.Key, v)
	}
	if len(spec.Values) > 0 && !slices.Contains(spec.Values, v) {
		t.Errorf("%s gave %q, which is none of its words", spec.Key, v)
	}
}

func printable(s string) bool { return utf8.ValidString(s) && !strings.ContainsFunc(s, forbidden) }

func FuzzParseServiceStreams(f *testing.F) {
	f.Add("9000: 5432, 9001: pg:PROXY:PROXY-V2:tls\n")
	for _, v := range hostile {
		f.Add("9000: " + v)
	}
	f.Fuzz(func(t *testing.T, value string) {
		svc := &manifest.Service{Meta: manifest.Meta{Kind: "Service", Namespace: "shop", Name: "db"}}
		svc.Annotations = []manifest.Annotation{{Key: TCPPortsAnnotation, Value: value}}
		entries, _ := ParseServiceStreams(svc, model.TCP)
		for _, e := range entries {
			switch {
			case e.Namespace != "shop" || e.Service != "db":
				t.Errorf("%q leads to another Service: %+v", value, e)
			case e.TLSSecret != (Reference{}) && e.TLSSecret.Namespace != "shop":
				t.Errorf("%q takes the Secret of another namespace: %+v", value, e)
			}
		}
	})
}
