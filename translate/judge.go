package translate

import (
	"slices"
	"strings"

	"github.com/headgate/headgate/configmap"
	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/policy"
)

// Judge says of single objects whether they can be served as they are written, by the same steps as [Run].
type Judge struct {
	snap     *manifest.Snapshot
	settings Settings
	operator configmap.Global
}

// NewJudge makes a Judge for the objects of a Snapshot, and for others in their place.
func NewJudge(snap *manifest.Snapshot, settings Settings) *Judge {
	t := newTranslator(snap, settings)
	t.readGlobal()
	return &Judge{snap: snap, settings: settings, operator: t.operator}
}

// Prefix stands before the slash of annotations.
func (j *Judge) Prefix() string { return j.settings.AnnotationsPrefix }

// Place is a host and path that an Ingress names. The zero Path is that of a rule without paths, the zero Place a default backend.
type Place struct {
	Rule  bool
	Host  string
	Path  string
	Exact bool
}

// IngressVerdict is what an Ingress comes to if it is alone.
type IngressVerdict struct {
	// Taken says that the Ingress is Headgate's; of one that is not, only Slips is said besides.
	Taken bool
	// Slips are the fields and the class that have a slip in them, so that they do not mean what they were to mean.
	Slips []string
	// Written are the places that the Ingress names, Open those of them that are served and not closed.
	Written, Open map[Place]bool
	// Unclear says that a host or path could not be read.
	Unclear bool
	// Policy is what the Ingress asks for.
	Policy policy.Ingress
	// Diags are the remarks about the Ingress.
	Diags diag.List
}

// Ingress judges an Ingress.
func (j *Judge) Ingress(ing *manifest.Ingress) IngressVerdict {
	t := newTranslator(j.snap, j.settings)
	t.operator = j.operator
	v := IngressVerdict{Taken: t.takes(ing), Slips: slices.Clone(ing.Misspelt)}
	if !v.Taken {
		if slip := t.classSlip(ing); slip != "" {
			v.Slips = append(v.Slips, slip)
		}
		v.Written, v.Unclear = placesOf(ing), hasUnreadable(ing)
		return v
	}
	v.Written, v.Unclear = placesOf(ing), hasUnreadable(ing)
	v.Policy = t.take(ing, t.dialect()).policy
	v.Open = t.openPlaces(ing)
	for _, d := range t.diags {
		if d.Ref == ing.Ref() {
			v.Diags.Add(d)
			v.Unclear = v.Unclear || slices.Contains(unclear, d.Code)
		}
	}
	v.Diags.Sort()
	return v
}

// hasUnreadable reports whether a host or path cannot be one; of an Ingress that is refused for its annotations nobody else asks.
func hasUnreadable(ing *manifest.Ingress) bool {
	return slices.ContainsFunc(ing.Rules, func(r manifest.IngressRule) bool {
		return r.Host != "" && !validHost(strings.ToLower(r.Host)) ||
			slices.ContainsFunc(r.Paths, func(p manifest.IngressPath) bool { return p.Path != "" && pathProblem(p.Path) != "" })
	})
}

// unclear are the codes of hosts and paths that cannot be read.
var unclear = []diag.Code{diag.HostInvalid.Code, diag.PathInvalid.Code, diag.RegexRefused.Code}

// openPlaces builds the hosts of the only Ingress and lists what of it is served. A canary has no hosts of its own; all of it is open unless
// its annotations close it.
func (t *translator) openPlaces(ing *manifest.Ingress) map[Place]bool {
	only := t.ingresses[0]
	if only.refused {
		return nil
	}
	if only.isCanary() {
		if only.policy.Closed.Refuses() {
			return nil
		}
		return placesOf(ing)
	}
	t.findOwners()
	t.buildDefaultServer()
	t.buildServers()
	t.fillServers()
	t.closeHosts()
	t.finishServers()
	open := map[string]bool{}
	for _, s := range t.servers {
		absent := map[string]bool{}
		for _, e := range s.entries {
			absent[e.from.Path] = absent[e.from.Path] || e.absent
		}
		for i := range s.routes {
			if r := &s.routes[i]; r.From.Ref == ing.Ref() && !absent[r.From.Path] && (r.Closed == "" || r.Closed == t.operator.Closed) {
				open[r.From.Path] = true
			}
		}
	}
	places := map[Place]bool{}
	eachPlace(ing, func(p Place, at string) {
		if open[at] {
			places[p] = true
		}
	})
	return places
}

func placesOf(ing *manifest.Ingress) map[Place]bool {
	places := map[Place]bool{}
	eachPlace(ing, func(p Place, _ string) { places[p] = true })
	return places
}

// eachPlace goes through the places of an Ingress, each with its JSON path.
func eachPlace(ing *manifest.Ingress, visit func(p Place, at string)) {
	if ing.DefaultBackend != nil && len(ing.Rules) == 0 {
		visit(Place{}, "spec.defaultBackend")
	}
	for i := range ing.Rules {
		rule := &ing.Rules[i]
		if len(rule.Paths) == 0 {
			visit(PlaceOf(rule.Host, nil), rulePath(i))
		}
		for k := range rule.Paths {
			visit(PlaceOf(rule.Host, &rule.Paths[k]), pathPath(i, k))
		}
	}
}

// PlaceOf is the place of a path of a rule, or, without a path, of the rule.
func PlaceOf(host string, path *manifest.IngressPath) Place {
	p := Place{Rule: true, Host: strings.ToLower(host)}
	if path != nil {
		p.Path, p.Exact = path.Path, path.PathType == manifest.PathExact
		if p.Path == "" {
			p.Path = "/"
		}
	}
	return p
}

// Certificate says why a Secret cannot be used as the certificate that it is used as, or that a former version of it is used as; empty if it
// can. For a Secret that nobody uses so there is nothing to say.
func (j *Judge) Certificate(now, before *manifest.Secret) string {
	hosts, used := j.usesOf(now.Namespace, now.Name)
	if !used {
		return ""
	}
	c := readCertificate(now)
	if c.problem != "" {
		return c.problem
	}
	old := readCertificate(before)
	for _, host := range hosts {
		if old.problem == "" && covers(old.leaf, host) && !covers(c.leaf, host) {
			return "is not valid for host " + host + " any more"
		}
	}
	return ""
}

// usesOf reports whether a Secret is used as a certificate, and for which hosts.
func (j *Judge) usesOf(namespace, name string) (hosts []string, used bool) {
	t := newTranslator(j.snap, j.settings)
	used = j.settings.DefaultTLSSecret == Name{Namespace: namespace, Name: name}
	for _, ing := range j.snap.Ingresses {
		if ing.Namespace != namespace {
			continue
		}
		for _, tls := range ing.TLS {
			if tls.SecretName == name && t.takes(ing) {
				used = true
				for _, host := range tls.Hosts {
					hosts = append(hosts, strings.ToLower(host))
				}
			}
		}
	}
	return hosts, used || slices.Contains(j.streamSecrets(), configmap.Reference{Namespace: namespace, Name: name})
}

// streamSecrets are those that TCP ports name.
func (j *Judge) streamSecrets() []configmap.Reference {
	name := j.settings.TCPServices
	entries, _ := configmap.ParseStreams(j.snap.ConfigMap(name.Namespace, name.Name), model.TCP)
	for _, svc := range newTranslator(j.snap, j.settings).annotatedServices() {
		more, _ := configmap.ParseServiceStreams(svc, model.TCP)
		entries = append(entries, more...)
	}
	var refs []configmap.Reference
	for _, e := range entries {
		refs = append(refs, e.TLSSecret)
	}
	return refs
}

// ConfigMap puts the former values of entries that cannot be used any more in the place of these, if the ConfigMap is one that has a
// meaning. It returns the keys of those entries and the remarks about them.
func (j *Judge) ConfigMap(now, before *manifest.ConfigMap) (*manifest.ConfigMap, []string, diag.List) {
	var merged *manifest.ConfigMap
	var keys []string
	var diags diag.List
	switch (Name{Namespace: now.Namespace, Name: now.Name}) {
	case j.settings.ConfigMap:
		merged, keys = configmap.RetainSettings(before, now)
		_, diags = configmap.ParseSettings(now)
	case j.settings.TCPServices:
		merged, keys = configmap.RetainStreams(before, now, model.TCP)
		_, diags = configmap.ParseStreams(now, model.TCP)
	case j.settings.UDPServices:
		merged, keys = configmap.RetainStreams(before, now, model.UDP)
		_, diags = configmap.ParseStreams(now, model.UDP)
	default:
		return now, nil, nil
	}
	return merged, keys, slices.DeleteFunc(diags, func(d diag.Diagnostic) bool { return !slices.Contains(keys, d.Key) })
}
