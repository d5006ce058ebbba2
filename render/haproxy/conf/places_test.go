package conf_test

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/headgate/headgate/render/engine"
	"github.com/headgate/headgate/render/haproxy"
	"github.com/headgate/headgate/render/haproxy/conf"
	"github.com/headgate/headgate/templates"
)

// places records where the actions of templates print what HAProxy evaluates.
type places struct {
	conf.Language
	found map[string]bool
}

func (p places) Action(s engine.State) (engine.Position, engine.State, error) {
	pos, next, err := p.Language.Action(s)
	if err != nil {
		return pos, next, err
	}
	if place := conf.EvaluatedPlace(pos); place != "" {
		p.found[place] = true
	}
	return pos, next, nil
}

// The templates print expressions in no statement that the test above does not try.
func TestEveryPlaceOfAnExpressionIsTried(t *testing.T) {
	tried := places{found: map[string]bool{
		// The same as set-var, and tried by the tests of what they are for.
		"http-request track-sc0": true, "http-request sc-set-gpt": true, "http-response set-var": true, "http-response set-var-fmt": true,
		"http-after-response set-var-fmt": true,
	}}
	if _, err := engine.Load(fstest.MapFS{"t.tmpl": {Data: []byte(conf.ExpressionTemplate)}}, tried, engine.Options{Entries: map[string]string{"t": ""}}); err != nil {
		t.Fatal(err)
	}
	printed := places{found: map[string]bool{}}
	ours, err := fs.Sub(templates.HAProxy, "haproxy/conf")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := engine.Load(ours, printed, engine.Options{Entries: haproxy.ConfEntries}); err != nil {
		t.Fatal(err)
	}
	for place := range printed.found {
		if !tried.found[place] {
			t.Errorf("nothing tries what is printed in %s", place)
		}
	}
}
