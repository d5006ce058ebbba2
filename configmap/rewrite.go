package configmap

import (
	"github.com/headgate/headgate/policy"
)

var rewriteAnnotations = group("rewrite",
	Spec{Key: UseRegex, Type: Bool, Default: "false", Obeyed: true,
		Doc: "Reads the paths as regular expressions. It does so for every path of the host, those of other Ingresses included."},
	Spec{Key: RewriteTarget, Type: String, Pattern: rewritten, Variables: true, Risk: Medium, Obeyed: true,
		Doc: "Replaces the path before the request is sent on; $1 to $9 are the groups of the path. A URL with http://, https:// or $scheme:// is a redirect to it with 302. Different from the path, it turns all paths of the host into regular expressions."},
	Spec{Key: XForwardedPrefix, Type: String, Pattern: rewritten, Variables: true, Risk: Medium, OnInvalid: RejectIngress, Obeyed: true,
		Doc: "Sends X-Forwarded-Prefix to the endpoints; $1 to $9 are the groups of the path. Only with a rewrite-target."},
	Spec{Key: ServerAlias, Type: List, Pattern: regexText, Scope: ScopeServer, Risk: High, OnInvalid: RejectIngress,
		Doc: "Adds names to the hosts of the Ingress. A name may be a wildcard, or with ~ in front a regular expression."},
)

func readRewrite(f fields) policy.Rewrite {
	return policy.Rewrite{Regex: perRoute(f, UseRegex), Target: perRoute(f, RewriteTarget), Prefix: perRoute(f, XForwardedPrefix)}
}
