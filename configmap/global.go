package configmap

import (
	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/policy"
)

// Global is the global ConfigMap, read once. What it says about Ingresses is in the policies of each.
type Global struct {
	// Global is what the settings alone decide. Listen lacks ports, Streams the snippets of Ingresses, TLS its certificate, and Limits its
	// key.
	model.Global
	// Closed is why every route must answer 503, empty for none.
	Closed string
	// TLSExempt are the beginnings of paths that are never redirected to https; RedirectCode is the status of those that are.
	TLSExempt    []string
	RedirectCode int
	// LimitKey is a text with $variables that requests are counted by.
	LimitKey policy.Value[string]
	// PortGrants lists which namespaces may open which ports; see [ParsePortGrants].
	PortGrants policy.Value[[]string]
	// StreamSnippet is raw configuration for layer 4.
	StreamSnippet policy.Value[string]

	set Set
}

// ReadGlobal reads the global ConfigMap. Nil stands for one without keys.
func ReadGlobal(cm *manifest.ConfigMap) (Global, diag.List) {
	set, diags := ParseSettings(cm)
	r := settingsReader{set: set, diags: diags}
	if cm != nil {
		r.ref = cm.Ref()
	}
	g := Global{Global: r.global(), Closed: set.Closed(), set: set}
	g.TLSExempt, _ = set.List(NoTLSRedirectLocations)
	g.RedirectCode = r.int(HTTPRedirectCode)
	f := fields{set: set}
	g.LimitKey, g.PortGrants, g.StreamSnippet = value(f, LimitConnZoneVariable), value(f, StreamPortGrants), value(f, StreamSnippet)
	return g, r.diags
}

// Annotations are the rules for annotations under a prefix.
func (g *Global) Annotations(prefix string) AnnotationOptions { return OptionsFrom(g.set, prefix) }

// settingsReader turns settings into what they mean.
type settingsReader struct {
	set   Set
	ref   diag.Ref
	diags diag.List
}

func (r *settingsReader) global() model.Global {
	return model.Global{
		Listen:  r.listen(),
		Client:  r.client(),
		Forward: r.forwarded(),
		TLS:     r.tls(),
		HSTS:    r.hsts(),
		Proxy:   r.proxy(),
		Limits:  r.limits(),
		Streams: r.streams(),
		Log:     r.log(),
		Process: r.process(),
		Written: r.written(),
	}
}

func (r *settingsReader) limits() model.Limits {
	return model.Limits{RateStatus: r.int(LimitReqStatusCode), ConnectionStatus: r.int(LimitConnStatusCode)}
}

// written lists where the settings stand.
func (r *settingsReader) written() []model.Origin {
	var origins []model.Origin
	for _, key := range r.set.Keys() {
		origins = append(origins, model.Origin{Ref: r.ref, Path: key.String(), Pos: r.set.Pos(key)})
	}
	return origins
}

func (r *settingsReader) bool(key BoolKey) bool {
	v, _ := r.set.Bool(key)
	return v
}

func (r *settingsReader) int(key IntKey) int {
	v, _ := r.set.Int(key)
	return v
}

// maxTimeout is the longest time that proxies count in milliseconds of 32 bits: more than 24 days.
const maxTimeout = (1<<31 - 1) / 1000

// seconds is a time limit; what is longer than proxies can count comes to the same.
func (r *settingsReader) seconds(key DurationKey) int {
	v, _ := r.set.Seconds(key)
	return min(v, maxTimeout)
}

func (r *settingsReader) size(key SizeKey) int64 {
	v, _ := r.set.Size(key)
	return v
}

func (r *settingsReader) str(key StringKey) string {
	v, _ := r.set.String(key)
	return v
}
