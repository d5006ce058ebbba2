package headgate_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/headgate/headgate/model"
)

// answered is what came of a request: in outcome whatever [outcomes] tells, and those headers that the model knows.
type answered struct {
	outcome string
	hsts    string
	// cookies are the names of those that were set, sorted.
	cookies []string
}

func newAnswered(r *http.Response) answered {
	a := answered{outcome: fmt.Sprint(r.StatusCode), hsts: r.Header.Get(hstsHeader)}
	switch backend, location := r.Header.Get("X-Backend"), r.Header.Get("Location"); {
	case backend != "":
		a.outcome = backend + " " + r.Header.Get("X-Target")
	case location != "":
		a.outcome += " " + location
	}
	for _, c := range r.Header.Values("Set-Cookie") {
		name, _, _ := strings.Cut(c, "=")
		a.cookies = append(a.cookies, name)
	}
	slices.Sort(a.cookies)
	return a
}

// mismatches says in what an answer is not what the model decides. Of requests that a proxy may refuse before any rule, and of
// connections that are not opened, the model knows no headers; where a draw decides, it knows those that all may add.
func mismatches(d model.Decision, got answered) []string {
	var list []string
	if want := outcomes(d); !slices.Contains(want, got.outcome) {
		list = append(list, fmt.Sprintf("got %q, want %q", got.outcome, want))
	}
	if len(list) > 0 || d.Route < 0 && (d.Status == http.StatusBadRequest || d.Backend != "") {
		return list
	}
	hsts, cookies := "", []string(nil)
	for _, f := range d.Headers {
		switch f.Name {
		case hstsHeader:
			hsts = f.Value
		case "Set-Cookie":
			cookies = append(cookies, f.Value)
		}
	}
	slices.Sort(cookies)
	if got.hsts != hsts {
		list = append(list, fmt.Sprintf("%s is %q, want %q", hstsHeader, got.hsts, hsts))
	}
	missing := slices.ContainsFunc(cookies, func(c string) bool { return !slices.Contains(got.cookies, c) })
	if missing || len(d.Shares) == 0 && !slices.Equal(got.cookies, cookies) {
		list = append(list, fmt.Sprintf("sets the cookies %q, want %q", got.cookies, cookies))
	}
	return list
}

// The comparison itself has to see a header that is missing, one that is too many, and another outcome.
func TestMismatches(t *testing.T) {
	d := model.Decision{Backend: "b", Target: "/", Headers: []model.Field{{Name: hstsHeader, Value: "max-age=1"}, {Name: "Set-Cookie", Value: "sid"}}}
	good := answered{outcome: "b /", hsts: "max-age=1", cookies: []string{"sid"}}
	if m := mismatches(d, good); len(m) != 0 {
		t.Errorf("the right answer: %q", m)
	}
	for _, wrong := range []answered{
		{outcome: "404", hsts: "max-age=1", cookies: []string{"sid"}},
		{outcome: "b /", cookies: []string{"sid"}},
		{outcome: "b /", hsts: "max-age=1"},
		{outcome: "b /", hsts: "max-age=1", cookies: []string{"other", "sid"}},
	} {
		if m := mismatches(d, wrong); len(m) != 1 {
			t.Errorf("%+v: got %q, want one mismatch", wrong, m)
		}
	}
}
