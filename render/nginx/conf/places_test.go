package conf_test

import (
	"slices"
	"testing"
	"testing/fstest"

	"github.com/headgate/headgate/render/engine"
	"github.com/headgate/headgate/render/nginx"
	"github.com/headgate/headgate/render/nginx/conf"
	"github.com/headgate/headgate/templates"
)

// places records where the actions of templates print what nginx evaluates.
type places struct {
	conf.Language
	found map[string]bool
}

func (p places) Action(s engine.State) (engine.Position, engine.State, error) {
	pos, next, err := p.Language.Action(s)
	if err != nil {
		return pos, next, err
	}
	if place := conf.EvaluatedPlace(s, pos); place != "" {
		p.found[place] = true
	}
	return pos, next, nil
}

// The templates print expressions in no place that the test above does not try.
func TestEveryPlaceOfAnExpressionIsTried(t *testing.T) {
	elsewhere := []string{
		"http: argument 3 of log_format", "map: argument 1 of on", // the same as others
		"upstream: argument 2 of sticky", // names a cookie
		"if: argument 2 of return", "http: argument 2 of proxy_set_header", "http: argument 2 of grpc_set_header",
	}
	tried := places{found: map[string]bool{}}
	if _, err := engine.Load(fstest.MapFS{"x.tmpl": {Data: []byte(conf.ExpressionTemplate)}}, tried, engine.Options{Entries: map[string]string{"x": ""}}); err != nil {
		t.Fatal(err)
	}
	printed := places{found: map[string]bool{}}
	if _, err := engine.Load(templates.FS, printed, engine.Options{Entries: nginx.EntryContexts}); err != nil {
		t.Fatal(err)
	}
	for place := range printed.found {
		if !tried.found[place] && !slices.Contains(elsewhere, place) {
			t.Errorf("nothing tries what is printed in %s", place)
		}
	}
}
