package configmap

import (
	"github.com/headgate/headgate/policy"
)

var errorAnnotations = group("error",
	Spec{Key: CustomHTTPErrors, Type: Codes, Min: 400, Max: 599, Global: CustomHTTPErrors, OnInvalid: RejectIngress,
		Doc: "Replaces responses of these codes by pages of the default backend. It takes the place of the global list."},
	Spec{Key: DisableProxyInterceptErrors, Type: Bool, Default: "false",
		Doc: "Leaves error responses of the endpoints alone; only the proxy's own errors get a page."},
)

func readErrors(f fields) policy.Errors { return policy.Errors{Fallback: perRoute(f, DefaultBackend)} }
