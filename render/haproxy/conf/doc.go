// Package conf is HAProxy's configuration language, and that of the files which a configuration refers to: how text is read, what each
// word means, and how values are written there.
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
package conf
