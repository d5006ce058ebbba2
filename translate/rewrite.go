package translate

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/policy"
)

// rewriteTarget is the annotation of that name where it has an effect: a target equal to the path changes nothing.
func (e *entry) rewriteTarget() string {
	if e.ing == nil {
		return ""
	}
	if target := e.ing.policy.Rewrite.Target.V; target != e.path {
		return target
	}
	return ""
}

// rewrite gives the route of an entry its Rewrite or, where the target is a URL, its Redirect. A target that cannot be used closes the
// route: a request that is sent anywhere else than was meant is worse than none.
func (t *translator) rewrite(e *entry, r *model.Route) {
	target := e.rewriteTarget()
	if target == "" || r.Closed != "" {
		return
	}
	asked := &e.ing.policy.Rewrite
	redirect, path, err := splitTarget(target)
	if err == nil {
		err = checkTarget(path)
	}
	if err != nil {
		t.refuseRewrite(e, r, asked.Target, diag.RewriteTarget, err.Error())
		return
	}
	switch {
	case !hasGroupsOnly(path):
		t.refuseRewrite(e, r, asked.Target, diag.RewriteVariable, notAGroup)
		return
	case redirect == nil && !hasGroupsOnly(asked.Prefix.V):
		t.refuseRewrite(e, r, asked.Prefix, diag.RewriteVariable, notAGroup)
		return
	}
	groups, _ := model.CheckRegex(r.Match.Path)
	path = t.knownGroups(e, asked.Target.Origin, path, groups)
	if redirect != nil {
		r.Redirect, redirect.Path = redirect, path
		t.reportRedirected(e)
		return
	}
	switch {
	case path == "" && e.implicit:
		return
	case path == "":
		r.Closed = "its " + asked.Target.Name + " refers only to capture groups that the path does not define"
		return
	}
	r.Rewrite = &model.Rewrite{Target: t.rooted(e, path), Prefix: t.knownGroups(e, asked.Prefix.Origin, asked.Prefix.V, groups)}
}

// reportRedirected reports canaries and, once for each Ingress, annotations that have no effect because all requests are sent elsewhere.
func (t *translator) reportRedirected(e *entry) {
	for i := range e.branches {
		from := &e.branches[i].From
		t.diags.Add(diag.CanaryIgnored.At(from.Pos, from.Ref, from.Path, "%s redirects every request for the path; the canary has no effect there", e.ing.Ref()))
	}
	ing := e.ing
	if ing.redirected {
		return
	}
	ing.redirected = true
	for _, origin := range ing.policy.BesideRedirect() {
		t.diags.Add(about(diag.RewriteRedirects, ing, origin,
			"it has no effect: the %s is a URL, and every request is redirected to it before anything else", ing.policy.Rewrite.Target.Name))
	}
}

const notAGroup = "holds a dollar sign that no digit from 1 to 9 follows"

// refuseRewrite closes a route because of its rewrite. The implicit "/" of a host without a Service is not closed: nobody asked for it.
func (t *translator) refuseRewrite(e *entry, r *model.Route, asked policy.PerRoute[string], code diag.CodeInfo, why string) {
	if e.service == nil {
		return
	}
	t.diags.Add(about(code, e.ing, asked.Origin, "%s %s; the path %s answers 503", diag.Quote(asked.V), why, diag.Quote(e.path)))
	r.Closed = "its " + asked.Name + " cannot be used: it " + why
}

// absoluteURL takes a URL apart: scheme, host, port, and what follows.
var absoluteURL = regexp.MustCompile(`^(https?|\$scheme)://(\$host|[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?)?(?::([0-9]+))?(.*)$`)

// behindHost is what may follow a host: nothing, a path, or groups that are all of the path's first segment. A group in the middle of a
// name would let clients choose where they are sent.
var behindHost = regexp.MustCompile(`^(?:\$[1-9])*(?:/|$)`)

// splitTarget tells a path from a URL, to which ingress-nginx sends clients: nginx makes a redirect of a rewrite to http://, https:// or
// $scheme. It returns the path with the site that it is on, if there is one.
func splitTarget(target string) (*model.Redirect, string, error) {
	parts := absoluteURL.FindStringSubmatch(target)
	if parts == nil {
		if scheme, _, ok := strings.Cut(target, "://"); ok && !strings.ContainsAny(scheme, "/$") {
			return nil, "", errors.New("begins with a scheme other than http and https")
		}
		return nil, target, nil
	}
	to := &model.Redirect{Code: 302, Scheme: parts[1], Host: parts[2]}
	if to.Scheme == "$scheme" {
		to.Scheme = ""
	}
	path := parts[4]
	switch {
	case to.Host == "" || !behindHost.MatchString(path):
		return nil, "", errors.New("leads to a host that is neither written out nor $host")
	case to.Host == "$host":
		to.Host = ""
	}
	if parts[3] != "" {
		port, err := strconv.Atoi(parts[3])
		if err != nil || port < 1 || port > 65535 {
			return nil, "", errors.New("has a port that is not between 1 and 65535")
		}
		to.Port = port
	}
	return to, path, nil
}

var (
	unsafePath = regexp.MustCompile(model.UnsafePath)
	anyGroup   = regexp.MustCompile(`\$[1-9]`)
)

// checkTarget refuses the path of a target that would be refused for every request.
func checkTarget(path string) error {
	if unsafePath.MatchString(anyGroup.ReplaceAllString(path, "x")) {
		return errors.New(`has "." or ".." as a segment`)
	}
	return nil
}

// rooted puts a slash in front of a target without one: the request would be broken.
func (t *translator) rooted(e *entry, target string) string {
	if target[0] == '/' || target[0] == '$' {
		return target
	}
	if !e.implicit {
		t.diags.Add(about(diag.RewriteRelative, e.ing, e.ing.policy.Rewrite.Target.Origin,
			"%s does not begin with a slash; %s is used", diag.Quote(target), diag.Quote("/"+target)))
	}
	return "/" + target
}

// hasGroupsOnly reports whether every dollar sign of a text refers to a group.
func hasGroupsOnly(text string) bool {
	return !strings.Contains(anyGroup.ReplaceAllString(text, ""), "$")
}

// knownGroups removes references to groups that the path does not have. It says so for the paths of rules; the implicit "/" of a host
// cannot have groups.
func (t *translator) knownGroups(e *entry, asked policy.Origin, text string, groups int) string {
	known := anyGroup.ReplaceAllStringFunc(text, func(reference string) string {
		if int(reference[1]-'0') > groups {
			return ""
		}
		return reference
	})
	if known != text && !e.implicit {
		t.diags.Add(about(diag.RewriteGroup, e.ing, asked,
			"capture groups in the path %s: %d; references to further ones expand to nothing", diag.Quote(e.path), groups))
	}
	return known
}

// onlyRedirect is a route that sends every request elsewhere: nothing that is about endpoints matters any more. nginx redirects before
// it looks whether a request came over TLS, or how many there are.
func onlyRedirect(r model.Route) model.Route {
	return model.Route{Match: r.Match, Closed: r.Closed, Redirect: r.Redirect, Status: r.Status, Source: r.Source, From: r.From}
}
