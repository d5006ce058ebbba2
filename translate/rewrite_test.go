package translate_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
)

// TestRewriteKeepsTheGroupsOfThePath: the last group that a path has is kept, the first one that it does not have goes.
func TestRewriteKeepsTheGroupsOfThePath(t *testing.T) {
	lost := []string{"web " + diag.RewriteGroup.String()}
	for _, c := range []struct {
		path, target string
		want         model.Rewrite
		said         []string
	}{
		{"/a(/|$)(.*)", "/$2", model.Rewrite{Target: "/$2", Prefix: "/kept"}, nil},
		{"/a(/|$)(.*)", "/$1$2$3x", model.Rewrite{Target: "/$1$2x", Prefix: "/kept"}, lost},
		{"/a/(?:x|y)/(b)", "/$1/$2", model.Rewrite{Target: "/$1/", Prefix: "/kept"}, lost},
		{"/a", "/b$1", model.Rewrite{Target: "/b", Prefix: "/kept"}, lost},
	} {
		t.Run(c.path+" to "+c.target, func(t *testing.T) {
			cfg, codes := run(t, settings(),
				ingress("web", c.path, "web", "rewrite-target: "+c.target, "x-forwarded-prefix: /kept"), service("web"))
			if diff := cmp.Diff(&c.want, route(t, cfg, c.path).Rewrite); diff != "" {
				t.Errorf("rewrite (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.said, codes); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
		})
	}
}

// TestPrefixKeepsTheGroupsOfThePath is the same for what X-Forwarded-Prefix says.
func TestPrefixKeepsTheGroupsOfThePath(t *testing.T) {
	cfg, codes := run(t, settings(), ingress("web", "/(a)/(.*)", "web", "rewrite-target: /$2", "x-forwarded-prefix: /$1/$3"), service("web"))
	if got := route(t, cfg, "/(a)/(.*)").Rewrite; got == nil || got.Prefix != "/$1/" {
		t.Errorf("the rewrite is %+v", got)
	}
	if diff := cmp.Diff([]string{"web " + diag.RewriteGroup.String()}, codes); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}
