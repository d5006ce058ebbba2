package nginx

import (
	"errors"
	"fmt"
	"strings"

	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/nginx/conf"
)

// rewriteView makes another path of the one that was asked for.
//
// The groups that a user numbers become variables of ours: the text of a group is then copied as it is, wherever it stands, whereas
// nginx reads the numbers of groups anew after each expression, and versions before 1.30.6 write beyond their memory where groups lie in
// one another and their bytes have to be encoded.
type rewriteView struct {
	// Control, if not nil, is a Regex for paths that are refused as they are: their groups go into a header.
	Control any
	Pattern conf.Regex
	Target  conf.Expr
	// Slashes is set where more than one slash may stand in front of what was made.
	Slashes bool
	// Unsafe, if not nil, is a Regex for what may be made of a path and is refused.
	Unsafe any
	// Prefix, if not nil, is the Expr that is kept for X-Forwarded-Prefix.
	Prefix any
}

// elsewhereView sends clients to another URL.
type elsewhereView struct {
	// Made, if not nil, makes the path. A path that is the same for all is part of Site.
	Made *rewriteView
	// Site is the URL up to the path. It is evaluated first: evaluating a variable may overwrite the group that encodes the path.
	Site conf.Expr
}

// setRewrite makes the rewrite of the whole path: it is searched for the pattern without regard to case and without anchor.
func (v *forwardView) setRewrite(route *model.Route) error {
	if route.Rewrite == nil {
		return nil
	}
	rewrite, err := rewriteOf(route, route.Rewrite.Target, model.UnsafePath)
	if err != nil {
		return err
	}
	v.Rewrite = rewrite
	if route.Rewrite.Prefix == "" {
		return nil
	}
	_, rewrite.Prefix = named(route.Match.Path, route.Rewrite.Prefix)
	if model.HasGroups(route.Rewrite.Prefix) {
		rewrite.Control, err = conf.NewRegex(model.ControlBytes)
	}
	v.Headers = append(v.Headers, headerView{Name: "X-Forwarded-Prefix", Value: conf.Variable("forwarded_prefix")})
	return err
}

func rewriteOf(route *model.Route, target, unsafe string) (*rewriteView, error) {
	target = "/" + strings.TrimLeft(target, "/")
	texts := target
	if route.Rewrite != nil {
		texts += route.Rewrite.Prefix
	}
	pattern, _ := named(route.Match.Path, texts)
	_, made := named(route.Match.Path, target)
	v := &rewriteView{Target: made, Slashes: model.HasGroups(target[:min(len(target), len("/$1"))])}
	var err error
	if v.Pattern, err = conf.NewRegex("(?i)" + pattern); err != nil {
		return nil, err
	}
	if model.HasGroups(target) {
		v.Unsafe, err = conf.NewRegex(unsafe)
	}
	return v, err
}

// elsewhere makes the redirect of a route.
func elsewhere(route *model.Route) (*elsewhereView, error) {
	to := route.Redirect
	if to.Code != 302 {
		return nil, fmt.Errorf("a redirect with the status %d", to.Code)
	}
	scheme, host := conf.Literal(to.Scheme), conf.Literal(to.Host)
	if to.Scheme == "" {
		scheme = conf.Variable("pass_access_scheme")
	}
	if to.Host == "" {
		host = conf.Variable("redirect_host")
	}
	v := &elsewhereView{Site: conf.Concat(scheme, conf.Literal("://"), host)}
	if to.Port != 0 {
		v.Site = conf.Concat(v.Site, conf.Literal(fmt.Sprintf(":%d", to.Port)))
	}
	if strings.Trim(to.Path, locationBytes) != "" {
		return nil, errors.New("the path of a redirect has bytes that have to be encoded")
	}
	if !model.HasGroups(to.Path) {
		v.Site = conf.Concat(v.Site, conf.Literal("/"+strings.TrimLeft(to.Path, "/")))
		return v, nil
	}
	var err error
	v.Made, err = rewriteOf(route, to.Path, model.UnsafeLocation)
	return v, err
}

// locationBytes are those that stand for themselves in the path of a URL, and the dollar sign of groups.
const locationBytes = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/:@!$&'()*+,;="

// refuses reports whether the location may send requests to the one that refuses them.
func (v *locationView) refuses() bool {
	return v.Elsewhere != nil && v.Elsewhere.Made.refuses() || v.Forward != nil && v.Forward.Rewrite.refuses()
}

func (v *rewriteView) refuses() bool { return v != nil && (v.Control != nil || v.Unsafe != nil) }

// groupVariable begins the names of the variables that hold groups of a path.
const groupVariable = "group_"

// named returns a pattern whose groups have names, those that a text refers to as $1 to $9, and the text with variables of these names.
// A group that the pattern does not have is empty; any other dollar sign is one.
func named(pattern, text string) (string, conf.Expr) {
	starts := groupStarts(pattern)
	var parts []conf.Expr
	var used [10]bool
	for text != "" {
		n := 1
		for n < len(text) && text[n] != '$' {
			n++
		}
		if !model.HasGroups(text[:min(len(text), len("$1"))]) {
			parts = append(parts, conf.Literal(text[:n]))
			text = text[n:]
			continue
		}
		if group := int(text[1] - '0'); group <= len(starts) {
			used[group] = true
			parts = append(parts, conf.Variable(conf.Name(groupVariable+text[1:2])))
		}
		text = text[len("$1"):]
	}
	return nameGroups(pattern, starts, used), conf.Concat(parts...)
}

// nameGroups gives names to the groups of a pattern that are used.
func nameGroups(pattern string, starts []int, used [10]bool) string {
	var b strings.Builder
	at := 0
	for n := 1; n < len(used) && n <= len(starts); n++ {
		if used[n] {
			fmt.Fprintf(&b, "%s(?<%s%d>", pattern[at:starts[n-1]], groupVariable, n)
			at = starts[n-1] + 1
		}
	}
	return b.String() + pattern[at:]
}

// groupStarts returns where the capturing groups of a pattern begin, one that [model.CheckRegex] admits.
func groupStarts(pattern string) []int {
	var starts []int
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '\\':
			i++
		case '[':
			i = classEnd(pattern, i)
		case '(':
			if !strings.HasPrefix(pattern[i+1:], "?") {
				starts = append(starts, i)
			}
		}
	}
	return starts
}

// classEnd returns where the bracket closes that opens at a place. A bracket that comes first in it, or first behind "^", is one of its
// members, and so are those of [:alpha:] and its like.
func classEnd(pattern string, open int) int {
	i := open + 1
	if strings.HasPrefix(pattern[i:], "^") {
		i++
	}
	for first := true; i < len(pattern); first = false {
		switch rest := pattern[i:]; {
		case rest[0] == ']' && !first:
			return i
		case rest[0] == '\\':
			i += 2
		case strings.HasPrefix(rest, "[:") && strings.Contains(rest, ":]"):
			i += strings.Index(rest, ":]") + 2
		default:
			i++
		}
	}
	return len(pattern)
}
