package haproxy

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/engine/lex"
	"github.com/headgate/headgate/render/haproxy/conf"
)

// The frontend chooses between the backends of a route that splits. What it goes by stands in the table canaries, so that the cost does
// not depend on how many routes split, and a weight changes without a reload. T is the name of the route, i the number of a branch.
// Names stand for headers and cookies, which the frontend has to read by rules of their own, one for each that there is.
//
//	T             number of branches        T.session    name of the session cookie, if it decides
//	T.draw        name of the draw's cookie T.side.SIDE  section for a session cookie with that side
//	T.i           section                   T.i.below    the branch is drawn below this number of 2^32, unless one before it is
//	T.i.header    name of its header        T.i=VALUE    yes or no, for a value that url_enc has written
//	T.i.otherwise yes or no, for others     T.i.cookie   name of its cookie
//
// What has no endpoints is left out: T where the route's own backend has none, T.i and T.side.SIDE where the branch has none. The frontend
// does not count endpoints itself: a process of HAProxy 2.6 that retires after a reload finds none in any section.
//
// Patterns are rules in the frontend, too.
const canariesMap = "maps/canaries.map"

// undecided is what a look-up in canaries gives where nothing stands; no name is so.
const undecided = "-"

// canaryNames are the headers and cookies that the frontend reads for routes that split, by the names that the table has for them.
type canaryNames struct {
	headers, cookies, sessions, draws map[conf.Name]string
	patterns                          []canaryPattern
	branches                          int
}

type canaryPattern struct {
	route, pattern string
	branch         int
}

func newCanaryNames() canaryNames {
	return canaryNames{headers: map[conf.Name]string{}, cookies: map[conf.Name]string{}, sessions: map[conf.Name]string{}, draws: map[conf.Name]string{}}
}

// label makes the name of a header or a cookie.
func label(names map[conf.Name]string, text string) conf.Name {
	name := conf.Name(text)
	if name.Check() != nil || text == undecided {
		name = conf.Name("x:" + digest(text))
	}
	names[name] = text
	return name
}

// splits reports whether there is anything to choose on a route.
func (r *rendering) splits(route *model.Route) bool {
	return route.Backend != "" && route.Split != nil && len(route.Split.Branches) > 0
}

// split enters a route into canaries, unless it has no endpoints itself. main is the section for its own backend.
func (r *rendering) split(name string, main conf.Name, route *model.Route) {
	t, names := r.tables.canaries, &r.canaries
	if r.serves(route.Backend) {
		t[name] = strconv.Itoa(len(route.Split.Branches))
	}
	names.branches = max(names.branches, len(route.Split.Branches))
	own, ok := r.cfg.BackendByID(route.Backend)
	keeps := ok && route.Split.KeepsSessions && own.Affinity != nil
	if keeps {
		t[name+".session"] = string(label(names.sessions, own.Affinity.Cookie))
		t[name+".side."+own.Side()] = string(main)
	}
	if route.Split.Draw != "" {
		t[name+".draw"] = string(label(names.draws, route.Split.Draw))
	}
	drawn := new(big.Rat)
	for i := range route.Split.Branches {
		b := &route.Split.Branches[i]
		branch := name + "." + strconv.Itoa(i)
		section := r.branchSection(route, b)
		backend, ok := r.cfg.BackendByID(b.Backend)
		if ok && r.serves(b.Backend) {
			t[branch] = string(section)
			if keeps && b.Sessions {
				t[name+".side."+backend.Side()] = string(section)
			}
		}
		drawn.Add(drawn, big.NewRat(int64(b.Weight), int64(max(b.Total, 1))))
		t[branch+".below"] = below(drawn)
		r.branchRules(name, i, b)
	}
}

// below is the end of a part of all 2^32 numbers.
func below(part *big.Rat) string {
	scaled := new(big.Rat).Mul(part, new(big.Rat).SetInt64(1<<32))
	scaled.Add(scaled, big.NewRat(1, 2))
	return new(big.Int).Quo(scaled.Num(), scaled.Denom()).String()
}

// branchSection is the section for a branch: what the route does with requests for its own backend, done for another one.
func (r *rendering) branchSection(route *model.Route, b *model.Branch) conf.Name {
	p := r.policy(route)
	p.answer, p.fallback = noEndpoints, ""
	backend, ok := r.cfg.BackendByID(b.Backend)
	p.session = ok && b.Sessions && backend.Affinity != nil && route.Session != nil
	return r.use(b.Backend, p, b.From.Ref)
}

// branchRules enters the rules about headers and cookies.
func (r *rendering) branchRules(name string, i int, b *model.Branch) {
	t := r.tables.canaries
	branch := name + "." + strconv.Itoa(i)
	if b.Cookie != "" {
		t[branch+".cookie"] = string(label(r.canaries.cookies, strings.ToLower(b.Cookie)))
	}
	h := b.Header
	if h == nil {
		return
	}
	t[branch+".header"] = string(label(r.canaries.headers, h.Name))
	switch {
	case h.Broken:
		t[branch+".otherwise"] = "no"
	case h.Value != "":
		r.headerValue(branch, h.Value, b)
	case h.Pattern != "":
		r.canaries.patterns = append(r.canaries.patterns, canaryPattern{route: name, pattern: h.Pattern, branch: i})
	default:
		t[branch+"=always"], t[branch+"=never"] = "yes", "no"
	}
}

// headerValue enters the one value of a header. One that is too long for a line stands nowhere, so that no request goes to the branch.
func (r *rendering) headerValue(branch, value string, b *model.Branch) {
	key := branch + "=" + encodeQuery(value)
	if len(key) > conf.MaxLine/2 {
		r.refuse(diag.RenderRefused, b.From, "the value of the canary header is too long; no request goes to the canary by it")
		return
	}
	r.tables.canaries[key] = "yes"
}

// encodeQuery writes a text as HAProxy's url_enc does.
func encodeQuery(text string) string {
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; lex.IsAlnum(c) || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// canariesView is what the frontend does for routes that split.
type canariesView struct {
	Headers, Cookies, Sessions, Draws []readView
	Branches                          []branchView
	// LongestValue is the length of the longest value that is searched for a pattern.
	LongestValue int
}

// readView reads a header or a cookie.
type readView struct {
	Name  conf.Name
	Value conf.Expr
	// Lines reads a header that came in several lines.
	Lines linesView
	// Given is the cookie as it is given out, for a draw.
	Given conf.Format
}

// branchView is what is asked of a branch, by its number.
type branchView struct {
	Section, Header, Cookie, Said, Otherwise, Below conf.Expr
	// Out is the list of branches that are ruled out with this one behind it, Mark how the branch stands in it.
	Out      conf.Expr
	Mark     conf.Name
	Patterns []patternView
}

// patternView is a pattern that stands in a rule.
type patternView struct {
	ACL, Route conf.Name
	Pattern    string
}

// canaryValue looks something up for the route that splits.
func canaryValue(what string) conf.Expr {
	return conf.Variable("split").Then("concat", what).Then("map_str", canariesMap, undecided)
}

// canariesView returns nil if no route splits.
func (r *rendering) canariesView() *canariesView {
	n := &r.canaries
	if n.branches == 0 {
		return nil
	}
	v := &canariesView{
		LongestValue: model.MaxHeaderValue,
		Headers:      reads(n.headers, func(name string) conf.Expr { return conf.Fetch("req.fhdr", name) }),
		Cookies:      reads(n.cookies, cookie),
		Sessions:     reads(n.sessions, func(name string) conf.Expr { return cookie(name).Then("field", "2", "|", "0") }),
		Draws:        reads(n.draws, cookie),
	}
	for i := range n.branches {
		b := "." + strconv.Itoa(i)
		view := branchView{
			Section: canaryValue(b), Header: canaryValue(b + ".header"), Cookie: canaryValue(b + ".cookie"),
			Otherwise: canaryValue(b + ".otherwise"), Below: canaryValue(b + ".below"),
			Said: conf.Variable("split").Then("concat", b+"=", "txn.said_encoded").Then("map_str", canariesMap, undecided),
			Out:  conf.Variable("out").Then("concat", strconv.Itoa(i)+"."), Mark: conf.Name(b + "."),
		}
		for _, p := range n.patterns {
			if p.branch == i {
				view.Patterns = append(view.Patterns, patternView{
					ACL: conf.Name("pattern:" + digest(p.route, strconv.Itoa(i))), Route: conf.Name(p.route), Pattern: p.pattern,
				})
			}
		}
		slices.SortFunc(view.Patterns, func(a, b patternView) int { return cmp.Compare(a.ACL, b.ACL) })
		v.Branches = append(v.Branches, view)
	}
	return v
}

func reads(names map[conf.Name]string, value func(string) conf.Expr) []readView {
	var views []readView
	for name, text := range names {
		views = append(views, readView{Name: name, Value: value(text), Lines: linesOf(text), Given: conf.Text(text + "=").Value(conf.Variable("place_new")).Text("; Path=/")})
	}
	slices.SortFunc(views, func(a, b readView) int { return cmp.Compare(a.Name, b.Name) })
	return views
}
