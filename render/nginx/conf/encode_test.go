package conf

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/render/engine"
)

func regex(t testing.TB, pattern string) Regex {
	t.Helper()
	r, err := NewRegex(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEncode(t *testing.T) {
	schemeHost := Concat(Literal("https://"), Variable("host"), Variable("request_uri"))
	tests := []struct {
		text  string
		value any
		want  string
	}{
		{`return 200 {{.}};`, "", `return 200 "";`},
		{`return 200 {{.}};`, "a $b \"c\\n\n\r\t;{}#'", `return 200 "a ${dollar}b \"c\\n\n\r\t;{}#'";`},
		{`return 200 {{.}};`, 5, `return 200 5;`},
		{`return 301 {{.}};`, schemeHost, `return 301 https://$host$request_uri;`},
		{`return {{.}};`, schemeHost, `return https://$host$request_uri;`},
		{`return {{.}};`, 503, `return 503;`},
		{`set {{.}} 1;`, Name("x_1"), `set $x_1 1;`},
		{`set $x {{.}};`, Expr{}, `set $x "";`},
		{`set $x {{.}};`, Concat(Variable("a"), Literal("b c$")), `set $x "${a}b c${dollar}";`},
		{`set $x {{.}};`, Concat(Variable("1"), Literal(""), Literal("2")), `set $x $12;`},
		{`rewrite ^ {{.}} break;`, Concat(Literal("/"), Variable("9"), Literal("html$")), `rewrite ^ "/$9html${dollar}" break;`},
		{`set $x {{.}};`, Concat(Variable("a"), Variable("b"), Literal("-")), `set $x $a$b-;`},
		{`ssl_ciphers {{.}};`, "A:!B$", `ssl_ciphers "A:!B$";`},
		{`location {{.}} { }`, Path("/a$b"), `location "/a$b" { }`},
		{`location {{.}} { }`, Path("/a/b.c"), `location /a/b.c { }`},
		{`location {{.}} { }`, Name("e_1"), `location @e_1 { }`},
		{`location = {{.}} { }`, Path("/~"), `location = "/~" { }`},
		{`location ~* {{.}} { }`, regex(t, `^/a\.(b|c)$`), `location ~* "^/a\\.(b|c)$" { }`},
		{`location ~ {{.}} { }`, regex(t, `^/a`).Fold(), `location ~ "(?i)^/a" { }`},
		{`error_page 404 {{.}};`, Path("/a$b"), `error_page 404 "/a${dollar}b";`},
		{`error_page {{.}} = @x;`, []int{404, 500}, `error_page 404 500 = @x;`},
		{`rewrite {{.}} /x break;`, regex(t, `^(.*)$`), `rewrite "^(.*)$" /x break;`},
		{`rewrite ^ {{.}} break;`, Concat(Literal("/a/"), Variable("1")), `rewrite ^ /a/$1 break;`},
		{`rewrite ^ {{.}} break;`, Path("/$1"), `rewrite ^ "/${dollar}1" break;`},
		{`add_header {{.}} a;`, Header("X-A"), `add_header X-A a;`},
		{`add_header {{.}} a;`, "X-A", `add_header X-A a;`},
		{`proxy_set_header A {{.}};`, Expr{}, `proxy_set_header A "";`},
		{`proxy_set_header A {{.}};`, Variable("host"), `proxy_set_header A $host;`},
		{`auth_basic {{.}};`, "Off limits", `auth_basic "Off limits";`},
		{`proxy_redirect {{.}} {{.}};`, regex(t, `^/a`), `proxy_redirect "~^/a" "~^/a";`},
		{`proxy_read_timeout {{.}};`, Time(60), `proxy_read_timeout 60s;`},
		{`client_max_body_size {{.}};`, Size(0), `client_max_body_size 0;`},
		{`client_max_body_size {{.}};`, Size(1000), `client_max_body_size 1000;`},
		{`client_max_body_size {{.}};`, Size(8192), `client_max_body_size 8k;`},
		{`client_max_body_size {{.}};`, Size(1 << 30), `client_max_body_size 1024m;`},
		{`proxy_buffers {{.}} 8k;`, uint16(4), `proxy_buffers 4 8k;`},
		{`proxy_buffers 4 {{.}};`, Size(8192), `proxy_buffers 4 8k;`},
		{`limit_rate {{.}};`, Variable("rate"), `limit_rate $rate;`},
		{`proxy_buffering {{.}};`, false, `proxy_buffering off;`},
		{`proxy_buffering {{.}};`, true, `proxy_buffering on;`},
		{`ssl_verify_client {{.}};`, Word("optional"), `ssl_verify_client optional;`},
		{`proxy_next_upstream {{.}};`, []Word{"error", "http_503"}, `proxy_next_upstream error http_503;`},
		{`gzip_types {{.}};`, []Mime{"text/css", "image/svg+xml"}, `gzip_types text/css image/svg+xml;`},
		{`allow {{.}};`, netip.MustParsePrefix("10.0.0.0/8"), `allow 10.0.0.0/8;`},
		{`allow {{.}};`, netip.MustParseAddr("::1"), `allow ::1;`},
		{`listen {{.}};`, netip.MustParseAddrPort("[::]:80"), `listen [::]:80;`},
		{`listen {{.}};`, Socket("/run/x.sock"), `listen unix:/run/x.sock;`},
		{`listen 80 {{param "backlog" .}};`, 511, `listen 80 backlog=511;`},
		{`resolver {{.}} {{param "valid" 5 }};`, "", ""},
		{`resolver {{.}};`, netip.MustParseAddr("::1"), `resolver [::1];`},
		{`server_name {{.}};`, regex(t, `^[^.]+\.a\.test$`), `server_name "~^[^.]+\\.a\\.test$";`},
		{`proxy_pass {{.}};`, Name("b_1"), `proxy_pass http://b_1;`},
		{`proxy_pass {{.}};`, Pass{TLS: true, Upstream: "b_1", URI: "/x"}, `proxy_pass https://b_1/x;`},
		{`grpc_pass {{.}};`, Pass{TLS: true, Upstream: "b_1"}, `grpc_pass grpcs://b_1;`},
		{`fastcgi_pass {{.}};`, Name("b_1"), `fastcgi_pass b_1;`},
		{`fastcgi_param {{.}} x;`, "SCRIPT_NAME", `fastcgi_param SCRIPT_NAME x;`},
		{`access_log {{.}} main;`, File("/var/log/nginx/access.log"), `access_log /var/log/nginx/access.log main;`},
		{`access_log {{.}} main;`, Syslog{Server: netip.MustParseAddrPort("10.0.0.1:514"), Tag: "nginx"},
			`access_log syslog:server=10.0.0.1:514,tag=nginx main;`},
		{`ssl_certificate {{.}};`, File("certs/a.pem"), `ssl_certificate certs/a.pem;`},
		{`ssl_certificate {{.}};`, Concat(Literal("certs/"), Variable("crt"), Literal(".pem")), `ssl_certificate certs/$crt.pem;`},
		{`ssl_session_cache {{.}};`, Zone{Name: "ssl", Size: 10 << 20}, `ssl_session_cache shared:ssl:10m;`},
		{`access_log x main {{param "if" .}};`, Variable("log"), `access_log x main if=$log;`},
		{`{{.}}`, Block{}, ""},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%s %T", test.text, test.value), func(t *testing.T) {
			got, err := execute(t, "http/server", test.text, test.value)
			switch {
			case test.want == "" && test.value == "":
				if err == nil {
					t.Errorf("printed %s", got)
				}
			case err != nil:
				t.Error(err)
			case strings.TrimSuffix(got, "\n") != test.want:
				t.Errorf("got %s want %s", got, test.want)
			}
		})
	}
}

func TestEncodeEntries(t *testing.T) {
	tests := []struct {
		block string
		key   any
		value any
		want  string
	}{
		{"map $a $b", "default", "$x", `"\\default" "${dollar}x";`},
		{"map $a $b", "~a", Variable("x"), `"\\~a" $x;`},
		{"map $a $b", `\`, 1, `"\\\\" 1;`},
		{"map $a $b", Name("default"), 1, `"\\default" 1;`},
		{"map $a $b", Name("canary"), Name("canary"), `canary canary;`},
		{"map $a $b", Host("*.a.test"), Name("x"), `*.a.test x;`},
		{"map $a $b", regex(t, "^a$"), 1, `"~^a$" 1;`},
		{"map $a $b", regex(t, "^a$").Fold(), 1, `"~*^a$" 1;`},
		{"geo $a", netip.MustParsePrefix("10.0.0.0/8"), "$", `10.0.0.0/8 "$";`},
		{"split_clients $a $b", Share(1), Name("x"), `0.01% x;`},
		{"split_clients $a $b", Share(1250), Name("x"), `12.5% x;`},
		{"split_clients $a $b", Share(10_000), Name("x"), `100% x;`},
		{"types", Mime("text/html"), []Word{"html", "htm"}, `text/html html htm;`},
	}
	for _, test := range tests {
		t.Run(test.want, func(t *testing.T) {
			got, err := execute(t, "http", test.block+" { {{.Key}} {{.Value}}; }", map[string]any{"Key": test.key, "Value": test.value})
			if err != nil {
				t.Fatal(err)
			}
			if want := test.block + " { " + test.want + " }\n"; got != want {
				t.Errorf("got %s want %s", got, want)
			}
		})
	}
}

func TestValuesThatAreRefused(t *testing.T) {
	const secret = "s3cret"
	tests := []struct {
		text  string
		value any
		want  string
	}{
		{`return 200 {{.}};`, secret + "\x00", "a NUL byte"},
		{`return 200 {{.}};`, strings.Repeat("x", maxWord), "more than 4094 bytes"},
		{`return 200 {{.}};`, nil, "not a <nil>"},
		{`return 200 {{.}};`, true, "not a bool"},
		{`return 200 {{.}};`, []string{"a"}, "not a []string"},
		{`return 200 {{.}};`, Block{}, "not a conf.Block"},
		{`return 200 {{.}};`, new(string), "not a *string"},
		{`return 301 {{.}};`, secret + "\r\nSet-Cookie: x", "a control byte"},
		{`return {{.}};`, Literal("javascript:" + secret), "has to begin with http://"},
		{`return {{.}};`, secret, "an integer"},
		{`add_header A {{.}};`, secret + "\nB: c", "a control byte"},
		{`add_header A {{.}};`, "", "leaves the header out"},
		{`add_header A {{.}};`, Literal(secret + "\r"), "a control byte"},
		{`add_header {{.}} a;`, secret + ".", "only letters, digits, - and _"},
		{`add_header {{.}} a;`, "", "it is empty"},
		{`proxy_set_header A {{.}};`, secret + "\x7f", "a control byte"},
		{`proxy_set_header A {{.}};`, Variable(secret + "-x"), "name of a variable"},
		{`auth_basic {{.}};`, "off", "turn the authentication off"},
		{`auth_basic {{.}};`, "OFF", "turn the authentication off"},
		{`auth_basic {{.}};`, Variable("x"), "a string"},
		{`auth_basic_user_file {{.}};`, File("off"), "meaning of its own"},
		{`location {{.}} { }`, Path("~ " + secret), "begin with a slash"},
		{`location {{.}} { }`, Path(""), "begin with a slash"},
		{`location {{.}} { }`, Path("/" + secret + "\n"), "a control byte"},
		{`location {{.}} { }`, secret, "a Path or a Name"},
		{`location ~ {{.}} { }`, secret, "a Regex"},
		{`location ~ {{.}} { }`, Regex{}, "pattern is empty"},
		{`rewrite ^ {{.}};`, Path("/a?" + secret), "a question mark"},
		{`rewrite ^ {{.}};`, "https://" + secret, "a Path or an Expr"},
		{`proxy_redirect {{.}} /;`, "off", "meaning of their own"},
		{`proxy_redirect {{.}} /;`, "~" + secret, "meaning of their own"},
		{`proxy_redirect {{.}} /;`, Literal("default"), "meaning of their own"},
		{`proxy_pass {{.}};`, "http://" + secret, "a Name, a Pass or an Expr"},
		{`proxy_pass {{.}};`, Name("a/" + secret), "only a-z"},
		{`proxy_pass {{.}};`, Name(""), "it is empty"},
		{`proxy_pass {{.}};`, Pass{Upstream: "a", URI: "/$x"}, "in the URI"},
		{`proxy_pass {{.}};`, Pass{Upstream: "a", URI: "@evil"}, "begin with a slash"},
		{`set {{.}} 1;`, Name("a-b"), "name of a variable"},
		{`set $x {{.}};`, Variable("12"), "no variable begins with a digit"},
		{`set $x {{.}};`, Variable("0"), "no variable begins with a digit"},
		{`rewrite ^ {{.}};`, Concat(Variable("1"), Literal("?")), "a question mark begins the query"},
		{`server_name {{.}};`, Host("~" + secret), "only a-z"},
		{`server_name {{.}};`, Host("$hostname"), "only a-z"},
		{`server_name {{.}};`, Host("a..b"), "no DNS name"},
		{`server_name {{.}};`, Host(strings.Repeat("a.", 127) + "a"), ""},
		{`server_name {{.}};`, []Host{}, "the list is empty"},
		{`server_name {{.}};`, []any{Host("a")}, "not a []interface"},
		{`ssl_certificate {{.}};`, File("../" + secret), `".."`},
		{`ssl_certificate {{.}};`, File("data:" + secret), "only letters"},
		{`ssl_certificate {{.}};`, File("-x"), "a dash"},
		{`access_log {{.}};`, File("syslog:server=a"), "only letters"},
		{`access_log {{.}};`, Syslog{Server: "a"}, "a netip.AddrPort"},
		{`error_log {{.}};`, File("stderr"), "meaning of its own"},
		{`listen {{.}};`, 0, "between 1 and 65535"},
		{`listen {{.}};`, netip.AddrPort{}, "not set"},
		{`listen {{.}};`, Socket("x"), "absolute"},
		{`allow {{.}};`, netip.MustParseAddr("fe80::1%eth0"), "a zone"},
		{`allow {{.}};`, "unix:", "a netip.Prefix"},
		{`allow {{.}};`, netip.Prefix{}, "not set"},
		{`proxy_read_timeout {{.}};`, 60, "a Time"},
		{`proxy_read_timeout {{.}};`, Time(-1), "negative"},
		{`client_max_body_size {{.}};`, Size(-1), "negative"},
		{`proxy_buffering {{.}};`, "on", "a bool"},
		{`proxy_next_upstream {{.}};`, Word("a;b"), "only letters"},
		{`limit_req {{.}};`, Param{Key: "if", Value: secret}, `no parameter "if"`},
		{`limit_req {{.}};`, Param{Key: "zone", Value: secret}, "parameter zone: it takes a Name"},
		{`limit_req {{.}};`, Param{Key: "zone", Value: Param{}}, "cannot hold another one"},
		{`limit_req {{.}};`, secret, "only key=value parameters"},
		{`proxy_pass {{.}};`, Param{Key: "x", Value: 1}, "no parameter"},
		{`{{.}}`, secret, "only a Block"},
		{`{{.}}`, engine.Origin{}, "only a Block"},
		{"# {{.}}\n", secret, "only an Origin"},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%s %T", test.text, test.value), func(t *testing.T) {
			got, err := execute(t, "http/server", test.text, test.value)
			if err == nil {
				if test.want != "" {
					t.Fatalf("printed %s", got)
				}
				return
			}
			if !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "x.tmpl:1:") {
				t.Errorf("the error %q does not say %q with a place", err, test.want)
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the error %q shows the value", err)
			}
		})
	}
}

func TestOriginsCannotLeaveTheirComment(t *testing.T) {
	hostile := engine.NewOrigin(diag.Ref{Kind: "Ingress", Namespace: "a\nreturn 500;", Name: "b\r#"}, diag.Pos{File: "x\n}.yaml", Line: 1})
	got, err := execute(t, "http", "# {{.}}\nroot /x;", hostile)
	if want := "# Ingress a?return?500?/b?? (x??.yaml:1)\nroot /x;\n"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestParseExpr(t *testing.T) {
	allowed := func(name string) bool { return name == "host" || name == "1" }
	tests := []struct{ text, want, err string }{
		{"", `""`, ""},
		{"a$host", "a$host", ""},
		{"${host}a", "${host}a", ""},
		{"$host a\"", `"$host a\""`, ""},
		{"$12", "$12", ""},
		{"$1html$host", "$1html$host", ""},
		{"${1}html", "", "a group cannot be written in braces"},
		{"${1a}", "", "a group cannot be written in braces"},
		{"$0", "", "$0 is not known"},
		{"a$", "", "after $ has to come"},
		{"$$host", "", "after $ has to come"},
		{"${host", "", "closing brace"},
		{"${}", "", "closing brace"},
		{"${ho st}", "", "closing brace"},
		{"$nosuch", "", "$nosuch is not known"},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			e, err := ParseExpr(test.text, allowed)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("the error is %v, want %q", err, test.err)
				}
				return
			}
			got, printErr := appendExpr(nil, e)
			if err != nil || printErr != nil || string(got) != test.want {
				t.Errorf("got %s, %v, %v, want %s", got, err, printErr, test.want)
			}
		})
	}
}
