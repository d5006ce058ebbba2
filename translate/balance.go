package translate

import (
	"net/netip"
	"slices"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/policy"
)

// balances are what the algorithms of policies come to.
var balances = map[policy.Algorithm]model.Balance{
	policy.RoundRobin:       {},
	policy.LeastConnections: {Algorithm: model.LeastConnections},
	policy.TwoChoices:       {Algorithm: model.TwoChoices},
	policy.LeastLatency:     {Algorithm: model.LeastLatency},
	policy.HashClient:       {Algorithm: model.HashKey, Key: model.Key{{Source: model.KeyClient}}},
	policy.HashHost:         {Algorithm: model.HashKey, Key: model.Key{{Source: model.KeyHost}}},
}

// balanceOf is what an Ingress says about choosing among endpoints: a hash comes before the algorithm, and what the Ingress does not
// say the setting does.
func (t *translator) balanceOf(ing *ingress) model.Balance {
	if balance, ok := t.hashOf(ing); ok {
		return balance
	}
	choice := ing.policy.Balance.Choice
	if choice.Given && choice.V.Incomplete {
		t.diags.Add(about(diag.ValueWithoutEffect, ing, choice.Origin, "%s needs %s or %s beside it; the setting %s applies", diag.Quote(choice.V.Word),
			ing.policy.Balance.HashBy.Name, ing.policy.Affinity.Sticky.Name, choice.Name))
	}
	return balances[choice.V.Algorithm]
}

// hashOf is the hash that an Ingress asks for.
func (t *translator) hashOf(ing *ingress) (model.Balance, bool) {
	by := ing.policy.Balance.HashBy
	if by.V == "" {
		return model.Balance{}, false
	}
	key, err := parseKey(by.V)
	if err != nil {
		d := about(diag.KeyUnknown, ing, by.Origin, "requests cannot be hashed by this text (%v); %s applies instead", err, ing.policy.Balance.Choice.Name)
		d.Hint = keyHint(err)
		t.diags.Add(d)
		return model.Balance{}, false
	}
	t.reportConstant(ing, key, by.V)
	balance := model.Balance{Algorithm: model.HashKey, Key: key}
	if ing.policy.Balance.Subset.V {
		balance.Subset = ing.policy.Balance.SubsetSize.V
	}
	return balance, true
}

// reportConstant speaks of a hash of the same text for all requests, which leads all of them to one endpoint, as in ingress-nginx.
func (t *translator) reportConstant(ing *ingress, key model.Key, text string) {
	if !isConstant(key) {
		return
	}
	d := about(diag.KeyConstant, ing, ing.policy.Balance.HashBy.Origin, "%s holds no variable, so that all requests go to one endpoint", diag.Quote(text))
	if _, ok := keyPart(text); ok {
		d.Hint = "write $" + text
	}
	t.diags.Add(d)
}

// setBalance lets the oldest Ingress that names a backend decide how endpoints are chosen. What the Service itself says about clients
// holds unless the Ingress asks for something else.
func (t *translator) setBalance(b *backend, ing *ingress, svc *manifest.Service) {
	b.Balance = t.balanceOf(ing)
	if svc == nil || svc.ClientIPAffinity == nil || ing.policy.Balance.Choice.Given || ing.policy.Balance.HashBy.Given {
		return
	}
	b.ClientAffinity = &model.ClientAffinity{Timeout: int(*svc.ClientIPAffinity)}
}

// checkBalance reports an Ingress that asks for another choice among endpoints than the one that the oldest Ingress fixed.
func (t *translator) checkBalance(b *backend, ing *ingress) {
	says := ing.policy.Balance.Says()
	if len(says) == 0 || b.reported[ing] || b.owner == ing {
		return
	}
	want := t.balanceOf(ing)
	same := want.Algorithm == b.Balance.Algorithm && want.Subset == b.Balance.Subset && slices.Equal(want.Key, b.Balance.Key) &&
		b.ClientAffinity == nil && ing.policy.Balance.ServiceAddress.V == b.owner.policy.Balance.ServiceAddress.V
	if same {
		return
	}
	b.report(ing)
	t.diags.Add(about(diag.BackendConflict, ing, says[0],
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
	if !ing.policy.Balance.ServiceAddress.V || svc.Type == manifest.ServiceExternalName {
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

// placeholderAddress deals with a Service without an address: a headless one has none for ever, one in a file has none yet.
func (t *translator) placeholderAddress(b *backend, ing *ingress, svc *manifest.Service) bool {
	if !svc.Headless() && t.settings.PlaceholderEndpoints {
		b.ServiceAddress, b.endpoints.Unknown = true, true
		return true
	}
	if asked := ing.policy.Balance.ServiceAddress; asked.Given {
		t.diags.Add(about(diag.ServiceAddressMissing, ing, asked.Origin,
			"Service %s/%s has no address of its own; its endpoints are used", svc.Namespace, svc.Name))
	}
	return false
}
