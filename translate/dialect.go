package translate

import (
	"github.com/headgate/headgate/configmap"
	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/policy"
)

// Dialect reads what one Ingress asks for in its own words, and says what is wrong with them. It is a pure function and looks at no other
// object.
type Dialect func(meta *manifest.Meta) (policy.Ingress, diag.List)

// dialect is the one of the Settings, else that of ingress-nginx.
func (t *translator) dialect() Dialect {
	if t.settings.Dialect != nil {
		return t.settings.Dialect
	}
	opts := t.operator.Annotations(t.settings.AnnotationsPrefix)
	return func(meta *manifest.Meta) (policy.Ingress, diag.List) { return configmap.ReadPolicies(meta, opts) }
}
