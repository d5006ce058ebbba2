package translate

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate/headgate/configmap"
	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
)

// rewriteTarget is the annotation of that name where it has an effect: a target equal to the path changes nothing.
func (e *entry) rewriteTarget() string {
	if e.ing == nil {
		return ""
	}
	target, _ := e.ing.set.String(configmap.RewriteTarget)
	if target == e.path {
		return ""
	}
	return target
}

// rewrite gives the route of an entry its Rewrite or, where the target is a URL, its Redirect. A target that cannot be used closes the
// route: a request that is sent anywhere else than was meant is worse than none.
func (t *translator) rewrite(e *entry, r *model.Route) {
	target := e.rewriteTarget()
	if target == "" || r.Closed != "" {
		return
	}
	redirect, path, err := splitTarget(target)
	if err == nil {
		err = checkTarget(path)
	}
	if err != nil {
		t.refuseRewrite(e, r, configmap.RewriteTarget, diag.RewriteTarget, err.Error())
		return
	}
	prefix, _ := e.ing.set.String(configmap.XForwardedPrefix)
	switch {
	case !hasGroupsOnly(path):
		t.refuseRewrite(e, r, configmap.RewriteTarget, diag.RewriteVariable, notAGroup)
		return
	case redirect == nil && !hasGroupsOnly(prefix):
		t.refuseRewrite(e, r, configmap.XForwardedPrefix, diag.RewriteVariable, notAGroup)
		return
	}
	groups, _ := model.CheckRegex(r.Match.Path)
	path = t.knownGroups(e, configmap.RewriteTarget, path, groups)
	if redirect != nil {
		r.Redirect, redirect.Path = redirect, path
		t.reportRedirected(e)
		return
	}
	switch {
	case path == "" && e.implicit:
		return
	case path == "":
		r.Closed = "its rewrite-target holds nothing but groups that the path does not have"
		return
	}
	r.Rewrite = &model.Rewrite{Target: t.rooted(e, path), Prefix: t.knownGroups(e, configmap.XForwardedPrefix, prefix, groups)}
}

// redirectKeys are the annotations that have an effect beside a rewrite-target that is a URL.
var redirectKeys = []configmap.Key{configmap.RewriteTarget, configmap.UseRegex, configmap.IngressClass, configmap.SSLPassthrough}

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
	for _, key := range ing.set.Keys() {
		if !slices.Contains(redirectKeys, key) {
			t.diags.Add(diag.RewriteRedirects.At(ing.set.Pos(key), ing.Ref(), ing.set.FullKey(key),
				"it has no effect: the rewrite-target is a URL, and every request is redirected to it before anything else"))
		}
	}
}

const notAGroup = "holds a dollar sign that no digit from 1 to 9 follows"

// refuseRewrite closes a route because of its rewrite. The implicit "/" of a host without a Service is not closed: nobody asked for it.
func (t *translator) refuseRewrite(e *entry, r *model.Route, key configmap.StringKey, code diag.CodeInfo, why string) {
	if e.service == nil {
		return
	}
	text, _ := e.ing.set.String(key)
	t.diags.Add(code.At(e.ing.set.Pos(key), e.ing.Ref(), e.ing.set.FullKey(key), "%s %s; the path %s answers 503", diag.Quote(text), why, diag.Quote(e.path)))
	r.Closed = "its " + key.String() + " cannot be used: it " + why
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
		t.diags.Add(diag.RewriteRelative.At(e.ing.set.Pos(configmap.RewriteTarget), e.ing.Ref(), e.ing.set.FullKey(configmap.RewriteTarget),
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
func (t *translator) knownGroups(e *entry, key configmap.StringKey, text string, groups int) string {
	known := anyGroup.ReplaceAllStringFunc(text, func(reference string) string {
		if int(reference[1]-'0') > groups {
			return ""
		}
		return reference
	})
	if known != text && !e.implicit {
		t.diags.Add(diag.RewriteGroup.At(e.ing.set.Pos(key), e.ing.Ref(), e.ing.set.FullKey(key),
			"the path %s has %d groups; the references to further ones stand for nothing", diag.Quote(e.path), groups))
	}
	return known
}

// onlyRedirect is a route that sends every request elsewhere: nothing that is about endpoints matters any more. nginx redirects before
// it looks whether a request came over TLS, or how many there are.
func onlyRedirect(r model.Route) model.Route {
	return model.Route{Match: r.Match, Closed: r.Closed, Redirect: r.Redirect, Status: r.Status, Source: r.Source, From: r.From}
}
