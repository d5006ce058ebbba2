package haproxy

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/headgate/headgate/hack/proxies"
	"github.com/headgate/headgate/model"
)

var (
	splitBackends = []string{"be-1", "be-2", "be-3", "empty-1"}
	splitValues   = []string{"yes", "always", "never", "a b", "é", "}", "-i", "50%", "%41", `"`, `\`, "'", "$HOME", "#", "=,;"}
	splitPatterns = []string{"^yes$", "}", "^-i", `v[0-9]+`, "a b", "'", `"`, "#", "$", "(?:A|B)", "[^ ]", "%"}
	splitCookies  = []string{"cc", "my-cookie", "a.b~c", "-"}
	splitHeaders  = []string{"x-canary", "x-b", "-"}
)

// splitConfig is a host with paths that split at random, without anything left to chance.
func splitConfig(rng *rand.Rand) *model.Config {
	var routes []model.Route
	for _, id := range splitBackends {
		routes = append(routes, to(prefix("/"+id), id))
	}
	for i := range 20 {
		r := to(prefix(fmt.Sprintf("/split-%d", i)), pick(rng, splitBackends...))
		r.Split = &model.Split{KeepsSessions: rng.IntN(2) == 0}
		for range 1 + rng.IntN(3) {
			r.Split.Branches = append(r.Split.Branches, randomBranch(rng))
		}
		if rng.IntN(3) == 0 {
			last := &r.Split.Branches[len(r.Split.Branches)-1]
			last.Weight = last.Total
		}
		routes = append(routes, r)
	}
	cfg := testConfig(server("split.test", append(routes, to(prefix("/"), "be-1"))...))
	for i := range cfg.Backends {
		cfg.Backends[i].Affinity = &model.Affinity{Cookie: "sid", Persistent: i%2 == 0, Secret: model.Secret(cfg.Backends[i].ID)}
	}
	return cfg
}

func randomBranch(rng *rand.Rand) model.Branch {
	b := model.Branch{Backend: pick(rng, splitBackends...), Total: 100, Sessions: rng.IntN(2) == 0}
	if rng.IntN(3) > 0 {
		b.Header = &model.HeaderRule{Name: pick(rng, splitHeaders...)}
		switch rng.IntN(4) {
		case 0:
			b.Header.Value = pick(rng, splitValues...)
		case 1:
			b.Header.Pattern = pick(rng, splitPatterns...)
		case 2:
			b.Header.Broken = true
		}
	}
	if rng.IntN(2) == 0 {
		b.Cookie = pick(rng, splitCookies...)
	}
	return b
}

// randomFields are headers of a request to a route that splits.
func randomFields(rng *rand.Rand, cfg *model.Config) []model.Field {
	var fields []model.Field
	for _, name := range splitHeaders {
		for rng.IntN(3) == 0 {
			fields = append(fields, model.Field{Name: name, Value: pick(rng, append(splitValues, "Always", "v2", "xB", "-", "")...)})
		}
	}
	var cookies []string
	for _, name := range splitCookies {
		for rng.IntN(3) == 0 {
			cookies = append(cookies, pick(rng, name, strings.ToUpper(name), "x"+name)+"="+pick(rng, "always", "never", "ALWAYS", "", "x"))
		}
	}
	for rng.IntN(4) == 0 {
		cookies = append(cookies, "sid="+pick(rng, "k|", "|", "", "k|x|")+cfg.Backends[rng.IntN(len(cfg.Backends))].Side())
	}
	rng.Shuffle(len(cookies), func(i, j int) { cookies[i], cookies[j] = cookies[j], cookies[i] })
	for len(cookies) > 0 {
		line := 1 + rng.IntN(len(cookies))
		fields = append(fields, model.Field{Name: "Cookie", Value: strings.Join(cookies[:line], pick(rng, "; ", ";", " ; "))})
		cookies = cookies[line:]
	}
	return fields
}

// Routes that split choose as Match says, whatever headers and cookies come.
func TestSplitsOfRandomConfigs(t *testing.T) {
	for _, binary := range proxies.HAProxy(t) {
		t.Run(binary.String(), func(t *testing.T) {
			for seed := range uint64(3) {
				rng := rand.New(rand.NewPCG(seed, 11))
				cfg := splitConfig(rng)
				startEndpoints(t, cfg)
				c := newClient(t, start(t, binary.Path, cfg))
				for range 600 {
					req := model.Request{Scheme: "http", Host: "split.test", Target: fmt.Sprintf("/split-%d", rng.IntN(20)), Headers: randomFields(rng, cfg)}
					var lines []string
					for _, f := range req.Headers {
						lines = append(lines, f.Name+": "+f.Value)
					}
					if want, got := expected(cfg, req), c.send(req, lines...).outcome(); got != want {
						t.Fatalf("%s with %q came to %+v, want %+v by %+v", req.Target, lines, got, want, route(cfg, req.Target))
					}
				}
			}
		})
	}
}

func route(cfg *model.Config, path string) *model.Split {
	s := &cfg.Servers[cfg.ServerFor("split.test")]
	i := slices.IndexFunc(s.Routes, func(r model.Route) bool { return r.Match.Path == path })
	return s.Routes[i].Split
}

func TestBelow(t *testing.T) {
	for _, c := range []struct {
		part, whole int64
		want        string
	}{
		{0, 100, "0"}, {100, 100, "4294967296"}, {1, 2, "2147483648"}, {1, 3, "1431655765"}, {2, 3, "2863311531"}, {1, 1 << 30, "4"},
	} {
		if got := below(big.NewRat(c.part, c.whole)); got != c.want {
			t.Errorf("%d of %d: got %s, want %s", c.part, c.whole, got, c.want)
		}
	}
}

// A change of weight changes maps only, which HAProxy can be told of.
func TestWeightIsInMaps(t *testing.T) {
	weighed := func(weight int) map[string]string {
		r := to(prefix("/"), "be-1")
		r.Split = &model.Split{Branches: []model.Branch{{Backend: "be-2", Weight: weight, Total: 100}}}
		files := map[string]string{}
		for _, f := range mustRender(t, testConfig(server("w.test", r, to(prefix("/two"), "be-2")))).Files {
			if !f.Sensitive && !strings.HasSuffix(f.Path, ".list") {
				files[f.Path] = string(f.Data)
			}
		}
		return files
	}
	before, after := weighed(10), weighed(60)
	for path, data := range after {
		if path == "maps/canaries.map" && before[path] == data {
			t.Errorf("%s does not change with the weight", path)
		}
		if path != "maps/canaries.map" && before[path] != data {
			t.Errorf("%s changes with the weight", path)
		}
	}
}
