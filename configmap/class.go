package configmap

import (
	"github.com/headgate/headgate/policy"
)

var classAnnotations = group("class",
	Spec{Key: IngressClass, Type: String, Pattern: plain, Scope: ScopeIngress, Obeyed: true,
		Doc: "Names the class of an Ingress that has no spec.ingressClassName. It is written without the prefix and must equal --ingress-class exactly."},
)

func readClass(f fields) policy.Class { return policy.Class{Name: perIngress(f, IngressClass)} }
