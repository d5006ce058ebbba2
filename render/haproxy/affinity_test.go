package haproxy

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/headgate/headgate/hack/proxies"
	"github.com/headgate/headgate/model"
)

// cookieConfig gives out cookies in every way.
func cookieConfig() *model.Config {
	expires, age := 3600, 100
	with := func(path, backend string, c model.SessionCookie) model.Route {
		r := to(prefix(path), backend)
		r.Session = &c
		return r
	}
	cfg := testConfig(server("cookies.test",
		to(prefix("/"), "persistent"),
		with("/all", "persistent", model.SessionCookie{Expires: &expires, MaxAge: &age, Domain: "cookies.test", Path: "/a|b$c%20", Secure: true, SameSite: "Lax"}),
		with("/few", "persistent", model.SessionCookie{Path: "/"}),
		with("/none", "balanced", model.SessionCookie{Path: "/none", SameSite: "None"}),
		with("/lenient", "balanced", model.SessionCookie{Path: "/lenient", SameSite: "None", LenientSameSite: true}),
	))
	for i := range cfg.Backends {
		b := &cfg.Backends[i]
		b.Affinity = &model.Affinity{Cookie: "a.s~d", Persistent: b.ID == "persistent", Secret: model.Secret("a secret")}
	}
	return cfg
}

func TestSessionCookies(t *testing.T) {
	const (
		named  = `^a\.s~d=[0-9a-f]{32}\|[0-9a-f]{32}`
		hashed = `^a\.s~d=[0-9a-f-]{36}\|[0-9a-f]{32}`
		date   = `; Expires=(\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT)`
		old    = "User-Agent: Mozilla/5.0 (Windows NT 10.0) Chrome/60.0.3112.113 Safari/537.36"
		recent = "User-Agent: Mozilla/5.0 (Windows NT 10.0) Chrome/120.0.0.0 Safari/537.36"
	)
	for _, binary := range proxies.HAProxy(t) {
		t.Run(binary.String(), func(t *testing.T) {
			cfg := cookieConfig()
			startEndpoints(t, cfg)
			client := newClient(t, start(t, binary.Path, cfg))
			for _, c := range []struct{ scheme, target, line, want string }{
				{"http", "/", recent, "^$"},
				{"http", "/all", recent, named + date + `; Max-Age=100; Domain=cookies\.test; Path=/a\|b\$c%20; Secure; HttpOnly; SameSite=Lax$`},
				{"http", "/few", recent, named + `; Path=/; HttpOnly$`},
				{"https", "/few", recent, named + `; Path=/; Secure; HttpOnly$`},
				{"http", "/few", "Cookie: a.s~d=unknown", named + `; Path=/; HttpOnly$`},
				{"http", "/none", old, hashed + `; Path=/none; HttpOnly; SameSite=None$`},
				{"https", "/lenient", recent, hashed + `; Path=/lenient; Secure; HttpOnly; SameSite=None$`},
				{"https", "/lenient", old, hashed + `; Path=/lenient; Secure; HttpOnly$`},
				{"http", "/lenient", "Cookie: a.s~d=anything", "^$"},
			} {
				req := model.Request{Scheme: c.scheme, Host: "cookies.test", Target: c.target}
				cookie := strings.Join(client.send(req, c.line).Header.Values("Set-Cookie"), "\n")
				found := regexp.MustCompile(c.want).FindStringSubmatch(cookie)
				if found == nil {
					t.Errorf("%s %s with %q gave the cookie %q, want %s", c.scheme, c.target, c.line, cookie, c.want)
					continue
				}
				if len(found) == 2 {
					checkExpiry(t, found[1], time.Hour)
				}
				if value, _, given := strings.Cut(cookie, ";"); given {
					if again := client.send(req, "Cookie: "+value).Header.Values("Set-Cookie"); len(again) > 0 {
						t.Errorf("%s %s gave %q to a client that had %q", c.scheme, c.target, again, value)
					}
				}
			}
		})
	}
}

func checkExpiry(t *testing.T, date string, lifetime time.Duration) {
	t.Helper()
	at, err := time.Parse(time.RFC1123, date)
	if err != nil {
		t.Error(err)
	} else if off := time.Until(at) - lifetime; off < -time.Minute || off > time.Minute {
		t.Errorf("the cookie expires at %s, want in %s", date, lifetime)
	}
}
