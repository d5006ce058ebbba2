package nginx

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/nginx/conf"
)

// A request of a route that splits is judged by the letters that each rule says of each branch, in one text:
//
//	<side>|<header rules>|<cookie rules>|<draw>
//
// A rule says y for the branch, n for never, and - for nothing; side and draw are the number of a branch, or m for the route's own
// backend, or nothing. The first pattern that the text matches decides: see [split.choices].
const (
	sayYes     = "y"
	sayNo      = "n"
	sayNothing = "-"
	mainBranch = "m"
)

// split is a route that splits, on its way to a trafficView.
type split struct {
	maps []mapView
	// draw is nil if no branch has a weight.
	draw *drawView
	// pass is the variable with the upstream that was chosen; branch the one with the number of the branch.
	pass   conf.Expr
	branch conf.Name
	// cookie, if not nil, is the value of Set-Cookie that keeps the client's place in the draw.
	cookie   *conf.Expr
	branches []splitBranch
}

// splitBranch is a branch whose backend has endpoints.
type splitBranch struct {
	*model.Branch
	backend *model.Backend
}

// drawView draws by weight. Rest is what all others get.
type drawView struct {
	Key      conf.Expr
	Variable conf.Name
	Buckets  []drawBucket
	Rest     string
}

// drawBucket is one outcome of a draw.
// drawBucket is one outcome of a draw.
type drawBucket struct {
	Share conf.Share
	// Branch is what the variable of the draw then holds.
	Branch string
}

// split makes the choice between the backends of a route; nil if there is none to make.
func (r *rendering) split(id string, route *model.Route) (*split, error) {
	if route.Split == nil {
		return nil, nil //nolint:nilnil // there is no choice to make
	}
	main, ok := r.cfg.BackendByID(route.Backend)
	if !ok || !r.serves(route.Backend) {
		return nil, nil //nolint:nilnil // there is no choice to make
	}
	v := &split{pass: conf.Variable(variableName("canary_pool", id)), branch: variableName("canary", id)}
	for i := range route.Split.Branches {
		b := &route.Split.Branches[i]
		if backend, ok := r.cfg.BackendByID(b.Backend); ok && r.serves(b.Backend) {
			v.branches = append(v.branches, splitBranch{b, backend})
		}
	}
	if len(v.branches) == 0 {
		return nil, nil //nolint:nilnil // there is no choice to make
	}
	var source []conf.Expr
	for _, part := range []func(string, *model.Route, *model.Backend) (conf.Expr, error){v.sides, v.headers, v.cookies} {
		text, err := part(id, route, main)
		if err != nil {
			return nil, err
		}
		source = append(source, text, conf.Literal("|"))
	}
	source = append(source, r.draw(v, id, route))
	v.maps = append(v.maps, v.choices(route, conf.Concat(source...)), r.pools(v, id, main))
	return v, nil
}

// sides finds the branch that a session cookie names.
func (v *split) sides(id string, route *model.Route, main *model.Backend) (conf.Expr, error) {
	if !route.Split.KeepsSessions || main.Affinity == nil {
		return conf.Literal(""), nil
	}
	cookie, maps, err := cookieValue(main.Affinity.Cookie, "side "+id)
	if err != nil {
		return conf.Expr{}, err
	}
	side := mapView{Source: cookie, Variable: variableName("canary_side", id), Default: "",
		Entries: []mapEntry{{Key: sidePattern(main), Value: mainBranch}}}
	for i, b := range v.branches {
		if b.Sessions {
			side.Entries = append(side.Entries, mapEntry{Key: sidePattern(b.backend), Value: strconv.Itoa(i)})
		}
	}
	v.maps = append(append(v.maps, maps...), side)
	return conf.Variable(side.Variable), nil
}

func sidePattern(b *model.Backend) conf.Regex { return conf.OwnRegex(`^[^|]*\|` + b.Side() + "$") }

// headers asks the header rules of all branches.
func (v *split) headers(id string, _ *model.Route, _ *model.Backend) (conf.Expr, error) {
	var said []conf.Expr
	for i, b := range v.branches {
		if b.Header == nil {
			said = append(said, conf.Literal(sayNothing))
			continue
		}
		m := mapView{Source: headerVariable(b.Header.Name), Variable: variableName("canary_header", id+strconv.Itoa(i)), Default: sayNothing}
		switch h := b.Header; {
		case h.Broken:
			m.Default = sayNo
			m.Entries = []mapEntry{{Key: "", Value: sayNothing}}
		case h.Value != "":
			m.Entries = []mapEntry{{Key: atFirst(h.Value), Value: sayYes}}
		case h.Pattern != "":
			pattern, err := conf.NewRegex(h.Pattern)
			if err != nil {
				return conf.Expr{}, fmt.Errorf("canary header pattern: %w", err)
			}
			m.Entries = []mapEntry{{Key: "", Value: sayNothing}, {Key: longerThan(model.MaxHeaderValue), Value: sayNothing}, {Key: pattern, Value: sayYes}}
		default:
			m.Entries = []mapEntry{{Key: atFirst("always"), Value: sayYes}, {Key: atFirst("never"), Value: sayNo}}
		}
		v.maps = append(v.maps, m)
		said = append(said, conf.Variable(m.Variable))
	}
	return conf.Concat(said...), nil
}

// cookies asks the cookie rules of all branches.
func (v *split) cookies(id string, _ *model.Route, _ *model.Backend) (conf.Expr, error) {
	var said []conf.Expr
	for i, b := range v.branches {
		if b.Cookie == "" {
			said = append(said, conf.Literal(sayNothing))
			continue
		}
		own := id + strconv.Itoa(i)
		cookie, maps, err := cookieValue(b.Cookie, "canary "+own)
		if err != nil {
			return conf.Expr{}, err
		}
		m := mapView{Source: cookie, Variable: variableName("canary_cookie", own), Default: sayNothing, Entries: spokenRule()}
		v.maps = append(append(v.maps, maps...), m)
		said = append(said, conf.Variable(m.Variable))
	}
	return conf.Concat(said...), nil
}

// spokenRule reads always and never in a cookie; as plain keys they would match in any capitals.
func spokenRule() []mapEntry {
	return []mapEntry{{Key: exactly("always"), Value: sayYes}, {Key: exactly("never"), Value: sayNo}}
}

// draw draws a branch by weight and returns what was drawn.
func (r *rendering) draw(v *split, id string, route *model.Route) conf.Expr {
	const whole = 10_000
	d := &drawView{Key: conf.Variable("request_id"), Variable: variableName("canary_draw", id), Rest: mainBranch}
	left := whole
	for i, b := range v.branches {
		exact := whole * float64(b.Weight) / float64(b.Total)
		share := int(math.Round(exact))
		if b.Weight > 0 {
			share = max(share, 1)
		}
		if math.Abs(exact-float64(share)) > 1e-6 {
			r.refuse(diag.TargetApproximated, b.From, "nginx draws to a hundredth of a percent: the canary gets %d in 10000 for %d in %d",
				share, b.Weight, b.Total)
		}
		if share = min(share, left); share == 0 {
			continue
		}
		left -= share
		d.Buckets = append(d.Buckets, drawBucket{conf.Share(share), strconv.Itoa(i)})
	}
	if len(d.Buckets) == 0 {
		return conf.Literal(mainBranch)
	}
	if left == 0 {
		last := len(d.Buckets) - 1
		d.Rest, d.Buckets = d.Buckets[last].Branch, d.Buckets[:last]
	}
	if route.Split.Draw != "" {
		d.Key = v.keptDraw(id, route.Split.Draw)
	}
	v.draw = d
	return conf.Variable(d.Variable)
}

// keptDraw keeps the place of a client in the draw in a cookie, and returns that place.
func (v *split) keptDraw(id, name string) conf.Expr {
	cookie := conf.Variable(conf.Name("cookie_" + strings.ToLower(name)))
	place := mapView{Source: cookie, Variable: variableName("canary_place", id), Default: cookie,
		Entries: []mapEntry{{Key: "", Value: conf.Variable("request_id")}}}
	set := mapView{
		Source: conf.Concat(conf.Variable("upstream_addr"), conf.Literal("|"), cookie), Variable: variableName("canary_keep", id), Default: "",
		Entries: []mapEntry{{
			Key:   conf.OwnRegex(`^[^|]+\|$`),
			Value: conf.Concat(conf.Literal(name+"="), conf.Variable("request_id"), conf.Literal("; Path=/"), conf.Variable("session_secure"), conf.Literal("; HttpOnly")),
		}},
	}
	v.maps = append(v.maps, place, set)
	value := conf.Variable(set.Variable)
	v.cookie = &value
	return conf.Variable(place.Variable)
}

// choices puts the rules in their order: sides, then headers, then cookies of branches not ruled out, then the draw likewise.
func (v *split) choices(route *model.Route, source conf.Expr) mapView {
	m := mapView{Source: source, Variable: v.branch, Default: mainBranch}
	add := func(pattern, branch string) {
		m.Entries = append(m.Entries, mapEntry{Key: conf.OwnRegex("^" + pattern), Value: branch})
	}
	if route.Split.KeepsSessions {
		add(mainBranch, mainBranch)
		for i := range v.branches {
			add(strconv.Itoa(i)+`\|`, strconv.Itoa(i))
		}
	}
	for i, b := range v.branches {
		if b.Header != nil {
			add(`\|`+v.says(i, sayYes)+`\|`, strconv.Itoa(i))
		}
	}
	for i, b := range v.branches {
		if b.Cookie != "" {
			add(`\|`+v.says(i, sayNothing)+`\|`+v.says(i, sayYes)+`\|`, strconv.Itoa(i))
		}
	}
	for i, b := range v.branches {
		if b.Weight > 0 {
			add(`\|`+v.says(i, sayNothing)+`\|`+v.says(i, sayNothing)+`\|`+strconv.Itoa(i)+"$", strconv.Itoa(i))
		}
	}
	return m
}

// says is a pattern for the letters of all branches, with a given one for branch i.
func (v *split) says(i int, letter string) string {
	return strings.Repeat(".", i) + letter + strings.Repeat(".", len(v.branches)-1-i)
}

// pools turns the number of a branch into the upstream to pass to.
func (r *rendering) pools(v *split, id string, main *model.Backend) mapView {
	m := mapView{Source: conf.Variable(v.branch), Variable: variableName("canary_pool", id), Default: r.pool(main)}
	for i, b := range v.branches {
		m.Entries = append(m.Entries, mapEntry{Key: strconv.Itoa(i), Value: r.pool(b.backend)})
	}
	return m
}

// names turns the number of a branch into what log lines call its backend.
func (v *split) names(id string) mapView {
	m := mapView{Source: conf.Variable(v.branch), Variable: variableName("canary_log", id), Default: ""}
	for i, b := range v.branches {
		m.Entries = append(m.Entries, mapEntry{Key: strconv.Itoa(i), Value: nameInLog(b.backend)})
	}
	return m
}

// sessionValues finds the session cookie to set: that of the backend that serves the request, none for a branch without sessions.
func (v *split) sessionValues(id string, main conf.Name) mapView {
	m := mapView{Source: conf.Variable(v.branch), Variable: variableName("session_value", id), Default: conf.Variable(main)}
	for i, b := range v.branches {
		var value any = ""
		if b.Sessions && b.backend.Affinity != nil {
			value = conf.Variable(newSession(b.backend))
		}
		m.Entries = append(m.Entries, mapEntry{Key: strconv.Itoa(i), Value: value})
	}
	return m
}
