package nginx

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/model"
	"github.com/headgate/headgate/render/nginx/conf"
)

// nginx knows what time it is, as $date_gmt ("Monday, 23-Nov-2026 05:50:35 GMT"), but cannot add to it. So the dates of session cookies
// are looked up in a calendar: the days of this year and of the next one stand in a row, all of one length, and the date N days from now
// is so many bytes behind today's.
//
//	|22-Nov0|23-Nov0|24-Nov0|25-Nov0 … |31-Dec0|01-Jan1|02-Jan1 …
//	         today           two days from now  the next year's
const (
	thisYear = 0
	nextYear = 1
	// calendarDay is the length of a day in a calendar.
	calendarDay = len("|01-Jan0")
	// maxDays is how far ahead the calendar of two years reaches on every day.
	maxDays = 365
)

// longAgo is the date of a cookie that is to go.
const longAgo = "Thu, 01-Jan-1970 00:00:00 GMT"

// Patterns for years in $date_gmt: leap years, years before a leap year. They hold until 2099.
const (
	leapYear       = `-\d\d(?:[02468][048]|[13579][26]) `
	beforeLeapYear = `-\d\d(?:[02468][37]|[13579][159]) `
)

// calendarView is what the template of a calendar prints.
type calendarView struct {
	Maps []mapView
}

func calendarFile(days int) string { return "calendar/" + strconv.Itoa(days) + ".conf" }

// inDays names a variable that has to do with a date so many days from now.
func inDays(purpose string, days int) conf.Name { return conf.Name(purpose + "_" + strconv.Itoa(days)) }

// daysOf rounds a lifetime in seconds up to days that a calendar can count; 0 is none.
func daysOf(seconds int) int {
	return int(min(max(math.Ceil(float64(seconds)/(24*60*60)), 0), maxDays))
}

// expiry is the date so many seconds from now, as exactly as a calendar has it.
func expiry(seconds int) conf.Expr {
	if seconds <= 0 {
		return conf.Literal(longAgo)
	}
	return conf.Variable(inDays("expires", daysOf(seconds)))
}

// calendars prints a file for each lifetime of cookies.
func (r *rendering) calendars() error {
	printed := map[int]bool{}
	for i := range r.cfg.Servers {
		for j := range r.cfg.Servers[i].Routes {
			c := r.cfg.Servers[i].Routes[j].Session
			if c == nil || c.Expires == nil || *c.Expires <= 0 || printed[daysOf(*c.Expires)] {
				continue
			}
			days := daysOf(*c.Expires)
			printed[days] = true
			if err := r.print(calendarFile(days), calendarEntry, newCalendar(days)); err != nil {
				return err
			}
		}
	}
	return nil
}

func newCalendar(days int) calendarView {
	date := conf.Variable("date_gmt")
	this := mapView{Source: date, Variable: inDays("calendar_this", days), Default: calendarOf(common, thisYear),
		Entries: []mapEntry{{Key: conf.OwnRegex(leapYear), Value: calendarOf(leap, thisYear)}}}
	next := mapView{Source: date, Variable: inDays("calendar_next", days), Default: calendarOf(common, nextYear),
		Entries: []mapEntry{{Key: conf.OwnRegex(beforeLeapYear), Value: calendarOf(leap, nextYear)}}}
	weekday := mapView{Source: date, Variable: inDays("calendar_weekday", days), Default: ""}
	for day := range time.Saturday + 1 {
		then := (int(day) + days) % 7
		weekday.Entries = append(weekday.Entries, mapEntry{Key: conf.OwnRegex("^" + day.String()), Value: time.Weekday(then).String()[:3]})
	}
	year := yearAfter(days)
	expires := mapView{
		Source:   conf.Concat(date, conf.Literal(" "), conf.Variable(year.Variable), conf.Literal(" "), conf.Variable(this.Variable), conf.Variable(next.Variable)),
		Variable: inDays("expires", days), Default: "",
	}
	value := conf.Concat(conf.Variable(weekday.Variable), conf.Literal(", "), conf.Variable("calendar_then"), conf.Literal("-"), conf.Variable("calendar_year"),
		conf.Literal(" "), conf.Variable("calendar_time"))
	const today, clock = `, (?<calendar_today>\d\d-\w{3})`, ` (?<calendar_time>\S+ GMT) `
	ahead := fmt.Sprintf(`.*?\|\k<calendar_today>%d.{%d}\|(?<calendar_then>\d\d-\w{3})`, thisYear, calendarDay*(days-1))
	for which, years := range []string{`-(?<calendar_year>\d{4})` + clock + `\d{4} `, `-\d{4}` + clock + `(?<calendar_year>\d{4}) `} {
		expires.Entries = append(expires.Entries, mapEntry{Key: conf.OwnRegex(today + years + ahead + strconv.Itoa(which)), Value: value})
	}
	return calendarView{Maps: []mapView{this, next, year, weekday, expires}}
}

// yearAfter finds the number of the next year, digit by digit.
func yearAfter(days int) mapView {
	m := mapView{Source: conf.Variable("date_gmt"), Variable: inDays("calendar_after", days), Default: "2100"}
	for digit := range 9 {
		m.Entries = append(m.Entries, mapEntry{
			Key:   conf.OwnRegex(fmt.Sprintf(`-(?<calendar_decade>\d{3})%d `, digit)),
			Value: conf.Concat(conf.Variable("calendar_decade"), conf.Literal(strconv.Itoa(digit+1))),
		}, mapEntry{
			Key:   conf.OwnRegex(fmt.Sprintf(`-(?<calendar_century>\d\d)%d9 `, digit)),
			Value: conf.Concat(conf.Variable("calendar_century"), conf.Literal(strconv.Itoa(digit+1)+"0")),
		})
	}
	return m
}

// common and leap are a year of each kind.
const (
	common = 2023
	leap   = 2024
)

// calendarOf writes the days of a year in a row, each with a digit that says which of the two years it is in.
func calendarOf(year, which int) string {
	var b strings.Builder
	for day := time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC); day.Year() == year; day = day.AddDate(0, 0, 1) {
		fmt.Fprintf(&b, "|%s%d", day.Format("02-Jan"), which)
	}
	return b.String()
}

// reportExpiry says where a date is not the one that was asked for. In browsers Max-Age takes precedence.
func (r *rendering) reportExpiry(route *model.Route) {
	c := route.Session
	if c.Expires == nil || *c.Expires <= 0 || *c.Expires == daysOf(*c.Expires)*24*60*60 {
		return
	}
	r.refuse(diag.TargetApproximated, route.From, "nginx counts whole days, %d at most: Expires of the session cookie is rounded to %d; browsers give Max-Age=%d precedence",
		maxDays, daysOf(*c.Expires), maxAge(c))
}

// maxAge is the Max-Age of a cookie with Expires.
func maxAge(c *model.SessionCookie) int {
	if c.MaxAge != nil {
		return *c.MaxAge
	}
	return *c.Expires
}
