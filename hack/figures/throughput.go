package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headgate/headgate/hack/rig"
)

// pathsPerHost is how many paths each host has.
const pathsPerHost = 5

// script has wrk ask for hosts and paths in turn. The requests are made before the start, and are as many whatever the number of hosts,
// so that wrk has the same work.
const script = `
local requests, at, hosts = {}, 0, %d
init = function()
    for i = 0, 9999 do
        local n = (i * 7919) %% hosts
        requests[i] = "GET /path-" .. (i %% %d) .. "/" .. i .. " HTTP/1.1\r\nHost: many-" .. n .. ".example\r\n\r\n"
    end
end
request = function()
    at = (at + 1) %% 10000
    return requests[at]
end
`

// contender is one of the two gates that are compared.
type contender struct {
	*gate
	hosts  int
	script string
	// rates are requests a second, costs the proxy's processor time for each.
	rates []float64
	costs sample
}

// throughput compares a gate of one host with one of many, run by turns.
func (b *bench) throughput() {
	if b.source != "files" {
		return
	}
	const turns = 8
	b.startBackend()
	few, many := b.contend(0, 1), b.contend(1, b.hosts)
	for range turns {
		for _, c := range []*contender{few, many} {
			b.race(c)
		}
	}
	for _, c := range []*contender{few, many} {
		b.note("throughput", c.hosts, fmt.Sprintf("%d hosts of %d paths, best of %d runs", c.hosts, pathsPerHost, turns), "%.0f requests/s, %.1f µs of the proxy for each",
			slices.Max(c.rates), float64(c.costs.at(0).Nanoseconds())/1000)
	}
	// What disturbs one run disturbs its neighbour, too, so the turns are compared each for itself.
	var shares []float64
	for i := range turns {
		shares = append(shares, 100*many.rates[i]/few.rates[i])
	}
	slices.Sort(shares)
	b.note("throughput", b.hosts, "requests a second, share of those with one host", "median %.0f %%, %.0f to %.0f %%",
		shares[turns/2], shares[0], shares[turns-1])
	b.note("throughput", b.hosts, "processor time of the proxy, as against one host", "%.0f %%", 100*float64(many.costs.at(0))/float64(few.costs.at(0)))
}

// contend starts a gate with so many hosts. All of them go to one Service: connections to many endpoints cost something, too, but that is
// not the cost of routing.
func (b *bench) contend(number, hosts int) *contender {
	dir := b.TempDir()
	s := rig.NewFolder(b.Rig)
	var text strings.Builder
	text.WriteString(ground + "---\n" + shared())
	for i := range hosts {
		var paths []string
		for p := range pathsPerHost {
			paths = append(paths, fmt.Sprintf("/path-%d", p))
		}
		text.WriteString(ingress(fmt.Sprintf("many-%d", i), fmt.Sprintf("many-%d.example", i), "shared-0", paths...))
	}
	s.Put("all", text.String())
	c := &contender{hosts: hosts, script: filepath.Join(dir, "ask.lua")}
	b.Must(os.WriteFile(c.script, fmt.Appendf(nil, script, hosts, pathsPerHost), 0o600))
	began := time.Now()
	c.gate = b.start(s, number)
	b.note("throughput", hosts, fmt.Sprintf("%d hosts: from start to ready", hosts), "%s", ms(time.Since(began)))
	return c
}

var (
	wrkRate  = regexp.MustCompile(`Requests/sec:\s+([\d.]+)`)
	wrkTotal = regexp.MustCompile(`(\d+) requests in`)
	wrkBad   = regexp.MustCompile(`(?m)^\s*(Non-2xx.*|Socket errors.*)$`)
)

// race has wrk ask one gate.
func (b *bench) race(c *contender) {
	pids := c.proxied()
	before := processorTime(pids)
	cmd := exec.Command("wrk", "-t1", "-c64", "-d"+strconv.Itoa(int(b.wrk.Seconds()))+"s", "-s", c.script, "http://"+c.http)
	out, err := cmd.CombinedOutput()
	if err != nil {
		b.Fatalf("running wrk: %v: %s", err, out)
	}
	used := processorTime(pids) - before
	if bad := wrkBad.Find(out); bad != nil {
		b.note("throughput", c.hosts, "wrk says", "%s", bad)
		b.report.failed = true
	}
	rate, total := wrkRate.FindSubmatch(out), wrkTotal.FindSubmatch(out)
	if rate == nil || total == nil {
		b.Fatalf("wrk says something new: %s", out)
	}
	perSecond, err := strconv.ParseFloat(string(rate[1]), 64)
	b.Must(err)
	requests, err := strconv.Atoi(string(total[1]))
	b.Must(err)
	c.rates = append(c.rates, perSecond)
	c.costs = append(c.costs, used/time.Duration(max(requests, 1)))
}
