package translate

import (
	"cmp"
	"math"
	"slices"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
)

// maxRate keeps rates and bursts, maxAtOnce requests at the same time, within what every proxy can count.
const (
	maxRate   = 1_000_000
	maxAtOnce = 1<<16 - 1
)

// limitKey is what requests are counted by. A key that cannot be understood does not lift the limits: clients are told apart by address.
func (t *translator) limitKey() model.Key {
	asked := t.operator.LimitKey
	key, err := parseKey(asked.V)
	if err != nil {
		d := diag.KeyUnknown.At(asked.Pos, t.configMapRef(), asked.Name,
			"requests cannot be counted by this text (%v); they are counted by the address of the client", err)
		d.Hint = keyHint(err)
		t.diags.Add(d)
		key = model.Key{{Source: model.KeyClient}}
	}
	return key
}

// limit returns the ID of the Limit of an Ingress, empty for none. All paths of an Ingress count together.
func (t *translator) limit(ing *ingress) string {
	switch {
	case ing.limit != nil:
		return ing.limit.ID
	case ing.limitRefused:
		return ""
	}
	l := t.readLimit(ing)
	if l.Connections == 0 && len(l.Rates) == 0 {
		return ""
	}
	if ing.limitRefused = !t.admitLimit(ing); ing.limitRefused {
		return ""
	}
	ing.limit = &l
	t.config.Limits = append(t.config.Limits, l)
	return l.ID
}

func (t *translator) readLimit(ing *ingress) model.Limit {
	l := model.Limit{ID: model.ID(ing.Namespace, ing.Name), From: origin(&ing.Meta, "metadata.annotations")}
	asked := &ing.policy.Limits
	l.Free = slices.Clone(asked.Free.V)
	if n := asked.Connections.V; n > 0 {
		l.Connections = t.perReplica(min(n, maxAtOnce))
	}
	if n := asked.PerSecond.V; n > 0 {
		l.Rates = append(l.Rates, t.rate(ing, min(n, maxRate), 1))
	}
	if n := asked.PerMinute.V; n > 0 {
		l.Rates = append(l.Rates, t.rate(ing, min(n, maxRate), 60))
	}
	return l
}

// rate makes a rate of so many requests in 1 or 60 seconds. Among replicas a rate in a second is divided as the same rate in a minute
// where it does not come out even, which is sixty times more exact.
func (t *translator) rate(ing *ingress, requests, seconds int) model.Rate {
	burst := min(float64(requests)*float64(max(ing.policy.Limits.BurstFactor.V, 0)), maxRate)
	r := model.Rate{Requests: requests, Seconds: seconds, Burst: t.perReplica(int(burst))}
	if seconds == 1 && requests%t.replicas() != 0 {
		r.Requests, r.Seconds = requests*60, 60
	}
	r.Requests = t.perReplica(r.Requests)
	return r
}

// perReplica divides a number among the replicas, rounded up: together they admit at least what was asked for, and each at least one.
func (t *translator) perReplica(n int) int {
	return int(math.Ceil(float64(n) / float64(t.replicas())))
}

// replicas is how many proxies share the clients.
func (t *translator) replicas() int {
	if t.replicaCount == 0 {
		t.replicaCount = max(t.settings.Replicas, 1)
		if n := t.readyAddresses(t.settings.ReplicaService); n > 0 {
			t.replicaCount = n
		}
	}
	return t.replicaCount
}

// readyAddresses counts the ready endpoints of a Service, whatever their ports.
func (t *translator) readyAddresses(service Name) int {
	seen := map[string]bool{}
	for _, slice := range t.snap.SlicesOf(service.Namespace, service.Name) {
		for i := range slice.Endpoints {
			if e := &slice.Endpoints[i]; e.Ready && len(e.Addresses) > 0 {
				seen[cmp.Or(e.Target, e.Addresses[0])] = true
			}
		}
	}
	return len(seen)
}

// kilo is what limit-rate and limit-rate-after count in.
const kilo = 1024

// maxBandwidth keeps a rate, in bytes, within the 31 bits that every proxy has for it.
const maxBandwidth = 1<<21 - 1

// bandwidth is how an Ingress, or the setting, throttles responses.
func (t *translator) bandwidth(ing *ingress) *model.Bandwidth {
	rate := ing.policy.Limits.Rate.V
	if rate <= 0 {
		return nil
	}
	return &model.Bandwidth{Rate: int64(min(rate, maxBandwidth)) * kilo, After: int64(max(ing.policy.Limits.RateAfter.V, 0)) * kilo}
}
