package haproxy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render"
	"github.com/headgate/headgate/render/engine"
	"github.com/headgate/headgate/render/haproxy/conf"
)

// section is a backend of HAProxy: a backend of the model together with everything that a route does on the way to it. Routes that
// do the same share one, so that the cost of a policy does not depend on how many routes have it: the maps lead straight to the
// section, and only its own rules run.
type section struct {
	backend string
	policy  policy
	origins []diag.Ref
}

// policy is what a route does with a request.
type policy struct {
	elsewhere *model.Redirect
	redirect  *model.TLSRedirect
	rewrite   *model.Rewrite
	match     model.PathMatch
	// answer is the status while there are no endpoints.
	answer   int
	protocol model.Protocol
	// errorOf, if not nil, is the route that this section stands in for.
	errorOf *model.Source
	// fallback is the section that stands in for this one.
	fallback conf.Name
	// limit is the ID of the Limit that requests have to keep within.
	limit string
	// bandwidth is how many bytes in a second a response gets, 0 for no bound.
	bandwidth int64
	// session says that the cookie of the backend's affinity is given out.
	session bool
}

// The sections that are always there. Sections of Services have names with "_", these have not.
const (
	notFoundSection conf.Name = "status-404"
	closedSection   conf.Name = "status-503"
	slashSection    conf.Name = "add-slash"
)

var fixedSections = []conf.Name{notFoundSection, closedSection, slashSection}

// name says what a section does: the ID of the backend and the answer without endpoints and, if there is more to it, that in short and the
// digest of the whole policy. The digest alone tells sections of a backend apart; the rest is for people.
func (p *policy) name(backend string) conf.Name {
	name := backend
	if backend == "" {
		name = "status-" + strconv.Itoa(p.answer)
	} else if p.answer != noEndpoints {
		name += ":or" + strconv.Itoa(p.answer)
	}
	if plain := (policy{answer: p.answer}); *p != plain {
		name += p.summary() + ":" + render.Digest(*p)
	}
	return conf.Name(name)
}

// summary says in a few words what a policy does.
func (p *policy) summary() string {
	var words strings.Builder
	for _, w := range []struct {
		said bool
		text string
	}{
		{p.protocol != model.HTTP, p.protocol.String()},
		{p.redirect != nil, "tls"},
		{p.elsewhere != nil, "to"},
		{p.rewrite != nil, "rewrite"},
		{p.errorOf != nil, "for"},
		{p.limit != "", "limit"},
		{p.bandwidth != 0, "rate"},
		{p.session, "session"},
		{p.fallback != "", "else"},
	} {
		if w.said {
			words.WriteString(":" + w.text)
		}
	}
	return words.String()
}

// noEndpoints is what HAProxy answers by itself while a backend has no servers.
const noEndpoints = 503

// digest is a short name for texts.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}

// use returns the name of the section for a policy, with all that belongs to it. One that speaks to endpoints as the client spoke is
// two.
func (r *rendering) use(backend string, p policy, from diag.Ref) conf.Name {
	name := r.add(backend, p, from)
	if p.protocol == model.Auto {
		p.protocol = model.HTTPS
		r.tables.secured[string(name)] = r.add(backend, p, from)
	}
	return name
}

// add makes a section, if no route has had it before.
func (r *rendering) add(backend string, p policy, from diag.Ref) conf.Name {
	name := p.name(backend)
	s := r.sections[name]
	if s == nil {
		s = &section{backend: backend, policy: p}
		r.sections[name] = s
	}
	if !from.IsZero() && !slices.Contains(s.origins, from) {
		s.origins = append(s.origins, from)
	}
	if p.fallback != "" && !r.serves(backend) && r.serves(r.sections[p.fallback].backend) {
		r.tables.fallbacks[string(name)] = p.fallback
	}
	return name
}

// sectionView is what the templates of backends print.
type sectionView struct {
	Name conf.Name
	// Defaults is the section of defaults that it goes by.
	Defaults conf.Name
	Origins  []engine.Origin
	// Elsewhere is where all requests are sent.
	Elsewhere *elsewhereView
	Redirect  *redirectView
	// Answer is printed where HAProxy would not answer so by itself, or only after another refusal.
	Answer  int
	Early   *earlyView
	Limit   *limitView
	Rewrite *rewriteView
	Headers []headerView
	// Bandwidth is in bytes in a second, 0 for no bound.
	Bandwidth int64
	Affinity  *affinityView
	Balance   balanceView
	Unknown   bool
	Servers   []serverView
}

// redirectView is a redirect of plain HTTP to https.
type redirectView struct {
	Code     int
	Location conf.Format
}

type headerView struct {
	Name  conf.Header
	Value conf.Format
}

// serverView is one endpoint. Its name is made of its address, so that a command that adds it says the same as the file.
type serverView struct {
	Name               conf.Name
	Address            any
	HTTPS, GRPC, GRPCS bool
	// Ring says where it stands among servers that a hash chooses, nil where none does.
	Ring *ringView
	// Idle is how long a connection without requests is kept; 0 leaves it to HAProxy.
	Idle conf.Time
}

// view makes what the templates print of a section.
func (r *rendering) view(name conf.Name, s *section) sectionView {
	v := sectionView{
		Name: name, Defaults: "endpoints", Elsewhere: elsewhere(&s.policy), Rewrite: rewriteOf(&s.policy), Bandwidth: s.policy.bandwidth,
		Early: r.early(), Limit: r.limit(s), Affinity: r.affinity(s), Balance: r.balance(s),
	}
	if v.Affinity != nil && v.Affinity.Gives {
		v.Defaults = "sessions"
	}
	slices.SortFunc(s.origins, compareRefs)
	for _, ref := range s.origins {
		v.Origins = append(v.Origins, engine.NewOrigin(ref, diag.Pos{}))
	}
	if s.policy.redirect != nil {
		v.Redirect = &redirectView{Code: s.policy.redirect.Code, Location: tlsLocation(s.policy.redirect)}
	}
	if s.policy.answer != noEndpoints || v.Rewrite != nil && v.Rewrite.refuses() {
		v.Answer = s.policy.answer
	}
	if s.policy.errorOf != nil {
		v.Headers = errorHeaders(s.policy.errorOf)
	}
	v.Servers, v.Unknown = r.servers(s, v.Balance)
	return v
}

// errorHeaders tell a backend that it stands in for a route whose own has no endpoints.
func errorHeaders(s *model.Source) []headerView {
	headers := []headerView{
		{"X-Code", conf.Text(strconv.Itoa(noEndpoints))},
		{"X-Format", conf.Format{}.Value(conf.Fetch("req.fhdr", "accept"))},
	}
	for _, h := range []struct {
		name  conf.Header
		value string
	}{{"X-Namespace", s.Namespace}, {"X-Ingress-Name", s.Ingress}, {"X-Service-Name", s.Service}, {"X-Service-Port", s.Port}} {
		if h.value != "" {
			headers = append(headers, headerView{h.name, conf.Text(h.value)})
		}
	}
	return headers
}
