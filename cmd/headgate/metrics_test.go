package main

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/manifest"
	"github.com/headgate/headgate/reload"
)

// TestMetricsForget: series that name a generation or a diagnostic end with it, and are counted anew each time.
func TestMetricsForget(t *testing.T) {
	m := newMetrics()
	shown := func() []string {
		answer := httptest.NewRecorder()
		m.handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
		return regexp.MustCompile(`(?m)^headgate_(?:config_generation_info|diagnostics)\{.*$`).FindAllString(answer.Body.String(), -1)
	}
	empty, _ := manifest.NewSnapshot(nil)
	syntax, link := diag.InputSyntax.At(diag.Pos{}, diag.Ref{}, "", "a"), diag.InputLink.At(diag.Pos{}, diag.Ref{}, "", "b")
	for _, step := range []struct {
		status  reload.Status
		remarks diag.List
		want    []string
	}{
		{reload.Status{Ready: true, Generation: "one"}, diag.List{syntax, syntax, link}, []string{
			`headgate_config_generation_info{generation="one"} 1`, series(syntax, "2"), series(link, "1"),
		}},
		{reload.Status{Ready: true, Generation: "two"}, diag.List{syntax}, []string{`headgate_config_generation_info{generation="two"} 1`, series(syntax, "1")}},
		{reload.Status{Ready: true, Generation: "two"}, nil, []string{`headgate_config_generation_info{generation="two"} 1`}},
		{reload.Status{Generation: "two"}, nil, nil},
	} {
		m.status(step.status)
		m.input(empty, step.remarks)
		if diff := cmp.Diff(step.want, shown()); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", step.status, diff)
		}
	}
}

func series(d diag.Diagnostic, count string) string {
	return `headgate_diagnostics{code="` + d.Code.String() + `",severity="` + d.Severity.String() + `"} ` + count
}
