package conf

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headgate/headgate/hack/proxies"
)

// expressionTemplate lets nginx evaluate every expression in each place where our templates print one.
const expressionTemplate = `
daemon off;
pid nginx.pid;
error_log stderr crit;
events { worker_connections 64; }
http {
    access_log off;
    client_body_temp_path tmp;
    proxy_temp_path tmp;
    fastcgi_temp_path tmp;
    uwsgi_temp_path tmp;
    scgi_temp_path tmp;
    map_hash_bucket_size 1024;
    map_hash_max_size 4096;
    variables_hash_max_size 16384;
    limit_req_status 429;
    geo $dollar { default "$"; }
    upstream echo { server {{.Echo}}; }
    upstream echo_grpc { server {{.EchoGRPC}}; }
    upstream echo_other { server {{.EchoOther}}; }
    map $host $scheme_of_pool { default http; }
    {{- range .Exprs}}
    map $host {{.Want}} { default {{.Value}}; }
    map $host {{.MapValue}} { default {{.Expr}}; }
    map "" {{.EntryValue}} { {{$.NoText}} {{.Expr}}; default other; }
    map {{.Expr}} {{.MapSource}} { {{.Value}} same; default other; }
    split_clients {{.Expr}} {{.Split}} { 50% a; * b; }
    split_clients {{.WantValue}} {{.SplitWant}} { 50% a; * b; }
    upstream {{.Hash}} { hash {{.Expr}} consistent; server {{$.Echo}}; server {{$.EchoOther}}; }
    upstream {{.HashWant}} { hash {{.WantValue}} consistent; server {{$.Echo}}; server {{$.EchoOther}}; }
    limit_req_zone {{.Expr}} {{param "zone" .Zone}} {{param "rate" $.Rate}};
    limit_conn_zone {{.Expr}} {{param "zone" .ConnZone}};
    log_format {{.Log}} {{param "escape" $.Escape}} {{.Expr}};
    {{- end}}
    server {
        listen {{.Echo}};
        return 200 $http_x;
    }
    server {
        listen {{.EchoGRPC}} http2;
        return 200 $http_x;
    }
    server {
        listen {{.EchoOther}};
        return 200 other;
    }
    server {
        listen {{.Listen}};
        merge_slashes off;
        {{- range .Exprs}}
        location = {{.At.Return}} { return 200 {{.Expr}}; }
        location = {{.At.Set}} { set $made {{.Expr}}; return 200 $made; }
        location = {{.At.Mapped}} { return 200 {{.MapValueValue}}; }
        location = {{.At.Entry}} { return 200 {{.EntryValueValue}}; }
        location = {{.At.Source}} { return 200 {{.MapSourceValue}}; }
        location = {{.At.Split}} { return 200 {{.SplitValue}}; }
        location = {{.At.SplitWant}} { return 200 {{.SplitWantValue}}; }
        location = {{.At.Hash}} { proxy_set_header X this; proxy_pass {{.HashPass}}; }
        location = {{.At.HashWant}} { proxy_set_header X this; proxy_pass {{.HashWantPass}}; }
        location = {{.At.Limit}} { limit_req {{param "zone" .ZoneName}}; proxy_pass http://echo; }
        location = {{.At.Header}} { add_header X {{.Expr}}; return 204; }
        location = {{.At.Sent}} { proxy_set_header X {{.Expr}}; proxy_pass http://echo; }
        location = {{.At.GRPC}} { grpc_set_header X {{.Expr}}; grpc_pass {{$.GRPCPass}}; }
        location = {{.At.If}} { if ($http_key = {{.Expr}}) { return 200 same; } return 200 other; }
        location = {{.At.Redirect}} { return 302 {{.URL}}; }
        location = {{.At.Log}} { access_log {{.LogFile}} {{.Log}}; return 204; }
        {{- with .Path}}
        location = {{.At}} { rewrite {{.Pattern}} {{.Target}}; return 200 $uri; }
        {{- end}}
        {{- end}}
    }
}
`

type expressionView struct {
	Listen, Echo, EchoGRPC, EchoOther any
	Rate                              any
	Escape                            Word
	NoText                            string
	GRPCPass                          Expr
	Exprs                             []expressionCase
}

// expressionCase is an expression, what it is worth for the request of the test, and where nginx is asked for it.
type expressionCase struct {
	Expr                                                                                  Expr
	Value                                                                                 string
	Want, MapValue, EntryValue, MapSource, Split, SplitWant, Hash, HashWant, Log          Name
	WantValue, MapValueValue, EntryValueValue, MapSourceValue, SplitValue, SplitWantValue Expr
	HashPass, HashWantPass, URL                                                           Expr
	Zone, ConnZone                                                                        Zone
	ZoneName                                                                              Name
	LogFile                                                                               File
	At                                                                                    expressionPaths
	Path                                                                                  *expressionPath
}

type expressionPaths struct {
	Return, Set, Mapped, Entry, Source, Split, SplitWant, Hash, HashWant, Limit, Header, Sent, GRPC, If, Redirect, Log Path
}

// expressionPath is a rewrite, with the group of a path in place of a variable.
type expressionPath struct {
	At      Path
	Pattern Regex
	Target  Expr
	Want    string
}

// The variables of expressions, and their values in requests.
var expressionValues = []struct {
	name  Name
	value string
}{{"http_va", `a$b;{}"'\ c#d`}, {"http_nobody", ""}, {"http_vb", "1"}, {"dollar", "$"}}

const expressionHeaders = "Va: a$b;{}\"'\\ c#d\r\nVb: 1"

// Any expression is accepted by a real nginx wherever it is printed, and is worth what it says.
func TestExpressionsAreEvaluated(t *testing.T) {
	for _, binary := range proxies.Nginx(t) {
		t.Run(binary.String(), func(t *testing.T) {
			view := newExpressionView(t, rand.New(rand.NewPCG(3, 4)))
			address := startNginx(t, binary.Path, expressionTemplate, func(dir string) any {
				socket := func(name string) Socket { return Socket(filepath.Join(dir, name)) }
				view.Listen, view.Echo, view.EchoGRPC, view.EchoOther = socket("s"), socket("e"), socket("g"), socket("o")
				for i := range view.Exprs {
					view.Exprs[i].LogFile = File(filepath.Join(dir, string(view.Exprs[i].Log)))
				}
				return &view
			})
			for i := range view.Exprs {
				askForExpression(t, address, &view.Exprs[i])
			}
		})
	}
}

func askForExpression(t *testing.T, address string, c *expressionCase) {
	t.Helper()
	ask := func(path Path) answer { return get(t, address, string(path), c.Value+"\r\n"+expressionHeaders) }
	at := &c.At
	check := func(place, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: the expression %+v is worth %q, not %q", place, c.Expr, got, want)
		}
	}
	check("return", ask(at.Return).body, c.Value)
	check("set", ask(at.Set).body, c.Value)
	check("the value of a map", ask(at.Mapped).body, c.Value)
	check("the value of an entry of a map", ask(at.Entry).body, c.Value)
	check("the source of a map", ask(at.Source).body, "same")
	check("split_clients", ask(at.Split).body, ask(at.SplitWant).body)
	check("hash", ask(at.Hash).body, ask(at.HashWant).body)
	check("add_header", ask(at.Header).header, c.Value)
	check("proxy_set_header", ask(at.Sent).body, c.Value)
	check("grpc_set_header", ask(at.GRPC).body, c.Value)
	check("if", ask(at.If).body, "same")
	check("return 302", ask(at.Redirect).location, "http://x.test/"+c.Value)
	if c.Value != "" { // nobody counts requests with an empty key
		check("limit_req, first", ask(at.Limit).status, "200")
		check("limit_req, second", ask(at.Limit).status, "429")
	}
	ask(at.Log)
	logged, err := os.ReadFile(string(c.LogFile))
	if err != nil {
		t.Fatal(err)
	}
	check("log_format", strings.TrimSuffix(string(logged), "\n"), c.Value)
	if c.Path != nil {
		check("rewrite", ask(c.Path.At).body, c.Path.Want)
	}
}

func newExpressionView(t *testing.T, random *rand.Rand) expressionView {
	t.Helper()
	view := expressionView{Rate: PerMinute(1), Escape: "none", GRPCPass: Literal("grpc://echo_grpc")}
	var texts []string
	for _, text := range liveTexts(random) {
		if checkPlain(text) == nil {
			texts = append(texts, text)
		}
	}
	texts = append(texts, "html", "0", "12", "_x", "{", "}", "1}", "$", "$1", "${1}", "~", "off", "default", "escape=json", "unix:/x", "http://a")
	for len(view.Exprs) < 120 {
		e, value := randomExpression(random, texts)
		// Blanks at the ends of a header line are not part of it, and so is an empty one.
		if value != "" && strings.TrimSpace(value) == value && len(value) < 400 {
			view.Exprs = append(view.Exprs, newExpressionCase(t, len(view.Exprs), e, value))
		}
	}
	return view
}

// randomExpression makes an expression, and says what it is worth.
func randomExpression(random *rand.Rand, texts []string) (Expr, string) {
	var parts []Expr
	var value strings.Builder
	for range 1 + random.IntN(4) {
		if random.IntN(2) == 0 {
			v := expressionValues[random.IntN(len(expressionValues))]
			parts = append(parts, Variable(v.name))
			value.WriteString(v.value)
			continue
		}
		text := texts[random.IntN(len(texts))]
		parts = append(parts, Literal(text))
		value.WriteString(text)
	}
	return Concat(parts...), value.String()
}

func newExpressionCase(t *testing.T, i int, e Expr, value string) expressionCase {
	t.Helper()
	name := func(kind string) Name { return Name(fmt.Sprintf("%s_%d", kind, i)) }
	path := func(kind string) Path { return Path(fmt.Sprintf("/%s/%d", kind, i)) }
	pass := func(kind string) Expr { return Concat(Variable("scheme_of_pool"), Literal("://"+string(name(kind)))) }
	return expressionCase{
		Expr: e, Value: value,
		Want: name("want"), MapValue: name("value"), EntryValue: name("entry"), MapSource: name("source"), Split: name("split"), SplitWant: name("split_want"),
		Hash: name("hash"), HashWant: name("hash_want"), Log: name("log"),
		WantValue: Variable(name("want")), MapValueValue: Variable(name("value")), EntryValueValue: Variable(name("entry")), MapSourceValue: Variable(name("source")),
		SplitValue: Variable(name("split")), SplitWantValue: Variable(name("split_want")), HashPass: pass("hash"), HashWantPass: pass("hash_want"),
		URL: Concat(Literal("http://x.test/"), e), Zone: Zone{Name: name("zone"), Size: 32 << 10}, ConnZone: Zone{Name: name("conn"), Size: 32 << 10},
		ZoneName: name("zone"),
		At: expressionPaths{
			Return: path("return"), Set: path("set"), Mapped: path("mapped"), Entry: path("entry"), Source: path("source"), Split: path("split"), SplitWant: path("split-want"),
			Hash: path("hash"), HashWant: path("hash-want"), Limit: path("limit"), Header: path("header"), Sent: path("sent"), GRPC: path("grpc"),
			If: path("if"), Redirect: path("redirect"), Log: path("log"),
		},
		Path: newExpressionPath(t, i, e),
	}
}

// newExpressionPath makes a rewrite of an expression; nil if it holds what cannot stand in a path.
func newExpressionPath(t *testing.T, i int, e Expr) *expressionPath {
	t.Helper()
	if strings.Contains(e.literals(), "?") {
		return nil
	}
	p := &expressionPath{
		At: Path(fmt.Sprintf("/rewrite/%d/got", i)), Pattern: regex(t, fmt.Sprintf("/(%d)/(?<group_2>.*)", i)), Want: fmt.Sprintf("/%d", i),
	}
	p.Target = Concat(Literal("/"), Variable("1"))
	for n, part := range e.parts {
		switch {
		case !part.variable:
			p.Target, p.Want = Concat(p.Target, Literal(part.text)), p.Want+part.text
		case n%2 == 0:
			p.Target, p.Want = Concat(p.Target, Variable("1")), p.Want+fmt.Sprint(i)
		default:
			p.Target, p.Want = Concat(p.Target, Variable("group_2")), p.Want+"got"
		}
	}
	return p
}
