package configmap

import (
	"github.com/headgate/headgate/policy"
)

var snippetAnnotations = group("snippet",
	Spec{Key: ConfigurationSnippet, Type: Snippet, Risk: Critical,
		Doc: "Puts raw configuration into every location of the Ingress."},
	Spec{Key: ServerSnippet, Type: Snippet, Scope: ScopeServer, Risk: Critical,
		Doc: "Puts raw configuration into the server of every host of the Ingress."},
	Spec{Key: StreamSnippet, Type: Snippet, Scope: ScopeStream, Risk: Critical, Obeyed: true,
		Targets: Targets{Nginx: Support{Level: Full}, HAProxy: Support{Level: None, Reason: "it is configuration of nginx"}},
		Doc:     "Puts raw configuration into the part for TCP and UDP. Those of all Ingresses add up."},
)

func readSnippets(f fields) policy.Snippets {
	return policy.Snippets{Streams: policy.PerStreams[string]{Value: value(f, StreamSnippet)}}
}
