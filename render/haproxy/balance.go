package haproxy

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/haproxy/conf"
)

// balanceView says how a section chooses among its servers. Without any of it, HAProxy goes through them in turn.
type balanceView struct {
	LeastConnections, TwoChoices bool
	// Hash chooses by the variable txn.key; ByHeader hands it over in a header, as HAProxy before 3.0 hashes no variable.
	Hash, ByHeader bool
	// Key is the Format that txn.key is set to, nil where a cookie sets it.
	Key any
	// Subset is nil unless a hash chooses among groups of servers.
	Subset *subsetView
	// Clients is the Name of the table that remembers clients by their address, nil for none.
	Clients any
}

// hashesVariables is the first version that balances by any expression, and places servers on the ring by their address.
var hashesVariables = Version{Major: 3, Minor: 0, Patch: 0}

// balance returns how a section chooses.
func (r *rendering) balance(s *section) balanceView {
	b, ok := r.cfg.BackendByID(s.backend)
	if !ok {
		return balanceView{}
	}
	hash := balanceView{Hash: true, ByHeader: r.target.opts.Version.Before(hashesVariables)}
	switch {
	case b.ClientAffinity != nil:
		hash.Key = conf.Format{}.Value(conf.Fetch("src"))
		hash.Clients = clientTable(b)
		return hash
	case hashesCookies(b.Affinity):
		return hash
	case subsetSize(b) > 0:
		return balanceView{Key: keyFormat(b.Balance.Key), Subset: subset(b)}
	case b.Balance.Algorithm == model.HashKey:
		hash.Key = keyFormat(b.Balance.Key.NeverEmpty())
		return hash
	}
	return balanceView{
		LeastConnections: b.Balance.Algorithm == model.LeastConnections,
		TwoChoices:       b.Balance.Algorithm == model.TwoChoices || b.Balance.Algorithm == model.LeastLatency,
	}
}

// balances reports what HAProxy does instead of what was asked for.
func (r *rendering) balances() {
	for i := range r.cfg.Backends {
		switch b := &r.cfg.Backends[i]; {
		case b.ClientAffinity != nil:
		case b.Balance.Algorithm == model.LeastLatency:
			r.refuse(diag.TargetApproximated, b.From,
				"HAProxy does not choose by latency: of two endpoints drawn at random the one with fewer requests in progress is taken")
		}
	}
}

// keyFetches are HAProxy's expressions for what a key takes from a request.
var keyFetches = map[model.KeySource]conf.Expr{
	model.KeyClient: conf.Fetch("src"), model.KeyHost: conf.Variable("host"), model.KeyMethod: conf.Fetch("method"),
	model.KeyScheme: conf.Fetch("ssl_fc").Then("iif", "https", "http"), model.KeyTarget: conf.Fetch("pathq"), model.KeyPath: conf.Variable("path"),
	model.KeyQuery: conf.Fetch("query"), model.KeyPort: conf.Fetch("dst_port"), model.KeyRequestID: conf.Fetch("uuid"),
}

// keyFormat is a key as HAProxy evaluates it.
func keyFormat(key model.Key) conf.Format {
	var f conf.Format
	for _, p := range key {
		switch p.Source {
		case model.KeyText:
			f = f.Text(p.Name)
		case model.KeyParameter:
			f = f.Value(argument(p.Name))
		case model.KeyHeader:
			f = f.Value(linesOf(p.Name).All)
		case model.KeyCookie:
			f = f.Value(cookie(p.Name))
		default:
			f = f.Value(keyFetches[p.Source])
		}
	}
	return f
}

// clientTable is the table that remembers the clients of a backend.
func clientTable(b *model.Backend) conf.Name { return conf.Name("clients:" + b.ID) }

// ringWeight makes for 256 places of each server on the ring: HAProxy gives 16 for each unit of weight.
const ringWeight = 16

// ringView says where a server stands on the ring: by its address, or by a number that is made of it.
type ringView struct {
	Weight int
	// ID is 0 where the address itself counts.
	ID int
}

// ring places servers on the ring, nil where nothing hashes.
func (r *rendering) ring(balance balanceView, members []member) []*ringView {
	views := make([]*ringView, len(members))
	if !balance.Hash {
		return views
	}
	taken := map[int]bool{}
	for i, m := range members {
		views[i] = &ringView{Weight: ringWeight}
		if balance.ByHeader {
			views[i].ID = ringNumber(string(m.name), taken)
		}
	}
	return views
}

// ringNumber is a number for a name that no other server of the backend has. HAProxy has 20 bits of it count.
func ringNumber(name string, taken map[int]bool) int {
	const numbers = 1<<20 - 1
	sum := sha256.Sum256([]byte(name))
	n := int(binary.BigEndian.Uint32(sum[:4])) % numbers
	for taken[n+1] {
		n = (n + 1) % numbers
	}
	taken[n+1] = true
	return n + 1
}
