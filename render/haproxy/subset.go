package haproxy

import (
	"strconv"

	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/haproxy/conf"
)

// subsetView hashes onto groups of endpoints: the hash of the key chooses the group, chance the endpoint of it. The groups stand in the
// table groups, so that endpoints come and go without a reload.
//
//	B      number of groups of the backend B        B/g.i  server i of its group g
type subsetView struct {
	// Groups is how many groups there are, Group the one that the key falls to, Place a place in it, Server the server there.
	Groups, Group, Place, Server conf.Expr
}

const groupsMap = "maps/groups.map"

// subsetSize is how many endpoints are in a group of a backend, 0 if it has no groups.
func subsetSize(b *model.Backend) int {
	if b.Affinity != nil || b.ClientAffinity != nil || b.Balance.Algorithm != model.HashKey || b.Balance.Subset < 2 {
		return 0
	}
	return b.Balance.Subset
}

// subset makes the view for a backend, nil if it has no groups.
func subset(b *model.Backend) *subsetView {
	size := subsetSize(b)
	if size == 0 {
		return nil
	}
	return &subsetView{
		Groups: conf.Fetch("str", b.ID).Then("map_str", groupsMap),
		Group:  conf.Variable("key").Then("xxh32").Then("mul", "txn.groups").Then("div", strconv.FormatInt(1<<32, 10)),
		Place:  conf.Fetch("rand", strconv.Itoa(size)),
		Server: conf.Fetch("str", b.ID).Then("concat", "/", "txn.group", ".").Then("concat", "", "txn.place").Then("map_str", groupsMap),
	}
}

// groupTables lists the groups of all backends that have some.
func (r *rendering) groupTables() {
	for i := range r.cfg.Backends {
		if b := &r.cfg.Backends[i]; subsetSize(b) > 0 {
			r.groupTable(b)
		}
	}
}

// groupTable cuts the members, in their order, into groups; the last one is filled up from the front. If all are one group, chance alone
// chooses, and nothing stands in the table.
func (r *rendering) groupTable(b *model.Backend) {
	size, members := subsetSize(b), r.members(b.ID)
	if size >= len(members) {
		return
	}
	count := (len(members) + size - 1) / size
	r.tables.groups[b.ID] = strconv.Itoa(count)
	for i := range count * size {
		key := b.ID + "/" + strconv.Itoa(i/size) + "." + strconv.Itoa(i%size)
		r.tables.groups[key] = string(members[i%len(members)].name)
	}
}
