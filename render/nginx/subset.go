package nginx

import (
	"net/netip"

	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/nginx/conf"
)

// subsetView hashes onto groups of members: a draw whose key is the hash key chooses the group, chance the member of it.
type subsetView struct {
	Draw   drawView
	Groups []groupView
}

// groupView is the upstream of one group.
type groupView struct {
	Name    conf.Name
	Members []netip.AddrPort
}

// maxGroups is how many parts nginx can draw from.
const maxGroups = 10_000

// subsetSize is the size of the groups that a backend is cut into, 0 if it is not.
func (r *rendering) subsetSize(b *model.Backend, members int) int {
	size := b.Balance.Subset
	if b.Affinity != nil || b.ClientAffinity != nil || b.Balance.Algorithm != model.HashKey || size < 2 {
		return 0
	}
	if size >= members || (members+size-1)/size > maxGroups {
		return 0
	}
	return size
}

// subset cuts the members, in their order, into groups; the last one is filled up from the front.
func (r *rendering) subset(b *model.Backend, members []netip.AddrPort) *subsetView {
	size := r.subsetSize(b, len(members))
	if size == 0 {
		return nil
	}
	v := &subsetView{Draw: drawView{Key: keyExpr(b.Balance.Key), Variable: subsetName(b)}}
	for start := 0; start < len(members); start += size {
		g := groupView{Name: upstreamName(b.ID) + conf.Name(".g"+shortHash(members[start].String()))}
		for i := range size {
			g.Members = append(g.Members, members[(start+i)%len(members)])
		}
		v.Groups = append(v.Groups, g)
	}
	for i := range v.Groups[1:] {
		share := maxGroups*(i+1)/len(v.Groups) - maxGroups*i/len(v.Groups)
		v.Draw.Buckets = append(v.Draw.Buckets, drawBucket{conf.Share(share), string(v.Groups[i].Name)})
	}
	v.Draw.Rest = string(v.Groups[len(v.Groups)-1].Name)
	return v
}

// subsetName is the variable with the group that a request falls to.
func subsetName(b *model.Backend) conf.Name { return variableName("subset", b.ID) }
