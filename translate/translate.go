package translate

import (
	"github.com/headgate/headgate/configmap"
	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/policy"
)

// Run gives a Snapshot its meaning. It is a pure function: equal arguments give equal results. The Config is normalised and the
// diagnostics are sorted.
func Run(snap *manifest.Snapshot, settings Settings) (*model.Config, diag.List) {
	t := newTranslator(snap, settings)
	t.readGlobal()
	t.takeIngresses()
	t.findOwners()
	t.buildDefaultServer()
	t.buildServers()
	t.fillServers()
	t.addCanaries()
	t.closeHosts()
	t.finishServers()
	t.boundServers()
	t.streamBackends = map[string]*streamBackend{}
	t.buildPassthroughs()
	t.buildStreams()
	t.reportElsewhere()

	t.reportRefusedAddresses()
	t.config.Global = t.global()
	t.collect()
	t.config.Normalize()
	t.diags.Sort()
	return &t.config, t.diags
}

// translator holds one run. Its methods are the steps of Run, in files of their own.
type translator struct {
	snap     *manifest.Snapshot
	settings Settings
	// operator is what the global ConfigMap says.
	operator configmap.Global
	diags    diag.List

	// ingresses are the taken ones, oldest first.
	ingresses []*ingress
	// servers are in order of creation, hosts finds them by host.
	servers []*server
	hosts   map[string]*server
	// owners are the oldest Ingresses of the hosts, whose namespaces the hosts belong to.
	owners map[string]*ingress
	// backends are found by ID, certificates by the ID of the Secret they were read from.
	backends     map[string]*backend
	certificates map[string]*certificate
	// defaultBackend is the ID of the global default backend, empty if there is none.
	defaultBackend string
	// refused are the addresses that get no requests, by the object that names them.
	refused map[*manifest.Meta]*refusedAddresses
	// replicaCount is the number of replicas once somebody asked for it.
	replicaCount int
	// streamBackends are found by ID; ports says which layer-4 ports are taken, and by whom.
	streamBackends map[string]*streamBackend
	ports          map[portOwner]diag.Ref
	// counts is what namespaces have used of their bounds.
	counts counts
	// regexes reads regular expressions.
	regexes model.RegexReader
	config  model.Config
}

func newTranslator(snap *manifest.Snapshot, settings Settings) *translator {
	return &translator{
		snap: snap, settings: settings, backends: map[string]*backend{}, certificates: map[string]*certificate{},
		refused: map[*manifest.Meta]*refusedAddresses{}, counts: newCounts(),
	}
}

// ingress is a taken Ingress with what it asks for.
type ingress struct {
	*manifest.Ingress
	policy policy.Ingress
	// refused says that the whole Ingress is refused: it only keeps its places, closed.
	refused bool
	// limit is the Limit of its paths, once one of them asked for it.
	limit *model.Limit
	// limitRefused says that it may not have one.
	limitRefused bool
	// redirected says that annotations without effect beside a redirect were reported.
	redirected bool
	// tlsHosts finds the entries of spec.tls by host, tlsUsable are those with a certificate that can be used; nil until a host asks.
	tlsHosts  map[string]int
	tlsUsable []int
}

// report adds a diagnostic about a field of an object.
func (t *translator) report(c diag.CodeInfo, meta *manifest.Meta, path, format string, args ...any) {
	t.diags.Add(c.At(meta.Pos(path), meta.Ref(), path, format, args...))
}

// about makes a diagnostic about a field of the policies of an Ingress.
func about(c diag.CodeInfo, ing *ingress, field policy.Origin, format string, args ...any) diag.Diagnostic {
	return c.At(field.Pos, ing.Ref(), field.Key, format, args...)
}

// origin says where a node came from.
func origin(meta *manifest.Meta, path string) model.Origin {
	return model.Origin{Ref: meta.Ref(), Path: path, Pos: meta.Pos(path)}
}

// collect moves what was built into the Config.
func (t *translator) collect() {
	for _, s := range t.servers {
		t.config.Servers = append(t.config.Servers, s.model())
	}
	for _, b := range t.backends {
		t.config.Backends = append(t.config.Backends, b.Backend)
		t.config.Endpoints = append(t.config.Endpoints, b.endpoints)
	}
	for _, b := range t.streamBackends {
		t.config.StreamBackends = append(t.config.StreamBackends, b.StreamBackend)
		t.config.StreamEndpoints = append(t.config.StreamEndpoints, b.endpoints)
	}
	for _, c := range t.certificates {
		if c.used {
			t.config.Certificates = append(t.config.Certificates, c.Certificate)
		}
	}
}
