package nginx

import (
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/nginx/conf"
)

// balanceView says how an upstream chooses. Without any of it, nginx goes through the members in turn.
type balanceView struct {
	LeastConnections, TwoChoices, Chance bool
	// Hash, if not nil, is the Expr whose hash chooses.
	Hash any
}

// balance returns how a backend chooses for requests that no cookie binds, and reports what nginx does instead of what was asked for.
func (r *rendering) balance(b *model.Backend) balanceView {
	if b.ClientAffinity != nil {
		r.refuse(diag.TargetApproximated, b.From,
			"sessionAffinity of Service %s/%s has no timeout with nginx: clients stay on their endpoint by a hash of their address for as long as it is there",
			b.Namespace, b.Service)
		return balanceView{Hash: conf.Variable("remote_addr")}
	}
	switch b.Balance.Algorithm {
	case model.LeastConnections:
		return balanceView{LeastConnections: true}
	case model.TwoChoices:
		return balanceView{TwoChoices: true}
	case model.LeastLatency:
		r.refuse(diag.TargetApproximated, b.From,
			"nginx does not choose by latency: of two endpoints drawn at random the one with fewer requests in progress is taken")
		return balanceView{TwoChoices: true}
	case model.HashKey:
		if b.Balance.Subset > 1 {
			return balanceView{Chance: true} // all members are one group, or each group has an upstream of its own
		}
		return balanceView{Hash: keyExpr(b.Balance.Key.NeverEmpty())}
	default:
		return balanceView{}
	}
}

// keyVariables are nginx's names for what a key takes from a request.
var keyVariables = map[model.KeySource]conf.Name{
	model.KeyClient: "remote_addr", model.KeyHost: "host", model.KeyMethod: "request_method", model.KeyScheme: "scheme",
	model.KeyTarget: "request_uri", model.KeyPath: "uri", model.KeyQuery: "args", model.KeyPort: "server_port",
	model.KeyRequestID: "request_id",
}

// keyExpr is a key as nginx evaluates it.
func keyExpr(key model.Key) conf.Expr {
	var all []conf.Expr
	for _, p := range key {
		switch p.Source {
		case model.KeyText:
			all = append(all, conf.Literal(p.Name))
		case model.KeyParameter:
			all = append(all, conf.Variable(conf.Name("arg_"+p.Name)))
		case model.KeyHeader:
			all = append(all, headerVariable(p.Name))
		case model.KeyCookie:
			all = append(all, conf.Variable(conf.Name("cookie_"+strings.ToLower(p.Name))))
		default:
			all = append(all, conf.Variable(keyVariables[p.Source]))
		}
	}
	return conf.Concat(all...)
}
