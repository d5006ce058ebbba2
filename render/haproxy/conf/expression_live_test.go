package conf

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"github.com/headgate/headgate/hack/ports"
	"github.com/headgate/headgate/hack/proxies"
	"github.com/headgate/headgate/model"
)

// expressionTemplate lets HAProxy evaluate every expression in each place where our templates print one.
const expressionTemplate = `
global
    default-path config
    tune.bufsize 32768
defaults
    mode http
    timeout client 20s
    timeout connect 5s
    timeout server 20s
    timeout http-request 20s
{{range .Exprs}}
frontend {{.Logger}}
    bind {{.LogAddress}}
    log stdout format raw local0
    log-format {{.Logged}}
    http-request set-var(txn.word) str(word)
    http-request set-var(txn.said) req.fhdr(text)
    http-request return status 200
{{end}}
frontend f
    bind {{.Listen}}
    http-request set-var(txn.word) str(word)
    http-request set-var(txn.said) req.fhdr(text)
{{range .Exprs}}
    http-request set-var(txn.whole) {{.Single}} if { req.hdr(ask) {{.Set}} }
    http-request return status 200 content-type text/plain lf-string %[var(txn.whole)] if { req.hdr(ask) {{.Set}} }
    http-request set-var-fmt(txn.whole) {{.Format}} if { req.hdr(ask) {{.SetFormat}} }
    http-request return status 200 content-type text/plain lf-string %[var(txn.whole)] if { req.hdr(ask) {{.SetFormat}} }
    http-request return status 200 content-type text/plain lf-string {{.Format}} if { req.hdr(ask) {{.Body}} }
    http-request set-header X {{.Format}} if { req.hdr(ask) {{.Sent}} }
    http-request return status 200 content-type text/plain lf-string %[req.fhdr(x)] if { req.hdr(ask) {{.Sent}} }
    http-request set-var(txn.number) {{.NumberOf}} if { req.hdr(ask) {{.Header}} }
    http-after-response set-header X {{.Format}} if { var(txn.number) -m int eq {{.Number}} }
    http-request redirect code 302 location {{.URL}} if { req.hdr(ask) {{.Redirect}} }
    acl {{.Same}} {{.Single}} -m str -- {{.SingleValue}}
    http-request return status 200 content-type text/plain string same if { req.hdr(ask) {{.Same}} } {{.Same}}
    http-request return status 200 content-type text/plain string found if { req.hdr(ask) {{.Found}} } { {{.Single}} -m found }
    http-request return status 200 if { req.hdr(ask) {{.Header}} }
{{end}}
    http-request return status 404
`

type expressionView struct {
	Listen netip.AddrPort
	Exprs  []expressionCase
}

// expressionCase is an expression in a text, what both are worth for the request of the test, and the names under which HAProxy is asked.
type expressionCase struct {
	Single                                                            Expr
	SingleValue                                                       string
	Format, URL                                                       Format
	Value                                                             string
	Set, SetFormat, Body, Sent, Header, Redirect, Same, Found, Logger Name
	LogAddress                                                        netip.AddrPort
	Logged                                                            Format
	// Number tells the expression in a response, where the headers of the request are gone.
	Number   int
	NumberOf Expr
}

const expressionHeader = `a$b;{}"'\ c#d%[x]`

// Any expression is accepted by a real HAProxy wherever it is printed, and is worth what it says.
func TestExpressionsAreEvaluated(t *testing.T) {
	for _, binary := range proxies.HAProxy(t) {
		t.Run(binary.String(), func(t *testing.T) {
			view := newExpressionView(t, rand.New(rand.NewPCG(5, 6)))
			conf, err := execute(Language{}, "", expressionTemplate, view)
			if err != nil {
				t.Fatal(err)
			}
			url := startText(t, binary.Path, view.Listen, map[string]string{"haproxy.cfg": conf})
			for i := range view.Exprs {
				askForExpression(t, url, &view.Exprs[i])
			}
		})
	}
}

func askForExpression(t *testing.T, url string, c *expressionCase) {
	t.Helper()
	check := func(place, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: the expression %+v in %+v is worth %q, not %q", place, c.Single, c.Format, got, want)
		}
	}
	body := func(name Name) string { return ask(t, url, string(name), expressionHeader).body }
	check("set-var", body(c.Set), c.SingleValue)
	check("set-var-fmt", body(c.SetFormat), c.Value)
	check("lf-string", body(c.Body), c.Value)
	check("set-header of a request", body(c.Sent), c.Value)
	check("set-header of a response", ask(t, url, string(c.Header), expressionHeader).header.Get("X"), c.Value)
	check("redirect", ask(t, url, string(c.Redirect), expressionHeader).header.Get("Location"), "http://x.test/"+c.Value)
	check("acl", body(c.Same), "same")
	check("condition", body(c.Found), "found")
	ask(t, "http://"+c.LogAddress.String(), "log", expressionHeader)
}

func newExpressionView(t *testing.T, rng *rand.Rand) expressionView {
	t.Helper()
	localhost := netip.MustParseAddr("127.0.0.1")
	address := func() netip.AddrPort { return netip.AddrPortFrom(localhost, uint16(ports.Free(t))) }
	view := expressionView{Listen: address()}
	var texts []string
	for _, text := range append(hostileTexts(rng), "1", "html", "0)", "\\1", "\\0", ",lower", "),lower", "%[src]", "txn.word", "]%[src]") {
		if !strings.ContainsFunc(text, isControl) && strings.TrimSpace(text) == text {
			texts = append(texts, text)
		}
	}
	for len(view.Exprs) < 60 {
		i := len(view.Exprs)
		name := func(kind string) Name { return Name(fmt.Sprintf("%s.%d", kind, i)) }
		single, singleValue := randomExpr(rng, texts)
		format, value := randomFormat(rng, texts, single, singleValue)
		if singleValue == "" || strings.TrimSpace(value) != value || strings.TrimSpace(singleValue) != singleValue {
			continue
		}
		view.Exprs = append(view.Exprs, expressionCase{
			Single: single, SingleValue: singleValue, Format: format, Value: value, URL: Format{parts: append(Text("http://x.test/").parts, format.parts...)},
			Set: name("set"), SetFormat: name("set-format"), Body: name("body"), Sent: name("sent"), Header: name("header"), Redirect: name("redirect"),
			Same: name("same"), Found: name("found"), Logger: name("logger"), LogAddress: address(), Logged: format, Number: i + 1, NumberOf: Fetch("int", fmt.Sprint(i+1)),
		})
	}
	return view
}

func oneOf(rng *rand.Rand, texts ...string) string { return texts[rng.IntN(len(texts))] }

// randomExpr makes an expression, and says what it is worth.
func randomExpr(rng *rand.Rand, texts []string) (Expr, string) {
	text, other := oneOf(rng, texts...), oneOf(rng, texts...)
	switch rng.IntN(5) {
	case 0:
		return Fetch("str", text), text
	case 1:
		return Variable("word"), "word"
	case 2:
		return Variable("said"), expressionHeader
	case 3:
		return Variable("word").Then("regsub", "^(w)(o)rd$", Replacement("/$2"+strings.ReplaceAll(text, "$", "")+"$1"), ""),
			"/o" + strings.ReplaceAll(text, "$", "") + "w"
	default:
		return Fetch("str", "-"+text).Then("regsub", "^"+model.QuoteRegex("-"+text)+"$", Replacement(strings.ReplaceAll(other, "$", "")+"."), "g"),
			strings.ReplaceAll(other, "$", "") + "."
	}
}

// randomFormat puts an expression into a text, and says what it is worth.
func randomFormat(rng *rand.Rand, texts []string, single Expr, singleValue string) (Format, string) {
	f, value := Format{}, ""
	for range rng.IntN(3) {
		text := oneOf(rng, texts...)
		f, value = f.Text(text), value+text
	}
	f, value = f.Value(single), value+singleValue
	if rng.IntN(2) == 0 {
		text := oneOf(rng, texts...)
		f, value = f.Text(text).Value(Variable("word")), value+text+"word"
	}
	return f, value
}
