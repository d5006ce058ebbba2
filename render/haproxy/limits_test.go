package haproxy

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/hack/ports"
	"github.com/headgate/headgate/hack/proxies"
	"github.com/headgate/headgate/model"
)

func TestBuckets(t *testing.T) {
	for _, c := range []struct {
		rate        model.Rate
		unit        string
		one, most   int64
		lag         int64
		description string
	}{
		{model.Rate{Requests: 10, Seconds: 1, Burst: 50}, "us", 100_000, 5_000_000, 10_000_000, "ten a second"},
		{model.Rate{Requests: 3, Seconds: 1, Burst: 15}, "us", 333_333, 4_999_995, 10_000_000, "a rate that does not come out even"},
		{model.Rate{Requests: 1, Seconds: 60, Burst: 5}, "us", 60_000_000, 300_000_000, 10_000_000, "the slowest rate"},
		{model.Rate{Requests: 1, Seconds: 60, Burst: 1000}, "ms", 60_000, 60_000_000, 10_000, "a debt too long for microseconds"},
		{model.Rate{Requests: 1_000_000, Seconds: 1, Burst: 0}, "us", 1, 0, 10_000_000, "the fastest rate"},
	} {
		b := bucket(c.rate, 0)
		if want := fmt.Sprintf("date(0,%s),mod(%d)", c.unit, wrap); b.Now.String() != want {
			t.Errorf("%s: the time is %s, want %s", c.description, b.Now, want)
		}
		if !strings.HasSuffix(b.After.String(), ",add("+strconv.FormatInt(c.one, 10)+")") || b.Most != c.most || b.Stale != c.most+c.one+c.lag {
			t.Errorf("%s: got %+v, want %d for each and %d at most", c.description, b, c.one, c.most)
		}
	}
}

// The longest debt that a limit can have fits into a table's entry together with the time.
func TestDebtsFit(t *testing.T) {
	for _, rate := range []model.Rate{{Requests: 1, Seconds: 60, Burst: 8000}, {Requests: 1_000_000, Seconds: 60, Burst: 1_000_000}} {
		if b := bucket(rate, 0); b.Stale+wrap >= 1<<32 {
			t.Errorf("%+v: a debt of %d does not fit", rate, b.Stale)
		}
	}
}

// The time of the tables begins again from 0 now and then. Nobody gets a new burst by that, nor by a clock that is behind, and nobody is
// refused who has sent nothing.
func TestBucketsWhenTimeBeginsAgain(t *testing.T) {
	const clock = "date(0,us)"
	for _, binary := range proxies.HAProxy(t) {
		r := to(prefix("/"), "a")
		r.Limit = "l"
		cfg := testConfig(server("a.test", r))
		cfg.Limits = []model.Limit{{ID: "l", Rates: []model.Rate{{Requests: 1, Seconds: 1, Burst: 2}}}}
		cfg.Global.Limits.Key, cfg.Global.Limits.RateStatus = model.Key{{Source: model.KeyHeader, Name: "x-client"}}, 429
		cfg.Global.Listen.HTTPPort, cfg.Global.Listen.HTTPSPort = ports.Free(t), ports.Free(t)
		startEndpoints(t, cfg)
		files, replaced := mustRender(t, cfg).Files, false
		for i := range files {
			replaced = replaced || bytes.Contains(files[i].Data, []byte(clock))
			files[i].Data = bytes.ReplaceAll(files[i].Data, []byte(clock), []byte("req.hdr(x-now)"))
		}
		p, said, ok := runFiles(t, binary.Path, cfg, files)
		if !ok || !replaced {
			t.Fatalf("%s: HAProxy does not start with another clock (%t):\n%s", binary, replaced, said)
		}
		c := newClient(t, p)
		for _, v := range []struct {
			client string
			now    int64
			want   int
		}{
			{"early", wrap - 200_000, 200}, {"early", wrap - 200_000, 200}, {"early", wrap - 100_000, 200}, {"early", wrap - 1, 429},
			{"early", wrap - 2_000_000, 429}, {"early", wrap - 9_000_000, 429},
			{"early", wrap, 429}, {"early", wrap + 700_000, 429}, {"early", wrap + 900_000, 200}, {"early", wrap + 900_000, 429},
			{"early", wrap + 20_000_000, 200}, {"late", wrap - 1, 200}, {"late", 2*wrap - 100_000_000, 200},
		} {
			got := c.send(model.Request{Scheme: "http", Host: "a.test", Target: "/"}, "x-client: "+v.client, "x-now: "+fmt.Sprint(v.now))
			if got.StatusCode != v.want {
				t.Errorf("%s: %s at %d: got %d, want %d", binary, v.client, v.now-wrap, got.StatusCode, v.want)
			}
		}
	}
}

// What guards and cannot be done closes the route.
func TestLimitsFailClosed(t *testing.T) {
	for name, l := range map[string]model.Limit{
		"unknown":     {ID: "another"},
		"three rates": {ID: "l", Rates: []model.Rate{{Requests: 1, Seconds: 1}, {Requests: 2, Seconds: 1}, {Requests: 3, Seconds: 1}}},
	} {
		r := to(prefix("/"), "be-1")
		r.Limit = "l"
		cfg := testConfig(server("l.test", r))
		cfg.Limits = []model.Limit{l}
		result := mustRender(t, cfg)
		if text := file(t, result, "maps/prefix.map"); !strings.Contains(text, "l.test/ status-503\n") {
			t.Errorf("%s: the route is not closed:\n%s", name, text)
		}
		if worst, _ := result.Diagnostics.Worst(); worst != diag.Error {
			t.Errorf("%s: no error says so: %v", name, result.Diagnostics)
		}
	}
}

func TestRingNumbers(t *testing.T) {
	taken := map[int]bool{}
	first := ringNumber("10.0.0.1:80", taken)
	if again := ringNumber("10.0.0.1:80", map[int]bool{}); again != first {
		t.Errorf("the number of a server is %d and then %d", first, again)
	}
	if next := ringNumber("10.0.0.1:80", taken); next == first {
		t.Error("two servers have one number")
	}
	for i := range 2000 {
		n := ringNumber(strconv.Itoa(i), taken)
		if n < 1 || n >= 1<<20 {
			t.Fatalf("the number %d is not one of those that count", n)
		}
	}
	if len(taken) != 2002 {
		t.Errorf("2002 servers have %d numbers", len(taken))
	}
}
