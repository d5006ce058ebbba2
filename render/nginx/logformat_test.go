package nginx

import (
	"slices"
	"strings"
	"testing"

	"github.com/headgate/headgate/render/nginx/conf"
)

func TestUnknownVariablesOfALogFormat(t *testing.T) {
	allowed := func(name string) bool { return name == "remote_addr" || name == "status" }
	for _, c := range []struct {
		text, want string
		unknown    []string
	}{
		{`$remote_addr $my_var $status`, `${remote_addr} - ${status}`, []string{"$my_var"}},
		{`{"a":"${my_var}","b":"${status}x","c":"$my_var"}`, `{"a":"-","b":"${status}x","c":"-"}`, []string{"$my_var"}},
		{`$ $status ${ $geoip2_city`, `- ${status} -{ -`, []string{"$", "$geoip2_city"}},
		{`plain`, `plain`, nil},
		{`$`, `-`, []string{"$"}},
	} {
		got, unknown := replaceUnknown(c.text, allowed)
		if got != c.want || !slices.Equal(unknown, c.unknown) {
			t.Errorf("%q becomes %q without %q, want %q without %q", c.text, got, unknown, c.want, c.unknown)
		}
		if _, err := parseFormat(got, allowed); err != nil {
			t.Errorf("%q is read as %q, which is no format: %v", c.text, got, err)
		}
	}
}

func FuzzReplaceUnknown(f *testing.F) {
	f.Add("$a ${b} $$ ${ $1 }")
	f.Add("${status")
	f.Fuzz(func(t *testing.T, text string) {
		got, unknown := replaceUnknown(text, conf.IsVariable)
		if _, err := conf.ParseExpr(got, conf.IsVariable); err != nil {
			t.Errorf("%q is read as %q, which is no format: %v", text, got, err)
		}
		if len(unknown) == 0 && strings.Contains(text, "-") != strings.Contains(got, "-") {
			t.Errorf("%q lost or got a dash without a word: %q", text, got)
		}
	})
}
