package configmap

import (
	"github.com/headgate/headgate/policy"
)

var passthroughAnnotations = group("tls",
	Spec{Key: SSLPassthrough, Type: Bool, Default: "false", Scope: ScopeServer, OnInvalid: RejectIngress, Obeyed: true,
		Doc: "Hands the TLS connections of the host on unopened, to the Service of the path /. Needs the flag --enable-ssl-passthrough. What else the Ingress says then concerns plain HTTP only."},
)

func readPassthrough(f fields) policy.Passthrough {
	return policy.Passthrough{Enabled: policy.ForHost(value(f, SSLPassthrough))}
}
