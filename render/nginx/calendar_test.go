package nginx

import (
	"testing"
	"time"

	"github.com/dlclark/regexp2"

	"github.com/headgate/headgate/render/nginx/conf"
)

// TestCalendarsFindDates looks dates up as nginx does, on days around every kind of turn.
func TestCalendarsFindDates(t *testing.T) {
	for _, days := range []int{1, 2, 30, 365} {
		calendar := reader{newCalendar(days), map[string]*regexp2.Regexp{}}
		for now := time.Date(2026, 11, 23, 5, 50, 35, 0, time.UTC); now.Year() < 2030; now = now.AddDate(0, 0, 1) {
			calendar.check(t, now, days)
		}
		for now := time.Date(2038, 12, 1, 23, 59, 59, 0, time.UTC); now.Year() < 2041; now = now.AddDate(0, 0, 1) {
			calendar.check(t, now, days)
		}
		calendar.check(t, time.Date(2098, 12, 31, 0, 0, 0, 0, time.UTC), days)
	}
}

// reader looks up what a calendar says, with its patterns.
type reader struct {
	calendarView
	patterns map[string]*regexp2.Regexp
}

func (r *reader) check(t *testing.T, now time.Time, days int) {
	t.Helper()
	variables := map[conf.Name]string{"date_gmt": now.Format("Monday, 02-Jan-2006 15:04:05 GMT")}
	for _, m := range r.Maps {
		variables[m.Variable] = r.lookUp(t, m, variables)
	}
	want := now.AddDate(0, 0, days).Format("Mon, 02-Jan-2006 15:04:05 GMT")
	if got := variables[inDays("expires", days)]; got != want {
		t.Fatalf("%d days after %s, got %q, want %q", days, now, got, want)
	}
}

// lookUp is what the variable of a map is; the groups of the pattern that matched become variables.
func (r *reader) lookUp(t *testing.T, m mapView, variables map[conf.Name]string) string {
	t.Helper()
	source := evaluate(t, m.Source, variables)
	for _, e := range m.Entries {
		text := e.Key.(conf.Regex).Pattern()
		if r.patterns[text] == nil {
			r.patterns[text] = regexp2.MustCompile(text, regexp2.None)
		}
		match, err := r.patterns[text].FindStringMatch(source)
		if err != nil {
			t.Fatal(err)
		}
		if match == nil {
			continue
		}
		for _, g := range match.Groups() {
			variables[conf.Name(g.Name)] = g.String()
		}
		return evaluate(t, e.Value, variables)
	}
	return evaluate(t, m.Default, variables)
}

func evaluate(t *testing.T, value any, variables map[conf.Name]string) string {
	t.Helper()
	expr, ok := value.(conf.Expr)
	if !ok {
		return value.(string)
	}
	return expr.Expand(func(name conf.Name) string {
		v, known := variables[name]
		if !known {
			t.Fatalf("nothing sets $%s", name)
		}
		return v
	})
}

func TestLifetimesInDays(t *testing.T) {
	for seconds, want := range map[int]int{-1: 0, 0: 0, 1: 1, 86400: 1, 86401: 2, 172800: 2, 31536000: 365, 31536001: 365, 1 << 40: 365} {
		if got := daysOf(seconds); got != want {
			t.Errorf("%d seconds are %d days, want %d", seconds, got, want)
		}
	}
}
