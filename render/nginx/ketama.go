package nginx

import (
	"cmp"
	"encoding/binary"
	"hash/crc32"
	"net/netip"
	"slices"
	"strconv"
)

// ring is the consistent-hash ring that nginx makes of the members of an upstream: 160 points for each, chained by CRC-32 over
// "host\x00port" and the point before.
type ring []ringPoint

type ringPoint struct {
	hash   uint32
	member int
}

const pointsPerMember = 160

func newRing(members []netip.AddrPort) ring {
	points := make(ring, 0, len(members)*pointsPerMember)
	for i, m := range members {
		host := m.Addr().String()
		if m.Addr().Is6() {
			host = "[" + host + "]"
		}
		base := crc32.ChecksumIEEE([]byte(host + "\x00" + strconv.Itoa(int(m.Port()))))
		previous := [4]byte{}
		for range pointsPerMember {
			hash := crc32.Update(base, crc32.IEEETable, previous[:])
			points = append(points, ringPoint{hash, i})
			binary.LittleEndian.PutUint32(previous[:], hash)
		}
	}
	slices.SortStableFunc(points, func(a, b ringPoint) int { return cmp.Compare(a.hash, b.hash) })
	return slices.CompactFunc(points, func(a, b ringPoint) bool { return a.hash == b.hash })
}

// member is the index of the one that a key falls to.
func (r ring) member(key string) int {
	hash := crc32.ChecksumIEEE([]byte(key))
	i, _ := slices.BinarySearchFunc(r, hash, func(p ringPoint, h uint32) int { return cmp.Compare(p.hash, h) })
	return r[i%len(r)].member
}

// keysFor finds a key for each member, made of a number and a suffix. Members without one, which a ring of thousands may have, get "".
func (r ring) keysFor(members int, suffix string) []string {
	keys := make([]string, members)
	for n, missing := 0, members; missing > 0 && n < 1000*members; n++ {
		key := strconv.Itoa(n) + suffix
		if m := r.member(key); keys[m] == "" {
			keys[m] = key
			missing--
		}
	}
	return keys
}
