package configmap

import (
	"github.com/headgate/headgate/policy"
)

var balanceAnnotations = group("balance",
	Spec{Key: LoadBalance, Type: Enum, Values: algorithms, Global: LoadBalance, Scope: ScopeBackend, OnInvalid: RejectIngress, Obeyed: true,
		Targets: Targets{Nginx: Support{Level: Partial, Reason: "ewma draws two endpoints and takes the one with fewer requests in progress"},
			HAProxy: Support{Level: Partial, Reason: "ewma draws two endpoints and takes the one with fewer requests in progress"}},
		Doc: "Chooses how endpoints are picked. Beyond ingress-nginx's words it takes ip_hash, least_conn, random, random two, and rr, lc, dh, sh, sed, nq as kube-proxy's IPVS mode has them. Capitals matter."},
	Spec{Key: UpstreamHashBy, Type: String, Pattern: variables, Variables: true, Scope: ScopeBackend, Risk: High, OnInvalid: RejectIngress, Obeyed: true,
		Doc: "Picks the endpoint by a consistent hash of this text. It comes before load-balance and after affinity."},
	Spec{Key: UpstreamHashBySubset, Type: Bool, Default: "false", Scope: ScopeBackend, OnInvalid: RejectIngress, Obeyed: true,
		Doc: "Hashes onto a fixed group of endpoints, and picks one of the group at random."},
	Spec{Key: UpstreamHashBySubsetSize, Type: Int, Max: 10000, ZeroDefault: true, Default: "3", Scope: ScopeBackend, OnInvalid: RejectIngress, Obeyed: true,
		Doc: "Is the size of such a group; 0 counts as 3."},
	Spec{Key: ServiceUpstream, Type: Bool, Global: ServiceUpstream, Scope: ScopeBackend, Obeyed: true,
		Doc: "Sends requests to the cluster address of the Service instead of to its endpoints. Stickiness and retries lose their meaning."},
)

// algorithms holds ingress-nginx's words, those of nginx itself, and those of kube-proxy's IPVS mode.
var algorithms = []string{
	"round_robin", "ewma", "chash", "chashsubset", "sticky_balanced", "sticky_persistent",
	"ip_hash", "least_conn", "random", "random two",
	"rr", "lc", "dh", "sh", "sed", "nq",
}

// choices are the values of load-balance that mean a way to choose. Those of kube-proxy's IPVS mode mean what they mean there:
//
//	rr   in turn                          dh   by what was asked for (here: the host)
//	lc   fewest requests in progress      sh   by who asks
//	sed  shortest expected delay, nq  an idle endpoint before all others: with endpoints of equal weight both are lc
var choices = map[string]policy.Algorithm{
	"round_robin": policy.RoundRobin, "rr": policy.RoundRobin,
	"least_conn": policy.LeastConnections, "lc": policy.LeastConnections, "sed": policy.LeastConnections, "nq": policy.LeastConnections,
	"random": policy.TwoChoices, "random two": policy.TwoChoices,
	"ewma":    policy.LeastLatency,
	"ip_hash": policy.HashClient, "sh": policy.HashClient,
	"dh": policy.HashHost,
}

func readBalance(f fields) policy.Balance {
	return policy.Balance{
		Choice:         policy.PerBackend[policy.Choice]{Value: as(value(f, LoadBalance), f.choice)},
		HashBy:         perBackend(f, UpstreamHashBy),
		Subset:         perBackend(f, UpstreamHashBySubset),
		SubsetSize:     perBackend(f, UpstreamHashBySubsetSize),
		ServiceAddress: readServiceAddress(f),
	}
}

// choice reads the name of an algorithm. One that needs something beside it leaves the choice to the setting.
func (f fields) choice(word string) policy.Choice {
	algorithm, complete := choices[word]
	if !complete {
		setting, _ := f.settings.String(LoadBalance)
		algorithm = choices[setting]
	}
	return policy.Choice{Word: word, Incomplete: !complete, Algorithm: algorithm}
}

// readServiceAddress reads service-upstream. A value that cannot be read asks for endpoints, whatever the setting says.
func readServiceAddress(f fields) policy.PerBackend[bool] {
	v := perBackend(f, ServiceUpstream)
	v.V = v.V && !v.Refused
	return v
}
