package model

import (
	"slices"
	"strconv"
)

// order is what decides about a request, family by family. It is the one place that says what comes before what.
var order = [...]struct {
	family Family
	apply  func(*decider)
}{
	{FamilyHost, (*decider).checkHost},
	{FamilyPassthrough, (*decider).passThrough},
	{FamilyPath, (*decider).checkPath},
	{FamilySlash, (*decider).findRoute},
	{FamilyClosed, (*decider).closed},
	{FamilyRedirect, (*decider).redirect},
	{FamilyTLSRedirect, (*decider).tlsRedirect},
	{FamilyFallback, (*decider).fallback},
	{FamilyLimits, (*decider).limits},
	{FamilyBandwidth, (*decider).bandwidth},
	{FamilyCanary, (*decider).canary},
	{FamilyAffinity, (*decider).affinity},
	{FamilyBalance, (*decider).balance},
	{FamilyRewrite, (*decider).rewrite},
	{FamilyProtocol, (*decider).protocol},
	{FamilyHeaders, (*decider).headers},
	{FamilyBackend, (*decider).backend},
}

// Match says what a proxy has to do with a request. It is the reference that explain prints and that the behaviour tests hold
// every proxy against.
func Match(cfg *Config, req Request) Decision {
	d := decider{cfg: cfg, req: req, Decision: Decision{Route: -1}}
	for i := range order {
		if d.family = order[i].family; !d.done || d.family == FamilyHeaders {
			order[i].apply(&d)
		}
	}
	return d.Decision
}

// decider is a request on its way through the families.
type decider struct {
	cfg *Config
	req Request
	// family is the one that decides now.
	family Family
	// host is the canonical host, path the normalised path.
	host, path string
	// route is the one that was found, nil before.
	route *Route
	// done says that the request is answered, or handed on, already.
	done bool
	Decision
}

// note adds a step.
func (d *decider) note(what string, from Origin) {
	d.Steps = append(d.Steps, Step{Family: d.family, What: what, From: from})
}

// answer ends the request with a status of the proxy's own.
func (d *decider) answer(status int, why string) {
	d.end(status, why)
	d.note(strconv.Itoa(status)+": "+why, d.From)
}

// end is answer without the step.
func (d *decider) end(status int, why string) { d.Status, d.Why, d.done = status, why, true }

// redirectTo ends the request with a redirect.
func (d *decider) redirectTo(status int, location, why string) {
	d.Location = location
	d.answer(status, why)
}

// refuse ends a request that a backend was chosen for already.
func (d *decider) refuse(status int, why string) {
	d.Backend, d.Target, d.Shares = "", "", nil
	d.Steps = slices.DeleteFunc(d.Steps, func(s Step) bool { return s.Family > FamilyLimits })
	d.answer(status, why)
}

// take makes a route of the server the one of the request.
func (d *decider) take(i int) {
	d.route = &d.cfg.Servers[d.Server].Routes[i]
	d.Route, d.From = i, d.route.From
}

func (d *decider) checkHost() {
	d.host = canonicalHost(d.req.Host)
	if !isHost(d.req.Host) {
		d.Server = d.cfg.ServerFor("")
		d.answer(400, "the Host header is neither a name nor an address")
		return
	}
	d.Server = d.cfg.ServerFor(d.host)
}

func (d *decider) passThrough() {
	p, ok := d.cfg.passthrough(d.host)
	if !ok || d.req.Scheme != "https" {
		return
	}
	d.Backend, d.Target, d.From, d.Why, d.done = p.Backend, d.req.Target, p.From, "the TLS of the host is passed through", true
	d.note("the connection is handed to "+p.Backend+" unopened", p.From)
}

func (d *decider) checkPath() {
	var ok bool
	if d.path, ok = NormalizePath(d.req.Target); !ok {
		d.answer(400, "the path cannot be normalised")
		return
	}
	if limit := d.cfg.Servers[d.Server].PathLimit; limit > 0 && len(d.path) > limit {
		d.answer(414, "the path is longer than the regular expressions of the host may be tried on")
	}
}

// findRoute finds the route of the path. A path that lacks only the final slash of a route is sent there.
func (d *decider) findRoute() {
	server := &d.cfg.Servers[d.Server]
	if i := server.slashFor(d.path); i >= 0 {
		d.take(i)
		location := d.req.Scheme + "://" + d.host + escapePath(d.path+"/") + queryOf(d.req.Target)
		d.redirectTo(301, location, "the path lacks its final slash")
		return
	}
	d.take(server.RouteFor(d.path))
}

func (d *decider) closed() {
	if d.route.Closed != "" {
		d.end(503, "the route is closed: "+d.route.Closed)
		d.note("503: "+d.route.Closed, d.From)
	}
}

// whyUnsafe says why a request is refused although its own path is fine.
const whyUnsafe = "what the rewrite makes of the path is not safe: it has dot segments or control bytes"

func (d *decider) redirect() {
	if d.route.Redirect == nil {
		return
	}
	location, ok := d.route.redirected(d.req, d.path)
	if !ok {
		d.answer(400, whyUnsafe)
		return
	}
	d.redirectTo(d.route.Redirect.Code, location, "the route leads elsewhere")
}

func (d *decider) tlsRedirect() {
	if r := d.route.TLSRedirect; r != nil && d.req.Scheme == "http" {
		d.redirectTo(r.Code, r.location(d.req), "the host is served over TLS")
	}
}

func (d *decider) fallback() {
	const missing = "the backend has no endpoints"
	route := d.route
	switch {
	case d.cfg.hasEndpoints(route.Backend):
		d.Backend, d.Target, d.Why = route.Backend, d.req.Target, "the path matches"
	case d.cfg.hasEndpoints(route.Fallback):
		d.Backend, d.Target, d.Fallback, d.Why = route.Fallback, d.req.Target, true, missing
		d.note(route.Fallback+" stands in: "+route.Backend+" has no endpoints", d.backendFrom())
	case route.Backend == "":
		d.answer(route.Status, "no rule matches")
	default:
		d.answer(route.Status, missing)
	}
}

func (d *decider) rewrite() {
	if d.route.Rewrite == nil || d.Fallback {
		return
	}
	target, ok := d.route.rewritten(d.req, d.path)
	if !ok {
		d.refuse(400, whyUnsafe)
		return
	}
	d.Target = target
	d.note(d.route.Rewrite.describe(d.route.Match), d.From)
}

func (d *decider) protocol() {
	switch p := d.route.Protocol; {
	case p == HTTP || d.Fallback:
	case p == Auto:
		d.note(d.req.Scheme+", as the request came", d.From)
	default:
		d.note(p.String(), d.From)
	}
}

// backend names who gets the request. Where a draw decides, the canary has named them.
func (d *decider) backend() {
	if len(d.Shares) == 0 {
		d.note(d.Backend, d.backendFrom())
	}
}

// backendFrom is where the route was given the backend that was chosen.
func (d *decider) backendFrom() Origin {
	if b, ok := d.cfg.BackendByID(d.Backend); ok && d.Fallback {
		return b.From
	}
	if split := d.route.Split; split != nil && d.Backend != d.route.Backend {
		for i := range split.Branches {
			if b := &split.Branches[i]; b.Backend == d.Backend {
				return b.From
			}
		}
	}
	return d.From
}
