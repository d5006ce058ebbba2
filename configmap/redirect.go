package configmap

import (
	"github.com/headgate/headgate/policy"
)

var redirectAnnotations = group("redirect",
	Spec{Key: SSLRedirect, Type: Bool, Global: SSLRedirect, Obeyed: true,
		Doc: "Sends plain HTTP to https where the host has TLS."},
	Spec{Key: ForceSSLRedirect, Type: Bool, Global: ForceSSLRedirect, Risk: Medium, Obeyed: true,
		Doc: "Sends plain HTTP to https even where TLS ends in front of the proxy."},
	Spec{Key: PreserveTrailingSlash, Type: Bool, Global: PreserveTrailingSlash, Risk: Medium, Obeyed: true,
		Doc: "Keeps a slash at the very end of the URI in redirects to https; one is cut off otherwise."},
	Spec{Key: UsePortInRedirects, Type: Bool, Global: UsePortInRedirects, Obeyed: true,
		Doc: "Writes the port into redirects."},
	Spec{Key: RelativeRedirects, Type: Bool, Global: RelativeRedirects, OnInvalid: RejectIngress,
		Doc: "Leaves scheme and host out of redirects that the proxy makes itself. It can only be switched on where the global setting is off."},
	Spec{Key: FromToWWWRedirect, Type: Bool, Default: "false", Scope: ScopeServer, OnInvalid: RejectIngress,
		Doc: "Redirects the host with www. in front to the one without, or the other way round, unless an Ingress serves that host."},
	Spec{Key: TemporalRedirect, Type: URL, Pattern: urlChars, Risk: Medium, OnInvalid: RejectIngress,
		Doc: "Answers every request with a redirect to exactly this URL. It comes before permanent-redirect."},
	Spec{Key: TemporalRedirectCode, Type: Int, Min: 300, Max: 307, Default: "302", OnInvalid: RejectIngress,
		Doc: "Is the status of temporal-redirect."},
	Spec{Key: PermanentRedirect, Type: String, Pattern: urlChars, Risk: Medium, OnInvalid: RejectIngress,
		Doc: "Answers every request with a 301 to exactly this target."},
	Spec{Key: PermanentRedirectCode, Type: Int, Min: 300, Max: 308, Default: "301", OnInvalid: RejectIngress,
		Doc: "Is the status of permanent-redirect."},
	Spec{Key: AppRoot, Type: String, Pattern: rooted, Variables: true, Scope: ScopeServer, Risk: Medium,
		Doc: "Redirects a request for exactly / of the host to this path."},
)

func readRedirect(f fields) policy.Redirect {
	return policy.Redirect{
		TLS:       perRoute(f, SSLRedirect),
		ForceTLS:  perRoute(f, ForceSSLRedirect),
		KeepSlash: perRoute(f, PreserveTrailingSlash),
		Port:      perRoute(f, UsePortInRedirects),
	}
}
