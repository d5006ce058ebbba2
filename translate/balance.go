package translate

import (
	"net/netip"
	"slices"

	"github.com/headgate/headgate/configmap"
	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
)

// algorithms are the values of load-balance that mean a way to choose. Those of kube-proxy's IPVS mode mean what they mean there:
//
//	rr   in turn                          dh   by what was asked for (here: the host)
//	lc   fewest requests in progress      sh   by who asks
//	sed  shortest expected delay, nq  an idle endpoint before all others: with endpoints of equal weight both are lc
var algorithms = map[string]model.Balance{
	"round_robin": {}, "rr": {},
	"least_conn": {Algorithm: model.LeastConnections}, "lc": {Algorithm: model.LeastConnections},
	"sed": {Algorithm: model.LeastConnections}, "nq": {Algorithm: model.LeastConnections},
	"random": {Algorithm: model.TwoChoices}, "random two": {Algorithm: model.TwoChoices},
	"ewma":    {Algorithm: model.LeastLatency},
	"ip_hash": {Algorithm: model.HashKey, Key: model.Key{{Source: model.KeyClient}}},
	"sh":      {Algorithm: model.HashKey, Key: model.Key{{Source: model.KeyClient}}},
	"dh":      {Algorithm: model.HashKey, Key: model.Key{{Source: model.KeyHost}}},
}

// balanceKeys are the annotations that choose how endpoints are picked.
var balanceKeys = []configmap.Key{configmap.LoadBalance, configmap.UpstreamHashBy, configmap.ServiceUpstream}

// balanceOf is what an Ingress says about choosing among endpoints: a hash comes before the algorithm, and what the Ingress does not
// say the setting does.
func (t *translator) balanceOf(ing *ingress) model.Balance {
	if balance, ok := t.hashOf(ing); ok {
		return balance
	}
	name, written := ing.set.String(configmap.LoadBalance)
	if written {
		if balance, ok := algorithms[name]; ok {
			return balance
		}
		at := ing.set.FullKey(configmap.LoadBalance)
		t.diags.Add(diag.ValueWithoutEffect.At(ing.set.Pos(configmap.LoadBalance), ing.Ref(), at,
			"%s needs upstream-hash-by or affinity beside it; the setting load-balance applies", diag.Quote(name)))
	}
	return algorithms[t.str(configmap.LoadBalance)]
}

// hashOf is the hash that an Ingress asks for.
func (t *translator) hashOf(ing *ingress) (model.Balance, bool) {
	text, ok := ing.set.String(configmap.UpstreamHashBy)
	if !ok || text == "" {
		return model.Balance{}, false
	}
	key, err := parseKey(text)
	if err != nil {
		d := diag.KeyUnknown.At(ing.set.Pos(configmap.UpstreamHashBy), ing.Ref(), ing.set.FullKey(configmap.UpstreamHashBy),
			"requests cannot be hashed by this text (%v); load-balance applies instead", err)
		d.Hint = keyHint(err)
		t.diags.Add(d)
		return model.Balance{}, false
	}
	t.reportConstant(ing, key, text)
	balance := model.Balance{Algorithm: model.HashKey, Key: key}
	if subset, _ := ing.set.Bool(configmap.UpstreamHashBySubset); subset {
		balance.Subset, _ = ing.set.Int(configmap.UpstreamHashBySubsetSize)
	}
	return balance, true
}

// reportConstant speaks of a hash of the same text for all requests, which leads all of them to one endpoint, as in ingress-nginx.
func (t *translator) reportConstant(ing *ingress, key model.Key, text string) {
	if !isConstant(key) {
		return
	}
	d := diag.KeyConstant.At(ing.set.Pos(configmap.UpstreamHashBy), ing.Ref(), ing.set.FullKey(configmap.UpstreamHashBy),
		"%s holds no variable, so that all requests go to one endpoint", diag.Quote(text))
	if _, ok := keyPart(text); ok {
		d.Hint = "write $" + text
	}
	t.diags.Add(d)
}

// setBalance lets the oldest Ingress that names a backend decide how endpoints are chosen. What the Service itself says about clients
// holds unless the Ingress asks for something else.
func (t *translator) setBalance(b *backend, ing *ingress, svc *manifest.Service) {
	b.Balance = t.balanceOf(ing)
	if svc == nil || svc.ClientIPAffinity == nil || ing.set.Has(configmap.LoadBalance) || ing.set.Has(configmap.UpstreamHashBy) {
		return
	}
	b.ClientAffinity = &model.ClientAffinity{Timeout: int(*svc.ClientIPAffinity)}
}

// checkBalance reports an Ingress that asks for another choice among endpoints than the one that the oldest Ingress fixed.
func (t *translator) checkBalance(b *backend, ing *ingress) {
	i := slices.IndexFunc(balanceKeys, ing.set.Has)
	if i < 0 || b.reported[ing] || b.owner == ing {
		return
	}
	want := t.balanceOf(ing)
	same := want.Algorithm == b.Balance.Algorithm && want.Subset == b.Balance.Subset && slices.Equal(want.Key, b.Balance.Key) &&
		b.ClientAffinity == nil && t.wantsServiceAddress(ing) == t.wantsServiceAddress(b.owner)
	if same {
		return
	}
	b.report(ing)
	key := balanceKeys[i]
	t.diags.Add(diag.BackendConflict.At(ing.set.Pos(key), ing.Ref(), ing.set.FullKey(key),
		"how endpoints of Service %s/%s port %s are chosen was fixed by %s, which is older; this one is ignored", b.Namespace, b.Service, b.Port, b.owner.Ref()))
}

// report notes that a conflict with an Ingress was told.
func (b *backend) report(ing *ingress) {
	if b.reported == nil {
		b.reported = map[*ingress]bool{}
	}
	b.reported[ing] = true
}

// fillServiceAddress makes the address of the Service the one member, where the Ingress or the setting asks for that. It reports false
// where the endpoints are to be used: the Service has no address of its own.
func (t *translator) fillServiceAddress(b *backend, ing *ingress, svc *manifest.Service, port manifest.Port) bool {
	if !t.wantsServiceAddress(ing) || svc.Type == manifest.ServiceExternalName {
		return false
	}
	addr, err := netip.ParseAddr(svc.ClusterIP)
	if err != nil {
		return t.placeholderAddress(b, ing, svc)
	}
	number := int(port.Number)
	if sp, ok := findPort(svc, port); ok {
		number = int(sp.Port)
	}
	if number == 0 {
		return false
	}
	b.ServiceAddress = true
	b.endpoints.Members = t.appendMembers(nil, place{&svc.Meta, "spec.clusterIP"}, []string{addr.String()}, []int{number})
	return true
}

// wantsServiceAddress reports whether an Ingress, or the setting, asks for the address of the Service. A value that cannot be read asks
// for endpoints, whatever the setting says.
func (t *translator) wantsServiceAddress(ing *ingress) bool {
	return t.boolOf(ing, configmap.ServiceUpstream) && !ing.set.Refused(configmap.ServiceUpstream)
}

// placeholderAddress deals with a Service without an address: a headless one has none for ever, one in a file has none yet.
func (t *translator) placeholderAddress(b *backend, ing *ingress, svc *manifest.Service) bool {
	if !svc.Headless() && t.settings.PlaceholderEndpoints {
		b.ServiceAddress, b.endpoints.Unknown = true, true
		return true
	}
	if ing.set.Has(configmap.ServiceUpstream) {
		t.diags.Add(diag.ServiceAddressMissing.At(ing.set.Pos(configmap.ServiceUpstream), ing.Ref(), ing.set.FullKey(configmap.ServiceUpstream),
			"Service %s/%s has no address of its own; its endpoints are used", svc.Namespace, svc.Name))
	}
	return false
}
