package haproxy

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/haproxy/conf"
)

// rewriteView makes another path of the one that was asked for.
type rewriteView struct {
	// Control says that paths with control bytes are refused, because their groups go into a header; Unsafe that what is made may have to be.
	Control, Unsafe bool
	Path            conf.Expr
	// Prefix is an Expr, or nil.
	Prefix any
}

func (v *rewriteView) refuses() bool { return v.Control || v.Unsafe }

// elsewhereView sends clients to another URL.
type elsewhereView struct {
	Code     int
	Made     rewriteView
	Location conf.Format
}

// rewriteOf makes the expressions of a rewrite, or nil.
func rewriteOf(p *policy) *rewriteView {
	if p.rewrite == nil {
		return nil
	}
	v := makePath(&p.match, p.rewrite.Target)
	if p.rewrite.Prefix != "" {
		v.Prefix = substitute(&p.match, p.rewrite.Prefix)
	}
	v.Control = model.HasGroups(p.rewrite.Prefix)
	return &v
}

// elsewhere makes the redirect of a section, or nil.
func elsewhere(p *policy) *elsewhereView {
	to := p.elsewhere
	if to == nil {
		return nil
	}
	f := conf.Format{}
	if to.Scheme == "" {
		f = f.Value(conf.Variable("scheme"))
	}
	f = f.Text(to.Scheme + "://")
	if to.Host == "" {
		f = f.Value(authority())
	}
	f = f.Text(to.Host)
	if to.Port != 0 {
		f = f.Text(":" + strconv.Itoa(to.Port))
	}
	encoded := conf.Variable("to").Then("url_enc").Then("regsub", oddInLocation, "%25", "g").Then("url_dec")
	return &elsewhereView{
		Code: to.Code, Made: makePath(&p.match, to.Path), Location: f.Value(encoded).Value(query()),
	}
}

// oddInLocation finds what [url_enc] has encoded and nginx encodes in the path of a redirect, too; the rest is decoded again.
const oddInLocation = `%(?=[01]|2[0235]|7F|[89A-F])`

// makePath makes the path that a target says, with one slash in front.
func makePath(match *model.PathMatch, target string) rewriteView {
	target = "/" + strings.TrimLeft(target, "/")
	v := rewriteView{Path: substitute(match, target), Unsafe: model.HasGroups(target)}
	if model.HasGroups(target[:min(len(target), len("/$1"))]) {
		v.Path = v.Path.Then("regsub", `\A//+`, "/", "i")
	}
	return v
}

// substitute makes a text of the first place in the path where a pattern matches, or leaves the path as it is. The pattern is searched
// for as PCRE does: the leftmost match, by the order of alternatives.
func substitute(match *model.PathMatch, target string) conf.Expr {
	pattern := match.Path
	if match.Kind != model.PathRegex {
		pattern = model.QuoteRegex(pattern)
	}
	whole := fmt.Sprintf(`\A(?s:.*?)(?:%s)(?s:.*)\z`, pattern)
	return conf.Variable("path").Then("regsub", whole, conf.Replacement(target), "i")
}
