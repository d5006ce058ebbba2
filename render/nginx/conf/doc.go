// Package conf is nginx's configuration language: how text is read, what each argument of a directive means, and how values are
// written there.
//
// [Language] teaches the template engine nginx's grammar: its tokenizer, which blocks hold what, and for every directive that a
// template may fill what each argument means (table.go). What a value may be depends on the argument, and how it is written
// on both:
//
//	Go value                     where                                       printed as
//	string                       texts, header values, map keys              one literal argument, quoted; $ as ${dollar} where evaluated
//	Expr                         texts that are evaluated                    $scheme://$host/x; from Literal, Variable, Concat, ParseExpr
//	integers, Time, Size         numbers, times, sizes                       5, 60s, 8k
//	bool, Word                   switches, nginx's own words                 on, http_503
//	Name                         names of ours                               bare; $name as a variable, http://name in proxy_pass,
//	                                                                         @name as a location or a target
//	Pass                         proxy_pass, grpc_pass                       https://name/uri
//	Path                         locations, URIs, rewrite targets            /a, "/a b"
//	Regex                        regexes; keys of maps, server_name          "^/a"; "~^/a", "~*^/a" among literals
//	Host, Header, Mime, File     as they are called                          bare, after a check
//	netip.Addr, AddrPort, Prefix addresses                                   canonical; HostPort and Socket where nginx takes them
//	Zone, PerSecond, PerMinute   parameters of zones                         name:5m, 5r/s
//	Share                        split_clients                               12.5%
//	Param                        key=value                                   weight=5, from {{param "weight" .Weight}}
//	Block                        a whole statement                           what ParseBlock or NewBlock made of an operator's text
//	engine.Origin                comments                                    # Ingress shop/web (shop.yaml:14)
//	slices of these              arguments that may repeat                   separated by blanks
//
// A template and what it prints:
//
//	map {{.Source}} {{.Variable}} {                      map $http_origin $cors_1 {
//	    default "";                                          default "";
//	    {{- range .Entries}}
//	    {{.Key}} {{.Value}};                                 "~^https://a\\.test$" $http_origin;
//	    {{- end}}
//	}                                                    }
//	location = {{.Path}} {                               location = /p {
//	    {{- if .Limit}}
//	    limit_req {{param "zone" .Limit.Zone}} nodelay;      limit_req zone=l_1 nodelay;
//	    {{- end}}
//	    if ($http_x = {{.Wanted}}) {                         if ($http_x = "a b") {
//	        return 403 {{.Text}};                                return 403 "costs 5${dollar}";
//	    }                                                    }
//	    proxy_set_header {{.Header}} {{.Value}};             proxy_set_header Host $host;
//	    proxy_pass {{.Upstream}};                            proxy_pass http://shop_web_80;
//	}                                                    }
//
// The main template defines the dollar sign once, in http: geo $dollar { default "$"; }
//
// The types based on string are checked when they are printed, which fails the whole file; a view calls their Check methods first and
// reports what does not pass. [Parse] reads a configuration independently of what prints it.
package conf
