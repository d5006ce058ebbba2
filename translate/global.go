package translate

import (
	"net/netip"
	"slices"

	"github.com/headgate/headgate/configmap"
	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
)

// readGlobal reads the global ConfigMap. Without one, all settings have their defaults.
func (t *translator) readGlobal() {
	name := t.settings.ConfigMap
	cm := t.snap.ConfigMap(name.Namespace, name.Name)
	if cm == nil && !name.IsZero() {
		t.diags.Add(diag.ConfigMapMissing.At(diag.Pos{}, t.configMapRef(), "--configmap",
			"the global ConfigMap %s; all settings have their defaults", t.absence("ConfigMap", name.Namespace, name.Name)))
	}
	var diags diag.List
	t.operator, diags = configmap.ReadGlobal(cm)
	t.diags = append(t.diags, diags...)
}

// configMapRef is how messages call the global ConfigMap.
func (t *translator) configMapRef() diag.Ref {
	return diag.Ref{Kind: "ConfigMap", Namespace: t.settings.ConfigMap.Namespace, Name: t.settings.ConfigMap.Name}
}

// global makes the settings of all servers: the operator's, with what only the whole input can tell. finishTLS has chosen the default
// certificate before.
func (t *translator) global() model.Global {
	g := t.operator.Global
	g.Listen.HTTPPort, g.Listen.HTTPSPort = t.settings.HTTPPort, t.settings.HTTPSPort
	g.Listen.Addresses = t.listenAddresses()
	g.Listen.Passthrough = len(t.config.Passthroughs) > 0
	g.TLS.DefaultCertificate = t.config.Global.TLS.DefaultCertificate
	g.Limits.Key = t.limitKey()
	g.Streams.Snippets = t.streamSnippets()
	return g
}

// listenAddresses are those of the flags, else those of the settings.
func (t *translator) listenAddresses() []netip.Addr {
	addresses := t.operator.Listen.Addresses
	if len(t.settings.Bind) > 0 {
		addresses = t.settings.Bind
	}
	return distinctAddresses(slices.Clone(addresses))
}

// distinctAddresses leaves out what another address of the list covers: nobody can listen twice.
func distinctAddresses(list []netip.Addr) []netip.Addr {
	slices.SortFunc(list, netip.Addr.Compare)
	list = slices.Compact(list)
	all := slices.Clone(list)
	return slices.DeleteFunc(list, func(a netip.Addr) bool {
		return !a.IsUnspecified() && slices.ContainsFunc(all, func(b netip.Addr) bool { return b.IsUnspecified() && a.Is4() == b.Is4() })
	})
}
