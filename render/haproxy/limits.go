package haproxy

import (
	"fmt"
	"maps"
	"net/netip"
	"path"
	"slices"
	"strconv"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/engine"
	"github.com/headgate/headgate/render/haproxy/conf"
)

// limitView is what a section does to keep requests within a Limit. A rate is a leaky bucket, as nginx has it: the table keeps the
// time at which the bucket of a client is empty again, and each request that is let through puts the time that it takes to leak on top.
// What is refused puts nothing there.
type limitView struct {
	Table conf.Name
	// Free are not counted; All says that nobody is free.
	Free []netip.Prefix
	All  bool
	// Key is the Format that clients are told apart by, nil if it is their address.
	Key any
	// Connections is 0 for no limit of connections.
	Connections int
	// RateStatus and ConnectionStatus are what is answered beyond the bounds.
	RateStatus, ConnectionStatus int
	Rates                        []bucketView
	Early                        *earlyView
	// Several says that there is more than one rate, so that a bucket has to be read again before something is put into it.
	Several bool
}

// bucketView is one rate. Times are in ticks, which are modulo 2^31.
type bucketView struct {
	// Now is the time, Until the time at which the bucket is empty, 0 if nothing was put in yet. Debt is how long after the time that is
	// in the variable txn.now that is, After the time at which the bucket is empty with one request more.
	Now, Until, Debt, After conf.Expr
	// Most is the longest debt at which a request is let through. A longer one than Stale, which no request can cause whatever clock it
	// goes by, is that of a bucket which has been empty for a while.
	Most, Stale int64
	// Second says that the time is in the second place of the table's entries.
	Second bool
}

// maxRates is how many rates a table has places for.
const maxRates = 2

// limit returns what a section does about its Limit; nil for none.
func (r *rendering) limit(s *section) *limitView {
	l, ok := r.cfg.LimitByID(s.policy.limit)
	if !ok {
		return nil
	}
	shared := &r.cfg.Global.Limits
	v := &limitView{
		Table: r.limitTable(l), Free: l.Free, Connections: l.Connections,
		RateStatus: shared.RateStatus, ConnectionStatus: shared.ConnectionStatus, Early: r.early(), Several: len(l.Rates) > 1,
	}
	if !byAddress(shared.Key) {
		v.Key = keyFormat(shared.Key)
	}
	v.All = len(v.Free) == 0 && v.Key == nil
	for i, rate := range l.Rates {
		v.Rates = append(v.Rates, bucket(rate, i))
	}
	return v
}

// wrap is where ticks begin again from 0; it fits into what a table's entry holds, with a debt on top.
const wrap = 1 << 31

// lag is by how many seconds a clock may be behind the one that a bucket was filled by: each thread of HAProxy has a clock of its own, and
// the machine's may be set back. A full bucket must not look stale to it, which would be a new burst.
const lag = 10

// bucket makes the bucket of a rate. A tick is a microsecond, or a millisecond where debts may be long.
func bucket(rate model.Rate, place int) bucketView {
	unit, ticks := "us", int64(1_000_000)
	if leak(rate, ticks)*int64(rate.Burst+2) > wrap/4 {
		unit, ticks = "ms", 1000
	}
	one := leak(rate, ticks)
	most := one * int64(rate.Burst)
	until := conf.Fetch("sc_get_gpt", strconv.Itoa(place), "0")
	return bucketView{
		Now:   conf.Fetch("date", "0", unit).Then("mod", strconv.Itoa(wrap)),
		Until: until,
		Debt:  until.Then("sub", "txn.now").Then("add", strconv.Itoa(wrap)).Then("mod", strconv.Itoa(wrap)),
		After: conf.Variable("now").Then("add", "txn.debt").Then("add", strconv.FormatInt(one, 10)),
		Most:  most, Stale: most + one + lag*ticks, Second: place > 0,
	}
}

// leak is how many ticks one request takes to leak.
func leak(rate model.Rate, ticks int64) int64 {
	requests := int64(rate.Requests)
	return max((ticks*int64(rate.Seconds)+requests/2)/requests, 1)
}

func byAddress(key model.Key) bool { return len(key) == 1 && key[0].Source == model.KeyClient }

// limitTable names the table of a Limit after what the times in it mean, too: they outlive a reload. A changed rate begins to count
// from zero, as with nginx.
func (r *rendering) limitTable(l *model.Limit) conf.Name {
	return conf.Name("limit:" + l.ID + ":" + digest(fmt.Sprint(r.cfg.Global.Limits.Key, l.Rates, len(l.Free) > 0)))
}

// tableView is a table that remembers clients, in a backend of its own, as HAProxy wants it.
type tableView struct {
	Name   conf.Name
	Origin engine.Origin
	// Text says that clients are told apart by a text, Counts that it is a Limit's.
	Text, Counts bool
	Expire       conf.Time
}

// tablesView is the file with all tables. Socket is where a process hands them over to the one that a reload starts, nil where HAProxy
// cannot.
type tablesView struct {
	Socket any
	Tables []tableView
}

// stickTables prints the tables that remember clients.
func (r *rendering) stickTables() error {
	tables := map[conf.Name]tableView{}
	for i := range r.cfg.Limits {
		l := &r.cfg.Limits[i]
		name := r.limitTable(l)
		tables[name] = tableView{Name: name, Origin: engine.NewOrigin(l.From.Ref, diag.Pos{}), Counts: true,
			Text: !byAddress(r.cfg.Global.Limits.Key), Expire: memory(l)}
	}
	for i := range r.cfg.Backends {
		if b := &r.cfg.Backends[i]; b.ClientAffinity != nil {
			tables[clientTable(b)] = tableView{Name: clientTable(b), Origin: engine.NewOrigin(b.From.Ref, diag.Pos{}), Expire: conf.Time(max(b.ClientAffinity.Timeout, 1))}
		}
	}
	if len(tables) == 0 {
		return nil
	}
	view := tablesView{Socket: conf.Socket(path.Join(path.Dir(string(r.target.opts.RuntimeSocket)), "peers.sock"))}
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		view.Tables = append(view.Tables, tables[name])
	}
	return r.print(r.target.conf, "tables.cfg", tablesEntry, view)
}

// memory is how long a client has to be remembered: until its buckets are empty for sure.
func memory(l *model.Limit) conf.Time {
	seconds := 60
	for _, rate := range l.Rates {
		seconds = max(seconds, (rate.Burst+2)*rate.Seconds/rate.Requests+60)
	}
	return conf.Time(seconds)
}

// throttles is the first version that throttles responses.
var throttles = Version{Major: 2, Minor: 7, Patch: 0}

// bandwidth is how many bytes in a second a response of a route gets, 0 for as many as there are.
func (r *rendering) bandwidth(route *model.Route) int64 {
	if route.Bandwidth == nil || r.target.opts.Version.Before(throttles) {
		return 0
	}
	return route.Bandwidth.Rate
}

// throttling reports what HAProxy cannot do of what a route asks for.
func (r *rendering) throttling(route *model.Route) {
	switch b := route.Bandwidth; {
	case b == nil:
	case r.target.opts.Version.Before(throttles):
		r.refuse(diag.TargetUnsupported, route.From, "HAProxy before 2.7 throttles no responses; they go out as fast as they can")
	case b.After > 0:
		r.refuse(diag.TargetApproximated, route.From, "HAProxy throttles a response from its first byte on; limit-rate-after has no effect")
	}
}
