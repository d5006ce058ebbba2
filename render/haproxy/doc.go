// Package haproxy renders a model.Config as configuration of a stock HAProxy, 2.6 and newer.
//
// The tree is read by "haproxy -f DIR", from wherever it stands:
//
//	haproxy.cfg             process, defaults and the one frontend; it depends on settings, and on the headers and cookies of canaries
//	namespace-NAME.cfg      the backends that forward to the Services of a namespace
//	status.cfg              backends without endpoints, such as redirects to TLS in front of a 404; absent without any
//	tables.cfg              tables of clients, for limits and for Services that keep clients; absent without any
//	maps/*.map              what leads from host and path to a backend; see [tables]
//	maps/trusted.list       peers whose headers are believed
//	certs.list, certs/*.pem which host shows which certificate
//
// A backend of HAProxy is a backend of the model together with everything that a route does on the way to it (see [section]): the maps
// lead straight to it, so a request runs the rules of its own route only, however many routes there are.
//
// [Language] teaches the template engine HAProxy's grammar, [Lines] that of maps, lists and crt-lists. What a value may be depends on
// the word that it fills:
//
//	Go value                  where                                 printed as
//	string                    texts, header values, patterns        one literal word, quoted; % as %% where expressions are evaluated
//	Expr                      expressions                           req.hdr(a),lower; from Fetch, Variable, Then
//	Format                    texts with expressions                https://%[var(txn.host)]/x; from Text, Value
//	int, Time                 numbers, times                        5, 60s
//	Name, Header, File, Word  as they are called                    bare, after a check
//	Socket                    stats socket                          unix@run/x.sock
//	netip.AddrPort, Prefix    addresses                             canonical
//	[]Word, []string, []Host  words that may repeat                 separated by blanks, at most 64 words in a line
//	engine.Origin             comments                              # Ingress shop/web
package haproxy
