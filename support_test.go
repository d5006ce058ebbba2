package headgate_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/headgate/headgate/configmap"
	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/render/haproxy"
	"github.com/headgate/headgate/translate"
)

// TestUselessSettingsAreReported demands that HAProxy's rendering says of each setting that the tables call useless to it that it has no
// effect. The others that HAProxy does not support depend on their values, and have cases.
func TestUselessSettingsAreReported(t *testing.T) {
	byValue := []configmap.Key{configmap.LimitRateAfter, configmap.StreamSnippet}
	for _, spec := range configmap.Settings() {
		if !spec.Obeyed || spec.Targets.HAProxy.Level != configmap.None || spec.Targets.Nginx.Level == configmap.None || slices.Contains(byValue, spec.Key) {
			continue
		}
		objects, _ := manifest.Load([]manifest.Input{{Name: "in.yaml", Data: fmt.Appendf(nil,
			"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config, namespace: headgate}\ndata: {%s: %q}\n", spec.Key.String(), spec.Default)}}, manifest.LoadOptions{})
		snap, _ := manifest.NewSnapshot(objects)
		settings := testSettings()
		settings.ConfigMap = translate.Name{Namespace: "headgate", Name: "config"}
		settings.DefaultCertificate = testCertificate(t)
		cfg, _ := translate.Run(snap, settings)
		target, err := haproxy.New(haproxy.Options{})
		if err != nil {
			t.Fatal(err)
		}
		result, err := target.Render(cfg)
		if err != nil {
			t.Fatal(err)
		}
		told := slices.ContainsFunc(result.Diagnostics, func(d diag.Diagnostic) bool {
			return d.Code == diag.TargetSetting.Code && d.Key == spec.Key.String() && d.Pos.Line == 4
		})
		if !told {
			t.Errorf("%s: nothing is said of it: %v", spec.Key, result.Diagnostics)
		}
	}
}
