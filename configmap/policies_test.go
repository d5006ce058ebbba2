package configmap

import (
	"reflect"
	"strings"
	"testing"

	"github.com/headgate/headgate/policy"
)

// reaches are the wrappers of package policy by the scope of a key.
var reaches = map[Scope]string{
	ScopeRoute: "PerRoute", ScopeServer: "PerHost", ScopeBackend: "PerBackend", ScopeIngress: "PerIngress", ScopeStream: "PerStreams",
}

// fieldsOf finds the fields of policies by the name of their key, with the wrapper that says their reach.
func fieldsOf(t *testing.T, asked policy.Ingress) map[string]string {
	t.Helper()
	found := map[string]string{}
	families := reflect.ValueOf(asked)
	for i := range families.NumField() {
		family := families.Type().Field(i).Name
		if family == "Closed" || family == "Written" {
			continue
		}
		for k := range families.Field(i).NumField() {
			field := families.Field(i).Type().Field(k)
			wrapper, _, _ := strings.Cut(field.Type.Name(), "[")
			name := families.Field(i).Field(k).Field(0).FieldByName("Origin").FieldByName("Name").String()
			if name == "" {
				t.Errorf("policy.%s.%s is filled from no annotation", family, field.Name)
			}
			if found[name] != "" {
				t.Errorf("%s fills two fields", name)
			}
			found[name] = wrapper
		}
	}
	return found
}

// TestEveryAnnotationHasItsReach holds the scope that the table declares and the documentation shows against the type of the field that
// decides what is done, and sees to it that each supported annotation fills one.
func TestEveryAnnotationHasItsReach(t *testing.T) {
	asked, _ := ReadPolicies(ingress(), lenient)
	found := fieldsOf(t, asked)
	for _, spec := range Annotations() {
		wrapper, ok := found[spec.Key.String()]
		switch {
		case spec.Obeyed != ok:
			t.Errorf("%s is supported: %t, and fills a field of package policy: %t", spec.Key, spec.Obeyed, ok)
		case ok && wrapper != reaches[spec.Scope]:
			t.Errorf("%s is declared for the %s and read as %s", spec.Key, spec.Scope, wrapper)
		}
	}
}

// TestSettingsStandInForAnnotations writes, for each annotation that has a setting for its default, the setting alone: the field is what it
// is with the annotation alone.
func TestSettingsStandInForAnnotations(t *testing.T) {
	other := map[Type]string{Bool: "true", Int: "7", Enum: ""}
	for _, spec := range Annotations() {
		if !spec.Obeyed || spec.Global == nil {
			continue
		}
		text := other[spec.Type]
		if setting := settings.byName[spec.Global.String()]; text == setting.Default {
			text = "false"
		}
		if spec.Type == Enum {
			text = "ewma"
		}
		written, _ := ParseSettings(configMap(spec.Global.String(), text))
		bySetting, _ := ReadPolicies(ingress(), AnnotationOptions{Settings: written, RiskLevel: Critical})
		defaults, _ := ParseSettings(nil)
		byAnnotation, _ := ReadPolicies(ingress(spec.Key.String(), text), AnnotationOptions{Settings: defaults, RiskLevel: Critical})
		byDefault, _ := ReadPolicies(ingress(), AnnotationOptions{Settings: defaults, RiskLevel: Critical})
		got, want := valueOf(bySetting, spec.Key), valueOf(byAnnotation, spec.Key)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q as the setting %s gives %v, as annotation %v", spec.Key, text, spec.Global, got, want)
		}
		if reflect.DeepEqual(valueOf(byDefault, spec.Key), want) {
			t.Errorf("%s: %q is the default, which shows nothing", spec.Key, text)
		}
	}
}

// valueOf finds the value of a field by the name of its key.
func valueOf(asked policy.Ingress, key Key) any {
	for _, family := range reflect.ValueOf(asked).Fields() {
		if family.Kind() != reflect.Struct {
			continue
		}
		for _, field := range family.Fields() {
			if field.Kind() != reflect.Struct {
				continue
			}
			if v := field.Field(0); v.FieldByName("Origin").FieldByName("Name").String() == key.String() {
				return v.FieldByName("V").Interface()
			}
		}
	}
	return nil
}

func TestWhatIsRefusedHasItsReach(t *testing.T) {
	for key, c := range map[string]struct {
		value                string
		routes, hosts, whole bool
	}{
		"auth-url":        {"http://auth.example/", true, false, false},
		"auth-tls-secret": {"shop/ca", true, true, false},
		"limit-rps":       {"many", false, false, true},
	} {
		asked, _ := ReadPolicies(ingress(key, c.value), lenient)
		closed := asked.Closed
		if got := closed.Routes.Given; got != c.routes || closed.Routes.V != "" != c.routes {
			t.Errorf("%s closes its routes: %t", key, got)
		}
		if got := closed.Hosts.Own(); got.Given != c.hosts || got.V != "" != c.hosts {
			t.Errorf("%s closes its hosts: %t", key, got.Given)
		}
		if closed.Whole != c.whole || closed.Refuses() != (c.routes || c.hosts) {
			t.Errorf("%s: %+v", key, closed)
		}
	}
}
